"""The table of all reports: Parquet under `analytics/interview=…/month=…/` in the bucket, and a local copy to query.

A Parquet file is never changed. A run adds files with names of their own, so two runs at once cannot harm each other;
a report that both took in has two rows, of which queries use the last. The rows' key and ETag are the only record of
what was read.
"""

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from server.reports.bucket import ListedObject, ReportBucket
from server.reports.rows import COLUMNS, PARTITIONS

PREFIX = "analytics/"
FILES_PER_MONTH = 16  # of one interview; more are merged into one
_COPIES_AT_ONCE = 8
_TRIES = 3
# Of several rows of one key: what the store has written last, and of that what was read last.
LAST_ROW = "QUALIFY row_number() OVER (PARTITION BY key ORDER BY modified_at DESC, read_at DESC) = 1"
_WRITTEN = "(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (interview, month), FILENAME_PATTERN '{name}-{{uuid}}')"


class Warehouse:
    """Own the local copy of the table, and the DuckDB connection over it."""

    def __init__(self, bucket: ReportBucket, copy: Path, memory: str = "512MB") -> None:
        """`copy` is a folder that only this bucket's table is in. `memory`: what DuckDB may use, before it spills."""
        self._bucket = bucket
        self._copy = copy
        copy.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._spilled = TemporaryDirectory(prefix="slipstream-report-")
        self.duckdb = duckdb.connect(config={"memory_limit": memory, "temp_directory": self._spilled.name})
        self.duckdb.execute(
            "SET TimeZone = 'UTC'; SET enable_progress_bar = false; SET preserve_insertion_order = false"
        )

    def close(self) -> None:
        self.duckdb.close()
        self._spilled.cleanup()

    def refresh(self) -> None:
        """Bring the local copy up to date with the bucket."""
        for _ in range(_TRIES):
            # In this order: what another run stores in between is then only in `stored`, and not deleted here.
            here = {path.relative_to(self._copy).as_posix() for path in self._copy.rglob("*.parquet")}
            listed = (found.key.removeprefix(PREFIX) for found in self._bucket.objects_below(PREFIX))
            stored = {name for name in listed if name.endswith(".parquet")}
            for name in here - stored:
                (self._copy / name).unlink(missing_ok=True)
            with ThreadPoolExecutor(_COPIES_AT_ONCE) as threads:
                if all(threads.map(self._fetch, stored - here)):
                    break  # else another run has merged some files meanwhile: list them again
        self._show()

    def _fetch(self, name: str) -> bool:
        if (body := self._bucket.read(PREFIX + name)) is None:
            return False
        target = self._copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{id(body):x}")  # a run that is stopped here leaves no half of a Parquet file
        part.write_bytes(body)
        part.replace(target)
        return True

    def _show(self) -> None:
        """Let the view `rows` have every row that is here, with every column that we know."""
        empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in (COLUMNS | PARTITIONS).items())
        if not any(self._copy.rglob("*.parquet")):
            self.duckdb.execute(f"CREATE OR REPLACE VIEW rows AS SELECT {empty} WHERE false")
            return
        files = _quoted(self._copy / "**/*.parquet")
        # The row without a file: columns that an older version of ours has not written are there, and NULL.
        self.duckdb.execute(
            f"CREATE OR REPLACE VIEW rows AS SELECT {', '.join(COLUMNS | PARTITIONS)} FROM (SELECT {empty} WHERE false "
            f"UNION ALL BY NAME SELECT * FROM read_parquet({files}, union_by_name = true, hive_partitioning = true, "
            "hive_types = {'interview': VARCHAR, 'month': VARCHAR}))"
        )

    def run(self, query: str) -> None:
        """Run a query over `rows`; again, after a refresh, if another run has merged files away meanwhile."""
        for left in reversed(range(_TRIES)):
            try:
                self.duckdb.execute(query)
            except duckdb.IOException:
                if not left:
                    raise
                self.refresh()
            else:
                return

    def unread(self, listed: Iterable[ListedObject]) -> Iterator[ListedObject]:
        """Yield what has no row with this key and ETag yet. The listing is compared on disk, not in memory."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "listed.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows((o.key, o.etag, o.modified_at.isoformat(), o.size) for o in listed)
            self.run(
                f"CREATE OR REPLACE TABLE unread AS SELECT * FROM read_csv({_quoted(path)}, auto_detect = false, "
                "delim = ',', quote = '\"', escape = '\"', columns = {'key': 'VARCHAR', 'etag': 'VARCHAR', "
                "'modified_at': 'TIMESTAMPTZ', 'size': 'BIGINT'}) ANTI JOIN rows USING (key, etag)"
            )
        # A cursor of its own: what is read here is added to the table before all of it is read.
        found = self.duckdb.cursor().execute("SELECT key, etag, modified_at, size FROM unread ORDER BY key")
        while page := found.fetchmany(1_000):
            yield from (ListedObject(*row) for row in page)

    def add(self, rows: Path) -> None:
        """Store a file of JSON lines as Parquet, one file for each interview and month in it."""
        columns = COLUMNS | PARTITIONS
        self._store(f"SELECT * FROM read_json({_quoted(rows)}, format = 'newline_delimited', columns = {columns})")
        self._show()

    def merge(self, above: int = FILES_PER_MONTH) -> int:
        """Merge the files of each interview's month that has more than `above`; return how many files went.

        The merged file is stored before the others go: whoever reads meanwhile sees some rows twice, and none missing.
        """
        months: dict[Path, list[Path]] = defaultdict(list)
        for path in sorted(self._copy.rglob("*.parquet")):
            months[path.parent].append(path)
        merged = [files for files in months.values() if len(files) > above]
        for files in merged:
            listed = ", ".join(_quoted(path) for path in files)
            self._store(
                f"SELECT * FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = true, "
                f"hive_types = {{'interview': VARCHAR, 'month': VARCHAR}}) {LAST_ROW}"
            )
            for path in files:
                self._bucket.delete(PREFIX + path.relative_to(self._copy).as_posix())
                path.unlink(missing_ok=True)
        self._show()
        return sum(map(len, merged))

    def _store(self, query: str) -> None:
        with TemporaryDirectory() as folder:
            made = Path(folder) / "made"
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
            self.duckdb.execute(f"COPY ({query}) TO {_quoted(made)} {_WRITTEN.format(name=name)}")
            for path in sorted(made.rglob("*.parquet")):
                relative = path.relative_to(made)
                self._bucket.write(PREFIX + relative.as_posix(), path.read_bytes())
                target = self._copy / relative
                if not target.exists():  # it does where the bucket is a folder of this machine
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.move(path, target)


def _quoted(path: Path) -> str:
    """Return a path as SQL's string: DuckDB takes no parameter in COPY and CREATE VIEW."""
    return "'" + str(path).replace("'", "''") + "'"
