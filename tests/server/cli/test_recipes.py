"""What docs/deploy gives to operators, tried: nginx and Caddy before two signers, with the page as static files."""

import json
import re
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

import httpx
import pytest

from server.http.static_files import TYPES
from server.signer.tickets import Tickets
from tests.support.deployment import PROXIES, Deployment, free_ports, running_deployment, running_proxy
from tests.support.nginx import has_module
from tests.support.signer_client import SECRET
from tests.support.waiting import eventually

HOST = "https://company.example"
FOR_EVER = "public, max-age=31536000, immutable"
_MIB = 1 << 20


@pytest.fixture(scope="module", params=PROXIES)
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployment")
    with running_deployment(folder, hosts=HOST, proxy=request.param) as running:
        yield running


@pytest.fixture(scope="module")
def client(deployment: Deployment) -> Iterator[httpx.Client]:
    with httpx.Client(verify=deployment.trusting, trust_env=False) as calling:
        yield calling


@pytest.fixture(scope="module")
def page(client: httpx.Client, deployment: Deployment) -> httpx.Response:
    return client.get(deployment.ports.page_origin)


def addresses(page: httpx.Response) -> list[str]:
    return re.findall(r'(?:href|src)="\./([^"]+)"', page.text)


def test_page_names_its_signer_and_may_call_no_other(page: httpx.Response, deployment: Deployment):
    ports = deployment.ports
    policy = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))

    assert f'<meta name="slipstream-signer" content="{ports.signer_origin}/api/">' in page.text
    assert f'<meta name="slipstream-hosts" content="{HOST}">' in page.text
    assert policy["connect-src"] == f"'self' {ports.signer_origin} {ports.store_origin}"
    assert policy["frame-ancestors"] == f"'self' {HOST}"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["strict-transport-security"].startswith("max-age=")
    assert page.headers["cache-control"] == "no-cache"


def test_every_file_of_the_page_is_there_with_its_type_and_is_kept(
    page: httpx.Response, client: httpx.Client, deployment: Deployment
):
    found = addresses(page)
    assert len(found) > 30
    for address in found:
        reply = client.get(f"{deployment.ports.page_origin}/{address}", headers={"Accept-Encoding": "identity"})
        assert reply.status_code == 200, address
        assert reply.headers["content-type"].split(";")[0] == TYPES[Path(address).suffix], address
        assert reply.headers["cache-control"] == FOR_EVER, address
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_archives_come_compressed(page: httpx.Response, client: httpx.Client, deployment: Deployment):
    if deployment.folder.name == "nginx" and not has_module("http_gzip_static"):
        pytest.skip("this nginx was built without gzip_static")
    [archive] = [address for address in addresses(page) if address.endswith("stdlib.zip")]
    accepted = {"Accept-Encoding": "gzip"}
    with client.stream("GET", f"{deployment.ports.page_origin}/{archive}", headers=accepted) as reply:
        sent = b"".join(reply.iter_raw())

    assert reply.headers["content-encoding"] == "gzip"
    assert sent == (static_of(deployment) / f"{archive}.gz").read_bytes()


def test_file_that_is_not_there_is_not_remembered(page: httpx.Response, client: httpx.Client, deployment: Deployment):
    version = addresses(page)[0].split("/")[0]
    reply = client.get(f"{deployment.ports.page_origin}/{version}/static/none.mjs")

    assert reply.status_code == 404
    assert reply.headers.get("cache-control") != FOR_EVER


@pytest.mark.parametrize(
    "path", ["/_headers", "/_nginx.conf", "/_caddy.conf", "/app/main.py", "/static/interviews/demo.toml", "/serve.py"]
)
def test_what_is_no_part_of_the_page_is_not_there(path: str, client: httpx.Client, deployment: Deployment):
    assert client.get(deployment.ports.page_origin + path).status_code == 404


def test_sites_may_load_the_element(client: httpx.Client, deployment: Deployment):
    reply = client.get(f"{deployment.ports.page_origin}/static/slipstream.js")

    assert (reply.headers["access-control-allow-origin"], reply.headers["cache-control"]) == ("*", "no-cache")
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-origin" not in client.get(deployment.ports.page_origin).headers


def test_link_that_a_mail_program_has_damaged_opens_the_page(client: httpx.Client, deployment: Deployment):
    reply = client.get(f"{deployment.ports.page_origin}/%23ticket=eyJh.b-_.c1")
    split = client.get(f"{deployment.ports.page_origin}/%23ticket=eyJh.b.c%0d%0aX-Own:%20yes")

    assert reply.status_code == 307
    assert reply.headers["location"].removeprefix(deployment.ports.page_origin) == "/#ticket=eyJh.b-_.c1"
    assert (split.status_code, "x-own" in split.headers) == (404, False), "a header was made from a path"
    assert "eyJ" not in logs(deployment)


def test_signer_speaks_http2_and_hears_the_page(client: httpx.Client, deployment: Deployment):
    ports = deployment.ports
    ticket = Tickets(SECRET).mint(session="s-recipe", interview="demo", life_s=600)
    headers = {"Origin": ports.page_origin, "Authorization": f"Bearer {ticket}"}
    granted = client.get(f"{ports.signer_origin}/api/interview", headers=headers)
    trusting = deployment.trusting
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", ports.signer)) as plain,
        trusting.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        assert secured.selected_alpn_protocol() == "h2"

    assert granted.status_code == 200
    assert granted.headers.get_list("access-control-allow-origin") == [ports.page_origin]
    assert granted.json()["store_origin"] == ports.store_origin


def test_request_id_is_one_in_reply_and_logs(client: httpx.Client, deployment: Deployment):
    given = client.get(f"{deployment.ports.signer_origin}/api/live").headers.get_list("x-request-id")

    [identity] = given
    eventually(lambda: f"request={identity[:8]}" in logs(deployment), "the signer's log has the proxy's id")
    if deployment.folder.name == "nginx":
        eventually(lambda: identity in (deployment.folder / "access.log").read_text(), "nginx's log has it")


def test_longest_body_is_for_the_signer_to_refuse_and_a_longer_one_for_the_proxy(deployment: Deployment):
    ports = deployment.ports
    ticket = Tickets(SECRET).mint(session="s-long", interview="demo", life_s=600)
    headers = {"Origin": ports.page_origin, "Authorization": f"Bearer {ticket}", "Content-Type": "application/json"}
    replies = [
        httpx.post(
            f"{ports.signer_origin}/api/submission", content=b" " * size, headers=headers, verify=deployment.trusting
        )
        for size in (8 * _MIB + 1000, 10 * _MIB)
    ]

    assert [reply.status_code for reply in replies] == [413, 413]
    assert replies[0].json()["type"] == "urn:slipstream:problem:invalid"
    for reply in replies:
        assert reply.headers.get_list("access-control-allow-origin") == [ports.page_origin], reply.text


def test_metrics_are_not_for_the_world(client: httpx.Client, deployment: Deployment):
    assert client.get(f"{deployment.ports.signer_origin}/metrics").status_code == 404


def static_of(deployment: Deployment) -> Path:
    return deployment.folder.parent / "static"


def logs(deployment: Deployment) -> str:
    files = [*(signers.log for signers in deployment.signers), *deployment.folder.glob("*.log")]
    return "\n".join(file.read_text(errors="replace") for file in files)


class _Upstreams:
    """Two servers in the signers' place, which tell what reached them, or are gone."""

    def __init__(self, *ports: int) -> None:
        self.servers = [ThreadingHTTPServer(("127.0.0.1", port), _Echo) for port in ports]
        for server in self.servers:
            Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for number in range(len(self.servers)):
            self.end(number)

    def end(self, number: int) -> None:
        """May be called twice."""
        self.servers[number].shutdown()
        self.servers[number].server_close()


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Say nothing."""


@pytest.mark.parametrize("proxy", PROXIES)
def test_signers_hear_who_calls_and_one_may_be_gone(proxy: str, tmp_path: Path):
    ports = free_ports()
    (tmp_path / "static").mkdir()
    (tmp_path / "static/_nginx.conf").write_text("gzip_static on;")
    (tmp_path / "static/_caddy.conf").write_text("file_server\n")
    spoofed = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "http", "X-Request-ID": "0" * 32}
    with (
        _Upstreams(ports.first, ports.second) as upstreams,
        running_proxy(proxy, tmp_path / proxy, ports, tmp_path / "static", "http://127.0.0.1:1") as trusting,
        httpx.Client(verify=trusting, trust_env=False, base_url=ports.signer_origin, timeout=20) as client,
    ):
        heard = {name.lower(): value for name, value in client.get("/api/live", headers=spoofed).json().items()}
        upstreams.end(0)
        with_one = [client.post("/api/uploads", json={}).status_code for _ in range(6)]
        upstreams.end(1)
        with_none = client.post("/api/uploads", json={}, headers={"Origin": ports.page_origin})

    assert heard["host"] == ports.signer_origin.removeprefix("https://")
    assert (heard["x-forwarded-for"], heard["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert re.fullmatch(r"[0-9a-f-]{32,36}", heard["x-request-id"])
    assert heard["x-request-id"] != "0" * 32
    assert with_one == [200] * 6, "a call was lost with the signer"
    assert with_none.status_code >= 502
    assert with_none.headers["access-control-allow-origin"] == ports.page_origin
    assert with_none.headers["retry-after"] == "2"
