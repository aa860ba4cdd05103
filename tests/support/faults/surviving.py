"""One kill: record, die at a given moment, come back, let it finish, submit, and compare every byte."""

import hashlib
import secrets
import time
from dataclasses import dataclass

from tests.support import known_media
from tests.support.faults.calls import Kind, Passed
from tests.support.faults.faulty_stack import FaultyStack
from tests.support.faults.invariants import assert_asked_before_shown, assert_nothing_is_left
from tests.support.faults.victim import Kill, Victim
from tests.support.faults.witness import JournalLeft, Witness, read_journal
from tests.support.page_driver import Candidate
from tests.support.settings import QUICK

INTERVIEW = "single"
TIMESLICE_S: float = QUICK["timeslice_ms"] / 1000
RECORD_S = 3.0  # then Stop is pressed, if the page lives
LAST_MOMENT_S = 5.5  # after the start; by then most is stored
BYTES_PER_S = 120_000  # of the uplink: slower than the recording, so that Stop leaves something to send
SLACK_S = 0.4  # between the recorder and the journal's disk

_CLICK_STOP_AT = """
(at) => void setTimeout(
  () => document.querySelector("[data-question=first] [data-action=stop]").click(),
  at * 1000 - performance.timeOrigin - performance.now(),
)
"""


@dataclass(frozen=True)
class Survival:
    """What became of one kill; all of it holds, or there would have been an AssertionError."""

    kill: Kill
    moment_s: float  # after the recording's start
    phase: str
    given: int  # chunks that were seen leaving the recorder
    committed: int  # of these, seen to be in the journal
    arrived: int  # chunks in the object
    lost_s: float  # of the recording
    acknowledged: int  # parts, as the journal says after the kill
    sent_before: int  # parts
    sent_after: int

    @property
    def is_within_bound(self) -> bool:
        return self.lost_s <= TIMESLICE_S + SLACK_S


def survive(victim: Victim, faults: FaultyStack, kill: Kill, moment_s: float, sizes: list[int]) -> Survival:
    """Kill at `moment_s` after the recording's start. `sizes` are the chunks', in turns.

    Raises AssertionError if anything is lost that the journal had, or an invariant does not hold.
    """
    faults.mend()
    session, witness, again = f"k-{secrets.token_hex(6)}", Witness(), Witness()
    killed_at = _die(victim, faults, _sit(victim, faults, session, witness, sizes), witness, kill, moment_s)
    phase, sent_before = _phase(faults, witness), faults.store.passed(Kind.PART)
    created_before = len(faults.back.passed(Kind.STORE_CREATE))
    faults.store.limit(None)
    left = _look_at_journal(victim, faults, session)

    candidate = _sit(victim, faults, session, again, sizes)
    _finish(candidate, again)
    if _was_completed_here(candidate):
        assert_asked_before_shown(candidate, faults, "first", "audio")
    candidate.submit()

    arrived = _compare(candidate, sizes)
    sent_after = faults.store.passed(Kind.PART)[len(sent_before) :]
    _assert_went_on(faults, left, sent_after, created_before)
    if again.started_at is not None:
        assert (left.chunks, witness.committed) == (0, 0), "the journal has lost a recording"
        arrived = 0
    assert arrived >= max(left.chunks, witness.committed), "a chunk that the journal had did not arrive"
    assert_nothing_is_left(candidate, faults, recordings=1, sent_before_kill=len(sent_before))
    candidate.page.close()
    return Survival(
        kill=kill,
        moment_s=killed_at - (witness.started_at or killed_at),
        phase=phase,
        given=len(witness.given_at),
        committed=witness.committed,
        arrived=arrived,
        lost_s=_lost_s(witness, killed_at, arrived),
        acknowledged=len(left.acknowledged),
        sent_before=len(sent_before),
        sent_after=len(sent_after),
    )


def _assert_went_on(faults: FaultyStack, left: JournalLeft, sent_after: list[Passed], created_before: int) -> None:
    """The page that came back used the upload of the first one, and sent nothing that the journal knew as stored."""
    if left.has_upload:
        assert len(faults.back.passed(Kind.STORE_CREATE)) == created_before, "another upload was begun"
        assert len({part.call.upload for part in faults.store.passed(Kind.PART)}) <= 1, "another upload was used"
    sent_twice = left.acknowledged & {part.call.number for part in sent_after}
    assert not sent_twice, (
        f"parts {sorted(sent_twice)} were sent again, and the journal knew that they were acknowledged"
    )


def _sit(victim: Victim, faults: FaultyStack, session: str, witness: Witness, sizes: list[int]) -> Candidate:
    page = victim.context.new_page()
    witness.watch(page, size=sizes, every_ms=QUICK["timeslice_ms"])
    candidate = Candidate(page, victim.watches[-1], faults.stack, INTERVIEW, session)
    page.goto(faults.stack.ticket_link(session=session, interview=INTERVIEW))
    candidate.begin()
    return candidate


def _die(
    victim: Victim, faults: FaultyStack, candidate: Candidate, witness: Witness, kill: Kill, moment_s: float
) -> float:
    """Record until the moment has come; return when the kill was, in Unix seconds."""
    faults.store.limit(BYTES_PER_S)
    candidate.record("first")
    started_at: float = candidate.until(lambda: witness.started_at, "the recording has begun")
    candidate.page.evaluate(_CLICK_STOP_AT, started_at + RECORD_S)
    candidate.until(lambda: time.time() >= started_at + moment_s, "the moment has come")
    killed_at = time.time()
    victim.kill(kill)
    if kill is Kill.RENDERER:
        candidate.page.close()
    return killed_at


def _phase(faults: FaultyStack, witness: Witness) -> str:
    if witness.stopped_at is None:
        return "recording"
    return "stored" if any(one.status == 200 for one in faults.signer.passed(Kind.COMPLETE)) else "uploading"


def _look_at_journal(victim: Victim, faults: FaultyStack, session: str) -> JournalLeft:
    page, empty = victim.context.new_page(), f"{faults.stack.base_url}/empty"  # our origin, and none of our code
    page.route(empty, lambda route: route.fulfill(content_type="text/html", body='<link rel="icon" href="data:,">'))
    page.goto(empty)
    left = read_journal(page, f"{INTERVIEW}/{session}")
    page.close()
    return left


def _finish(candidate: Candidate, witness: Witness) -> None:
    """Do what a candidate does who comes back: wait, or speak again if nothing was kept."""
    if candidate.question("first").get_attribute("data-answered") != "true":
        candidate.record("first")
        candidate.until(lambda: witness.committed >= 3, "three chunks are in the journal")
        candidate.stop("first")
    candidate.wait_until_safe()


def _was_completed_here(candidate: Candidate) -> bool:
    """False when the object was complete before the kill: then the page has nothing to follow."""
    return bool(candidate.page.evaluate("slipstreamStates.some(({ state }) => state === 'completed')"))


def _compare(candidate: Candidate, sizes: list[int]) -> int:
    """Compare the object with what the recorder gave; return how many chunks it has, which are whole and in order."""
    [answer] = candidate.read_json("submission.json")["answers"]
    record = answer["tracks"]["audio"]
    stored = candidate.stack.read(record["key"])
    assert (record["size"], record["sha256"]) == (len(stored), hashlib.sha256(stored).hexdigest())
    offset = 0
    for place, chunk in enumerate(known_media.chunks(sizes)):
        if offset >= len(stored):
            assert offset == len(stored), "a chunk is stored in part"
            return place
        assert stored[offset : offset + len(chunk)] == chunk, f"chunk {place} differs"
        offset += len(chunk)
    raise AssertionError("there is always another chunk")


def _lost_s(witness: Witness, killed_at: float, arrived: int) -> float:
    """Return how much of the recording is not in the object. What Stop has ended, no later kill can take."""
    assert witness.started_at is not None
    kept = min(arrived, len(witness.given_at))
    covered_until = witness.given_at[kept - 1] if kept else witness.started_at
    return max(0.0, min(killed_at, witness.stopped_at or killed_at) - covered_until)
