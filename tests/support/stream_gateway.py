"""The gateway that takes streams: a real nginx, with the configuration that docs/ gives to operators."""

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from server.settings import ROOT
from server.store.embedded import free_port
from tests.support.nginx import running_nginx


@dataclass(frozen=True)
class RunningGateway:
    url: str
    secret: str
    certificates: Path  # of the authority that has signed the gateway's own
    process: "subprocess.Popen[bytes]"

    def settings(self) -> dict[str, str]:
        """Return the environment by which Slipstream finds this gateway, and trusts it."""
        return {
            "SLIPSTREAM_STREAM_URL": self.url,
            "SLIPSTREAM_STREAM_SECRET": self.secret,
            "SSL_CERT_FILE": str(self.certificates),
        }

    def worker(self) -> int:
        """Return the process that holds every connection; the master starts another one once it is killed."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])

    def break_connections(self) -> None:
        """End every connection at once, as a crash does. New ones are taken again within moments."""
        os.kill(self.worker(), signal.SIGKILL)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Take and answer nothing while the context is open; connections stay, as on a dead line."""
        worker = self.worker()
        os.kill(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(worker, signal.SIGCONT)


@contextmanager
def running_gateway(
    folder: Path,
    store_url: str,
    page_origin: str,
    *,
    protocols: str = "ssl http2",
    changes: Mapping[str, str] | None = None,
    port: int = 0,
) -> Iterator[RunningGateway]:
    """Run nginx before the store at `store_url`, on `port` (0: any free one).

    An operator may forget `http2` in `protocols`, or make other mistakes: `changes`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port, secret = port or free_port(), secrets.token_urlsafe(32)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    own = authority.issue_cert("127.0.0.1")
    own.private_key_and_cert_chain_pem.write_to_path(str(folder / "own.pem"))
    site = (ROOT / "docs/stream-gateway.conf").read_text(encoding="utf-8")
    for written, real in {
        "443 ssl http2": f"127.0.0.1:{port} {protocols}",
        "/etc/ssl/stream.example.org.pem": f"{folder}/own.pem",
        "/etc/ssl/stream.example.org.key": f"{folder}/own.pem",
        "/var/log/nginx": str(folder),
        "https://jobs.example.org": page_origin,
        "SLIPSTREAM_STREAM_SECRET": secret,
        "STORE_HOST": urlsplit(store_url).netloc,
        "STORE_URL": store_url,
        **(changes or {}),
    }.items():
        assert written in site
        site = site.replace(written, real)
    with running_nginx(folder, site, port) as process:
        yield RunningGateway(f"https://127.0.0.1:{port}", secret, folder / "authority.pem", process)
