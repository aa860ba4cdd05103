"""What every test of a fault does: record through it, end well, and look at all invariants."""

from collections.abc import Callable

from tests.support.faults.calls import Kind, Passed
from tests.support.faults.faulty_stack import FaultyStack
from tests.support.faults.invariants import Arrived, assert_invariants, assert_nothing_is_lost
from tests.support.page_driver import Candidate

PARTS = 4  # in the store, before the tests stop a recording


def speak(candidate: Candidate, until: Callable[[], object], what: str) -> None:
    """Begin to record and go on until something has happened; the recording must live through it."""
    candidate.begin()
    candidate.record("first")
    speak_on(candidate, until, what)


def speak_on(candidate: Candidate, until: Callable[[], object], what: str) -> None:
    candidate.until(until, what)
    assert candidate.recording("first").chunks is None, "the recorder has stopped"
    assert_nothing_is_lost(candidate, "first")


def has_parts(candidate: Candidate, count: int = PARTS) -> bool:
    return len(candidate.stored_parts("first")) >= count


def finish(candidate: Candidate, faults: FaultyStack) -> None:
    """Stop, and see that everything arrives without another hand."""
    candidate.stop("first")
    arrive(candidate, faults)


def arrive(candidate: Candidate, faults: FaultyStack, *arrived: Arrived) -> None:
    """Wait until all is stored; without `arrived` that is one take at the first question."""
    arrived = arrived or (Arrived("first"),)
    for one in arrived:
        candidate.wait_for_state(one.question, "completed", one.track)
    candidate.wait_until_safe()
    assert_invariants(candidate, faults, *arrived)


def assert_same_upload(faults: FaultyStack) -> None:
    """No page has begun a second upload, and all parts were sent for one."""
    assert len(faults.signer.passed(Kind.CREATE)) == 1, "another upload was begun"
    assert len({part.call.upload for part in faults.store.passed(Kind.PART)}) == 1, "parts went to two uploads"


def tries(faults: FaultyStack, number: int) -> list[Passed]:
    """Return every time a part came to the store, in order."""
    return [part for part in faults.store.passed(Kind.PART) if part.call.number == number]
