"""`python serve.py signer --workers 2`, as docs/DEPLOYING.md names it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Message

from server.cli.asgi import Entry
from server.cli.signers import config_of
from server.http.connections import BoundedProtocol
from server.settings import ROOT, Settings
from server.signer.tickets import Tickets
from server.store.embedded import EmbeddedStore, free_port, is_taken
from tests.support import loop
from tests.support.asgi import Signers, running_signers, settings_of, start_signers
from tests.support.commands import Run
from tests.support.signer_client import SECRET
from tests.support.waiting import eventually

PAGE = "http://127.0.0.1:5999"
TOKEN = "a token that only Prometheus knows"
CALLS = 20


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return the settings of two signers at one bucket, which share nothing else."""
    with EmbeddedStore(tmp_path_factory.mktemp("store"), page_origin=PAGE) as store:
        yield settings_of(store, SECRET) | {"SLIPSTREAM_PAGE_ORIGINS": PAGE, "SLIPSTREAM_METRICS_TOKEN": TOKEN}


@pytest.fixture(scope="module")
def signers(own: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signers]:
    folder = tmp_path_factory.mktemp("signers")
    with running_signers(own | {"PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics")}, folder) as running:
        yield running


def opened(signers: Signers) -> float:
    text = httpx.get(f"{signers.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False).text
    samples = {sample.name: sample.value for one in text_string_to_metric_families(text) for sample in one.samples}
    return samples["slipstream_interviews_opened_total"]


def workers_that_counted(signers: Signers) -> int:
    files = (signers.log.parent / "metrics").glob("counter_*.db")
    told = [MmapedDict.read_all_values_from_file(str(file)) for file in files]
    return sum(any("interviews_opened" in key and value for key, value, *_ in one) for one in told)


def test_every_worker_gives_the_figures_of_all(signers: Signers):
    ticket = Tickets(SECRET).mint(session="s-workers", interview="demo", life_s=600)
    headers = {"Authorization": f"Bearer {ticket}", "Connection": "close"}  # any worker may take the next one
    calls = 0

    def both_have_counted() -> bool:
        nonlocal calls
        assert httpx.get(f"{signers.url}/api/interview", headers=headers, trust_env=False).status_code == 200
        calls += 1
        return calls >= CALLS and workers_that_counted(signers) == 2

    before = opened(signers)
    eventually(both_have_counted, "both workers have answered")

    assert {opened(signers) - before for _ in range(CALLS)} == {calls}


def test_log_has_the_proxys_request_id_and_nothing_of_the_query(signers: Signers):
    given = "0123456789abcdef0123456789abcdef"
    reply = httpx.get(f"{signers.url}/api/live?ticket=eyJsecret", headers={"X-Request-ID": given}, trust_env=False)

    eventually(lambda: "request=01234567" in signers.log.read_text(), "the call is logged")
    said = signers.log.read_text()
    assert reply.headers["x-request-id"] == given
    assert re.search(r"GET /api/live 200 \d+ ms request=01234567", said)
    assert "eyJ" not in said
    assert "server" not in reply.headers


def test_sigterm_is_announced_before_the_port_closes(own: dict[str, str], tmp_path: Path):
    with (
        running_signers(own | {"SLIPSTREAM_DRAIN_S": "2"}, tmp_path) as signers,
        httpx.Client(trust_env=False) as client,
    ):
        assert client.get(f"{signers.url}/api/health").status_code == 200
        signers.process.send_signal(signal.SIGTERM)

        leaving = next(reply for reply in iter(lambda: httpx.get(f"{signers.url}/api/health"), None) if reply.is_error)
        late = [httpx.get(f"{signers.url}/api/{call}", trust_env=False).status_code for call in ("live", "interview")]

        assert (leaving.status_code, leaving.json()["detail"]) == (503, "This signer is shutting down.")
        assert late == [200, 401], "whoever has not noticed is still served"
        assert signers.process.wait(15) == 0
        assert "Traceback" not in signers.log.read_text()


WRONG = {
    "SLIPSTREAM_S3_BUCKET": ({"SLIPSTREAM_S3_BUCKET": "", "SLIPSTREAM_S3_ENDPOINT": ""}, "Set SLIPSTREAM_S3_BUCKET"),
    "SLIPSTREAM_SECRET": ({"SLIPSTREAM_SECRET": ""}, "Set SLIPSTREAM_SECRET"),
    "where the page is": ({"SLIPSTREAM_PAGE_ORIGINS": ""}, "Set SLIPSTREAM_URL"),
    "a long secret": ({"SLIPSTREAM_SECRET": "short-one"}, "secret: .* at least 32 characters"),
    "a policy that fits": ({"SLIPSTREAM_POLICY": '{"part_bytes": 1}'}, "part_bytes"),
    "the bucket": ({"SLIPSTREAM_S3_BUCKET": "not-there"}, "not-there|bucket"),
    "interviews": ({"SLIPSTREAM_INTERVIEWS": "{broken}"}, "broken.toml"),
}


@pytest.mark.parametrize("missing", WRONG)
def test_start_without_what_it_needs_ends_with_a_sentence(
    missing: str, own: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "broken.toml").write_text("id = ")
    changes, sentence = WRONG[missing]
    for name, value in (own | changes).items():
        monkeypatch.setenv(name, value.format(broken=tmp_path) if "{broken}" in value else value)

    message = loop.run(_start())

    assert message["type"] == "lifespan.startup.failed"
    assert re.search(sentence, message["message"])
    assert "short-one" not in message["message"], "the value may be a secret"


async def _start() -> Message:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        sent.append(message)

    await Entry()({"type": "lifespan"}, receive, send)
    return sent[0]


def test_failed_start_is_a_sentence_and_a_failure(own: dict[str, str], tmp_path: Path):
    broken = {"SLIPSTREAM_S3_BUCKET": "not-there"}  # which only a worker finds out
    process = start_signers(own | broken, tmp_path / "log", port=free_port())

    assert process.wait(30) == 3
    said = (tmp_path / "log").read_text()
    assert "There is no bucket not-there" in said
    assert "Traceback" not in said


def test_setting_that_is_missing_starts_nothing(run: Run):
    result = run("signer")

    assert (result.code, "Set SLIPSTREAM_S3_BUCKET" in result.err) == (1, True)


def test_taken_port_is_named(run: Run, own: dict[str, str]):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = run("signer", "--port", str(other.getsockname()[1]), **own)

    assert result.code == 1
    assert "Choose another with --port" in result.err


def test_connections_have_an_end():
    assert (
        config_of(Settings(), workers=2).http is BoundedProtocol
    )  # tests/server/http/test_connections.py says what for


def test_uvicorn_itself_runs_the_application(own: dict[str, str], tmp_path: Path):
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "server.cli.asgi:app", "--port", str(port)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=log, stderr=log)
    try:
        eventually(lambda: process.poll() is not None or is_taken(port), "uvicorn listens")
        httpx.get(f"http://127.0.0.1:{port}/api/live?ticket=eyJsecret", trust_env=False).raise_for_status()
    finally:
        process.terminate()
        process.wait(20)
    assert "eyJ" not in (tmp_path / "log").read_text()
