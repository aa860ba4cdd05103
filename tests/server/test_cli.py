"""`python serve.py` as a person meets it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from server.settings import ROOT
from tests.stack import Stack, read_ready, running_stack, start_serve


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory):
    with running_stack(tmp_path_factory.mktemp("stack"), policy={"mode": "bulk"}) as running:
        yield running


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


def _call(stack: Stack, path: str, ticket: str) -> httpx.Response:
    return httpx.get(stack.base_url + path, headers={"Authorization": f"Bearer {ticket}"}, trust_env=False)


def test_the_ready_link_opens_an_interview(stack: Stack):
    page, _, ticket = stack.ready_link.partition("#ticket=")

    assert httpx.get(page, trust_env=False).status_code == 200
    assert _call(stack, "/api/health", ticket).json() == {"status": "ok"}
    grant = _call(stack, "/api/interview", ticket).json()
    assert grant["interview"]["id"] == "demo"
    assert (grant["policy"]["mode"], grant["policy"]["part_bytes"]) == ("bulk", 256 * 1024)


def test_recordings_are_plain_files_in_the_data_folder(stack: Stack):
    ticket = stack.ticket(session="file")
    headers = {"Authorization": f"Bearer {ticket}"}
    with httpx.Client(base_url=stack.base_url, headers=headers, trust_env=False) as client:
        body = {"question": "explain-it", "take": 1, "track": "audio", "content_type": "audio/webm", "nonce": "0" * 32}
        grant = client.post("/api/uploads", json=body).json()
        parts = [{"number": 1, "size": 5}]
        signed = client.post("/api/uploads/sign", json={"upload": grant["upload"], "parts": parts}).json()
        etag = httpx.put(signed["parts"][0]["url"], content=b"hello", trust_env=False).headers["etag"].strip('"')
        assert stack.stored_parts(grant["key"]) == [(1, 5)]
        done = {"upload": grant["upload"], "parts": [{"number": 1, "size": 5, "etag": etag}], "size": 5}
        assert client.post("/api/uploads/complete", json=done).status_code == 200

    assert stack.open_uploads() == {}
    assert stack.objects("demo/file/") == {"demo/file/explain-it/take-1/audio.webm": 5}
    assert (stack.data / "slipstream/demo/file/explain-it/take-1/audio.webm").read_bytes() == b"hello"


def test_no_ticket_url_or_query_is_logged(stack: Stack):
    ticket = stack.ticket()
    _call(stack, f"/api/interview?ticket={ticket}", ticket)
    _call(stack, "/api/interview", ticket + "x")
    _until(lambda: "GET /api/interview 401" in stack.log.read_text())
    log = stack.log.read_text()

    assert "GET /api/interview 200" in log
    assert ticket not in log
    assert "X-Amz" not in log
    assert "?" not in log


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


def _fails(*arguments: str, env: dict[str, str] | None = None) -> str:
    process = start_serve(list(arguments), env or {})
    out, err = process.communicate(timeout=30)
    assert process.returncode not in (0, None)
    assert "ready" not in out
    assert "Traceback" not in err
    return err


def test_a_taken_port_is_named(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert "--port 0" in _fails("--port", port, "--data", str(tmp_path))
        assert "--store-port 0" in _fails("--port", "0", "--store-port", port, "--data", str(tmp_path))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").touch()

    assert "Choose another folder with --data" in _fails("--port", "0", "--data", str(tmp_path / "file"))


def test_a_broken_interview_stops_the_start(tmp_path: Path):
    (tmp_path / "bad.toml").write_text('id = "bad"\ntitel = "Bad"\n', encoding="utf-8")

    said = _fails("--port", "0", "--data", str(tmp_path / "data"), "--interviews", str(tmp_path))

    assert "bad.toml:2: `titel` is not known here. Did you mean `title`?" in said


def test_a_wrong_setting_is_named_without_its_value():
    said = _fails("--port", "0", env={"SLIPSTREAM_SECRET": "short secret"})

    assert "secret" in said
    assert "short secret" not in said


def test_the_secret_is_kept_for_its_owner_alone_and_links_stay_good(tmp_path: Path):
    links = []
    for _ in range(2):
        process = start_serve(["--port", "0", "--data", str(tmp_path)], {}, stderr=subprocess.DEVNULL)
        links.append(read_ready(process))
        first = links[0].partition("#ticket=")[2]
        page = links[-1].partition("/#")[0]
        reply = httpx.get(f"{page}/api/interview", headers={"Authorization": f"Bearer {first}"}, trust_env=False)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=15)
        assert reply.status_code == 200

    assert (tmp_path / ".ticket-secret").stat().st_mode & 0o777 == 0o600


def _run(*arguments: str, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    process = start_serve(list(arguments), env or {})
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_minted_ticket_opens_its_interview(stack: Stack):
    code, out, _ = _run(
        "ticket", "demo", "--name", "Ada", "--session", "ada", "--policy", '{"mode": "per_answer"}',
        "--url", stack.base_url, env={"SLIPSTREAM_SECRET": stack.secret},
    )  # fmt: skip

    grant = _call(stack, "/api/interview", out.strip().partition("#ticket=")[2]).json()
    assert code == 0
    assert (grant["name"], grant["session"], grant["policy"]["mode"]) == ("Ada", "ada", "per_answer")


def test_a_ticket_for_an_unknown_interview_is_not_minted():
    assert "There are: demo" in _fails("ticket", "nothing")


def test_the_doctor_finds_a_healthy_stack_and_leaves_nothing(tmp_path: Path):
    code, _, err = _run("doctor", "--data", str(tmp_path))

    assert (code, err.count("✓")) == (0, 3), err
    assert [path for path in (tmp_path / "slipstream").rglob("*") if path.is_file()] == []


def test_the_doctor_says_what_to_do_about_a_bucket_that_is_not_there():
    env = {
        "SLIPSTREAM_SECRET": "s" * 40,
        "SLIPSTREAM_S3_BUCKET": "b",
        "SLIPSTREAM_S3_ENDPOINT": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "key-of-mine",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    code, _, err = _run("doctor", env=env)

    assert code == 1
    assert "✗ store: The object store cannot be reached" in err
    assert "key-of-mine" not in err


def test_the_rules_of_a_bucket_are_printed():
    code, out, _ = _run("bucket", "--url", "https://jobs.example")

    assert code == 0
    assert '"https://jobs.example"' in out
    assert "AbortIncompleteMultipartUpload" in out


def test_help_lists_the_commands():
    code, out, _ = _run("--help")

    assert code == 0
    for command in ("serve", "build", "ticket", "doctor", "bucket"):
        assert command in out
    assert ROOT.name not in out
