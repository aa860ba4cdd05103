"""Whether the page is offline."""

import pytest

from app.core.errors import (
    Aborted,
    CaptivePortal,
    JournalUnread,
    NetworkFailed,
    SignerInvalid,
    Stalled,
    StoreBusy,
    StoreSilent,
    UploadError,
    UrlRejected,
)
from app.core.upload.connectivity import FAILURES, Connectivity

SILENT = StoreSilent("no reply")


def _silent(connectivity: Connectivity, times: int) -> None:
    for _ in range(times):
        connectivity.note_failure(NetworkFailed("reset"))


def test_one_lost_request_is_not_offline():
    connectivity = Connectivity()
    _silent(connectivity, FAILURES - 1)

    assert not connectivity.is_offline


def test_silence_is_offline_although_the_browser_says_otherwise():
    connectivity = Connectivity()
    connectivity.note_browser(is_online=True)
    _silent(connectivity, FAILURES)

    assert connectivity.is_offline


def test_a_stall_is_silence():
    connectivity = Connectivity()
    for _ in range(FAILURES):
        connectivity.note_failure(Stalled("quiet"))

    assert connectivity.is_offline


def test_a_disk_that_does_not_answer_is_neither_silence_nor_a_reply():
    connectivity = Connectivity()
    for _ in range(FAILURES):
        connectivity.note_failure(JournalUnread("disk"))
    assert not connectivity.is_offline
    _silent(connectivity, FAILURES)
    connectivity.note_failure(JournalUnread("disk"))
    assert connectivity.is_offline


def test_a_refusal_is_a_reply():
    connectivity = Connectivity()
    _silent(connectivity, FAILURES)
    connectivity.note_failure(StoreBusy("503"))

    assert not connectivity.is_offline


def test_what_we_cancelled_or_what_is_for_good_says_nothing():
    connectivity = Connectivity()
    _silent(connectivity, FAILURES)
    connectivity.note_failure(Aborted("given up"))
    connectivity.note_failure(UrlRejected("another origin"))

    assert connectivity.is_offline


def test_a_reply_proves_the_browser_wrong():
    connectivity = Connectivity()
    connectivity.note_browser(is_online=False)
    assert connectivity.is_offline

    connectivity.note_response()

    assert not connectivity.is_offline


def test_the_networks_return_is_a_fresh_start():
    connectivity = Connectivity()
    _silent(connectivity, FAILURES + 5)
    connectivity.note_browser(is_online=True)
    _silent(connectivity, FAILURES - 1)

    assert not connectivity.is_offline


def test_sign_in_page_is_known_after_a_few_replies_and_until_another():
    connectivity = Connectivity()
    for _ in range(FAILURES):
        assert not connectivity.is_captive_portal
        connectivity.note_failure(CaptivePortal("200"))

    assert connectivity.is_captive_portal
    assert connectivity.is_offline, "nothing gets through"

    connectivity.note_failure(StoreBusy("503"))

    assert not connectivity.is_captive_portal
    assert not connectivity.is_offline


def test_sign_in_pages_count_in_a_row_only():
    connectivity = Connectivity()
    for _ in range(FAILURES):
        connectivity.note_failure(CaptivePortal("200"))
        connectivity.note_failure(NetworkFailed("reset"))

    assert connectivity.is_offline
    assert not connectivity.is_captive_portal


def test_another_network_may_have_no_sign_in_page():
    connectivity = Connectivity()
    for _ in range(FAILURES):
        connectivity.note_failure(CaptivePortal("200"))
    connectivity.note_browser(is_online=True)

    assert not connectivity.is_captive_portal


def test_signer_that_cannot_be_followed_is_known_after_a_few_answers_and_until_one_makes_sense():
    connectivity = Connectivity()
    for _ in range(FAILURES):
        assert not connectivity.is_signer_invalid
        connectivity.note_failure(SignerInvalid("another place"))

    assert connectivity.is_signer_invalid
    assert not connectivity.is_offline, "somebody does answer"

    connectivity.note_response()

    assert not connectivity.is_signer_invalid


# The store alone is away.


def silent(times: int = FAILURES, error: UploadError = SILENT) -> Connectivity:
    connectivity = Connectivity()
    for _ in range(times):
        connectivity.note_failure(error)
    return connectivity


def test_silence_of_the_store_is_called_offline_only_once_nobody_was_found():
    connectivity = silent()
    assert (connectivity.is_silent, connectivity.is_offline, connectivity.wants_probe) == (True, False, True)

    connectivity.note_probe(signer=False, store=False)

    assert (connectivity.is_offline, connectivity.wants_probe) == (True, False)


@pytest.mark.parametrize("error", [NetworkFailed("signer"), Stalled("quiet")])
def test_silence_of_the_signer_or_on_the_way_is_offline_at_once(error):
    connectivity = silent(FAILURES - 1)
    connectivity.note_failure(error)

    assert connectivity.is_offline


def test_store_that_alone_is_away_is_no_offline_until_it_answers():
    connectivity = silent()
    connectivity.note_probe(signer=True, store=False)
    for _ in range(10):
        connectivity.note_failure(SILENT)
        connectivity.note_response(of_store=False)
        assert (connectivity.is_store_away, connectivity.is_offline, connectivity.is_silent) == (True, False, True)

    connectivity.note_response(of_store=True)

    assert (connectivity.is_store_away, connectivity.is_silent) == (False, False)


def test_network_that_goes_while_the_store_is_away_is_offline():
    connectivity = silent()
    connectivity.note_probe(signer=True, store=False)
    for _ in range(FAILURES):
        connectivity.note_failure(SILENT)
    connectivity.note_probe(signer=False, store=False)

    assert (connectivity.is_store_away, connectivity.is_offline) == (False, True)


def test_signer_that_answers_a_look_proves_the_browser_wrong():
    connectivity = silent()
    connectivity.note_browser(is_online=False)
    assert connectivity.is_offline
    connectivity.note_probe(signer=True, store=True)

    assert not connectivity.is_silent
