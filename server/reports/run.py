"""One run of the report: bring the table of sessions up to date, and return what is in it."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from server.reports.bucket import ReportBucket, folder_bucket, s3_bucket
from server.reports.collect import batches, collect
from server.reports.listing import find_reports
from server.reports.queries import select_sessions
from server.reports.report import Report, make_report
from server.reports.warehouse import PREFIX, Warehouse
from server.settings import Settings, SettingsError
from server.store.access import own_bucket
from server.store.embedded import BUCKET

_ROWS_PER_FILE = 50_000  # what a run that is stopped in the middle may have to read again


@dataclass(frozen=True, slots=True)
class ReportOptions:
    interviews: tuple[str, ...] = ()  # none: all
    since: str = ""  # a month as 2026-11; "": from the first
    until: str = ""  # the same, included
    is_updating: bool = True  # False: only what earlier runs have taken in
    is_merging: bool = False  # merge Parquet files even where there are few
    cache: Path | None = None  # for the table's copy; None: where the user's caches are


def run_report(settings: Settings, options: ReportOptions, on_read: Callable[[int], None]) -> Report:
    """Take in the reports that are new in the bucket; return the report on all.

    `on_read` is told how many have been read so far. Raises SettingsError, StoreError.
    """
    with open_warehouse(settings, options.cache) as (bucket, warehouse), _damage_named():
        warehouse.refresh()
        if options.is_updating:
            update(bucket, warehouse, options.interviews, on_read)
        if options.is_merging:
            warehouse.merge(above=1)
        elif options.is_updating:
            warehouse.merge()
        select_sessions(warehouse, options.interviews, options.since, options.until)
        return make_report(warehouse)


def update(
    bucket: ReportBucket, warehouse: Warehouse, interviews: tuple[str, ...], on_read: Callable[[int], None]
) -> int:
    """Read each report that has no row yet, and store the rows as Parquet. Return how many there were."""
    taken = 0
    with TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.json"
        for batch in batches(warehouse.unread(find_reports(bucket, interviews)), _ROWS_PER_FILE):
            if read := collect(bucket, batch, rows):
                warehouse.add(rows)
                taken += read
                on_read(taken)
    return taken


@contextmanager
def open_warehouse(settings: Settings, cache: Path | None) -> Iterator[tuple[ReportBucket, Warehouse]]:
    """Yield the operator's bucket, or the embedded store's folder, and the table in it."""
    if settings.is_embedded:
        folder = settings.data / BUCKET
        if not folder.is_dir():
            raise SettingsError(f"There are no recordings in {settings.data}. Choose another folder with --data.")
        bucket, copy = folder_bucket(folder), folder / PREFIX
    else:
        storage = own_bucket(settings)
        storage.check()
        bucket = s3_bucket(storage)
        copy = (cache or _caches()) / hashlib.sha256(bucket.name.encode()).hexdigest()[:16]
    try:
        warehouse = Warehouse(bucket, copy)
    except OSError as error:
        raise SettingsError(f"{copy} cannot be written ({error.strerror}). Choose another with --cache.") from error
    try:
        yield bucket, warehouse
    finally:
        warehouse.close()


@contextmanager
def _damage_named() -> Iterator[None]:
    """Say which Parquet file is damaged, or which disk is full. DuckDB's first line names it."""
    try:
        yield
    except duckdb.Error as error:
        first = str(error).partition("\n")[0]
        raise SettingsError(
            f"The table of reports cannot be used: {first} If a file under analytics/ is damaged, delete it, or all of "
            "analytics/: the next run reads those reports again."
        ) from error


def _caches() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slipstream" / "report"
