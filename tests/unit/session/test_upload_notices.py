"""What a candidate is told of the uploads, and when it is taken back."""

from dataclasses import replace

import pytest

from app.core.errors import (
    AlreadySubmitted,
    CaptivePortal,
    EtagMissing,
    NetworkFailed,
    RecordingGone,
    Stalled,
    StoreBusy,
    TicketRefused,
    UploadError,
    UrlExpired,
    UrlRejected,
)
from app.core.notices import Notice, Topic
from app.core.upload.commands import FinishUpload
from app.core.upload.events import CommandFailed, PartAcknowledged
from app.core.upload.progress import SessionProgress, TrackProgress, TrackState
from app.session.upload_notices import UploadNotices
from tests.support.fake_journal import FakeJournal
from tests.support.fake_page import FakeView, screen_of
from tests.support.fake_store import video

WELL = SessionProgress(
    tracks=(),
    recorded=10,
    acknowledged=5,
    bytes_per_second=1.0,
    remaining_s=5.0,
    is_safe=False,
    is_paused=False,
    is_offline=False,
    is_captive_portal=False,
    has_failed=False,
)
FAILED = replace(WELL, has_failed=True)


class Board:
    def __init__(self, *, is_durable: bool = True) -> None:
        self.view, self.journal = FakeView(), FakeJournal()
        if not is_durable:
            self.journal._row_store = None
        self.notices = UploadNotices(screen_of(self.view), self.journal)

    def show(self, progress: SessionProgress, *errors: UploadError) -> set[Topic]:
        for error in errors:
            self.notices.note(CommandFailed(FinishUpload(video(), (), 1), error), 0.0)
        for _ in range(3):  # figures come many times a second
            self.notices.show(progress, 0.0)
        return self.view.topics


@pytest.mark.parametrize(
    ("change", "topic"),
    [
        ({"is_offline": True}, Topic.OFFLINE),
        ({"is_offline": True, "is_captive_portal": True}, Topic.CAPTIVE_PORTAL),
        ({"is_signer_invalid": True}, Topic.SIGNER_INVALID),
    ],
)
def test_what_the_figures_say_is_said_once_and_taken_back_once(change, topic):
    board = Board()
    assert board.show(WELL) == set()
    assert board.show(replace(WELL, **change)) == {topic}
    assert board.show(WELL) == set()
    assert (board.view.said, board.view.taken_back) == ([Notice(topic)], [topic])


def test_recordings_of_an_earlier_visit_are_told_until_they_are_stored_or_given_up():
    board, old = Board(), TrackProgress(video("q1"), 1, TrackState.UPLOADING, 10, 5, is_recording=False)
    new = replace(old, upload=video("q2"))
    board.notices.recover(frozenset({old.upload}))
    assert board.show(replace(WELL, tracks=(old, new))) == {Topic.RECOVERING}
    board.show(replace(WELL, tracks=(replace(old, state=TrackState.COMPLETED), new)))
    assert board.view.said == [Notice(Topic.RECOVERING), Notice(Topic.RECOVERING, is_over=True)]
    assert board.show(replace(WELL, tracks=(new,))) == set()


@pytest.mark.parametrize(
    ("error", "topic"),
    [
        (TicketRefused("401"), Topic.TICKET_EXPIRED),
        (EtagMissing("hidden"), Topic.UPLOAD_FAILED),
        (UrlRejected("405"), Topic.UPLOAD_FAILED),
        (RecordingGone("gone"), Topic.UPLOAD_FAILED),
    ],
)
def test_failure_is_said_once_until_nothing_has_failed_any_more(error, topic):
    board = Board()
    assert board.show(FAILED, error) == {topic}
    assert len(board.view.said) == 1
    assert board.show(WELL) == set()
    assert board.show(FAILED, error) == {topic}


def test_newest_failure_is_the_one_that_is_named():
    board = Board()
    board.show(FAILED, UrlRejected("first"))
    board.show(FAILED, UrlRejected("second"))
    assert [notice.detail for notice in board.view.said] == ["first", "second"]


def test_refusal_that_cures_itself_is_not_announced():
    board = Board()
    board.show(WELL, UrlRejected("The signer answered 422."))
    assert board.view.said == []
    board.show(FAILED)
    assert board.view.said == [Notice(Topic.UPLOAD_FAILED)], "that is another one"


def test_patience_that_has_ended_is_told_with_its_reason():
    track = TrackProgress(video(), 1, TrackState.FAILED, 10, 5, is_recording=False, problem="The store answered 403.")
    board = Board()
    assert board.show(replace(FAILED, tracks=(track,)), UrlExpired("403")) == {Topic.UPLOAD_FAILED}
    assert board.view.said == [Notice(Topic.UPLOAD_FAILED, detail="The store answered 403.")]


def test_session_that_was_closed_elsewhere_is_said_and_stays_said():
    board = Board()
    board.show(FAILED, AlreadySubmitted("403"))
    assert Topic.ALREADY_SUBMITTED in board.show(WELL)


@pytest.mark.parametrize("error", [NetworkFailed("reset"), StoreBusy("busy"), UrlExpired("403"), CaptivePortal("200")])
def test_passing_errors_alone_are_not_announced(error):
    assert Board().show(WELL, error) == set()


def test_slow_is_said_until_the_next_part_arrives():
    board = Board()
    assert board.show(WELL, Stalled("quiet"), Stalled("quiet")) == {Topic.SLOW}
    board.notices.note(PartAcknowledged(video(), 1, "etag"), 0.0)
    assert board.show(WELL) == set()
    assert len(board.view.said) == 1


def test_slow_is_over_once_everything_is_stored():
    """The last thing that was slow need not have been a part."""
    board = Board()
    board.show(WELL, Stalled("quiet"))
    assert board.show(replace(WELL, is_safe=True)) == set()


async def _remember_in_memory(board: Board) -> None:
    from app.core.upload.events import ChunkJournalled
    from tests.support.fake_journal import FakeMedia

    board.journal.room = 0
    await board.journal.append(ChunkJournalled(video(), 3, 1.0), FakeMedia(b"abc"))


@pytest.mark.anyio
async def test_full_storage_is_said_until_nothing_hangs_on_memory():
    board = Board()
    assert board.show(WELL) == set()
    await _remember_in_memory(board)
    assert board.show(WELL) == {Topic.JOURNAL_FULL}
    await board.journal.release(video(), 0, 3)
    assert board.show(WELL) == set()


def test_window_without_storage_is_not_told_that_it_is_full():
    board = Board(is_durable=False)
    assert board.show(WELL) == set()
