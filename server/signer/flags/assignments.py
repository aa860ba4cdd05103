"""Put a session into its variants once, and let it keep them: a signed token goes with every later call."""

from collections.abc import Mapping

from openfeature.evaluation_context import EvaluationContext
from pydantic import Field, JsonValue

from app.contract import Identifier, Interview, Reply, TicketClaims, UploadMode, UploadPolicy
from app.contract.efficiency import Assignment, Name
from server.errors import TicketRefused
from server.signer.flags.flag_rules import BULK
from server.signer.flags.flag_set import FlagSet
from server.signer.flags.flag_source import FlagSource
from server.signer.tickets import ASSIGNMENT_AUDIENCE, Tickets


class Assignments(Reply):
    """The claims of an assignment token: the variants of one session, and what they set in its policy.

    It does not expire: a session that goes on stays in its variants. It opens nothing without a ticket.
    """

    aud: str = ASSIGNMENT_AUDIENCE
    session: Identifier = ""
    interview: Identifier = ""
    by_flag: dict[Name, Assignment] = Field(default_factory=dict)
    policy: dict[str, JsonValue] = Field(default_factory=dict)  # between the interview's overrides and the ticket's
    is_bulk: bool = False  # the fallback, over everything else

    def policy_over(
        self, base: UploadPolicy, interview: Mapping[str, JsonValue], ticket: Mapping[str, JsonValue]
    ) -> UploadPolicy:
        """Return the session's policy."""
        last: dict[str, JsonValue] = {"mode": UploadMode.BULK} if self.is_bulk else {}
        return base.overridden_by(interview, self.policy, ticket, last)


class Flags:
    """Assign sessions to variants."""

    def __init__(self, source: FlagSource, tickets: Tickets) -> None:
        self._source = source
        self._tickets = tickets

    def of(self, ticket: TicketClaims, interview: Interview, token: str | None) -> Assignments:
        """Return a session's assignments: those of its `token`, or new ones if it brings no valid one."""
        if token:
            try:
                kept = self._tickets.read_assignments(token, Assignments)
            except TicketRefused:
                pass  # e.g. of another secret: the session is assigned anew
            else:
                if (kept.session, kept.interview) == (ticket.sub, ticket.interview):
                    return kept
        return self._new(self._source.current(), ticket, interview)

    def token(self, assignments: Assignments) -> str:
        """Return the token; "" only where there are no flags. The same assignments always give the same token.

        Being in no variant is kept, too: a flag that is switched on later must not move a session that has begun.
        """
        return self._tickets.mint_assignments(assignments) if self._source.is_set or assignments.by_flag else ""

    def _new(self, flags: FlagSet, ticket: TicketClaims, interview: Interview) -> Assignments:
        context = EvaluationContext(ticket.sub, {"interview": interview.id, "locale": ticket.locale})
        by_flag: dict[str, Assignment] = {}
        policy: dict[str, JsonValue] = {}
        fallback = flags.assign(BULK, context)
        is_bulk = fallback is not None and fallback.value is True
        if fallback is not None:
            by_flag[BULK] = fallback.assignment
        for name, variants in flags.overrides().items():
            # What the ticket sets is set for this candidate alone: the session then belongs to no arm. Bulk outranks
            # what the arms have set, so that no arm may claim its figures.
            if is_bulk or any(variant.keys() & ticket.policy.keys() for variant in variants):
                continue
            if (found := flags.assign(name, context)) is not None and isinstance(found.value, dict):
                by_flag[name] = found.assignment
                policy |= found.value
        return Assignments(session=ticket.sub, interview=interview.id, by_flag=by_flag, policy=policy, is_bulk=is_bulk)
