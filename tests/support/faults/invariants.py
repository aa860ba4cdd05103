"""What holds after every fault: I1 to I6 of the list of faults."""

import hashlib
import math
import re
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.upload.fold_progress import TRIES_OF_A_PLACE
from server.store.embedded import BUCKET
from server.store.objects import METADATA_NAME
from tests.support.faults.calls import Kind, Passed
from tests.support.faults.faulty_stack import FaultyStack
from tests.support.page_driver import Candidate
from tests.support.settings import FAR_STORE

_SECRETS = re.compile(r"X-Amz-Signature|eyJ[A-Za-z0-9_-]{10,}\.")  # a signature; a ticket (a JWT begins so)
_JOURNAL_S = 10  # a chunk may just be on its way into the journal
_CLOCK_S = 0.01  # browsers round their clocks

_JOURNALLED = """
async ([sitting, question, track]) => {
  const open = indexedDB.open(`slipstream-${sitting}`);
  const database = await new Promise((resolve, reject) => {
    open.onsuccess = () => resolve(open.result);
    open.onerror = () => reject(open.error);
  });
  const all = (store, what) => new Promise((resolve) => {
    const request = database.transaction(store).objectStore(store)[what]();
    request.onsuccess = () => resolve(request.result);
  });
  const [facts, keys, rows] = await Promise.all(
    [all("facts", "getAll"), all("chunks", "getAllKeys"), all("chunks", "getAll")]);
  database.close();
  // Recordings are called `question/key/track`; the newest one has begun last.
  const begun = facts.filter((fact) => fact.kind === "RecordingStarted").map((fact) => fact.upload.split("/"));
  const newest = begun.findLast(([of, , on]) => of === question && on === track);
  const mine = rows.filter((_, index) => String(keys[index].slice(0, 3)) === String(newest));
  return mine.reduce((sum, row) => sum + row.size, 0);
}
"""
_STORAGE_KEYS = """
async () => {
  const names = [...Object.keys(localStorage), ...Object.keys(sessionStorage)];
  for (const { name } of (await indexedDB.databases?.()) ?? []) {
    names.push(name);
    const open = indexedDB.open(name);
    const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
    for (const store of database.objectStoreNames) {
      const request = database.transaction(store).objectStore(store).getAllKeys();
      const keys = await new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
      names.push(store, ...keys.map(String));
    }
    database.close();
  }
  return names;
}
"""


@dataclass(frozen=True)
class Arrived:
    """One track of one take that must have arrived. Every recording on the way to it was a take of its own."""

    question: str
    track: str = "audio"
    take: int = 1
    at_least: int | None = None  # bytes; the page ended while it was recorded. None: all that the recorder gave


def journalled(candidate: Candidate, question: str, track: str = "audio") -> int:
    """Return how many bytes of the newest take the page's journal has."""
    size: int = candidate.page.evaluate(_JOURNALLED, [candidate.sitting, question, track])
    return size


def assert_nothing_is_lost(candidate: Candidate, question: str, track: str = "audio") -> None:
    """I1, while an upload is still open: the journal has every byte that the recorder has given so far."""
    emitted = candidate.recording(question, track).size
    candidate.until(
        lambda: journalled(candidate, question, track) >= emitted,
        "the journal has every recorded byte (I1)",
        _JOURNAL_S,
    )


def assert_invariants(candidate: Candidate, faults: FaultyStack, *arrived: Arrived) -> None:
    """I2 to I6, once everything is stored, whatever pages it was recorded in."""
    keys = []
    for one in arrived:
        record = candidate.stored_record(one.question, one.track, take=one.take)
        _assert_is_what_was_recorded(candidate, one, record)  # I2
        _assert_asked_before(candidate, faults, record["key"], _shown_at(candidate, one))  # I3
        keys.append(record["key"])
    assert len(set(keys)) == len(arrived), f"two takes in one object (I4): {keys}"
    assert_nothing_is_left(candidate, faults, len(arrived))


def assert_nothing_is_left(
    candidate: Candidate, faults: FaultyStack, recordings: int, *, sent_before_kill: int = 0
) -> None:
    """I3 to I6, but for what was shown: no rows, no second object, no open upload, no secret, no fault unfired.

    `sent_before_kill`: how many parts had been sent when the page was killed; 0: it was not.
    """
    # Those of the takes that arrived went before the page called itself safe; a take given up may still be on its way.
    candidate.until(lambda: candidate.journal_rows()["chunks"] == 0, "the journal is empty (I3)", _JOURNAL_S)
    media = sorted(name for name in candidate.objects() if not name.endswith(".json"))
    assert len(media) == recordings, f"other objects than one a take (I4): {media}"
    assert candidate.open_uploads() == {}, "an upload was left open (I4)"
    _assert_no_secret_leaked(candidate, faults)  # I5; the console is read when the page closes
    faults.assert_all_fired()  # I6
    parts = faults.store.passed(Kind.PART)
    # Where parts are folded, a page that comes back learns of those that are: others may come again.
    told = sent_before_kill if FAR_STORE is not None else 0
    begun_at = [call.arrived_at for call in faults.signer.passed(Kind.CREATE)]
    folds = [one for one in faults.back.passed(Kind.STORE_FOLD) if one.call.method == "POST"]
    failed = [(one.call.path, one.answered_at) for one in folds if one.status is not None and one.status >= 500]
    assert_nothing_acknowledged_is_sent_again(parts[:told], begun_at, failed)
    assert_nothing_acknowledged_is_sent_again(parts[told:], begun_at, failed)


def assert_nothing_acknowledged_is_sent_again(
    parts: list[Passed], begun_at: Sequence[float] = (), failed: Sequence[tuple[str, float]] = ()
) -> None:
    """`begun_at`: when uploads were begun. Small parts of one that is begun again have the same place in the store.

    `failed`: path of each small part that the store failed to fold, and when; after so many it comes again.
    """
    done: dict[tuple[str, int, int, int], Passed] = {}
    for part in sorted(parts, key=lambda part: part.arrived_at):
        failures = sum(path == part.call.path and then < part.arrived_at for path, then in failed)
        at = (
            part.call.upload,
            part.call.number,
            bisect(begun_at, part.arrived_at),
            failures // TRIES_OF_A_PLACE,
        )
        earlier = done.get(at)
        assert earlier is None or part.arrived_at < earlier.answered_at, (
            f"part {part.call.number} was sent again {part.arrived_at - earlier.answered_at:.3f} s after it was "
            f"acknowledged, which took {earlier.answered_at - earlier.arrived_at:.3f} s"
        )
        if part.is_acknowledged:
            done[at] = part


def _assert_is_what_was_recorded(candidate: Candidate, one: Arrived, record: dict[str, Any]) -> None:
    recording = candidate.recordings(one.question, one.track)[one.take - 1]
    if one.at_least is None:
        candidate.assert_object_is(recording, record)
        return
    stored = candidate.stack.read(record["key"])
    assert record["interrupted"], "the record hides that the page ended meanwhile"
    assert (record["size"], record["sha256"]) == (len(stored), hashlib.sha256(stored).hexdigest())
    candidate.assert_chunks_are(recording, stored)
    assert len(stored) >= one.at_least, "something is lost that the journal had"


def assert_asked_before_shown(candidate: Candidate, faults: FaultyStack, question: str, track: str) -> None:
    """I3: "completed" is not shown on this page before the store was asked."""
    key = candidate.stored_record(question, track)["key"]
    shown: list[dict[str, Any]] = candidate.page.evaluate("slipstreamStates")
    shown_at = next(
        one["at"] for one in shown if (one["question"], one["track"], one["state"]) == (question, track, "completed")
    )
    _assert_asked_before(candidate, faults, key, shown_at)


def _assert_asked_before(candidate: Candidate, faults: FaultyStack, key: str, shown_at: float) -> None:
    # Not when the signer's word came back: a busy proxy may note that only after the page has shown it.
    told = [call for call in faults.signer.passed(Kind.COMPLETE) if call.status == 200 and call.arrived_at <= shown_at]
    assert told, "completed was shown before the signer was asked (I3)"
    looks = [
        call
        for call in faults.back.passed(Kind.STORE_HEAD)
        if call.call.path == f"/{BUCKET}/{key}" and call.status == 200 and call.answered_at <= shown_at + _CLOCK_S
    ]
    assert looks, "completed was shown before anybody looked at the object (I3)"
    metadata = candidate.stack.s3.head_object(Bucket=BUCKET, Key=key)["Metadata"]
    assert METADATA_NAME in map(str.lower, metadata), "the object does not carry our token (I3)"


def _shown_at(candidate: Candidate, one: Arrived) -> float:
    """Return when this take was first shown as completed, on whatever page."""
    takes = candidate.recordings(one.question, one.track)
    until = takes[one.take].began_at if one.take < len(takes) else math.inf

    def shown() -> list[float]:
        return [
            state.at
            for state in candidate.watch.states
            if (state.question, state.track, state.state) == (one.question, one.track, "completed")
            and takes[one.take - 1].began_at <= state.at < until
        ]

    moments: list[float] = candidate.until(shown, "completed is shown")
    return min(moments)


def _assert_no_secret_leaked(candidate: Candidate, faults: FaultyStack) -> None:
    places = {
        "the server's log": candidate.stack.log.read_text(encoding="utf-8"),
        "the page's text": candidate.page.locator("body").inner_text(),
        "the names in its storage": " ".join(candidate.page.evaluate(_STORAGE_KEYS)),
        "a referrer": " ".join(one.referrer for proxy in faults.proxies for one in proxy.passed()),
        "a path": " ".join(one.call.path for proxy in faults.proxies for one in proxy.passed()),
    }
    leaking = [place for place, text in places.items() if _SECRETS.search(text)]
    assert not leaking, f"secrets (I5) in {leaking}"
