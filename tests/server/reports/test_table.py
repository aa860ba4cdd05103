"""Each report is read once, the newest counts, and Parquet files can be merged under a reader."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from server.reports.bucket import folder_bucket
from server.reports.rows import COLUMNS
from server.reports.run import update
from server.reports.warehouse import FILES_PER_MONTH, Warehouse
from tests.server.reports.conftest import Reported
from tests.support.synthetic_sessions import Plan, sessions, write_sessions

ONE = Plan(interviews=("backend",), days=1)


def write(reported: Reported, *records: dict[str, Any]) -> None:
    write_sessions(reported.bucket, iter(records))


def test_a_report_is_read_once(reported: Reported):
    write(reported, *sessions(5, ONE))

    assert (reported.report().sessions, reported.read) == (5, 5)
    assert (reported.report().sessions, reported.read) == (5, 0)
    write(reported, *sessions(2, ONE, seed=2))
    assert (reported.report().sessions, reported.read) == (7, 2)


def test_a_report_that_was_written_again_replaces_the_first(reported: Reported):
    [first] = sessions(1, ONE)
    write(reported, {**first, "is_submitted": False})
    assert reported.report().arms[0].abandoned == 1.0

    write(reported, {**first, "is_submitted": True, "written_at": "2026-10-02T00:00:00Z"})  # in the next month
    report = reported.report()

    assert (report.sessions, report.arms[0].abandoned, reported.read) == (1, 0.0, 1)
    assert reported.report(until="2026-09").sessions == 0


def test_a_damaged_report_is_named_and_counts_again_once_it_is_mended(reported: Reported):
    [good, bad] = sessions(2, ONE)
    write(reported, good, bad)
    path = reported.bucket / bad["interview"] / bad["session"] / "efficiency.json"
    path.write_text("{", encoding="utf-8")
    [fault] = reported.report().faults
    assert fault.key == f"backend/{bad['session']}/efficiency.json"
    assert reported.report().sessions == 1

    path.write_text(json.dumps(bad), encoding="utf-8")
    report = reported.report()

    assert (report.sessions, report.faults) == (2, [])


def test_recordings_and_answers_are_not_read(reported: Reported):
    write(reported, *sessions(1, ONE))
    take = reported.bucket / "backend/s-001-00000000/why/take-1"
    take.mkdir(parents=True)
    (take / "video.mp4").write_bytes(b"\0" * 1000)
    (reported.bucket / "_tail/backend/s-001-00000000").mkdir(parents=True)
    (reported.bucket / "_tail/backend/s-001-00000000/efficiency.json").write_text("{}")

    report = reported.report()

    assert (report.sessions, report.faults, reported.read) == (1, [], 1)


def test_files_are_laid_out_as_hive_partitions_that_other_readers_understand(reported: Reported):
    write(reported, *sessions(40, Plan(interviews=("007", "design"), days=40)))
    reported.report()

    folders = {str(Path(name).parent) for name in reported.parquet()}
    assert folders == {
        f"analytics/interview={interview}/month={month}"
        for interview in ("007", "design")
        for month in ("2026-09", "2026-10")
    }
    table = pq.read_table(reported.bucket / reported.parquet()[0], partitioning=None)
    assert table.column_names == list(COLUMNS)
    assert str(table.schema.field("written_at").type) == "timestamp[us, tz=UTC]"
    assert str(table.schema.field("retries").type) == "map<string, int32 ('retries')>"
    [(flag, arm)] = table.column("assignments")[0].as_py()
    assert (flag, arm["planned"]) == ("part-size", [("control", 0.5), ("small", 0.5)])


def test_many_small_files_become_one_and_nothing_is_lost(reported: Reported):
    write(reported, *sessions(2, ONE))
    reported.report()
    [name] = reported.parquet()
    for copy in range(FILES_PER_MONTH):
        (reported.bucket / name).with_stem(f"copy-{copy}").write_bytes((reported.bucket / name).read_bytes())

    assert reported.report().sessions == 2
    assert len(reported.parquet()) == 1
    assert (reported.report(is_merging=True).sessions, reported.read) == (2, 0)


def test_merging_keeps_the_last_row_of_a_report(reported: Reported):
    [first] = sessions(1, ONE)
    for is_submitted in (False, True):
        write(reported, {**first, "is_submitted": is_submitted})
        reported.report()

    report = reported.report(is_merging=True)

    [name] = reported.parquet()
    assert pq.read_table(reported.bucket / name, partitioning=None).num_rows == 1
    assert report.arms[0].abandoned == 0.0


def test_two_runs_at_once_count_each_session_once(reported: Reported, tmp_path: Path):
    """Both list before either stores; then the one merges files away that the other was going to copy."""
    write(reported, *sessions(3, ONE))
    bucket = folder_bucket(reported.bucket)
    one, other = Warehouse(bucket, tmp_path / "one"), Warehouse(bucket, tmp_path / "other")
    one.refresh()
    other.refresh()
    update(bucket, one, (), lambda count: None)
    update(bucket, other, (), lambda count: None)
    assert len(reported.parquet()) == 2

    one.refresh()
    other.refresh()
    assert one.merge(above=1) == 2
    assert other.merge(above=1) == 2

    assert len(reported.parquet()) == 2
    one.close()
    other.close()
    assert reported.report().sessions == 3


def test_a_copy_follows_what_other_runs_have_merged(reported: Reported, tmp_path: Path):
    bucket = folder_bucket(reported.bucket)
    copy = Warehouse(bucket, tmp_path / "copy")
    for run in range(2):
        write(reported, *sessions(2, ONE, seed=run))
        reported.report()
        copy.refresh()
    reported.report(is_merging=True)

    copy.refresh()

    assert copy.duckdb.execute("SELECT count(*) FROM rows").fetchone() == (4,)
    copy.close()


def test_a_column_that_an_older_version_did_not_write_is_empty(reported: Reported):
    write(reported, *sessions(1, ONE))
    reported.report()
    [name] = reported.parquet()
    path = reported.bucket / name
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns(["peak_memory"]), path)

    report = reported.report()

    assert (report.sessions, report.arms[0].memory_median) == (1, None)
