"""When silence is a refusal, and which trouble a refusal is."""

import pytest

from app.contract import TroubleKind
from app.core.errors import (
    BodyTooLarge,
    Corrupted,
    JournalUnread,
    NetworkFailed,
    Stalled,
    StoreBusy,
    StoreSilent,
    StoreUnable,
    UploadError,
    UrlExpired,
)
from app.core.upload.connectivity import FAILURES
from app.core.upload.refusals import CONTRADICTIONS, Reached, Unanswered, trouble_of
from app.core.upload.retry import FRESH_URLS

SILENT = StoreSilent("no reply")
BOTH, SIGNER, NOBODY = Reached(True, True), Reached(True, False), Reached(False, False)


def heard(*errors: UploadError) -> Unanswered:
    silence = Unanswered()
    for error in errors:
        silence.note(error)
    return silence


def test_looks_that_contradict_the_silence_make_a_refusal():
    silence = Unanswered()
    for _ in range(CONTRADICTIONS):
        assert not silence.is_refusal
        for _ in range(FAILURES):
            assert not silence.wants_probe
            silence.note(SILENT)
        assert silence.wants_probe
        silence.look(BOTH)
    assert (silence.is_refusal, silence.wants_probe) == (True, False)


@pytest.mark.parametrize("reached", [SIGNER, NOBODY])
def test_one_that_does_not_answer_explains_the_silence(reached):
    silence = Unanswered(sends=FAILURES, contradictions=CONTRADICTIONS)
    silence.look(reached)
    assert silence == Unanswered()


@pytest.mark.parametrize("error", [StoreBusy("503"), UrlExpired("403"), Corrupted("bits"), BodyTooLarge("413")])
def test_any_answer_of_the_store_ends_the_silence(error):
    assert heard(SILENT, SILENT, error) == Unanswered()


def test_what_has_not_come_to_the_store_changes_nothing():
    assert heard(SILENT, NetworkFailed("signer"), JournalUnread("disk")) == heard(SILENT)


@pytest.mark.parametrize(
    ("error", "silence", "failures", "kind"),
    [
        (BodyTooLarge("413"), Unanswered(), 1, TroubleKind.TOO_LARGE),
        (SILENT, Unanswered(0, CONTRADICTIONS), 0, TroubleKind.BLOCKED),
        (SILENT, Unanswered(9, CONTRADICTIONS - 1), 99, None),
        (Stalled("quiet"), Unanswered(0, CONTRADICTIONS), 99, None),
        (StoreUnable("507"), Unanswered(), FRESH_URLS, None),
        (StoreUnable("507"), Unanswered(), FRESH_URLS + 1, TroubleKind.UNABLE),
        (StoreBusy("503"), Unanswered(), 1000, None),
        (UrlExpired("403"), Unanswered(), FRESH_URLS + 1, TroubleKind.FORBIDDEN),
    ],
)
def test_only_what_waiting_has_not_helped_is_the_operators(error, silence, failures, kind):
    assert trouble_of(error, silence, failures) is kind
