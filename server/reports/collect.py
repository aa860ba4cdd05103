"""Read reports in parallel, and write a row for each to a file of JSON lines: memory does not grow with them."""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from server.reports.bucket import ListedObject, ReportBucket
from server.reports.rows import MAX_BYTES, row_of

READS_AT_ONCE = 32
_BATCH = 2_000  # reports whose rows are in memory at once


def collect(bucket: ReportBucket, wanted: Iterable[ListedObject], into: Path) -> int:
    """Read these reports; return how many rows were written. One that has been deleted meanwhile gives no row."""
    rows = 0
    with ThreadPoolExecutor(READS_AT_ONCE) as threads, into.open("w", encoding="utf-8") as file:
        for batch in batches(wanted, _BATCH):
            for line in threads.map(lambda listed: _line(bucket, listed), batch):
                if line is not None:
                    file.write(line)
                    rows += 1
    return rows


def _line(bucket: ReportBucket, listed: ListedObject) -> str | None:
    if listed.size > MAX_BYTES:  # not worth its bytes; the row says so
        body: bytes | None = bytes(MAX_BYTES + 1)
    else:
        body = bucket.read(listed.key)
    return None if body is None else json.dumps(row_of(listed, body, datetime.now(UTC))) + "\n"


def batches(items: Iterable[ListedObject], size: int) -> Iterator[list[ListedObject]]:
    """Yield the items in lists of at most `size`."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
