"""Streams that do not get through are given up for ordinary parts, and an outage is no reason for it."""

import pytest

from app.core.errors import (
    CaptivePortal,
    NetworkFailed,
    StoreBusy,
    StoreSilent,
    UploadError,
    UrlExpired,
    UrlRejected,
)
from app.core.upload.commands import ProbeEndpoints, SendPart, StreamPart
from app.core.upload.events import EndpointsProbed
from app.core.upload.refusals import Reached
from app.core.upload.streams import STREAM_S
from tests.support.fake_store import audio
from tests.support.streams import MOST, Q1, Streams, streaming


def fail_streams(board: Streams, error: UploadError, reached: Reached, tries: int = 20) -> int:
    """Fail each stream, and answer probes; return how many streams were tried until others were sent or none."""
    count = 0
    for _ in range(4 * tries):
        commands = board.commands()
        for command in commands:
            match command:
                case StreamPart():
                    count += 1
                    board.fail(command, error)
                case ProbeEndpoints():
                    board.tell(EndpointsProbed(reached))
                case SendPart():
                    return count
        if not commands:
            board.now = board.scheduler.next_wake(board.now) or board.now + 1
    return count


@pytest.mark.parametrize("error", [CaptivePortal("200 and a page"), UrlExpired("403"), StoreBusy("502")])
def test_two_refused_streams_in_a_row_are_enough(error: UploadError):
    board, command = streaming()
    board.fail(command, error)

    assert fail_streams(board, error, Reached(True, True)) == 1
    assert board.progress.refusals == ()
    assert not board.progress.has_failed


def test_reply_that_will_stay_the_same_is_enough_once():
    board, command = streaming()
    board.fail(command, UrlRejected("411"))

    assert fail_streams(board, UrlRejected("411"), Reached(True, True)) == 0
    assert not board.progress.has_failed


def test_part_that_was_cut_when_streams_were_given_up_is_sent_as_it_was_cut():
    board, command = streaming()
    board.stop(Q1)
    part = board.cut(command)
    board.fail(command, UrlRejected("411"))
    board.now = board.scheduler.next_wake(board.now) or board.now

    assert board.commands() == [SendPart(Q1, part)]
    assert not board.progress.has_failed


def test_silence_counts_only_when_signer_and_store_answer():
    board, command = streaming()
    board.fail(command, StoreSilent("no HTTP/2"))

    assert fail_streams(board, StoreSilent("no HTTP/2"), Reached(True, True)) == 2
    assert not board.progress.has_failed


def test_outage_does_not_end_streaming():
    board, command = streaming()
    board.fail(command, StoreSilent("offline"))

    assert fail_streams(board, StoreSilent("offline"), Reached(False, False)) > 10
    assert not board.scheduler.stream_health.is_given_up


def test_streams_that_have_passed_are_not_given_up_so_soon():
    board, first = streaming()
    board.take(first)
    board.now += STREAM_S
    board.cut(first)
    board.acknowledge(Q1, 1)
    board.record(Q1, MOST)

    assert fail_streams(board, StoreBusy("503"), Reached(True, True)) == 4


def test_errors_of_the_signer_say_nothing_about_streams():
    board, command = streaming()
    board.fail(command, NetworkFailed("the signer is away"))

    assert fail_streams(board, NetworkFailed("the signer is away"), Reached(False, True)) > 10


def test_after_streams_are_given_up_later_answers_are_not_streamed_either():
    board, command = streaming()
    board.fail(command, UrlRejected("411"))
    board.record(audio("q2"), 30)
    board.open(audio("q2"))

    assert board.streams() == []


def test_stream_that_is_open_when_others_are_given_up_goes_on():
    board = Streams(parallel_parts=8)
    for ref in (Q1, audio("q1")):
        board.record(ref, MOST)
        board.open(ref)
    first, other = board.streams()
    board.fail(first, UrlRejected("411"))
    assert all(one.upload == Q1 for one in board.commands() if isinstance(one, SendPart))
    board.cut(other)
    board.acknowledge(audio("q1"), 1)

    assert board.progress.acknowledged == MOST
