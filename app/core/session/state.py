"""The state of a session, as one value. Events are folded into it; nothing else changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.contract import Question, Submission, Track
from app.core.session.answers import Answer, Move, Phase
from app.core.session.events import (
    AnswersRecovered,
    FileChosen,
    PreparationCancelled,
    PreparationStarted,
    QuestionOpened,
    RecordingStored,
    SessionEvent,
    SubmissionStepped,
    TakeDropped,
    TakeKept,
    TakeReplaced,
    TakeRestored,
    TakeSetAside,
    TakeStarted,
    TakeStopped,
    TextEdited,
    TextHandedOn,
)
from app.core.session.submission import SUBMISSION, SubmissionState
from app.core.transitions import following
from app.core.upload.events import TakeMoved


@dataclass(frozen=True, slots=True)
class SessionState:
    answers: Mapping[str, Answer]  # by question, in the interview's order
    front: str | None = None  # the question that is shown; None: the device check
    submission: SubmissionState = field(default=SubmissionState.OPEN)

    @property
    def is_speaking(self) -> bool:
        """Whether the candidate is being recorded."""
        return any(answer.phase is Phase.RECORDING for answer in self.answers.values())

    @property
    def needs_camera(self) -> bool:
        """Whether any question asks for video."""
        return any(Track.VIDEO in answer.question.tracks for answer in self.answers.values())

    @property
    def preparing(self) -> str | None:
        """Return the question whose preparation time runs; None if none runs."""
        found = (question for question, answer in self.answers.items() if answer.phase is Phase.PREPARING)
        return next(found, None)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the required questions without an answer."""
        answers = self.answers.items()
        return tuple(id_ for id_, answer in answers if answer.question.required and not answer.is_answered)

    def to_submit(self) -> Submission:
        """Return the submission: every answer that was given."""
        given = (answer for answer in self.answers.values() if answer.is_answered)
        return Submission(answers=tuple(answer.record() for answer in given))


def opened(questions: tuple[Question, ...]) -> SessionState:
    """Return the state of a session in which nothing has happened yet."""
    return SessionState({question.id: Answer(question) for question in questions})


def fold(state: SessionState, event: SessionEvent) -> SessionState:
    """Return the state after `event`.

    Raises MoveRefused or TransitionRefused for an event that the state does not allow.
    """
    match event:
        case AnswersRecovered(answers=answers):
            return replace(state, answers=answers)
        case QuestionOpened(question=question):
            return replace(state, front=question)
        case SubmissionStepped(step=step):
            return replace(state, submission=following(SUBMISSION, state.submission, step))
        case TakeMoved() | RecordingStored():
            recording = event.upload if isinstance(event, TakeMoved) else event.recording
            question = recording.question
        case _:
            question = event.question
    return replace(state, answers={**state.answers, question: _answer_after(state.answers[question], event)})


def _answer_after(answer: Answer, event: SessionEvent) -> Answer:  # noqa: C901, PLR0911, PLR0912  one flat line an event
    match event:
        case PreparationStarted():
            return answer.move(Move.PREPARE)
        case TakeStarted(key=key):
            return answer.start(key)
        case FileChosen(key=key):
            return answer.start(key).move(Move.STOP)
        case TakeStopped():
            return answer.move(Move.STOP)
        case TakeKept(given=given, duration_s=duration_s):
            return answer.keep(given, duration_s)
        case TakeDropped() | PreparationCancelled():
            return answer.move(Move.DISCARD)
        case TakeSetAside():
            return answer.discard()
        case TakeRestored():
            return answer.restore()
        case TakeReplaced():
            return answer.replace_discarded()
        case TakeMoved(take=take, upload=recording):
            return answer.move_take(take, recording.track)
        case RecordingStored(recording=recording, record=record):
            return answer.store(recording.key, recording.track, record)
        case TextEdited(text=text):
            return replace(answer, text=text)
        case TextHandedOn():
            return replace(answer, revision=answer.revision + 1)
    return answer
