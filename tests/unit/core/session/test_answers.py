"""Takes, phases and what counts as answered."""

import itertools
from dataclasses import replace

import pytest

from app.contract import Question, TextRules, Track, TrackRecord
from app.core.session.answers import Answer, Move, MoveRefused, Phase

KNOWN = {
    (Phase.READY, Move.PREPARE): Phase.PREPARING,
    (Phase.READY, Move.START): Phase.RECORDING,
    (Phase.PREPARING, Move.START): Phase.RECORDING,
    (Phase.PREPARING, Move.DISCARD): Phase.READY,
    (Phase.RECORDING, Move.STOP): Phase.FINISHING,
    (Phase.RECORDING, Move.DISCARD): Phase.READY,
    (Phase.FINISHING, Move.KEEP): Phase.TAKEN,
    (Phase.FINISHING, Move.DISCARD): Phase.READY,
    (Phase.TAKEN, Move.DISCARD): Phase.READY,
    (Phase.READY, Move.RESTORE): Phase.TAKEN,
}
VIDEO = frozenset({Track.VIDEO})
RECORD = TrackRecord(key="k", size=3, sha256="0" * 64, content_type="video/webm", duration_s=1.0)


def spoken(takes: int = 3) -> Answer:
    return Answer(Question(id="q1", prompt="Who are you?", tracks=(Track.VIDEO,), takes=takes))


def written(*tracks: Track) -> Answer:
    return Answer(Question(id="q1", prompt="Why?", tracks=tracks, text=TextRules()))


def record(answer: Answer, given: frozenset[Track] = VIDEO) -> Answer:
    return answer.start("k1").move(Move.STOP).keep(given)


@pytest.mark.parametrize(("phase", "move"), list(itertools.product(Phase, Move)))
def test_known_move_is_made_and_unknown_move_changes_nothing(phase, move):
    answer = replace(spoken(), phase=phase)
    if (phase, move) in KNOWN:
        assert answer.move(move).phase is KNOWN[phase, move]
    else:
        with pytest.raises(MoveRefused):
            answer.move(move)


def test_bad_input_11_takes_count_down_to_none():
    answer = spoken(takes=2)
    assert answer.takes_left == 2
    answer = record(answer)
    assert (answer.take, answer.takes_left) == (1, 1)
    answer = answer.discard()
    assert (answer.take, answer.takes_left, answer.phase) == (2, 1, Phase.READY)
    answer = record(answer)
    assert (answer.take, answer.takes_left) == (2, 0)


def test_last_take_cannot_be_discarded():
    answer = spoken(takes=1)
    answer = record(answer)
    with pytest.raises(MoveRefused):
        answer = answer.discard()
    assert (answer.take, answer.phase, answer.given) == (1, Phase.TAKEN, VIDEO)


@pytest.mark.parametrize("phase", [Phase.READY, Phase.PREPARING, Phase.RECORDING, Phase.FINISHING])
def test_only_a_recorded_take_can_be_discarded(phase):
    answer = spoken()
    answer = replace(answer, phase=phase)
    with pytest.raises(MoveRefused):
        answer = answer.discard()
    assert (answer.take, answer.phase) == (1, phase)


def test_take_that_came_to_nothing_is_not_used_up():
    answer = spoken(takes=1)
    answer = answer.start("k1").move(Move.STOP).move(Move.DISCARD)
    assert (answer.take, answer.takes_left, answer.is_answered) == (1, 1, False)


def test_new_take_starts_with_nothing_given_or_stored():
    answer = spoken()
    answer = record(answer)
    answer = answer.store("k1", Track.VIDEO, RECORD)
    answer = answer.discard()
    assert (answer.given, answer.tracks, answer.is_answered) == (frozenset(), {}, False)


def test_recording_is_stored_once_every_given_track_is():
    answer = written(Track.VIDEO, Track.AUDIO)
    answer = record(answer, frozenset({Track.VIDEO, Track.AUDIO}))
    answer = answer.store("k1", Track.VIDEO, RECORD)
    assert (answer.is_answered, answer.is_stored) == (True, False)
    answer = answer.store("k1", Track.AUDIO, RECORD)
    assert answer.is_stored


def test_track_that_stayed_empty_is_not_waited_for():
    answer = written(Track.VIDEO, Track.AUDIO)
    answer = record(answer, VIDEO)
    answer = answer.store("k1", Track.VIDEO, RECORD)
    assert answer.is_stored


@pytest.mark.parametrize(("text", "is_answered"), [("", False), (" \n", False), ("Because.", True)])
def test_written_question_is_answered_by_words(text, is_answered):
    answer = written()
    answer = replace(answer, text=text)
    assert answer.is_answered is is_answered


def test_words_alone_do_not_answer_a_spoken_question():
    answer = written(Track.VIDEO)
    answer = replace(answer, text="Because.")
    assert not answer.is_answered
    answer = record(answer)
    answer = replace(answer, text="")
    assert answer.is_answered


def test_record_has_text_only_where_it_is_asked_for():
    assert spoken().record().text is None
    assert written().record().text == ""


def test_view_shows_the_answer_as_it_stands():
    answer = spoken(takes=2)
    answer = record(answer)
    view = answer.view()
    assert (view.question, view.phase, view.take, view.takes_left, view.is_answered) == (
        "q1",
        Phase.TAKEN,
        1,
        1,
        True,
    )
