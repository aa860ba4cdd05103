"""A session keeps the variants that it began with."""

from dataclasses import dataclass

import pytest

from app.contract import Interview, InterviewGrant, UploadPolicy
from app.session.assignment import settled
from tests.support.fake_journal import FakeJournal
from tests.support.fake_store import ORIGIN
from tests.support.sitting import SPOKEN

pytestmark = pytest.mark.anyio


def granted(assignment: str) -> InterviewGrant:
    interview = Interview(id="demo", title="Demo", questions=(SPOKEN,))
    return InterviewGrant(
        session="s1",
        interview=interview,
        policy=UploadPolicy(),
        store_origin=ORIGIN,
        expires_in_s=60,
        assignment=assignment,
    )


@dataclass
class Signer:
    """Answer with the token that comes with a call, as the real one does, unless it has become invalid."""

    fresh: str
    assignment: str = ""
    is_valid: bool = True
    calls: int = 0

    async def interview(self) -> InterviewGrant:
        self.calls += 1
        return granted(self.assignment if self.is_valid and self.assignment else self.fresh)


async def visit(journal: FakeJournal, signer: Signer) -> str:
    """Open the page; return the token of its session."""
    signer.assignment, signer.calls = "", 0
    grant = await settled(await signer.interview(), signer, journal, signer.interview)
    assert grant.assignment == signer.assignment, "later calls carry another token than the session's"
    return grant.assignment


async def test_reload_stays_in_the_variant_though_the_rollout_has_moved_on():
    journal = FakeJournal()
    assert await visit(journal, Signer("10 %")) == "10 %"
    moved_on = Signer("50 %")
    assert await visit(journal, moved_on) == "10 %"
    assert moved_on.calls == 2


async def test_reload_in_the_same_variant_asks_once():
    journal, signer = FakeJournal(), Signer("10 %")
    await visit(journal, signer)
    await visit(journal, signer)

    assert signer.calls == 1


async def test_token_that_the_signer_no_longer_accepts_is_replaced_for_good():
    journal = FakeJournal()
    await visit(journal, Signer("10 %"))
    assert await visit(journal, Signer("50 %", is_valid=False)) == "50 %"
    assert await visit(journal, Signer("90 %")) == "50 %"


async def test_session_without_variants_keeps_nothing():
    journal = FakeJournal()
    assert await visit(journal, Signer("")) == ""
    assert journal.answers == {}
    assert not journal.disk.stores["answers"]


async def test_session_that_began_before_there_were_flags_is_assigned_when_it_is_opened_again():
    journal = FakeJournal()
    await visit(journal, Signer(""))

    assert await visit(journal, Signer("10 %")) == "10 %"


async def test_full_disk_costs_only_what_a_reload_would_know():
    journal = FakeJournal()
    journal.room = 0

    assert await visit(journal, Signer("10 %")) == "10 %"


@pytest.mark.parametrize("fault", ["unread"])
async def test_disk_that_cannot_be_read_does_not_stop_the_session(fault):
    journal = FakeJournal()
    await visit(journal, Signer("10 %"))
    setattr(journal, fault, 1)

    assert await visit(journal, Signer("50 %")) == "50 %"
