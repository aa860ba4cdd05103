"""Which files may be an answer: by type, by their first bytes, by size, by length."""

from dataclasses import replace

import pytest

from app.contract import FileRules, Question, Track
from app.core.recording.file_rules import FileFacts, FileFault, accepted_types, content_type_of, fault_of

QUESTION = Question(id="q", prompt="?", tracks=(Track.VIDEO, Track.AUDIO), limit_s=60, file=FileRules(max_bytes=1000))
VOICE = Question(id="q", prompt="?", tracks=(Track.AUDIO,), limit_s=60, file=FileRules(max_bytes=1000))
MP4 = FileFacts(size=1000, content_type="video/mp4", head=b"\0\0\0\x20ftypisom\0\0\0\0", duration_s=61.0)
WEBM = FileFacts(size=1, content_type="video/webm", head=b"\x1a\x45\xdf\xa3" + bytes(12), duration_s=0.5)


@pytest.mark.parametrize("facts", [MP4, WEBM, replace(MP4, content_type="video/x-m4v")])
def test_mp4_and_webm_within_the_limits_are_taken(facts):
    assert fault_of(facts, QUESTION) is None
    assert content_type_of(facts, QUESTION) in {"video/mp4", "video/webm"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"size": 0}, FileFault.EMPTY),
        ({"size": 1001}, FileFault.TOO_LARGE),
        ({"content_type": "application/pdf"}, FileFault.WRONG_TYPE),
        ({"content_type": ""}, FileFault.WRONG_TYPE),
        ({"content_type": "video/quicktime"}, FileFault.WRONG_TYPE),
        ({"head": b"%PDF-1.7"}, FileFault.WRONG_TYPE),
        ({"head": b""}, FileFault.WRONG_TYPE),
        ({"content_type": "video/webm"}, FileFault.WRONG_TYPE),  # an MP4 with another name
        ({"duration_s": None}, FileFault.UNREADABLE),
        ({"duration_s": 61.01}, FileFault.TOO_LONG),
        ({"duration_s": float("inf")}, FileFault.TOO_LONG),
    ],
)
def test_what_speaks_against_a_file_is_named(changes, fault):
    assert fault_of(replace(MP4, **changes), QUESTION) is fault


def test_a_voice_question_takes_sound_alone():
    assert fault_of(MP4, VOICE) is FileFault.WRONG_TYPE
    assert fault_of(replace(MP4, content_type="audio/x-m4a"), VOICE) is None
    assert content_type_of(replace(MP4, content_type="audio/x-m4a"), VOICE) == "audio/mp4"
    assert all(name.startswith("audio/") for name in accepted_types(VOICE))


def test_a_question_without_files_is_never_asked():
    with pytest.raises(ValueError, match="takes no file"):
        fault_of(MP4, QUESTION.model_copy(update={"file": None}))
