"""Slipstream as docs/DEPLOYING.md describes it: two signers behind a proxy with TLS, the page as static files."""

import json
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from pydantic import JsonValue

from server.http.launch_url import launch_url
from server.settings import ROOT
from server.store.embedded import EmbeddedStore, free_port, is_taken
from tests.support.asgi import Signers, running_signers, settings_of
from tests.support.nginx import has_module, running_nginx
from tests.support.signer_client import SECRET
from tests.support.stack import Stack, s3_client
from tests.support.waiting import eventually

PROXIES = ("nginx", "caddy")
# Pages served by https may call no http, so the store needs TLS as well.
_STORE_BEHIND_NGINX = """
server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/own.pem;
    ssl_certificate_key {folder}/own.pem;
    access_log off;
    client_max_body_size 0;
    location / {{
        proxy_pass {store};
        proxy_set_header Host $http_host;
    }}
}}
"""


@dataclass(frozen=True)
class Ports:
    page: int
    signer: int
    store: int
    first: int  # of a signer, behind the proxy
    second: int

    @property
    def page_origin(self) -> str:
        return f"https://127.0.0.1:{self.page}"

    @property
    def signer_origin(self) -> str:
        return f"https://127.0.0.1:{self.signer}"

    @property
    def store_origin(self) -> str:
        return f"https://127.0.0.1:{self.store}"


def free_ports() -> Ports:
    return Ports(*(free_port() for _ in range(5)))


@dataclass(frozen=True)
class Deployment:
    ports: Ports
    stack: Stack  # as the candidate's driver takes it; its process is the first signer
    signers: tuple[Signers, Signers]
    folder: Path
    trusting: ssl.SSLContext


@contextmanager
def running_deployment(
    folder: Path,
    *,
    policy: Mapping[str, JsonValue] | None = None,
    interviews: Path | None = None,
    hosts: str = "",
    proxy: str = "nginx",
) -> Iterator[Deployment]:
    """Run store, signers and proxy, with the page at an origin of its own; `hosts` may embed it."""
    ports = free_ports()
    data, static = folder / "recordings", folder / "static"
    build_page(static, ports, hosts)
    own = {"SLIPSTREAM_PAGE_ORIGINS": ports.page_origin, "SLIPSTREAM_STORE_URL": ports.store_origin}
    own |= {"SLIPSTREAM_POLICY": json.dumps(dict(policy or {})), "SLIPSTREAM_FRAME_ANCESTORS": hosts}
    if interviews is not None:
        own["SLIPSTREAM_INTERVIEWS"] = str(interviews)
    with ExitStack() as ends:
        store = ends.enter_context(EmbeddedStore(data, page_origin=ports.page_origin))
        settings = settings_of(store, SECRET) | own
        signers = [_signer(ends, settings, folder / f"signer-{port}", port) for port in (ports.first, ports.second)]
        trusting = ends.enter_context(running_proxy(proxy, folder / proxy, ports, static, store.url))
        s3 = ends.enter_context(closing(s3_client(store.url, store.key_id, store.key_secret)))
        link = launch_url(ports.page_origin, "none")
        stack = Stack(signers[0].process, link, ports.store_origin, data, signers[0].log, SECRET, s3)
        yield Deployment(ports, stack, (signers[0], signers[1]), folder / proxy, trusting)


def build_page(target: Path, ports: Ports, hosts: str = "") -> None:
    """Run the command that an operator runs."""
    command = ["build", "--static", str(target), "--signer", ports.signer_origin]
    command += ["--store-origin", ports.store_origin, *(["--frame-ancestors", hosts] if hosts else [])]
    done = subprocess.run([sys.executable, "serve.py", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _signer(ends: ExitStack, settings: Mapping[str, str], folder: Path, port: int) -> Signers:
    folder.mkdir()
    return ends.enter_context(running_signers(settings, folder, port=port, workers=1))


@contextmanager
def running_proxy(name: str, folder: Path, ports: Ports, static: Path, store: str) -> Iterator[ssl.SSLContext]:
    """Run nginx or Caddy with the configuration of docs/deploy; yield what trusts its certificate."""
    folder.mkdir()
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(folder / "own.pem"))
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    run = {"nginx": _running_nginx, "caddy": _running_caddy}[name]
    with run(folder, ports, static, store):
        yield ssl.create_default_context(cafile=str(folder / "authority.pem"))


@contextmanager
def _running_nginx(folder: Path, ports: Ports, static: Path, store: str) -> Iterator[None]:
    rules = static / "_nginx.conf"
    if not has_module("http_gzip_static"):
        rules.write_text(_replaced(rules.read_text(), ("gzip_static on;", "")))
    listen = "listen 443 ssl http2;"
    site = _replaced(
        (ROOT / "docs/deploy/nginx.conf").read_text(encoding="utf-8"),
        (listen, f"listen 127.0.0.1:{ports.signer} ssl http2;"),
        (listen, f"listen 127.0.0.1:{ports.page} ssl http2;"),
        *((f"/etc/ssl/{host}.example.org.{kind}", f"{folder}/own.pem") for host in HOSTS for kind in ("pem", "key")),
        ("/var/log/nginx/slipstream-error.log", f"{folder}/error.log"),
        ("/var/log/nginx/slipstream-error.log", f"{folder}/error.log"),
        ("/var/log/nginx/slipstream.log", f"{folder}/access.log"),
        ("127.0.0.1:8001", f"127.0.0.1:{ports.first}"),
        ("127.0.0.1:8002", f"127.0.0.1:{ports.second}"),
        ("https://jobs.example.org", ports.page_origin),
        ("root /srv/slipstream;", f"root {static};"),
        ("include /srv/slipstream", f"include {static}"),
    )
    site += _STORE_BEHIND_NGINX.format(port=ports.store, folder=folder, store=store)
    with running_nginx(folder, site, ports.signer):
        yield


HOSTS = ("signer", "jobs")


@contextmanager
def _running_caddy(folder: Path, ports: Ports, static: Path, store: str) -> Iterator[None]:
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("Caddy is not installed (Debian: caddy)")
    is_old = _run_of(program, "version").startswith("2.6")  # Debian 12
    tls = f"\n\ttls {folder}/own.pem {folder}/own.pem\n"
    site = _replaced(
        (ROOT / "docs/deploy/Caddyfile").read_text(encoding="utf-8"),
        ("\nsigner.example.org {", f"\n{ports.signer_origin} {{{tls}"),
        ("\njobs.example.org {", f"\n{ports.page_origin} {{{tls}"),
        ("127.0.0.1:8001", f"127.0.0.1:{ports.first}"),
        ("127.0.0.1:8002", f"127.0.0.1:{ports.second}"),
        ("header Origin https://jobs.example.org", f"header Origin {ports.page_origin}"),
        ("Access-Control-Allow-Origin https://jobs.example.org", f"Access-Control-Allow-Origin {ports.page_origin}"),
        ("root * /srv/slipstream", f"root * {static}"),
        ("request_buffers 9MB", "buffer_requests" if is_old else "request_buffers 9MB"),
        ("import /srv/slipstream", f"import {static}"),
    )
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system " + str(folder)
    (folder / "Caddyfile").write_text(
        f"{options}\n}}\n{site}\n{ports.store_origin} {{{tls}\treverse_proxy {store}\n}}\n"
    )
    command = [program, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    own = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}  # it saves what it is told
    with (
        (folder / "caddy.log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | own) as process,
    ):
        try:
            eventually(lambda: process.poll() is not None or is_taken(ports.signer), "Caddy listens")
            assert process.poll() is None, (folder / "caddy.log").read_text()
            yield
        finally:
            process.terminate()


def _run_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _replaced(text: str, *changes: tuple[str, str]) -> str:
    for written, real in changes:
        assert written in text, written
        text = text.replace(written, real, 1)
    return text
