"""An answer in a resumable session, as Google's documents describe it: one object, byte for byte, whatever breaks.

The store is a stand-in (tests/support/scripted_gcs.py): nothing here was run against Google itself.
"""

import pytest

from tests.support.files import INTERVIEWS
from tests.support.resumable_stack import running_resumable_stack
from tests.support.scripted_gcs import STEP, Accident
from tests.support.settings import CHROMIUM, synthetic

pytestmark = pytest.mark.xdist_group("resumable")  # one store for all
MIB = 1024 * 1024
POLICY = {"timeslice_ms": 250, "retry_base_s": 0.2, "audio_bits_per_second": 510_000}  # granted: 153 MB
NOISE = synthetic(type="audio/webm;codecs=opus", size=100_003, every_ms=125)  # 800 kB a second
FLOOD = synthetic(type="audio/webm;codecs=opus", size=3_000_001, every_ms=250)
BROKEN = "Failed to load resource|net::ERR|Cross-Origin Request Blocked|The Same Origin Policy disallows reading"


@pytest.fixture(scope="module")
def resumable(tmp_path_factory):
    with running_resumable_stack(tmp_path_factory.mktemp("resumable"), policy=POLICY, interviews=INTERVIEWS) as running:
        yield running


@pytest.fixture
def sit(sit_down, resumable):
    """Return what opens the page before the store; `accidents` meet the first pieces of the session."""

    def begin(*accidents, before=NOISE, at=None, session=None, policy=None):
        store = (at or resumable).store
        store.accidents.clear()
        candidate = sit_down(before=before, at=(at or resumable).stack, session=session, policy=policy)
        candidate.store = store
        candidate.begin()
        store.accidents.extend(accidents)
        return candidate

    return begin


def sessions(candidate, question="first"):
    return [one for one in candidate.store.sessions.values() if one.key.startswith(f"{candidate.prefix}{question}/")]


def session(candidate, question="first"):
    [found] = candidate.until(lambda: sessions(candidate, question), "the session is open")
    return found


def pieces(candidate, question="first"):
    """Return the pieces of a session that have left the page, in order of leaving."""
    return [put for put in candidate.watch.puts if f"/{question}/" in put.key and put.key.endswith(".webm")]


def record(candidate, size, question="first"):
    candidate.record(question)
    recorded_on(candidate, size, question)


def record_with_faults(sit, *accidents, **setting):
    """Record the beginning of an answer, of which something will break; what the browser says of it is expected."""
    candidate = sit(*accidents, **setting)
    candidate.watch.expect(BROKEN)
    record(candidate, MIB)
    return candidate


def recorded_on(candidate, size, question="first"):
    until = sum(candidate.recording(question).sizes) + size
    candidate.until(lambda: sum(candidate.recording(question).sizes) > until, "more is recorded")


def finish(candidate, question="first"):
    candidate.stop(question)
    assert_stored(candidate, question)


def assert_stored(candidate, question="first", take=1):
    candidate.wait_for_state(question, "completed")
    candidate.wait_until_safe()
    record = candidate.stored_record(question, take=take)
    candidate.assert_object_is(candidate.recording(question), record)
    assert candidate.journal_rows()["chunks"] == 0
    assert [one for one in candidate.store.open_sessions if one.startswith(candidate.prefix)] == []


def test_answer_is_sent_in_order_while_the_candidate_speaks(sit):
    candidate = sit()
    record(candidate, 2 * MIB)
    candidate.until(lambda: len(session(candidate).content) >= MIB, "much is stored")
    assert candidate.state("first") == "recording"
    finish(candidate)

    taken = session(candidate).pieces
    assert [offset for offset, _ in taken] == [sum(size for _, size in taken[:place]) for place in range(len(taken))]
    assert {size % STEP for _, size in taken[:-1]} == {0}
    assert sum(put.size for put in pieces(candidate)) == candidate.recording("first").size, "a byte went twice"
    assert candidate.store.objects[session(candidate).key].token


def test_whole_sitting_ends_with_a_receipt_that_names_every_object(sit):
    candidate = sit()
    for question in ("first", "second"):
        record(candidate, MIB, question)
        finish(candidate, question)
    candidate.submit()

    named = candidate.read_json("submission.json")["objects"]
    assert {one["key"] for one in named} == {session(candidate, question).key for question in ("first", "second")}
    assert all(one["size"] == len(candidate.store.objects[one["key"]].body) for one in named)


def test_answer_shorter_than_a_step_is_one_piece(sit):
    candidate = sit(before=synthetic(type="audio/webm;codecs=opus", size=1_000, every_ms=250))
    record(candidate, 3_000)
    finish(candidate)

    assert len(pieces(candidate)) == 1


@CHROMIUM
def test_backlog_goes_in_larger_pieces(sit):
    candidate = sit(before=FLOOD)
    candidate.record("first")
    session(candidate)
    candidate.pause()
    candidate.until(lambda: candidate.backlog > 12 * MIB, "a backlog waits")
    candidate.stop("first")
    candidate.resume()
    assert_stored(candidate)

    assert MIB in {put.size for put in pieces(candidate)}


def test_connection_that_breaks_in_mid_piece_costs_no_byte(sit):
    candidate = sit(Accident(share=0.6), Accident(share=0.0))
    candidate.watch.expect(BROKEN)
    record(candidate, 2 * MIB)
    finish(candidate)

    assert not candidate.store.accidents


@CHROMIUM
def test_large_piece_that_breaks_off_is_kept_in_part_and_sent_again(sit):
    candidate = sit(before=FLOOD)
    candidate.watch.expect(BROKEN)
    candidate.record("first")
    candidate.until(lambda: any(put.size == MIB for put in pieces(candidate)), "large pieces are sent")
    candidate.store.accidents.append(Accident(share=0.6))
    candidate.until(lambda: not candidate.store.accidents, "a piece broke off")
    recorded_on(candidate, 3 * MIB)
    finish(candidate)


@CHROMIUM
def test_lost_reply_of_the_last_piece_is_settled(sit):
    candidate = record_with_faults(sit)
    candidate.store.ends_to_lose = 1
    finish(candidate)

    assert candidate.store.ends_to_lose == 0
    assert len(sessions(candidate)) == 1


@CHROMIUM
@pytest.mark.parametrize("status", [503, 429, 500])
def test_busy_store_is_waited_for(sit, status):
    candidate = record_with_faults(sit, Accident(status=status), Accident(status=status))
    finish(candidate)


@CHROMIUM
def test_expired_session_is_begun_again_from_the_journal(sit):
    candidate = record_with_faults(sit)
    first = session(candidate)
    with candidate.store.lock:
        candidate.store.sessions = {id_: one for id_, one in candidate.store.sessions.items() if one is not first}
    recorded_on(candidate, MIB)
    finish(candidate)

    assert session(candidate) is not first


def test_reload_in_mid_answer_goes_on_in_the_same_session(sit):
    candidate = sit()
    record(candidate, MIB)
    before = session(candidate)
    candidate.until(lambda: before.pieces, "something is stored")

    candidate.assert_reload_keeps("first", before.key)

    assert sessions(candidate) == [before]
    assert before.told > 0, "the page has not asked what is stored"
    assert before.repeated == [], "a stored piece was sent again"
    assert candidate.journal_rows()["chunks"] == 0


@CHROMIUM
def test_reload_in_mid_piece_costs_no_byte(sit):
    candidate = sit(before=FLOOD)
    candidate.watch.expect(BROKEN)
    candidate.record("first")
    candidate.until(lambda: any(put.size == MIB for put in pieces(candidate)), "large pieces are sent")
    before = session(candidate)
    candidate.assert_reload_keeps("first", before.key)

    assert sessions(candidate) == [before]


@CHROMIUM
def test_withdrawn_take_leaves_no_session(sit):
    candidate = sit()
    record(candidate, MIB)
    candidate.pause()
    candidate.stop("first")
    withdrawn = session(candidate)
    candidate.discard("first")
    candidate.resume()
    record(candidate, MIB)
    candidate.stop("first")
    assert_stored(candidate, take=2)

    candidate.until(lambda: withdrawn not in candidate.store.sessions.values(), "the first session is cancelled")
    assert [key for key in candidate.objects() if key.endswith(".webm")] == ["first/take-2/audio.webm"]


@CHROMIUM
def test_damaged_bytes_are_found_at_the_end_and_sent_again(sit):
    candidate = record_with_faults(sit)
    damaged = session(candidate)
    with candidate.store.lock:
        damaged.content = b"X" + damaged.content[1:]
    finish(candidate)

    assert len(sessions(candidate)) == 2
    assert candidate.objects().keys() >= {"first/take-1/audio.webm"}


@CHROMIUM
def test_bucket_that_hides_how_much_is_stored_costs_calls_and_no_byte(sit, tmp_path):
    with running_resumable_stack(tmp_path, policy=POLICY, interviews=INTERVIEWS, shows_range=False) as hiding:
        candidate = sit(at=hiding)
        record(candidate, MIB)
        finish(candidate)

        assert sum(put.size for put in pieces(candidate)) == candidate.recording("first").size
