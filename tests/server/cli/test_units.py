"""What docs/deploy says of systemd and containers: systemd's own checks, and every command that stands there, run."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from server.settings import ROOT
from server.store.embedded import EmbeddedStore, free_port
from tests.support.asgi import settings_of
from tests.support.signer_client import SECRET
from tests.support.waiting import eventually

UNIT, IMAGE = ROOT / "docs/deploy/slipstream@.service", ROOT / "docs/deploy/Containerfile"
MOST_EXPOSED = 2.0  # of 10, as systemd counts
PROMPT = {"SLIPSTREAM_DRAIN_S": "0"}  # a test need not wait for a load balancer


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with EmbeddedStore(tmp_path_factory.mktemp("store"), page_origin="http://127.0.0.1:5999") as store:
        yield settings_of(store, SECRET) | {"SLIPSTREAM_URL": "http://127.0.0.1:5999"}


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    written = tmp_path / "slipstream@8001.service"
    here = UNIT.read_text(encoding="utf-8").replace("/opt/slipstream/.venv/bin/python", sys.executable)
    written.write_text(here.replace("/opt/slipstream", str(ROOT)), encoding="utf-8")
    return written


def analyze(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


def test_systemd_finds_nothing_wrong_with_the_unit(unit: Path):
    found = analyze("verify", "--man=no", str(unit))

    assert (found.returncode, [line for line in found.stderr.splitlines() if unit.name in line]) == (0, [])


def test_systemd_finds_the_unit_hardened(unit: Path):
    found = analyze("security", "--offline=true", "--no-pager", str(unit))
    exposure = re.search(r"Overall exposure level for .*: ([\d.]+)", found.stdout)

    assert exposure, found.stderr
    assert float(exposure[1]) <= MOST_EXPOSED


def test_units_command_starts_a_signer(settings: dict[str, str], tmp_path: Path):
    unit, port = UNIT.read_text(encoding="utf-8"), free_port()
    own = dict(line.split("=", 1) for line in re.findall(r"^Environment=(.+)$", unit, re.MULTILINE))
    own["PROMETHEUS_MULTIPROC_DIR"] = own["PROMETHEUS_MULTIPROC_DIR"].replace("/run", str(tmp_path))
    [command] = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    assert command.startswith("/opt/slipstream/.venv/bin/python ")
    arguments = shlex.split(command.replace("%i", str(port)))[1:]

    with running(arguments, settings | own | PROMPT, port, tmp_path):
        assert httpx.get(f"http://127.0.0.1:{port}/api/health", trust_env=False).status_code == 200


def test_containers_command_starts_signers_and_its_check_tells_whether_they_live(
    settings: dict[str, str], tmp_path: Path
):
    image, port = IMAGE.read_text(encoding="utf-8").replace("\\\n", " "), free_port()
    [check] = (json.loads(found) for found in re.findall(r"^HEALTHCHECK .*? CMD (\[.*\])$", image, re.MULTILINE))
    [command] = (json.loads(found) for found in re.findall(r"^CMD (\[.*\])$", image, re.MULTILINE))
    here = [one.replace("8000", str(port)).replace("0.0.0.0", "127.0.0.1") for one in command]
    looks = [sys.executable, *(one.replace("8000", str(port)) for one in check[1:])]
    [told] = re.findall(r"^ENV (.*)$", image, re.MULTILINE)
    own = dict(one.split("=", 1) for one in told.split()) | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")}

    with running(here[1:], settings | own | PROMPT, port, tmp_path):
        assert subprocess.run(looks, cwd=ROOT, check=False).returncode == 0
    assert subprocess.run(looks, cwd=ROOT, capture_output=True, check=False).returncode != 0


@contextmanager
def running(arguments: list[str], settings: dict[str, str], port: int, folder: Path) -> Iterator[None]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLIPSTREAM_", "AWS_"))}
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=clean | settings, stdout=log, stderr=log
        ) as process,
    ):
        try:
            eventually(lambda: process.poll() is not None or _lives(port), "a signer answers")
            assert process.poll() is None, (folder / "log").read_text()
            yield
        finally:
            process.terminate()
            process.wait(30)


def _lives(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/live", trust_env=False).is_success
    except httpx.HTTPError:
        return False
