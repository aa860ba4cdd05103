"""`python serve.py report` as an operator runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.store.embedded import BUCKET, EmbeddedStore
from tests.server.reports.conftest import Reported
from tests.support.commands import Run, bucket_of, runner
from tests.support.files import ROOT
from tests.support.synthetic_sessions import Plan, sessions, write_sessions


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(monkeypatch, capsys)


def test_a_bucket_is_read_over_http_and_its_table_is_stored_there(run: Run, tmp_path: Path):
    data = tmp_path / "data"
    write_sessions(data / BUCKET, sessions(30, Plan(interviews=("backend",), days=1)))
    with EmbeddedStore(data, page_origin="http://127.0.0.1") as store:
        env = bucket_of(store, tmp_path / "cache")
        first = run("report", "--json", **env)
        again = run("report", "--output", str(tmp_path / "report.json"), **env)
        elsewhere = run("report", "--no-update", "--json", "--cache", str(tmp_path / "other"), **env)

    assert (first.code, "30 new reports" in first.err) == (0, True), first.err
    assert json.loads(first.out)["sessions"] == 30
    assert (again.code, "new reports" in again.err, again.out) == (0, False, "")
    assert json.loads((tmp_path / "report.json").read_text())["sessions"] == 30
    assert json.loads(elsewhere.out)["sessions"] == 30
    assert len(list((data / BUCKET / "analytics/interview=backend/month=2026-09").glob("*.parquet"))) == 1


def test_a_table_is_printed(run: Run, reported: Reported, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "120")
    write_sessions(reported.bucket, sessions(60, Plan(interviews=("backend",))))
    (reported.bucket / "backend/s-9").mkdir()
    (reported.bucket / "backend/s-9/efficiency.json").write_text("[]")

    printed = run("report", "--data", str(reported.data)).out

    assert "Interview backend" in printed
    assert "not enough data: " in printed
    assert "Not counted: backend/s-9/efficiency.json" in printed
    assert "Sessions: 60. Damaged reports: 1." in printed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--since", "2026-13"), "'2026-13' is not a month such as 2026-11."),
        (("--interview", "a'b"), "\"a'b\" is not an interview's id."),
        (("--data", "nowhere"), "There are no recordings in nowhere. Choose another folder with --data."),
    ],
)
def test_what_is_wrong_is_named(run: Run, arguments: tuple[str, ...], says: str):
    result = run("report", *arguments)

    assert (result.code, result.err.strip()) == (1, says)


def test_a_file_that_cannot_be_written_is_named(run: Run, reported: Reported):
    result = run("report", "--data", str(reported.data), "--html", "/nowhere/report.html")

    assert (result.code, result.err.strip()) == (
        1,
        "/nowhere/report.html cannot be written (No such file or directory).",
    )


def test_a_damaged_table_is_named(run: Run, reported: Reported):
    folder = reported.bucket / "analytics/interview=backend/month=2026-09"
    folder.mkdir(parents=True)
    (folder / "half.parquet").write_bytes(b"PAR1")

    result = run("report", "--data", str(reported.data))

    assert result.code == 1
    assert "half.parquet" in result.err
    assert "delete it, or all of analytics/" in result.err


@pytest.mark.parametrize("missing", ["duckdb", "obstore", "scipy"])
def test_without_its_packages_one_sentence_says_what_to_run(run: Run, monkeypatch: pytest.MonkeyPatch, missing: str):
    for name in [name for name in sys.modules if name.startswith("server.reports")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name == missing or name.startswith(f"{missing}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)

    result = run("report")

    assert result.code == 1
    assert f"not installed ({missing}). Run `make tools`" in result.err


def test_no_other_command_loads_them():
    code = "import sys, server.cli.commands; print({'duckdb', 'obstore', 'scipy', 'vl_convert'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
