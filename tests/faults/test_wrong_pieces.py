"""Row 21: what recorders give is not always what one would wish for."""

from playwright.sync_api import expect

from app.contract import MIB
from tests.support.faults.calls import Kind
from tests.support.faults.invariants import Arrived, assert_invariants
from tests.support.settings import synthetic

PART_BYTES = 5 * MIB
HUGE = 50 * MIB
# No byte at first, as Safari; then 50 MB at once, as after a sleep; and in the end not a byte more than whole parts.
SIZES = [0, 0, HUGE, 0, 1_000]
LAST = PART_BYTES - 1_000
PARTS = 11


def test_row_21_wrong_pieces_become_exact_parts_and_a_recording_of_nothing_becomes_nothing(
    sit_down_with_faults, faults
):
    pieces = synthetic(
        type="audio/webm;codecs=opus", size=[*SIZES, LAST], chunks=len(SIZES), every_ms=50, is_untyped=True
    )
    candidate = sit_down_with_faults(
        before=pieces, policy={"part_bytes": PART_BYTES, "reply_timeout_s": 60}, is_guarded=True
    )
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: len(candidate.recording("first").sizes) == len(SIZES), "every piece is given")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()

    candidate.page.evaluate("() => Object.assign(synthetic, { size: 0, chunks: 2 })")
    candidate.record("second")
    candidate.until(lambda: len(candidate.recording("second").sizes) == 2, "two empty pieces are given")
    candidate.press("second", "stop")
    expect(candidate.notice("nothing-recorded")).to_contain_text("Nothing was recorded")
    phase = candidate.question("second").locator("[data-phase]")
    expect(phase).to_have_attribute("data-phase", "ready")
    expect(candidate.question("second").locator("[data-action=record]")).to_be_visible()

    assert_invariants(candidate, faults, Arrived("first"))
    sent = faults.store.passed(Kind.PART)
    assert [(part.call.number, part.size) for part in sorted(sent, key=lambda part: part.call.number)] == [
        (number, PART_BYTES) for number in range(1, PARTS + 1)
    ]
    assert len(faults.signer.passed(Kind.CREATE)) == 1, "an upload was begun for nothing"
