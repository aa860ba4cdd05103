"""A newer ticket of the same session takes the place of the one in use, and no other does."""

import pytest

from app.core.session.ticket import LiveTicket, is_same_session
from tests.support.tickets import ticket


@pytest.mark.parametrize("name", ["", "Ada", "Žofie ≥ 日本"])
def test_newer_ticket_of_the_same_session_is_used_from_then_on(name):
    live = LiveTicket(ticket(name=name))

    assert live.renew(ticket(exp=1_600, name=name)) == 600
    assert live.text == ticket(exp=1_600, name=name)


def test_ticket_made_anew_that_ends_at_the_same_time_is_used():
    live = LiveTicket(ticket())

    assert live.renew(ticket(name="Ada")) == 0
    assert live.text == ticket(name="Ada")


@pytest.mark.parametrize(
    "other",
    [
        ticket(),
        ticket(exp=999),
        ticket(session="s2", exp=2_000),
        ticket(interview="other", exp=2_000),
        "a.b.c",
        "a.!.c",
        "",
        "eyJ.W10.c",
        "eyJ.eyJzdWIiOjF9.c",
    ],
)
def test_every_other_ticket_changes_nothing(other):
    live = LiveTicket(ticket())

    assert live.renew(other) is None
    assert live.text == ticket()


def test_no_two_unreadable_tickets_are_of_one_session():
    assert not is_same_session("a.b.c", "a.b.c")
    assert LiveTicket().renew(ticket()) is None


def test_ticket_that_was_refused_makes_way_for_one_that_ends_sooner():
    live = LiveTicket(ticket())
    live.note_refusal(ticket())

    assert live.renew(ticket(exp=900)) == -100
    assert live.renew(ticket(exp=800)) is None, "the one in use is good, as far as anybody knows"
