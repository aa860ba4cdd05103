"""A real nginx between pages and a real store, set up as operators do it wrongly: each mistake is told with its fix."""

from pathlib import Path

import pytest
import trustme
from pydantic import AnyHttpUrl

from app.contract import MIB
from server.settings import Settings
from server.store.embedded import free_port
from tests.support.doctor import doctor
from tests.support.nginx import running_nginx
from tests.support.seaweed import Seaweed
from tests.support.stack import Stack

ADDED = "add_header Access-Control-Allow-Origin http://127.0.0.1:8000;"
PLAIN = "proxy_set_header Host $http_host; client_max_body_size 64m;"


def _told(settings: Settings, seaweed: Seaweed, folder: Path, directives: str, tls: str = "") -> str:
    """Run the doctor with nginx before the store; return its faults and notes."""
    port = free_port()
    site = f"""server {{
        listen 127.0.0.1:{port} {"ssl" if tls else ""};
        {tls}
        location / {{ proxy_pass {seaweed.url}; {directives} }}
    }}"""
    origin = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    with running_nginx(folder, site, port):
        told = doctor(settings.model_copy(update={"store_url": AnyHttpUrl(origin)}))
    return "\n".join([*told.faults, *told.notes])


def test_nginx_that_passes_everything_on_is_no_fault(settings: Settings, seaweed: Seaweed, tmp_path: Path):
    assert _told(settings, seaweed, tmp_path, PLAIN) == ""


@pytest.mark.parametrize(
    ("directives", "says"),
    [
        (
            "proxy_set_header Host $http_host;",  # nginx's own limit is 1 MiB
            [f"refuses a part of {5 * MIB} bytes as too large (413)", "client_max_body_size"],
        ),
        (
            "client_max_body_size 64m;",  # nginx sends the name that stands in `proxy_pass`
            ["(SignatureDoesNotMatch)", "proxy_set_header Host $http_host"],
        ),
        (
            f"{PLAIN} {ADDED}",
            ["Access-Control-Allow-Origin twice", "proxy_hide_header"],
        ),
        (
            f"{PLAIN} {ADDED} proxy_hide_header Access-Control-Allow-Origin;",
            ["Refusals (403) come without Access-Control-Allow-Origin", "add_header … always"],
        ),
        (f"{PLAIN} proxy_hide_header Access-Control-Expose-Headers;", ["hides ETag"]),
        (f"{PLAIN} if ($request_method = OPTIONS) {{ return 405; }}", ["No CORS rule lets the page in"]),
    ],
    ids=["body limit", "Host", "CORS twice", "CORS of successes", "hidden ETag", "OPTIONS"],
)
def test_what_nginx_does_wrongly_is_named_with_its_fix(
    directives: str, says: list[str], settings: Settings, seaweed: Seaweed, tmp_path: Path
):
    told = _told(settings, seaweed, tmp_path, directives)

    assert [words for words in says if words not in told] == [], told


def test_certificate_that_no_browser_would_accept_is_named(settings: Settings, seaweed: Seaweed, tmp_path: Path):
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
    tls = f"ssl_certificate {tmp_path}/own.pem; ssl_certificate_key {tmp_path}/own.pem;"

    assert "no certificate that a browser would accept" in _told(settings, seaweed, tmp_path, PLAIN, tls)


LONG = 'id = "long"\ntitle = "Long"\n' + "".join(
    f'[[questions]]\nid = "q{number}"\nprompt = "?"\ntracks = ["video", "audio"]\nlimit_s = 14400\n'
    for number in range(16)
)


@pytest.mark.parametrize(("directives", "is_told"), [("", True), ("client_max_body_size 8m;", False)])
def test_nginx_before_the_signer_lets_the_longest_submission_through(
    directives: str, is_told: bool, settings: Settings, stack: Stack, tmp_path: Path
):
    (tmp_path / "long.toml").write_text(LONG, encoding="utf-8")
    port = free_port()
    site = f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {stack.base_url}; {directives} }} }}"
    url = AnyHttpUrl(f"http://127.0.0.1:{port}")
    with running_nginx(tmp_path / "nginx", site, port):
        told = doctor(settings.model_copy(update={"url": url, "interviews": tmp_path}))

    assert ("✗ body limit before the signer: Something before the signer refuses" in told.text) is is_told, told.text


def test_signer_that_is_not_running_yet_is_no_fault(settings: Settings):
    told = doctor(settings.model_copy(update={"url": AnyHttpUrl(f"http://127.0.0.1:{free_port()}")}))

    assert "✓ body limit before the signer" in told.text
