"""The one word and shape that tell how something stands."""

import pytest

from app.contract import Question, TextRules, Track, UploadMode
from app.core.session.answers import AnswerView, Phase
from app.core.upload.progress import SessionProgress, TrackProgress, TrackState
from app.core.upload.recording_id import RecordingId
from app.page.interview.status import session_status, status_of, track_status, waiting_label

NB = "\u00a0"
MODE = UploadMode.PROGRESSIVE
VIDEO = Question(id="q", prompt="Why?", tracks=(Track.VIDEO,))
TEXT = Question(id="q", prompt="Why?", text=TextRules())


def answer(phase=Phase.TAKEN, *, is_answered=True):
    return AnswerView(question="q", phase=phase, take=1, takes_left=2, text="", is_answered=is_answered)


def track(state=TrackState.UPLOADING, recorded=200, acknowledged=50, *, is_recording=False):
    return TrackProgress(RecordingId("q", Track.VIDEO, "1"), 1, state, recorded, acknowledged, is_recording)


def session(*tracks, **changes):
    recorded = sum(one.recorded for one in tracks)
    acknowledged = sum(one.acknowledged for one in tracks)
    figures = {
        "bytes_per_second": 1_200_000.0,
        "remaining_s": 4.2,
        "is_safe": False,
        "is_paused": False,
        "is_offline": False,
        "is_captive_portal": False,
        "has_failed": False,
    }
    return SessionProgress(
        tracks=tracks,
        recorded=recorded,
        acknowledged=acknowledged,
        **(figures | changes),
    )


@pytest.mark.parametrize("mode", list(UploadMode))
@pytest.mark.parametrize("state", list(TrackState))
def test_every_state_of_a_track_has_a_word_and_a_shape(state, mode):
    status = track_status(state, mode)
    assert status.word
    assert status.icon


def test_a_question_is_stored_only_when_all_its_tracks_are():
    done, going = track(TrackState.COMPLETED, 200, 200), track()
    assert status_of(VIDEO, answer(), [done], is_stored=True, mode=MODE).word == "Stored"
    assert status_of(VIDEO, answer(), [done, going], is_stored=True, mode=MODE).word == f"Uploading 62{NB}%"


def test_a_failed_track_comes_before_all_else():
    tracks = [track(TrackState.UPLOADING), track(TrackState.PAUSED), track(TrackState.FAILED)]
    assert status_of(VIDEO, answer(), tracks, is_stored=True, mode=MODE).icon == "alert"


def test_a_written_answer_is_stored_when_the_store_has_it():
    assert status_of(TEXT, answer(Phase.READY), [], is_stored=False, mode=MODE).word == "Saving"
    assert status_of(TEXT, answer(Phase.READY), [], is_stored=True, mode=MODE).word == "Stored"


def test_an_open_question_says_whether_it_must_be_answered():
    nothing = answer(Phase.READY, is_answered=False)
    optional = VIDEO.model_copy(update={"required": False})
    assert status_of(VIDEO, nothing, [], is_stored=True, mode=MODE).word == "Not answered"
    assert status_of(optional, None, [], is_stored=True, mode=MODE).word == "Optional"


def test_submit_says_share_speed_and_time():
    progress = session(track(recorded=100, acknowledged=87))
    assert waiting_label(progress) == f"Uploading… 87{NB}% · 1.2{NB}MB/s · 5{NB}s left"


@pytest.mark.parametrize(
    ("change", "begins"), [("has_failed", "Upload stopped"), ("is_offline", "Offline"), ("is_paused", "Paused")]
)
def test_submit_says_why_nothing_moves(change, begins):
    assert waiting_label(session(track(), **{change: True})).startswith(begins)


def test_the_session_is_stored_only_when_it_is_safe():
    all_acknowledged = track(acknowledged=200)
    assert session_status(session(all_acknowledged), MODE).word == "Storing"
    assert session_status(session(all_acknowledged, is_safe=True), MODE).word == "All is stored"
