"""A session as one request sees it: ticket, interview, policy."""

import math
import time
from dataclasses import dataclass, field

from app.contract import (
    AnswerRecord,
    Interview,
    InterviewGrant,
    Question,
    TicketClaims,
    UploadPolicy,
)
from server.errors import AlreadySubmitted, InvalidRequest, UnknownQuestion
from server.signer.budgets import Budgets
from server.signer.flags.assignments import Assignments, Flags
from server.signer.interviews import Interviews
from server.signer.object_keys import SessionKeys
from server.signer.revocations import Revocations
from server.signer.tickets import Tickets
from server.store.storage import Storage

# So long a session that the store has called open counts as open for its parts. Each look is a call to the store; and
# the URLs that a page has already are good for minutes.
OPEN_S = 20.0
# Where the operator has completed what a candidate had left (`sessions complete`), what they then go on with needs a
# number of its own.
SPARE_TAKES = 1
_REMEMBERED = 10_000  # sessions


@dataclass(frozen=True, slots=True)
class Caller:
    """What a page says of itself beside its ticket."""

    device: str | None = None  # 32 hexadecimal digits; None: it sent no id
    assignment: str | None = None  # the token of an earlier grant; None: it has none


UNKNOWN = Caller()


@dataclass(frozen=True, slots=True)
class Session:
    ticket: TicketClaims
    interview: Interview
    policy: UploadPolicy
    device: str | None = None  # the one that sent the request; None: it sent no id
    assignments: Assignments = field(default_factory=Assignments)  # the variants that it is in
    credentials_life_s: float = math.inf  # how long the signer may sign for the store

    @property
    def keys(self) -> SessionKeys:
        return SessionKeys(self.interview.id, self.ticket.sub)

    def remaining_s(self) -> float:
        return max(0.0, self.ticket.exp - time.time())

    def url_life_s(self) -> int:
        """Return how long a URL may live: no longer than ticket and credentials, at least 1, since S3 refuses 0."""
        return max(1, int(min(self.policy.url_life_s, self.remaining_s(), self.credentials_life_s)))

    def question(self, id_: str, take: int, spare: int = 0) -> Question:
        """Return the question, if it allows this take, or `spare` more. Raises UnknownQuestion, InvalidRequest."""
        for question in self.interview.questions:
            if question.id == id_:
                break
        else:
            raise UnknownQuestion
        if take > question.takes + spare:
            raise InvalidRequest(f"This question allows {question.takes} takes.")
        return question


class Sessions:
    """Open sessions from tickets."""

    def __init__(
        self,
        *,
        tickets: Tickets,
        revocations: Revocations,
        budgets: Budgets,
        interviews: Interviews,
        flags: Flags,
        storage: Storage,
        base: UploadPolicy,
    ) -> None:
        self._tickets = tickets
        self._revocations = revocations
        self._budgets = budgets
        self._flags = flags
        self._interviews = interviews
        self._storage = storage
        self._base = base
        self._open_since: dict[str, float] = {}  # by prefix: when the store was asked, in monotonic seconds

    def open(self, ticket: str, caller: Caller = UNKNOWN) -> Session:
        """Return the ticket's session. Raises SignerError, also if the store's credentials have expired.

        Does not check whether it was submitted.
        """
        claims = self._tickets.read(ticket)
        self._revocations.check(claims)
        self._budgets.count_call(SessionKeys(claims.interview, claims.sub))
        interview = self._interviews.get(claims.interview)
        assignments = self._flags.of(claims, interview, caller.assignment)
        return Session(
            ticket=claims,
            interview=interview,
            policy=assignments.policy_over(self._base, interview.policy, claims.policy),
            device=caller.device,
            assignments=assignments,
            credentials_life_s=self._storage.bucket.credentials_life_s(),
        )

    def open_unsubmitted(self, ticket: str, caller: Caller = UNKNOWN) -> Session:
        """Return the ticket's session. Raises SignerError, AlreadySubmitted once it is closed.

        The store is asked each time: another signer may have just closed the session.
        """
        session = self.open(ticket, caller)
        asked_at = time.monotonic()
        if self._storage.objects.head(session.keys.submission) is not None:
            raise AlreadySubmitted
        if len(self._open_since) >= _REMEMBERED:
            self._open_since.clear()
        self._open_since[session.keys.prefix] = asked_at
        return session

    def open_for_parts(self, ticket: str, caller: Caller = UNKNOWN) -> Session:
        """Return the ticket's session, for a call that stores no object. Raises SignerError, AlreadySubmitted.

        If another signer has just closed the session, this may be noticed OPEN_S seconds late: parts alone change
        nothing that was submitted. Completing them asks the store.
        """
        session = self.open(ticket, caller)
        if time.monotonic() - self._open_since.get(session.keys.prefix, -math.inf) < OPEN_S:
            return session
        return self.open_unsubmitted(ticket, caller)

    def note_submitted(self, session: Session) -> None:
        self._open_since.pop(session.keys.prefix, None)

    def grant(
        self,
        session: Session,
        store_origin: str,
        stream_origin: str | None,
        answers: tuple[AnswerRecord, ...],
        *,
        is_open_elsewhere: bool = False,
    ) -> InterviewGrant:
        return InterviewGrant(
            session=session.ticket.sub,
            name=session.ticket.name,
            locale=session.ticket.locale,
            # The overrides from the file are already merged into `policy`.
            interview=session.interview.model_copy(update={"policy": {}}),
            policy=session.policy,
            store_origin=store_origin,
            stream_origin=stream_origin,
            assignment=self._flags.token(session.assignments),
            expires_in_s=session.remaining_s(),
            is_open_elsewhere=is_open_elsewhere,
            answers=answers,
        )
