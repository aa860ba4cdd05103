"""Find the sessions' reports among everything else in the bucket."""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from server.reports.bucket import ListedObject, ReportBucket

_LISTINGS_AT_ONCE = 8
# Both ids are contract.Identifier: `_tail/…` and `analytics/interview=…/…` do not match.
_REPORT = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,63})/([A-Za-z0-9][A-Za-z0-9_-]{0,63})/efficiency\.json")
_INTERVIEW = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def ids_of(key: str) -> tuple[str, str] | None:
    """Return interview and session of a report's key; None if it is another object's."""
    found = _REPORT.fullmatch(key)
    return (found[1], found[2]) if found else None


def find_reports(bucket: ReportBucket, interviews: Iterable[str] = ()) -> Iterator[ListedObject]:
    """Yield every session's report, of these interviews or, if none is named, of all.

    We list everything below an interview and keep one name. Listing its sessions by delimiter costs fewer calls, but
    tells no ETag: each later run would have to ask for every session again.
    """
    wanted = list(interviews) or [name for name in bucket.interviews() if _INTERVIEW.fullmatch(name)]
    with ThreadPoolExecutor(_LISTINGS_AT_ONCE) as threads:
        for found in threads.map(lambda name: _reports(bucket, name), wanted):
            yield from found


def _reports(bucket: ReportBucket, interview: str) -> list[ListedObject]:
    return [found for found in bucket.objects_below(f"{interview}/") if ids_of(found.key)]
