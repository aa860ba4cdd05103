"""How long `serve.py report` takes on many sessions, and whether its verdicts can be believed.

`python -m tests.benchmarks.report --sessions 100000` writes made-up sessions, reports on them cold and again, from the
folder and through the embedded store, and prints time, peak memory and what was found. `--runs 200 --looks 50` repeats
an A/A test and looks at each run that often.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from server.store.embedded import BUCKET, EmbeddedStore
from tests.benchmarks.report_errors import false_claims, looks_until_found
from tests.support.commands import bucket_of
from tests.support.files import ROOT
from tests.support.synthetic_sessions import Plan, sessions, write_sessions

_PLANTED = Plan(interviews=("backend", "design", "sales", "support"), wait_factor={"small": 0.8})
_SKEWED = Plan(interviews=("skewed",), flag="codec", actual={"control": 0.52, "small": 0.48})


def main() -> None:
    arguments = _arguments()
    figures: dict[str, Any] = {}
    with TemporaryDirectory(dir=arguments.folder) as folder:
        if arguments.sessions:
            figures["sessions"] = _measure(Path(folder), arguments.sessions, is_over_http=not arguments.no_store)
    if arguments.runs:
        figures["equal arms"] = false_claims(arguments.runs, arguments.looks)
        figures["20 % planted"] = looks_until_found(arguments.runs // 4, arguments.looks)
    print(json.dumps(figures, indent=2))
    if arguments.output:
        arguments.output.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def _measure(folder: Path, count: int, *, is_over_http: bool) -> dict[str, Any]:
    bucket = folder / BUCKET
    written = write_sessions(bucket, sessions(count, _PLANTED))
    written += write_sessions(bucket, sessions(max(count // 5, 10_000), _SKEWED, seed=2))
    measured: dict[str, Any] = {"reports": written}
    measured["folder"] = _thrice(bucket, {"SLIPSTREAM_DATA": str(folder)}, folder, seed=3)
    measured["parquet_bytes"] = sum(path.stat().st_size for path in (bucket / "analytics").rglob("*.parquet"))
    measured["found"] = _found(json.loads((folder / "report.json").read_text(encoding="utf-8")))
    if is_over_http:
        for path in (bucket / "analytics").rglob("*.parquet"):
            path.unlink()
        with EmbeddedStore(folder, page_origin="http://127.0.0.1") as store:
            environment = bucket_of(store, folder / "cache")
            measured["rclone serve s3"] = _thrice(bucket, environment, folder, seed=4)
    return measured


def _thrice(bucket: Path, environment: dict[str, str], folder: Path, seed: int) -> dict[str, Any]:
    """Report cold, again with nothing new, and again with 1,000 new reports."""
    cold = _run(environment, folder)
    nothing_new = _run(environment, folder)
    write_sessions(bucket, sessions(1_000, _PLANTED, seed=seed))
    return {"cold": cold, "nothing new": nothing_new, "1,000 new": _run(environment, folder)}


def _run(environment: dict[str, str], folder: Path) -> dict[str, float]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLIPSTREAM_", "AWS_"))}
    command = [sys.executable, str(ROOT / "serve.py"), "report", "--output", str(folder / "report.json")]
    begun = time.monotonic()
    child = os.posix_spawn(sys.executable, command, kept | environment)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit(f"the report ended with {os.waitstatus_to_exitcode(status)}")
    measured = {
        "s": round(time.monotonic() - begun, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mib": round(usage.ru_maxrss / 1024),
    }
    print(measured, file=sys.stderr, flush=True)
    return measured


def _found(report: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"counted": report["sessions"]}
    for experiment in report["experiments"]:
        waits = [one["verdict"] for one in experiment["comparisons"] if one["metric"] == "wait"]
        found[f"{experiment['flag']}, {experiment['interview']}"] = (
            f"{waits[0]} (p of the split {experiment['ratio_p']:.2g})"
        )
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=100_000, help="0: leave this out")
    parser.add_argument("--no-store", action="store_true", help="from the folder only, not over HTTP")
    parser.add_argument("--folder", type=Path, help="where the reports are written, e.g. /dev/shm on a slow disk")
    parser.add_argument("--runs", type=int, default=200, help="A/A tests; 0: leave them out")
    parser.add_argument("--looks", type=int, default=50, help="at each run")
    parser.add_argument("--output", type=Path, help="write the figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
