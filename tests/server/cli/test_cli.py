"""`python serve.py` as a person meets it."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.support.stack import Stack, call_signer, running_stack


def _children(pid: int) -> set[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return {int(child) for task in tasks for child in (task / "children").read_text().split()}


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _until(holds: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_ready_link_opens_an_interview(stack: Stack):
    page, _, ticket = stack.ready_link.partition("#ticket=")

    assert httpx.get(page, trust_env=False).status_code == 200
    assert call_signer(stack, "/api/health", ticket).json() == {"status": "ok"}
    grant = call_signer(stack, "/api/interview", ticket).json()
    assert grant["interview"]["id"] == "demo"
    assert (grant["policy"]["mode"], grant["policy"]["part_bytes"]) == ("bulk", None)


def test_recordings_are_plain_files_in_the_data_folder(stack: Stack):
    ticket = stack.ticket(session="file")
    headers = {"Authorization": f"Bearer {ticket}"}
    with httpx.Client(base_url=stack.base_url, headers=headers, trust_env=False) as client:
        body = {"question": "explain-it", "take": 1, "track": "audio", "content_type": "audio/webm", "nonce": "0" * 32}
        grant = client.post("/api/uploads", json=body).json()
        parts = [{"number": 1, "offset": 0, "size": 5}]
        signed = client.post("/api/uploads/sign", json={"upload": grant["upload"], "parts": parts}).json()
        etag = httpx.put(signed["parts"][0]["url"], content=b"hello", trust_env=False).headers["etag"].strip('"')
        assert stack.stored_parts(grant["key"]) == [(1, 5)]
        done = {"upload": grant["upload"], "parts": [{"number": 1, "offset": 0, "size": 5, "etag": etag}], "size": 5}
        assert client.post("/api/uploads/complete", json=done).status_code == 200

    assert stack.open_uploads() == {}
    assert stack.objects("demo/file/") == {"demo/file/explain-it/take-1/audio.webm": 5}
    assert (stack.data / "slipstream/demo/file/explain-it/take-1/audio.webm").read_bytes() == b"hello"


def test_no_ticket_url_or_query_is_logged(stack: Stack):
    ticket = stack.ticket()
    call_signer(stack, f"/api/interview?ticket={ticket}", ticket)
    for path in ("/%23ticket=", "/static/host.html%2523ticket=", "/", "/api/"):
        httpx.get(f"{stack.base_url}{path}{ticket}.", trust_env=False)
    call_signer(stack, "/api/interview", ticket + "x")
    _until(lambda: "GET /api/interview 401" in stack.log.read_text())
    log = stack.log.read_text()

    assert "GET /api/interview 200" in log
    assert not [part for part in ticket.split(".") if part in log]
    assert "X-Amz" not in log
    assert "?" not in log


def test_a_reply_names_the_request_that_the_log_names(stack: Stack):
    ours = httpx.get(f"{stack.base_url}/api/live", trust_env=False).headers["x-request-id"]
    proxys = "0af7651916cd43dd8448eb211c80319c"
    taken = httpx.get(f"{stack.base_url}/api/live", headers={"X-Request-ID": proxys}, trust_env=False)
    forged = httpx.get(f"{stack.base_url}/api/live", headers={"X-Request-ID": "urn:uuid:" + proxys}, trust_env=False)

    _until(lambda: stack.log.read_text().count("GET /api/live 200") == 3)
    lines = [line for line in stack.log.read_text().splitlines() if "GET /api/live 200" in line]
    assert taken.headers["x-request-id"] == proxys
    for line, id_ in zip(lines, (ours, proxys, forged.headers["x-request-id"]), strict=True):
        assert line.endswith(f" request={id_[:8]}")
    assert "urn" not in stack.log.read_text()


def test_a_store_that_dies_is_started_again(stack: Stack):
    [store] = _children(stack.process.pid)
    os.kill(store, signal.SIGKILL)

    _until(lambda: bool(_children(stack.process.pid) - {store}))
    _until(lambda: httpx.get(f"{stack.base_url}/api/health", trust_env=False).status_code == 200)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_child_is_left_behind(tmp_path: Path, how: signal.Signals):
    with running_stack(tmp_path) as stack:
        [store] = _children(stack.process.pid)
        code = stack.stop(how)
        log = stack.log.read_text()

    _until(lambda: not _is_alive(store))
    assert code == (-how if how == signal.SIGKILL else 0)
    assert "Traceback" not in log
