"""Tickets that an operator has revoked, and secrets that have been changed."""

import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from app.contract import TicketClaims
from server.errors import TicketRefused
from server.signer.revocations import RevocationError, Revocations, revoke
from server.signer.tickets import TICKET_AUDIENCE, Tickets
from tests.support.signer_client import SECRET, Candidate

OLD, NEW = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


def claims(session: str = "s", *, issued: datetime = NOW) -> TicketClaims:
    at = int(issued.timestamp())
    return TicketClaims(aud=TICKET_AUDIENCE, sub=session, interview="trial", iat=at, exp=at + 60)


def is_refused(revocations: Revocations, ticket: TicketClaims) -> bool:
    try:
        revocations.check(ticket)
    except TicketRefused:
        return True
    return False


def mint(tickets: Tickets) -> str:
    return tickets.mint(session="s", interview="trial", life_s=60)


def test_ticket_is_good_before_and_after_its_secret_has_been_changed():
    before, after = Tickets(OLD), Tickets(NEW, OLD)

    assert after.read(mint(before)).sub == "s"
    assert after.read(mint(after)).sub == "s"
    assert jwt.get_unverified_header(mint(after))["kid"] != jwt.get_unverified_header(mint(before))["kid"]
    with pytest.raises(TicketRefused):
        before.read(mint(after))


def test_ticket_is_refused_once_its_secret_has_been_dropped():
    with pytest.raises(TicketRefused):
        Tickets(NEW).read(mint(Tickets(OLD)))


@pytest.mark.parametrize("headers", [{}, {"kid": "of another program"}])
def test_ticket_that_names_no_secret_of_ours_is_tried_with_each(headers: dict[str, str]):
    body = claims(issued=datetime.now(UTC)).model_dump(mode="json")

    assert Tickets(NEW, OLD).read(jwt.encode(body, OLD, "HS256", headers=headers)).sub == "s"
    with pytest.raises(TicketRefused):
        Tickets(NEW, OLD).read(jwt.encode(body, "of nobody here, and long enough for it", "HS256", headers=headers))


def test_key_id_of_one_secret_does_not_let_another_ones_signature_in():
    forged = jwt.encode(
        claims().model_dump(mode="json"), OLD, "HS256", headers=jwt.get_unverified_header(mint(Tickets(NEW)))
    )

    with pytest.raises(TicketRefused):
        Tickets(NEW, OLD).read(forged)


def test_revoked_session_is_refused_and_a_newer_ticket_of_it_is_not(tmp_path: Path):
    revocations = Revocations(tmp_path / "new" / "revoked.txt")
    revocations.load()
    assert not is_refused(revocations, claims())

    revoke(tmp_path / "new" / "revoked.txt", "trial", "s", NOW)

    assert is_refused(revocations, claims())
    assert not is_refused(revocations, claims("other"))
    assert not is_refused(revocations, claims(issued=NOW + timedelta(seconds=1)))


def test_all_of_an_interview_can_be_revoked_by_hand(tmp_path: Path):
    path = tmp_path / "revoked.txt"
    path.write_text("# a leak\n\ntrial/*   # until we know more\nother/s 2026-11-28T10:00:00+02:00\n", encoding="utf-8")
    revocations = Revocations(path)

    assert is_refused(revocations, claims("anybody", issued=NOW + timedelta(days=300)))


@pytest.mark.parametrize(
    "line", ["trial", "trial/s yesterday", "../x/s", "trial/s 2026-11-28T09:00:00Z and more", "trial/ s"]
)
def test_list_that_cannot_be_understood_stops_the_start_and_names_the_line(tmp_path: Path, line: str):
    path = tmp_path / "revoked.txt"
    path.write_text(f"trial/first\n{line}\n", encoding="utf-8")

    with pytest.raises(RevocationError, match=r"revoked\.txt:2: "):
        Revocations(path).load()


def test_list_that_is_damaged_later_leaves_the_last_one_in_force(tmp_path: Path):
    path = tmp_path / "revoked.txt"
    path.write_text("trial/s\n", encoding="utf-8")
    revocations = Revocations(path)
    assert is_refused(revocations, claims())

    path.write_text("trial\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))

    assert is_refused(revocations, claims())
    path.unlink()
    assert not is_refused(revocations, claims())


def test_candidate_whose_ticket_is_revoked_gets_the_same_answer_as_a_forger(candidate: Candidate, settings):
    upload = candidate.create().json()["upload"]
    revoke(settings.revoked_file, "trial", candidate.session, datetime.now(UTC))
    try:
        replies = [candidate.get("/api/interview"), candidate.post("/api/uploads/list", {"upload": upload})]
        candidate.ticket = Tickets("nobody's secret, and long enough for it").mint(
            session=candidate.session, interview="trial", life_s=60
        )
        forged = candidate.get("/api/interview")
    finally:
        settings.revoked_file.unlink()

    assert {reply.status_code for reply in replies} == {401}
    assert {reply.text for reply in replies} == {forged.text}
    assert SECRET not in forged.text


def test_upload_that_a_dropped_secret_began_is_begun_anew_and_the_recording_is_not_stuck(candidate: Candidate):
    upload = candidate.create().json()["upload"]
    claims = jwt.decode(upload, options={"verify_signature": False})
    key_id = jwt.get_unverified_header(Tickets(OLD).mint(session="s", interview="trial", life_s=1))["kid"]
    dropped = jwt.encode(claims, OLD, "HS256", headers={"kid": key_id})
    forged = jwt.encode(claims, OLD, "HS256", headers=jwt.get_unverified_header(upload))

    told = candidate.post("/api/uploads/list", {"upload": dropped})
    assert (told.status_code, told.json()["type"]) == (409, "urn:slipstream:problem:upload-unknown")
    assert candidate.post("/api/uploads/list", {"upload": forged}).status_code == 401
