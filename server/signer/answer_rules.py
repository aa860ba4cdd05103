"""Check whether an answer fits its question, and which questions still need an answer."""

from pydantic import JsonValue

from app.contract import AnswerRecord, Question, Submission
from server.errors import InvalidRequest
from server.signer.sessions import SPARE_TAKES, Session


def check_answer(session: Session, answer: AnswerRecord) -> None:
    """Raise InvalidRequest or UnknownQuestion if a record does not fit the interview, or names another object."""
    question = session.question(answer.question, answer.take, SPARE_TAKES)
    for track, record in answer.tracks.items():
        if track not in question.tracks:
            raise InvalidRequest(f"Question {question.id} takes no {track}.")
        if record.key != session.keys.recording(question.id, answer.take, track, record.content_type):
            raise InvalidRequest(f"The {track} of question {question.id} does not lie where it is said to.")
    if answer.text:
        if question.text is None:
            raise InvalidRequest(f"Question {question.id} takes no text.")
        if len(answer.text) > question.text.max_characters:
            raise InvalidRequest(f"Question {question.id} takes {question.text.max_characters} characters.")


def unanswered(session: Session, request: Submission) -> list[dict[str, JsonValue]]:
    """Return an error for each required question without an answer."""
    answers = {answer.question: answer for answer in request.answers}
    return [
        {"question": question.id, "msg": "not answered"}
        for question in session.interview.questions
        if question.required and not _is_answered(question, answers.get(question.id))
    ]


def _is_answered(question: Question, answer: AnswerRecord | None) -> bool:
    """Return whether the answer has a recording or, if the question has no tracks, a text.

    One track of two is enough: a microphone that delivers nothing must not cost a candidate the video.
    """
    if answer is None:
        return False
    if question.tracks:
        return bool(answer.tracks)
    return bool(answer.text and answer.text.strip())
