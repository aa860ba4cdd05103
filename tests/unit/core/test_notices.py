"""What is said where the signer gives no interview."""

import pytest

from app.core.errors import (
    AlreadySubmitted,
    CaptivePortal,
    NetworkFailed,
    SignerInvalid,
    StoreBusy,
    TicketRefused,
    UrlRejected,
)
from app.core.notices import Topic, topic_of_refusal


@pytest.mark.parametrize(
    ("kind", "topic"),
    [
        (TicketRefused, Topic.TICKET_REFUSED),
        (AlreadySubmitted, Topic.ALREADY_SUBMITTED),
        (SignerInvalid, Topic.INTERVIEW_INVALID),
        (NetworkFailed, Topic.SIGNER_UNREACHABLE),
        (CaptivePortal, Topic.SIGNER_UNREACHABLE),
        (StoreBusy, Topic.SIGNER_UNREACHABLE),
        (UrlRejected, Topic.SIGNER_UNREACHABLE),
    ],
)
def test_every_refusal_has_its_word(kind, topic):
    assert topic_of_refusal(kind("no")) is topic
