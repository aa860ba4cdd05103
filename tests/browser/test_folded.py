"""A store with S3's minimum of 5 MiB a part: what the page sends in small parts is one object, byte for byte."""

import pytest

from server.signer.part_sizes import WINDOW
from tests.support.files import INTERVIEWS
from tests.support.folded_stack import running_folded_stack
from tests.support.settings import CHROMIUM, synthetic

pytestmark = pytest.mark.xdist_group("folded")  # one store for all
SMALL = 256 * 1024
MIB = 1024 * 1024
# 800 kB a second, in chunks of which no number makes a part.
NOISE = synthetic(type="audio/webm;codecs=opus", size=100_003, every_ms=125)
FLOOD = synthetic(type="audio/webm;codecs=opus", size=3_000_001, every_ms=250)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running_folded_stack(
        tmp_path_factory.mktemp("folded"),
        policy={"timeslice_ms": 250, "audio_bits_per_second": 510_000},
        interviews=INTERVIEWS,
    ) as running:
        yield running


def tails(candidate):
    return candidate.stack.objects(f"_tail/{candidate.prefix}")


def finish(candidate, recorded_bytes):
    candidate.until(lambda: sum(candidate.recording("first").sizes) > recorded_bytes, "there is enough")
    candidate.stop("first")
    assert_stored(candidate)


def assert_stored(candidate):
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()
    record = candidate.stored_record("first")
    candidate.assert_object_is(candidate.recording("first"), record)
    assert candidate.open_uploads() == {}
    candidate.until(lambda: not tails(candidate), "the signer has cleared the tails")
    assert candidate.journal_rows()["chunks"] == 0


def test_answer_is_folded_while_the_candidate_speaks(sit_down):
    candidate = sit_down(before=NOISE)
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: tails(candidate), "a small part is folded")
    assert candidate.state("first") == "recording"

    finish(candidate, WINDOW + 3 * SMALL)

    sent = [put for put in candidate.watch.parts("first") if put.status == 200]
    assert max(put.size for put in sent) < WINDOW, "the page has waited for a whole window"
    assert len(sent) > WINDOW // MIB, "most parts are not small"  # a backlog makes some of them larger
    assert sum(put.size for put in sent) == sum(candidate.recording("first").sizes), "a byte went twice"


def test_answer_shorter_than_a_part_is_one_small_part(sit_down):
    candidate = sit_down(before=synthetic(type="audio/webm;codecs=opus", size=1_000, every_ms=250))
    candidate.begin()
    candidate.record("first")
    finish(candidate, 3_000)

    assert len(candidate.watch.parts("first")) == 1


@CHROMIUM
def test_backlog_goes_in_whole_windows(sit_down):
    candidate = sit_down(before=FLOOD)
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: candidate.watch.parts("first"), "a part is on its way")
    candidate.pause()
    candidate.until(lambda: candidate.backlog > 3 * WINDOW, "three windows wait")
    candidate.stop("first")
    candidate.resume()
    assert_stored(candidate)

    assert WINDOW in {put.size for put in candidate.watch.parts("first")}


@CHROMIUM
def test_reload_goes_on_from_what_is_folded(sit_down):
    candidate = sit_down(before=NOISE)
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: len(candidate.watch.parts("first")) > WINDOW // SMALL + 4, "more than a window is sent")
    sent_before = {(put.key, put.number) for put in candidate.watch.parts("first") if put.status == 200}

    candidate.assert_reload_keeps("first")

    acknowledged = [(put.key, put.number) for put in candidate.watch.parts("first") if put.status == 200]
    assert len(acknowledged) == len(set(acknowledged)), "an acknowledged part was sent twice"
    assert sent_before < set(acknowledged)
    candidate.until(lambda: not tails(candidate), "the signer has cleared the tails")
