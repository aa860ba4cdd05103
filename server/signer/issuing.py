"""Issue tickets for the operator: one link for each candidate."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field, JsonValue, ValidationError

from app.contract import Identifier, Locale, Reply, Request
from server.errors import InvalidRequest
from server.signer.interviews import Interviews
from server.signer.tickets import Tickets

MAX_AT_ONCE = 500
DEFAULT_HOURS = 72.0


class TicketOrder(Request):
    """What one link is for."""

    interview: Identifier
    session: Identifier | None = None  # None: a random one
    name: str = Field(default="", max_length=200)  # how to greet the candidate
    reference: str = Field(default="", max_length=200)  # the operator's own number for the candidate
    locale: Locale = ""
    hours: Annotated[float, Field(ge=0.01, le=24 * 365, allow_inf_nan=False)] = DEFAULT_HOURS
    policy: dict[str, JsonValue] = Field(default_factory=dict)  # overrides of UploadPolicy


class TicketOrders(Request):
    """POST /api/tickets."""

    tickets: tuple[TicketOrder, ...] = Field(min_length=1, max_length=MAX_AT_ONCE)


class IssuedTicket(Reply):
    interview: Identifier
    session: Identifier
    name: str
    reference: str
    link: str  # opens the interview; it is the candidate's alone
    expires_at: str  # RFC 3339, UTC


class IssuedTickets(Reply):
    tickets: tuple[IssuedTicket, ...]  # in the order in which they were asked for


class Issuer:
    def __init__(self, tickets: Tickets, interviews: Interviews, link: Callable[[str], str]) -> None:
        """`link` makes a candidate's link of a ticket."""
        self._tickets = tickets
        self._interviews = interviews
        self._link = link

    def issue_all(self, orders: TicketOrders) -> IssuedTickets:
        """Issue every ticket, or none. Raises InvalidRequest, which names the ones that cannot be."""
        faults: list[dict[str, JsonValue]] = [
            {"loc": ["body", "tickets", number, name], "msg": why} for number, name, why in self.faults(orders.tickets)
        ]
        if faults:
            raise InvalidRequest(errors=faults)
        return IssuedTickets(tickets=tuple(self.issue(order) for order in orders.tickets))

    def faults(self, orders: Sequence[TicketOrder]) -> Iterator[tuple[int, str, str]]:
        """Yield the place of each order that cannot be issued beside the others, what of it, and why."""
        known = frozenset(self._interviews.ids())
        taken: set[tuple[str, str]] = set()
        for place, order in enumerate(orders):
            if order.interview not in known:
                yield place, "interview", "there is no such interview"
            if order.session is not None and (order.interview, order.session) in taken:
                yield place, "session", "two candidates would have one session, and read each other's answers"
            taken.add((order.interview, order.session or ""))

    def issue(self, order: TicketOrder) -> IssuedTicket:
        """Issue one ticket. Raises InvalidRequest if its policy is none."""
        session = order.session or f"s-{secrets.token_hex(8)}"
        expires_at = datetime.now(UTC) + timedelta(hours=order.hours)
        try:
            ticket = self._tickets.mint(
                session=session,
                interview=order.interview,
                life_s=int(order.hours * 3600),
                name=order.name,
                reference=order.reference,
                locale=order.locale,
                policy=order.policy,
            )
        except ValidationError:
            raise InvalidRequest("A `policy` has names or values that UploadPolicy does not take.") from None
        return IssuedTicket(
            interview=order.interview,
            session=session,
            name=order.name,
            reference=order.reference,
            link=self._link(ticket),
            expires_at=expires_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        )
