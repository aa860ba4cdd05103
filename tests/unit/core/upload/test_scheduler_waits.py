"""How long the schedule waits, and for whom."""

import pytest

from app.core.errors import NetworkFailed, StoreBusy, UrlExpired, UrlRejected
from app.core.upload.commands import SendPart
from app.core.upload.retry import FRESH_URLS, refused_wait_s
from tests.support.fake_store import video
from tests.support.scheduling import opened

Q1 = video("q1")


def test_failed_part_waits_its_time_and_the_wake_is_named():
    board = opened(10)
    (send,) = board.commands()
    board.fail(send, NetworkFailed("reset"), jitter=0.5)
    assert board.commands() == []
    assert board.scheduler.next_wake(board.now) == 100.25
    board.now = 100.25
    assert board.commands() == [send]
    assert board.scheduler.next_wake(board.now) is None


def test_nearest_of_several_waits_is_named():
    board = opened(20)
    first, second = board.commands()
    board.fail(first, StoreBusy("busy", 20), jitter=0.0)
    board.fail(second, StoreBusy("busy", 5), jitter=0.0)
    assert board.scheduler.next_wake(board.now) == 105


def test_waits_grow_with_failures_and_shrink_after_success():
    board = opened(20, parallel_parts=1)
    waits = []
    for _ in range(4):
        (send,) = board.commands()
        board.fail(send, StoreBusy("busy"), jitter=0.5)
        wake = board.scheduler.next_wake(board.now) or 0.0
        waits.append(wake - board.now)
        board.now = wake
    assert waits == [0.25, 0.5, 1.0, 2.0]
    board.commands()
    board.acknowledge(Q1, 1)
    (send,) = board.commands()
    board.fail(send, NetworkFailed("reset"), jitter=0.5)
    assert board.scheduler.next_wake(board.now) == board.now + 0.25


def test_refused_urls_in_a_row_are_told_to_a_person_and_tried_again_rarely():
    board = opened(10)
    for _ in range(FRESH_URLS + 1):
        board.now += 100
        (send,) = board.commands()
        board.fail(send, UrlExpired("403"))
    wait_s = refused_wait_s(board.scheduler.policy)
    assert board.progress.has_failed
    board.now += wait_s - 0.1
    assert board.commands() == []
    assert board.scheduler.next_wake(board.now) == pytest.approx(board.now + 0.1)
    board.now += 0.2
    assert board.commands() == [send]
    assert board.progress.has_failed, "nobody knows better yet"


def test_fresh_urls_are_bounded_for_all_parts_of_an_upload_together():
    board = opened(1000)
    refused = 0
    for _ in range(100):
        for send in board.commands():
            board.fail(send, UrlExpired("403"))
            refused += 1
        board.now += refused_wait_s(board.scheduler.policy) / 101
    assert FRESH_URLS < refused <= FRESH_URLS + board.scheduler.policy.parallel_parts
    assert board.progress.has_failed
    board.scheduler.retry()
    assert board.commands() != []


def test_acknowledged_part_gives_refused_ones_another_chance():
    board = opened(30)
    first, second = (command for command in board.commands() if isinstance(command, SendPart))
    for _ in range(FRESH_URLS + 1):
        board.fail(first, UrlExpired("403"))
        board.now += 20
        if (again := board.commands()) != []:
            assert again == [first]
    assert board.progress.has_failed
    board.acknowledge(Q1, second.part.number)
    assert not board.progress.has_failed
    assert board.parts() == [(Q1, 1), (Q1, 3)]


def test_one_refused_url_after_a_long_outage_is_simply_signed_again():
    board = opened(10)
    for _ in range(FRESH_URLS + 3):
        (send,) = board.commands()
        board.fail(send, NetworkFailed("offline"))
        board.now += 100
    (send,) = board.commands()
    board.fail(send, UrlExpired("403"))
    assert board.commands() == [send]


def test_returning_network_cuts_every_wait_short():
    board = opened(10)
    (send,) = board.commands()
    board.scheduler.set_online(is_online=False)
    board.fail(send, NetworkFailed("offline"), jitter=0.9)
    assert board.commands() == []
    board.scheduler.set_online(is_online=True)
    assert board.commands() == [send]


def test_offline_is_not_taken_at_its_word():
    board = opened(10)
    board.scheduler.set_online(is_online=False)
    assert board.parts() == [(Q1, 1)]


def test_fatal_waits_for_the_candidate():
    board = opened(10)
    (send,) = board.commands()
    board.fail(send, UrlRejected("no"))
    board.now += 10_000
    assert board.commands() == []
    assert board.scheduler.next_wake(board.now) is None
    board.scheduler.retry()
    assert board.commands() == [send]


def test_retry_does_not_send_twice_what_is_on_its_way():
    board = opened(20)
    board.commands()
    board.scheduler.retry()
    assert board.commands() == []
