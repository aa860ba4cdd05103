"""`python serve.py` as a person meets it."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from server.cli.commands import main
from tests.support.stack import Stack, running_stack


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
    for path in ("/%23ticket=", "/static/host.html%2523ticket=", "/", "/api/"):
        httpx.get(f"{stack.base_url}{path}{ticket}.", trust_env=False)
    _call(stack, "/api/interview", ticket + "x")
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


@dataclass(frozen=True)
class Result:
    code: object
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process: a new one costs a second."""
    for name in [name for name in os.environ if name.startswith(("SLIPSTREAM_", "AWS_"))]:
        monkeypatch.delenv(name)

    def run_(*arguments: str, **env: str) -> Result:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["serve.py", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Result(ended.value.code, said.out, said.err.replace("\n", " "))

    return run_


def test_a_taken_port_is_named(run: Run, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        page = run("--port", port, "--data", str(tmp_path))
        store = run("--port", "0", "--store-port", port, "--data", str(tmp_path))

    assert (page.code, store.code) == (1, 1)
    assert "--port 0" in page.err
    assert "--store-port 0" in store.err


def test_a_folder_that_cannot_be_written_is_named(run: Run, tmp_path: Path):
    (tmp_path / "file").touch()

    result = run("--port", "0", "--data", str(tmp_path / "file"))

    assert result.code == 1
    assert "Choose another folder with --data" in result.err


def test_a_missing_program_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)

    assert "`rclone`" in run("--port", "0", "--data", str(tmp_path)).err


def test_a_program_that_does_not_run_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "rclone").write_text("not a program")
    monkeypatch.setattr("shutil.which", lambda *_, **__: str(tmp_path / "rclone"))

    assert "The store did not start" in run("--port", "0", "--data", str(tmp_path)).err


def test_a_broken_interview_stops_the_start(run: Run, tmp_path: Path):
    (tmp_path / "bad.toml").write_text('id = "bad"\ntitel = "Bad"\n', encoding="utf-8")

    result = run("--port", "0", "--data", str(tmp_path / "data"), "--interviews", str(tmp_path))

    assert result.code == 1
    assert "bad.toml:2: `titel` is not known here. Did you mean `title`?" in result.err


def test_a_wrong_setting_is_named_without_its_value(run: Run):
    result = run("--port", "0", SLIPSTREAM_SECRET="short secret")

    assert result.code == 2
    assert "secret" in result.err
    assert "short secret" not in result.err


def test_a_minted_ticket_opens_its_interview(run: Run, stack: Stack):
    policy = '{"mode": "per_answer"}'
    result = run(
        *(
            "ticket",
            "demo",
            "--name",
            "Ada",
            "--locale",
            "pt-BR",
            "--session",
            "ada",
            "--policy",
            policy,
            "--url",
            stack.base_url,
        ),
        SLIPSTREAM_SECRET=stack.secret,
    )

    grant = _call(stack, "/api/interview", result.out.strip().partition("#ticket=")[2]).json()
    assert (grant["name"], grant["locale"], grant["session"]) == ("Ada", "pt-BR", "ada")
    assert grant["policy"]["mode"] == "per_answer"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing"], "There are: demo"),
        (["demo", "--session", "../x"], "sub"),
        (["demo", "--policy", "{"], "not JSON"),
        (["demo", "--policy", '{"mode": "odd"}'], "mode"),
        (["demo", "--locale", "Portuguese"], "locale"),
        (["demo", "--hours", "-1"], "--hours"),
    ],
)
def test_a_ticket_that_would_not_work_is_not_minted(run: Run, arguments: list[str], says: str):
    result = run("ticket", *arguments, SLIPSTREAM_SECRET="s" * 40)

    assert result.code != 0
    assert result.out == ""
    assert says in result.err


def test_the_doctor_finds_a_healthy_stack_and_leaves_nothing(run: Run, tmp_path: Path):
    result = run("doctor", "--data", str(tmp_path))

    assert (result.code, result.err.count("✓")) == (0, 3), result.err
    assert [path for path in (tmp_path / "slipstream").rglob("*") if path.is_file()] == []


def test_the_doctor_says_what_to_do_about_a_store_that_is_not_there(run: Run):
    result = run(
        "doctor",
        SLIPSTREAM_SECRET="s" * 40,
        SLIPSTREAM_S3_BUCKET="b",
        SLIPSTREAM_S3_ENDPOINT="http://127.0.0.1:9",
        AWS_ACCESS_KEY_ID="key-of-mine",
        AWS_SECRET_ACCESS_KEY="x",
    )

    assert result.code == 1
    assert "✗ store: The object store cannot be reached" in result.err
    assert "key-of-mine" not in result.err


def test_the_rules_of_a_bucket_are_printed(run: Run):
    result = run("bucket", "--url", "https://jobs.example")

    assert result.code == 0
    assert json.loads(result.out)["CORS"]["CORSRules"][0]["AllowedOrigins"] == ["https://jobs.example"]
    assert "AbortIncompleteMultipartUpload" in result.out


def test_help_lists_the_commands(run: Run):
    result = run("--help")

    assert result.code == 0
    for command in ("serve", "build", "ticket", "doctor", "bucket"):
        assert command in result.out
