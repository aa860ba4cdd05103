"""Rows 1 to 4 and 8: connections that break, fall silent, lose a reply, or are not there at all."""

import time

import pytest
from playwright.sync_api import expect

from tests.support.faults.calls import Kind
from tests.support.faults.invariants import Arrived, assert_nothing_is_lost
from tests.support.faults.rules import Change, CutReply, LoseReply, Reset, Rule, Stall
from tests.support.faults.speaking import arrive, finish, has_parts, speak, speak_on, tries
from tests.support.pace import slowness

RESUMES_WITHIN_S = 2  # on the usual machine
BOTH_BROWSERS = pytest.mark.parametrize("browser_name", ["chromium", "firefox"], indirect=True)


def test_row_1_reset_at_10_50_and_99_percent_sends_that_part_again_and_no_other(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    resets = [Rule(Reset(after), Kind.PART, number=number) for number, after in ((1, 0.1), (2, 0.5), (3, 0.99))]
    faults.store.add(*resets)

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)

    assert [len(tries(faults, number)) for number in (1, 2, 3)] == [2, 2, 2]
    sent = [part.call.number for part in faults.store.passed(Kind.PART)]
    assert len(sent) == max(sent) + len(resets), "another part was sent again"


def test_row_2_stalled_part_is_given_up_and_sent_again(sit_down_with_faults, faults):
    faults.store.up(narrow=True)
    policy = {"part_bytes": 160 * 1024, "stall_timeout_s": 1, "reply_timeout_s": 60}
    candidate = sit_down_with_faults(policy=policy, before="")  # noise would be more than the narrow way takes
    faults.store.add(stall := Rule(Stall(0.0), Kind.PART, times=None))

    speak(candidate, lambda: stall.fired > 1, "a part stalls twice")
    expect(candidate.notice("slow")).to_be_visible()
    stall.times = stall.fired
    speak_on(candidate, lambda: has_parts(candidate, 1), "it has arrived")
    expect(candidate.notice("slow")).to_be_hidden()
    finish(candidate, faults)


def test_row_2_part_that_nobody_answers_is_sent_again(sit_down_with_faults, faults):
    candidate = sit_down_with_faults(policy={"reply_timeout_s": 1, "stall_timeout_s": 60})
    faults.store.add(stall := Rule(Stall(1.0), Kind.PART, number=2))

    speak(candidate, lambda: stall.has_fired and has_parts(candidate), "part 2 is stored")
    finish(candidate, faults)

    assert len(tries(faults, 2)) == 2


@pytest.mark.parametrize("kind", [Kind.CREATE, Kind.SIGN, Kind.PART, Kind.COMPLETE])
def test_row_3_lost_reply_makes_one_object_and_one_success(sit_down_with_faults, faults, kind):
    candidate = sit_down_with_faults()
    # A browser sends again by itself where it had used the connection before: three in a row reach the page.
    (faults.store if kind is Kind.PART else faults.signer).add(Rule(LoseReply(), kind, times=3), Rule(CutReply(), kind))

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)


def test_row_3_lost_reply_to_complete_heals_where_the_store_names_the_key_and_not_the_upload(
    sit_down_with_faults, faults
):
    candidate = sit_down_with_faults()
    as_ceph = b"<Error><Code>NoSuchKey</Code></Error>"  # of an upload that is complete
    faults.signer.add(Rule(LoseReply(), Kind.COMPLETE))
    faults.back.add(Rule(Change(404, {"Content-Type": "application/xml"}, as_ceph), Kind.STORE_LIST, nth=2, times=None))

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)


def test_row_3_lost_reply_to_the_submission_is_one_submission(sit_down_with_faults, faults):
    candidate = sit_down_with_faults("written")
    candidate.write("words", "Hello.")
    candidate.until(lambda: "words/take-1/answer.json" in candidate.objects(), "the text is stored")
    faults.signer.add(Rule(LoseReply(), Kind.SUBMISSION, times=2))
    candidate.page.locator("[data-action=submit]:not([aria-disabled])").click()
    again = candidate.notice("submit-failed").get_by_role("button")
    receipt = candidate.page.locator("[data-receipt]")
    expect(again.or_(receipt)).to_be_visible()
    submitted = candidate.read("submission.json")
    if again.is_visible():  # it may ask again by itself
        again.click()

    expect(receipt).to_be_visible()
    assert candidate.read("submission.json") == submitted


@BOTH_BROWSERS
def test_row_4_what_a_browser_sends_again_by_itself_does_no_harm(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    for number in (2, 3):  # the first part's connection is still open then
        faults.store.add(Rule(LoseReply(), Kind.PART, number=number))
    faults.signer.add(Rule(LoseReply(), Kind.COMPLETE), Rule(LoseReply(), Kind.SIGN, nth=2))

    speak(candidate, lambda: has_parts(candidate, 6), "six parts are stored")
    finish(candidate, faults)

    arrived = len(faults.store.passed(Kind.PART))
    asked = len(candidate.watch.parts("first"))
    assert arrived > asked, "the browser sent nothing again by itself"


def test_row_8_offline_while_recording(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    speak(candidate, lambda: has_parts(candidate, 1), "a part is stored")

    faults.store.down()
    faults.signer.down()
    expect(candidate.notice("offline")).to_be_visible()
    emitted = len(candidate.recording("first").sizes)
    speak_on(candidate, lambda: len(candidate.recording("first").sizes) > emitted + 8, "recording goes on offline")
    faults.signer.up()
    faults.store.up()
    came_back = time.time()

    speak_on(candidate, lambda: has_parts(candidate, 6), "sending goes on")
    expect(candidate.notice("offline")).to_be_hidden()
    finish(candidate, faults)
    resumed = next(part.arrived_at for part in faults.store.passed(Kind.PART) if part.arrived_at >= came_back)
    assert resumed - came_back <= RESUMES_WITHIN_S * slowness()


def test_row_8_offline_for_longer_than_an_answer_while_recording(sit_down_with_faults, faults):
    # Had offline time spent tries, the next one would come far too late.
    candidate = sit_down_with_faults(policy={"retry_base_s": 0.5, "retry_cap_s": 600})
    candidate.begin()
    faults.store.down()
    faults.signer.down()
    candidate.record("first")
    expect(candidate.notice("offline")).to_be_visible()
    speak_on(candidate, lambda: candidate.backlog > 60_000, "a backlog grows")
    candidate.stop("first")
    candidate.wait_for_state("first", "offline")
    candidate.record("second")
    candidate.until(lambda: len(candidate.recording("second").sizes) >= 8, "the second recording runs")
    assert_nothing_is_lost(candidate, "second")
    faults.store.up()
    faults.signer.up()
    came_back = time.time()

    candidate.wait_for_state("first", "completed")
    assert candidate.recording("second").chunks is None, "the recorder has stopped"
    candidate.stop("second")
    arrive(candidate, faults, Arrived("first"), Arrived("second"))
    resumed = min(call.arrived_at for call in faults.signer.passed() if call.arrived_at >= came_back)
    assert resumed - came_back <= RESUMES_WITHIN_S * slowness()
