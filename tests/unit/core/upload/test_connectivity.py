"""Whether the page is offline."""

from app.core.errors import Aborted, Intercepted, JournalUnread, Misled, NetworkFailed, Stalled, StoreBusy, UrlRejected
from app.core.upload.connectivity import FAILURES, Connection


def _silent(connection: Connection, times: int) -> None:
    for _ in range(times):
        connection.note_failure(NetworkFailed("reset"))


def test_one_lost_request_is_not_offline():
    connection = Connection()
    _silent(connection, FAILURES - 1)

    assert not connection.is_offline


def test_silence_is_offline_although_the_browser_says_otherwise():
    connection = Connection()
    connection.note_browser(is_online=True)
    _silent(connection, FAILURES)

    assert connection.is_offline


def test_a_stall_is_silence():
    connection = Connection()
    for _ in range(FAILURES):
        connection.note_failure(Stalled("quiet"))

    assert connection.is_offline


def test_a_disk_that_does_not_answer_is_neither_silence_nor_a_reply():
    connection = Connection()
    for _ in range(FAILURES):
        connection.note_failure(JournalUnread("disk"))
    assert not connection.is_offline
    _silent(connection, FAILURES)
    connection.note_failure(JournalUnread("disk"))
    assert connection.is_offline


def test_a_refusal_is_a_reply():
    connection = Connection()
    _silent(connection, FAILURES)
    connection.note_failure(StoreBusy("503"))

    assert not connection.is_offline


def test_what_we_cancelled_or_what_is_for_good_says_nothing():
    connection = Connection()
    _silent(connection, FAILURES)
    connection.note_failure(Aborted("given up"))
    connection.note_failure(UrlRejected("another origin"))

    assert connection.is_offline


def test_a_reply_proves_the_browser_wrong():
    connection = Connection()
    connection.note_browser(is_online=False)
    assert connection.is_offline

    connection.note_reply()

    assert not connection.is_offline


def test_the_networks_return_is_a_fresh_start():
    connection = Connection()
    _silent(connection, FAILURES + 5)
    connection.note_browser(is_online=True)
    _silent(connection, FAILURES - 1)

    assert not connection.is_offline


def test_sign_in_page_is_known_after_a_few_replies_and_until_another():
    connection = Connection()
    for _ in range(FAILURES):
        assert not connection.is_intercepted
        connection.note_failure(Intercepted("200"))

    assert connection.is_intercepted
    assert connection.is_offline, "nothing gets through"

    connection.note_failure(StoreBusy("503"))

    assert not connection.is_intercepted
    assert not connection.is_offline


def test_sign_in_pages_count_in_a_row_only():
    connection = Connection()
    for _ in range(FAILURES):
        connection.note_failure(Intercepted("200"))
        connection.note_failure(NetworkFailed("reset"))

    assert connection.is_offline
    assert not connection.is_intercepted


def test_another_network_may_have_no_sign_in_page():
    connection = Connection()
    for _ in range(FAILURES):
        connection.note_failure(Intercepted("200"))
    connection.note_browser(is_online=True)

    assert not connection.is_intercepted


def test_signer_that_cannot_be_followed_is_known_after_a_few_answers_and_until_one_makes_sense():
    connection = Connection()
    for _ in range(FAILURES):
        assert not connection.is_misled
        connection.note_failure(Misled("another place"))

    assert connection.is_misled
    assert not connection.is_offline, "somebody does answer"

    connection.note_reply()

    assert not connection.is_misled
