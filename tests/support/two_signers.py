"""Two signers that share nothing but secret and store, behind an nginx that gives each call to the next one."""

import json
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from server.store.embedded import free_port
from tests.support.nginx import running_nginx
from tests.support.seaweed import KEY_ID, KEY_SECRET, running_seaweed
from tests.support.stack import Stack, read_ready, s3_client, start_serve

_SITE = """
upstream signers {{
    server 127.0.0.1:{first};
    server 127.0.0.1:{second};
    keepalive 8;
}}
server {{
    listen 127.0.0.1:{port};
    access_log off;
    location / {{
        proxy_pass http://signers;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        # Every call may be repeated: that is part of the signer's contract.
        proxy_next_upstream error timeout non_idempotent;
        proxy_connect_timeout 1s;
        add_header X-Signer $upstream_addr always;
    }}
}}
"""


@dataclass(frozen=True)
class TwoSigners:
    stack: Stack  # its process is the first signer
    second: "subprocess.Popen[str]"
    ports: tuple[int, int]


@contextmanager
def running_two_signers(tmp_path: Path, *, policy: Mapping[str, JsonValue], interviews: Path) -> Iterator[TwoSigners]:
    """Run `serve.py` twice over one SeaweedFS, whose small parts are folded."""
    secret, port, ports = secrets.token_urlsafe(48), free_port(), (free_port(), free_port())
    origin = f"http://127.0.0.1:{port}"
    with ExitStack() as ends:
        store = ends.enter_context(running_seaweed(tmp_path / "seaweed", [origin]))
        settings = store.settings() | {
            "SLIPSTREAM_SECRET": secret,
            "SLIPSTREAM_POLICY": json.dumps(dict(policy)),
            "SLIPSTREAM_INTERVIEWS": str(interviews),
        }
        signers, links = [], []
        for number, own in enumerate(ports, 1):
            log = tmp_path / f"serve-{number}.log"
            with log.open("w", encoding="utf-8") as log_file:
                command = ["--port", str(own), "--data", str(tmp_path / f"recordings-{number}")]
                signers.append(start_serve(command, settings, stderr=log_file.fileno()))
            ends.callback(_end, signers[-1])
            links.append(read_ready(signers[-1], log))
        site = _SITE.format(port=port, first=ports[0], second=ports[1])
        ends.enter_context(running_nginx(tmp_path / "nginx", site, port))
        s3 = ends.enter_context(closing(s3_client(store.url, KEY_ID, KEY_SECRET)))
        link = links[0].replace(f":{ports[0]}", f":{port}")
        stack = Stack(signers[0], link, store.url, tmp_path, tmp_path / "serve-1.log", secret, s3)
        ends.callback(stack.stop)
        yield TwoSigners(stack, signers[1], ports)


def _end(signer: "subprocess.Popen[str]") -> None:
    signer.terminate()
    signer.wait(15)
    if signer.stdout:
        signer.stdout.close()
