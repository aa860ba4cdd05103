"""Whether a session is submitted is asked of the store, but not once for every part."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.contract import UploadPolicy
from server.errors import AlreadySubmitted
from server.signer.budgets import Budgets
from server.signer.flags.assignments import Flags
from server.signer.flags.flag_file import FlagFile
from server.signer.interviews import Interviews
from server.signer.revocations import Revocations
from server.signer.sessions import OPEN_S, Session, Sessions
from server.signer.tickets import Tickets
from tests.support.stub_store import StoreReply, StoreRequest, stub_store

INTERVIEW = 'id = "x"\ntitle = "X"\n[[questions]]\nid = "q"\nprompt = "?"\ntracks = ["video"]\n'


class Desk:
    def __init__(self) -> None:
        self.is_submitted = False
        self.asked = 0
        self.now = 100.0
        self.open: Callable[[], Session]
        self.sessions: Sessions

    def answer(self, request: StoreRequest) -> StoreReply:
        assert request.path.endswith("/x/s1/submission.json")
        self.asked += 1
        return StoreReply(200 if self.is_submitted else 404)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk()
    (tmp_path / "x.toml").write_text(INTERVIEW, encoding="utf-8")
    tickets = Tickets("s" * 40)
    ticket = tickets.mint(session="s1", interview="x", life_s=3600)
    monkeypatch.setattr("server.signer.sessions.time.monotonic", lambda: made.now)
    with stub_store(made.answer) as storage:
        made.sessions = Sessions(
            tickets=tickets,
            revocations=Revocations(tmp_path / "revoked.txt"),
            budgets=Budgets("", "", "memory://"),
            interviews=Interviews(tmp_path),
            flags=Flags(FlagFile(None), tickets),
            storage=storage,
            base=UploadPolicy(),
        )
        made.open = lambda: made.sessions.open_for_parts(ticket)
        yield made


def test_parts_of_a_session_cost_one_question_in_some_seconds(desk: Desk):
    for _ in range(20):
        desk.open()
        desk.now += OPEN_S / 10

    assert desk.asked == 2


def test_submission_at_another_signer_is_noticed_some_seconds_later(desk: Desk):
    desk.open()
    desk.is_submitted = True
    desk.now += OPEN_S

    with pytest.raises(AlreadySubmitted):
        desk.open()


def test_submission_at_this_signer_is_noticed_at_once(desk: Desk):
    desk.sessions.note_submitted(desk.open())
    desk.is_submitted = True

    with pytest.raises(AlreadySubmitted):
        desk.open()
