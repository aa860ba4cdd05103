"""What happens while the candidate still speaks: parts reach the store, and the page tells the truth about them."""

from collections import Counter

import pytest

from tests.support.files import script
from tests.support.pace import slowness
from tests.support.settings import CHROMIUM, PART_BYTES, synthetic

GIVEN_UP_WITHIN_S = 8  # 3 s, by a clock that a busy machine holds up
SLOW_BYTES_PER_S = 30_000  # below what the recorder gives, and above what the signer's calls need


def throttle(candidate, bytes_per_second, devtools=None):
    """Let no more than that leave the page a second; -1: as fast as it goes. Return what can change it again."""
    devtools = devtools or candidate.page.context.new_cdp_session(candidate.page)
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", conditions)
    return devtools


def test_parts_are_in_the_store_before_stop_is_pressed(sit_down):
    candidate = sit_down()
    candidate.begin()
    candidate.record("first")

    stored = candidate.until(lambda: candidate.stored_parts("first")[2:], "three parts are stored")

    assert candidate.state("first") == "recording"
    assert candidate.recording("first").chunks is None, "the recorder has stopped"
    assert {size for _, size in stored} == {PART_BYTES}
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()
    record = candidate.stored_record("first")
    candidate.assert_object_is(candidate.recording("first"), record)


def test_shown_share_climbs_while_recording_and_never_runs_backwards(sit_down):
    candidate = sit_down()
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: len({shown.value for shown in candidate.watch.shown["first/audio"]}) >= 5, "five figures")
    assert candidate.recording("first").chunks is None, "the recorder has stopped"
    candidate.stop("first")
    candidate.record("second")
    candidate.until(lambda: len(candidate.watch.shown["second/audio"]) >= 5, "five figures")
    candidate.stop("second")
    candidate.wait_until_safe()

    for row in ("first/audio", "second/audio", "total"):
        assert_is_honest(candidate.watch.shown[row], row)
    for question in ("first", "second"):
        last = candidate.watch.shown[f"{question}/audio"][-1]
        assert last.value == last.max == candidate.recording(question).size


@CHROMIUM
def test_bytes_on_their_way_do_not_count_as_stored(sit_down):
    candidate = sit_down(policy={"part_bytes": 2 * PART_BYTES})
    candidate.begin()
    throttle(candidate, SLOW_BYTES_PER_S)
    candidate.record("first")
    candidate.until(lambda: any(shown.value for shown in candidate.watch.shown["first/audio"]), "a part")
    throttle(candidate, -1)
    candidate.stop("first")
    candidate.wait_until_safe()

    assert_is_honest(candidate.watch.shown["first/audio"], "first/audio")


def assert_is_honest(figures, row):
    values = [shown.value for shown in figures]
    assert values == sorted(values), f"{row} ran backwards"
    for shown in figures:
        assert shown.value <= shown.acknowledged, f"{row} counts what the store has not acknowledged"
        assert shown.value <= shown.max


@CHROMIUM
def test_second_recording_starts_while_the_first_still_uploads(sit_down):
    noise = synthetic(type="audio/webm;codecs=opus", size=20_000, every_ms=100)  # faster than anybody speaks
    candidate = sit_down(before=noise)
    candidate.begin()
    throttle(candidate, SLOW_BYTES_PER_S)
    candidate.record("first")
    candidate.until(lambda: candidate.backlog > 10 * PART_BYTES, "more is recorded than the uplink takes")
    candidate.stop("first")

    candidate.record("second")
    candidate.wait_for_state("second", "recording")
    assert any("/first/" in key for key in candidate.open_uploads()), "the first had gone up already"
    assert candidate.page.locator("body").get_attribute("data-safe") == "false"

    throttle(candidate, -1)
    candidate.stop("second")
    candidate.write("words", "Done.")
    candidate.submit()
    for answer in candidate.read_json("submission.json")["answers"]:
        for record in answer["tracks"].values():
            candidate.assert_object_is(candidate.recording(answer["question"]), record)
    assert candidate.open_uploads() == {}


WRONG_ETAG = """
let first; // the first part: the reply to it names other bytes than were sent
const spoil = (name) => {
  const real = XMLHttpRequest.prototype[name];
  XMLHttpRequest.prototype[name] = function (...asked) {
    if (this.slipstreamUrl.searchParams.has("partNumber")) first ??= this;
    const said = real.apply(this, asked);
    return this === first ? said?.replace(/[0-9a-f]{32}/, "0".repeat(32)) : said;
  };
};
spoil("getResponseHeader");
spoil("getAllResponseHeaders");
"""


def test_part_with_a_wrong_etag_is_not_believed_to_be_stored(sit_down):
    candidate = sit_down(script=WRONG_ETAG)
    candidate.begin()
    candidate.record("first")
    # The first part to leave, which of two that leave together need not be part 1.
    candidate.until(
        lambda: 2 in Counter(put.number for put in candidate.watch.parts("first")).values(), "it goes once more"
    )
    candidate.stop("first")
    candidate.wait_until_safe()
    record = candidate.stored_record("first")
    candidate.assert_object_is(candidate.recording("first"), record)
    assert candidate.open_uploads() == {}


@pytest.mark.parametrize("browser_name", ["firefox"], indirect=True)
def test_no_chunk_comes_behind_stop(sit_down):
    noise = synthetic(type="audio/webm;codecs=opus", size=20_000, every_ms=100, is_late=True)
    candidate = sit_down(before=noise)
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: len(candidate.recording("first").sizes) >= 4, "four chunks")
    candidate.stop("first")
    candidate.wait_until_safe()
    record = candidate.stored_record("first")
    recorded = candidate.recording("first")
    assert len(recorded.sizes) == recorded.chunks, "one came behind stop, and so out of order"
    candidate.assert_object_is(recorded, record)


BARREN = script("barren")


def test_format_that_gives_nothing_is_followed_by_the_next_and_never_asked_for_again(sit_down):
    candidate = sit_down(before=f"globalThis.barren = 1; {BARREN}")
    candidate.begin()
    candidate.record("first")
    began_at = candidate.recording("first").began_at
    candidate.notice("begun-anew").wait_for()
    candidate.until(lambda: len(candidate.recordings("first")) == 2, "another recorder")
    assert candidate.recording("first").began_at - began_at < GIVEN_UP_WITHIN_S * slowness()
    candidate.until(lambda: len(candidate.recording("first").sizes) > 4, "it records")
    candidate.stop("first")
    assert candidate.page.locator("[data-notice]:visible").count() == 0, "all is well"
    candidate.wait_until_safe()
    record = candidate.stored_record("first")
    candidate.assert_object_is(candidate.recording("first"), record)

    candidate.record("second")
    candidate.until(lambda: candidate.recording("second").sizes, "a chunk")
    candidate.stop("second")
    assert len(candidate.page.evaluate("askedFormats")) == 2
    assert len(candidate.recordings("second")) == 1


def test_pause_stops_sending_within_one_part_and_resume_goes_on(sit_down):
    candidate = sit_down()
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: candidate.stored_parts("first"), "a part is stored")

    candidate.pause()
    started = len(candidate.watch.parts("first"))
    backlog = candidate.backlog
    candidate.until(lambda: candidate.backlog > backlog + 4 * PART_BYTES, "four more parts are recorded")

    # One may have been handed over between the press and the page's word for it.
    assert len(candidate.watch.parts("first")) <= started + 1, "parts left the page while it was paused"
    assert candidate.state("first") == "recording", "recording does not pause"
    candidate.resume()
    candidate.until(lambda: len(candidate.watch.parts("first")) > started + 4, "parts leave again")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()
    record = candidate.stored_record("first")
    candidate.assert_object_is(candidate.recording("first"), record)


def test_text_is_stored_while_it_is_typed_before_any_recording(sit_down):
    candidate = sit_down()
    candidate.begin()
    candidate.write("words", "First thought.")
    candidate.until(lambda: "words/take-1/answer.json" in candidate.objects(), "the text is stored")
    assert candidate.read_json("words/take-1/answer.json")["text"] == "First thought."

    candidate.write("words", " Second thought.")
    both = "First thought. Second thought."
    candidate.until(lambda: candidate.read_json("words/take-1/answer.json")["text"] == both, "the rest is stored")

    assert candidate.watch.recordings == []
    assert set(candidate.objects()) == {"words/take-1/answer.json"}
