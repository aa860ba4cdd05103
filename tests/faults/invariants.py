"""What holds after every fault: I1 to I6 of the list of faults."""

import re
from typing import Any

from server.embedded_store import BUCKET
from server.storage import METADATA_NAME
from tests.faults.calls import Kind, Passed
from tests.faults.faulty_stack import FaultyStack
from tests.page_driver import Candidate

_SECRETS = re.compile(r"X-Amz-Signature|eyJ[A-Za-z0-9_-]{10,}\.")  # a signature; a ticket (a JWT begins so)
_JOURNAL_S = 10  # a chunk may just be on its way into the journal
_CLOCK_S = 0.01  # browsers round their clocks

_JOURNALLED = """
async ([session, question, track]) => {
  const open = indexedDB.open(`slipstream-${session}`);
  const database = await new Promise((resolve, reject) => {
    open.onsuccess = () => resolve(open.result);
    open.onerror = () => reject(open.error);
  });
  const chunks = database.transaction("chunks").objectStore("chunks");
  const [keys, rows] = await Promise.all([chunks.getAllKeys(), chunks.getAll()].map((request) =>
    new Promise((resolve) => { request.onsuccess = () => resolve(request.result); })));
  database.close();
  const mine = rows.filter((_, index) => keys[index][0] === question && keys[index][2] === track);
  return mine.reduce((sum, row) => sum + row.size, 0);
}
"""
_STORAGE_KEYS = """
async () => {
  const names = [...Object.keys(localStorage), ...Object.keys(sessionStorage)];
  for (const { name } of await indexedDB.databases()) {
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


def assert_nothing_is_lost(candidate: Candidate, question: str, track: str = "audio") -> None:
    """I1, while an upload is still open: the journal has every byte that the recorder has given so far."""
    emitted = candidate.recording(question, track).size
    asked = [candidate.session, question, track]
    candidate.until(
        lambda: candidate.page.evaluate(_JOURNALLED, asked) >= emitted,
        "the journal has every recorded byte (I1)",
        _JOURNAL_S,
    )


def assert_invariants(candidate: Candidate, faults: FaultyStack, *recordings: tuple[str, str]) -> None:
    """I2 to I6, once everything is stored. `recordings` are (question, track), each recorded once."""
    for question, track in recordings:
        record = candidate.read_json(f"{question}/take-1/answer.json")["tracks"][track]
        candidate.assert_object_is(candidate.recording(question, track), record)  # I2
        assert_asked_before_shown(candidate, faults, question, track)
    assert_nothing_is_left(candidate, faults, len(recordings))


def assert_nothing_is_left(candidate: Candidate, faults: FaultyStack, recordings: int) -> None:
    """I3 to I6, but for what was shown: no rows, no second object, no open upload, no secret, no fault unfired."""
    assert candidate.journal_rows()["chunks"] == 0, "the journal is not empty (I3)"
    media = sorted(name for name in candidate.objects() if not name.endswith(".json"))
    assert len(media) == recordings, f"other objects than one a take (I4): {media}"
    assert candidate.open_uploads() == {}, "an upload was left open (I4)"
    _assert_no_secret_leaked(candidate, faults)  # I5; the console is read when the page closes
    faults.assert_all_fired()  # I6
    assert_nothing_acknowledged_is_sent_again(faults.store.passed(Kind.PART))


def assert_nothing_acknowledged_is_sent_again(parts: list[Passed]) -> None:
    done: dict[tuple[str, int], Passed] = {}
    for part in sorted(parts, key=lambda part: part.arrived_at):
        at = (part.call.upload, part.call.number)
        earlier = done.get(at)
        assert earlier is None or part.arrived_at < earlier.answered_at, (
            f"part {part.call.number} was sent again after its acknowledgement"
        )
        if part.is_acknowledged:
            done[at] = part


def assert_asked_before_shown(candidate: Candidate, faults: FaultyStack, question: str, track: str) -> None:
    """I3: "completed" is not shown before the store was asked."""
    key = candidate.read_json(f"{question}/take-1/answer.json")["tracks"][track]["key"]
    shown: list[dict[str, Any]] = candidate.page.evaluate("slipstreamStates")
    shown_at = next(
        one["at"] for one in shown if (one["question"], one["track"], one["state"]) == (question, track, "completed")
    )
    told = [
        one
        for one in faults.signer.passed(Kind.COMPLETE)
        if one.status == 200 and one.answered_at <= shown_at + _CLOCK_S
    ]
    assert told, "completed was shown before the signer said so (I3)"
    looks = [
        one
        for one in faults.back.passed(Kind.STORE_HEAD)
        if one.call.path == f"/{BUCKET}/{key}" and one.status == 200 and one.answered_at <= told[-1].answered_at
    ]
    assert looks, "completed was shown before anybody looked at the object (I3)"
    metadata = candidate.stack.s3.head_object(Bucket=BUCKET, Key=key)["Metadata"]
    assert METADATA_NAME in map(str.lower, metadata), "the object does not carry our token (I3)"


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
