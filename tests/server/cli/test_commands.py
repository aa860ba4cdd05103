"""What the commands print, and how they end when something is wrong."""

import json
import socket
from pathlib import Path

import pytest

from tests.support.commands import Run
from tests.support.stack import Stack, call_signer


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

    grant = call_signer(stack, "/api/interview", result.out.strip().partition("#ticket=")[2]).json()
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
    result = run("ticket", *arguments, SLIPSTREAM_SECRET="for tests alone, and long enough for HS256")

    assert result.code != 0
    assert result.out == ""
    assert says in result.err


def test_the_doctor_finds_a_healthy_stack_and_leaves_nothing(run: Run, tmp_path: Path):
    result = run("doctor", "--data", str(tmp_path))

    assert (result.code, result.err.count("✗"), result.err.count("note:")) == (0, 0, 0), result.err
    assert "✓ recordings" in result.err
    assert [path for path in (tmp_path / "slipstream").rglob("*") if path.is_file()] == []


def test_the_doctor_says_what_to_do_about_a_store_that_is_not_there(run: Run):
    result = run(
        "doctor",
        SLIPSTREAM_SECRET="for tests alone, and long enough for HS256",
        SLIPSTREAM_S3_BUCKET="b",
        SLIPSTREAM_S3_ENDPOINT="http://127.0.0.1:9",
        AWS_ACCESS_KEY_ID="key-of-mine",
        AWS_SECRET_ACCESS_KEY="x",
    )

    assert result.code == 1
    assert "✗ store: The object store cannot be reached" in result.err
    assert "Nobody has said where candidates reach the page" in result.err
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
