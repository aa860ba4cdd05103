"""A token that was verified once is not verified again with each call; all that can end it still does."""

import pytest

from app.contract import Layout, PartRules, Track
from server.errors import TicketRefused
from server.signer.tickets import UPLOAD_AUDIENCE, Tickets, UploadHandle

SECRET, OTHER = "s" * 40, "o" * 40


def _ticket(tickets: Tickets, session: str = "s1", life_s: int = 3600) -> str:
    return tickets.mint(session=session, interview="x", life_s=life_s)


def _handle(tickets: Tickets) -> str:
    return tickets.mint_handle(
        UploadHandle(
            aud=UPLOAD_AUDIENCE,
            session="s1",
            interview="x",
            question="q",
            take=1,
            track=Track.VIDEO,
            content_type="video/mp4",
            key="x/s1/q/take-1/video.mp4",
            store_upload="id",
            token="t",
            layout=Layout.MULTIPART,
            parts=PartRules.equal(1024),
            max_bytes=4096,
        )
    )


def test_ticket_that_was_good_is_refused_when_it_is_over(monkeypatch: pytest.MonkeyPatch):
    tickets = Tickets(SECRET)
    ticket = _ticket(tickets)
    ends_at = tickets.read(ticket).exp
    monkeypatch.setattr("server.signer.tickets.time.time", lambda: float(ends_at))

    with pytest.raises(TicketRefused):
        tickets.read(ticket)


def test_ticket_of_an_hour_is_verified_once(monkeypatch: pytest.MonkeyPatch):
    tickets = Tickets(SECRET)
    ticket = _ticket(tickets)
    first = tickets.read(ticket)
    monkeypatch.setattr("server.signer.tickets.jwt.decode", None)  # not called any more

    assert tickets.read(ticket) is first


def test_ticket_is_refused_by_a_signer_with_another_secret_although_this_one_knows_it():
    tickets = Tickets(SECRET)
    ticket = _ticket(tickets)
    tickets.read(ticket)

    with pytest.raises(TicketRefused):
        Tickets(OTHER).read(ticket)


def test_good_ticket_with_another_signature_is_refused():
    tickets = Tickets(SECRET)
    ticket = _ticket(tickets)
    tickets.read(ticket)

    with pytest.raises(TicketRefused):
        tickets.read(ticket[:-4] + "AAAA")


def test_ticket_is_no_handle_and_a_handle_no_ticket_however_often_each_was_read():
    tickets = Tickets(SECRET)
    ticket, handle = _ticket(tickets), _handle(tickets)
    claims = tickets.read(ticket)
    tickets.read_handle(handle, claims)

    with pytest.raises(TicketRefused):
        tickets.read_handle(ticket, claims)
    with pytest.raises(TicketRefused):
        tickets.read(handle)


def test_known_handle_is_refused_with_a_ticket_of_another_session():
    tickets = Tickets(SECRET)
    handle = _handle(tickets)
    tickets.read_handle(handle, tickets.read(_ticket(tickets)))

    with pytest.raises(TicketRefused):
        tickets.read_handle(handle, tickets.read(_ticket(tickets, "s2")))


def test_memory_of_tokens_is_bounded():
    tickets = Tickets(SECRET)
    for number in range(5_000):
        tickets.read(_ticket(tickets, f"s{number}"))

    assert len(tickets._verified_before) <= 4_096
