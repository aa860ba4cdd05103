"""What the server hands to a browser, with which headers, and what it keeps to itself."""

import os
from pathlib import Path
from pathlib import PurePosixPath as P

import httpx
import pytest
from pydantic import AnyHttpUrl

from server.http.app import create_app
from server.http.dependencies import make_signer
from server.http.security_headers import security_headers
from server.http.static_files import PageFiles, accepted_encodings, cache_control, is_public
from server.settings import ROOT, Settings
from server.store.embedded import EmbeddedStore
from server.store.storage import Storage
from tests.support import loop
from tests.support.signer_client import Candidate


def test_the_interview_is_granted_with_the_merged_policy(candidate: Candidate, store: EmbeddedStore):
    candidate.ticket = candidate.tickets.mint(
        session="s", interview="trial", life_s=100, name="Ada", policy={"parallel_parts": 3}
    )

    grant = candidate.get("/api/interview").json()

    assert (grant["session"], grant["name"], grant["interview"]["id"]) == ("s", "Ada", "trial")
    assert (grant["policy"]["parallel_parts"], grant["policy"]["part_bytes"]) == (3, 64 * 1024)
    assert grant["store_origin"] == store.url
    assert 90 < grant["expires_in_s"] <= 100


def test_health_asks_the_store(client: httpx.Client):
    assert client.get("/api/health").json() == {"status": "ok"}


def test_the_page_may_talk_to_us_and_to_the_store_alone(client: httpx.Client, store: EmbeddedStore):
    headers = client.get("/").headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["connect-src"] == f"'self' {store.url}"
    assert policy["frame-ancestors"] == "'self'", "nobody else may embed the page until the operator says so"
    assert policy["require-trusted-types-for"] == "'script'"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "camera=(self)" in headers["permissions-policy"]


def test_reply_is_kept_from_other_sites_but_for_what_host_pages_load(client: httpx.Client):
    page, helper = client.get("/").headers, client.get("/static/slipstream.js").headers

    assert page["cross-origin-opener-policy"] == "same-origin"
    assert page["cross-origin-resource-policy"] == client.get("/api/live").headers["cross-origin-resource-policy"]
    assert page["cross-origin-resource-policy"] == "same-origin"
    assert helper["cross-origin-resource-policy"] == "cross-origin"
    assert "strict-transport-security" not in page, "this page has no TLS"


def test_page_that_is_reached_by_tls_is_never_asked_for_without(settings: Settings, storage: Storage):
    secured = settings.model_copy(update={"url": AnyHttpUrl("https://jobs.example")})
    transport = httpx.ASGITransport(create_app(secured, make_signer(secured, storage)))

    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="https://jobs.example") as client:
            return await client.get("/api/live")

    assert loop.run(get()).headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("host", ["[::1", "a]b", "[", "[::zz]"])
@pytest.mark.parametrize("path", ["/", "/api/live", "/%23ticket=x"])
def test_host_header_that_names_no_host_is_the_senders_fault(client: httpx.Client, host: str, path: str):
    assert client.get(path, headers={"Host": host}).status_code in (307, 400)


HOSTS = ("https://a.example", "https://b.example:8443")


def test_one_setting_names_the_embedding_hosts_to_browser_and_page():
    policy = security_headers(["https://store.example"], HOSTS).headers["Content-Security-Policy"]
    page = loop.run(_get(PageFiles(ROOT, hosts=HOSTS), "/"))
    again = loop.run(_get(PageFiles(ROOT, hosts=HOSTS), "/", {"If-None-Match": page.headers["etag"]}))
    alone = loop.run(_get(PageFiles(ROOT), "/"))

    assert "frame-ancestors 'self' https://a.example https://b.example:8443;" in policy
    assert '<meta name="slipstream-hosts" content="https://a.example https://b.example:8443">' in page.text
    assert '<meta name="slipstream-hosts" content="">' in alone.text
    assert page.headers["cache-control"] == "no-cache"
    assert again.status_code == 304
    assert page.headers["etag"] != alone.headers["etag"]


def test_sites_may_load_the_element_from_here_and_nothing_else(client: httpx.Client):
    element, page = client.get("/static/slipstream.js"), client.get("/static/host/host.mjs")

    assert element.headers["access-control-allow-origin"] == "*"
    assert element.headers["content-type"].startswith("text/javascript")
    assert "access-control-allow-origin" not in page.headers


def test_embedding_hosts_are_origins():
    settings = Settings(frame_ancestors="https://a.example, https://b.example:8443")

    assert settings.frame_ancestors == ("https://a.example", "https://b.example:8443")
    for wrong in (
        "*",
        "https://a.example/path",
        "a.example",
        "https://a;report-uri",
        "https://a.example'",
        "https://é.example",
    ):
        with pytest.raises(ValueError, match="frame_ancestors"):
            Settings(frame_ancestors=wrong)


@pytest.mark.parametrize(
    "path",
    [
        "/server/api.py",
        "/serve.py",
        "/tests/stack.py",
        "/pyproject.toml",
        "/.git/config",
        "/.gitignore",
        "/app/../server/api.py",
        "/app/%2e%2e/server/api.py",
        "/static/..%2fserve.py",
        "/static/interviews/demo.toml",
        "/static/Interviews/demo.toml",
        "/app/contract/__pycache__/policy.cpython-311.pyc",
        "/app/",
        "/static",
        "/recordings",
        "//etc/passwd",
        "/requirements/runtime.txt",
    ],
)
def test_nothing_but_the_page_is_served(client: httpx.Client, path: str):
    assert client.get(path).status_code == 404


def test_the_page_and_its_python_are_served(client: httpx.Client):
    page, module = client.get("/"), client.get("/app/contract/policy.py")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    assert module.headers["content-type"].startswith("text/x-python")
    assert client.get("/", headers={"If-None-Match": page.headers["etag"]}).status_code == 304


async def _get(files: PageFiles, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=files), base_url="http://page") as client:
        return await client.get(path, headers=headers)


async def _head(files: PageFiles, path: str, accept: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=files), base_url="http://page") as client:
        return await client.head(path, headers={"Accept-Encoding": accept})


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("identity", None)],
)
def test_a_precompressed_file_is_sent_to_who_takes_it(tmp_path: Path, accept: str, encoding: str | None):
    (tmp_path / "static").mkdir()
    for suffix, content in (("", b"plain"), (".br", b"brotli"), (".gz", b"gzip")):
        (tmp_path / f"static/x.wasm{suffix}").write_bytes(content)

    reply = loop.run(_head(PageFiles(tmp_path), "/static/x.wasm", accept))

    assert reply.headers.get("content-encoding") == encoding
    assert reply.headers["content-type"] == "application/wasm"
    assert reply.headers["vary"] == "Accept-Encoding"


def test_a_quick_edit_of_the_same_length_is_seen(tmp_path: Path):
    module = tmp_path / "app/x.py"
    module.parent.mkdir()
    module.write_text("a = 1")
    os.utime(module, ns=(10**18, 10**18))
    before = loop.run(_get(PageFiles(tmp_path), "/app/x.py"))
    module.write_text("a = 2")
    os.utime(module, ns=(10**18 + 10**7, 10**18 + 10**7))  # 10 ms later

    after = loop.run(_get(PageFiles(tmp_path), "/app/x.py", {"If-None-Match": before.headers["etag"]}))

    assert (after.status_code, after.text) == (200, "a = 2")


def test_what_is_public_is_a_short_list():
    assert all(map(is_public, [P("index.html"), P("pyscript.toml"), P("app/core/errors.py"), P("static/a/b.css")]))
    assert not any(map(is_public, [P("app/x.pyc"), P("app/.x.py"), P("static/.x"), P("static/interviews/x")]))


def test_only_names_that_change_with_the_content_are_kept_for_ever():
    assert "immutable" in cache_control("static/vendor/pyscript/core-C9KDLldu.js")
    assert cache_control("static/vendor/pyscript/core.js") == "no-cache"
    assert cache_control("static/vendor/app.zip") == "no-cache"


def test_encodings_are_read_as_they_are_meant():
    assert accepted_encodings("gzip;q=1.0, br;q=0.000, zstd") == {"gzip", "zstd"}


def test_another_name_of_this_machine_leads_to_the_one_the_store_lets_in(client: httpx.Client, origin: str):
    port = origin.rpartition(":")[2]
    reply = client.get("/?embed=1", headers={"Host": f"localhost:{port}"})

    assert reply.status_code == 307
    assert reply.headers["location"] == f"{origin}/?embed=1"
    assert client.get("/", headers={"Host": "slipstream.example"}).status_code == 200


def test_the_calls_are_documented_without_scripts(client: httpx.Client):
    docs, schema = client.get("/api/docs").text, client.get("/api/openapi.json").json()

    assert "<script" not in docs
    for path in ("/api/interview", "/api/uploads", "/api/uploads/complete", "/api/submission", "/api/health"):
        assert path in docs
        assert path in schema["paths"]
