"""The order in which a request is handled: check the ticket, read the body, call the route."""

import re
import time
from collections.abc import Callable, Coroutine
from functools import partial
from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import Any, TypeVar, get_type_hints

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response

from app.contract import ASSIGNMENT_HEADER, DEVICE_HEADER
from server.errors import InvalidRequest, TicketRefused
from server.http.dependencies import Signer
from server.http.request_body import LARGE, announced_bytes, max_bytes_of, parsed, read_body
from server.signer.sessions import Session

_PROMPT_S = 1.0
_Result = TypeVar("_Result")
_DEVICE = re.compile(r"[0-9a-f]{32}")


class AuthenticatedRoute(APIRoute):
    """Check the ticket before reading the body; check it, parse the body and call the route in worker threads.

    FastAPI reads and validates the body first, on the event loop, where one sender can delay all others. Here FastAPI
    only derives the OpenAPI document from the route's signature.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        hints = get_type_hints(self.endpoint, include_extras=True)
        opens: Callable[[Signer, str, str | None, str | None], Session] | None = None
        if "session" in hints:
            [opened_by] = hints["session"].__metadata__
            opens = opened_by.dependency
        takes: type[BaseModel] | None = hints.get("body")
        is_for_operators = "operator_key" in hints
        call, status = self.endpoint, int(self.status_code or HTTPStatus.OK)

        async def serve(request: Request) -> Response:
            signer: Signer = request.app.state.signer
            if iscoroutinefunction(call):  # needs no thread
                return _reply(await call(signer), status)
            if is_for_operators and takes is not None:
                await signer.threads.run(partial(_counted, signer, request, partial(signer.operators.check, request)))
                with signer.bodies.room("operators", announced_bytes(request, max_bytes_of(takes))):
                    sent = await read_body(request, max_bytes_of(takes))
                return await signer.threads.run(lambda: _reply(call(signer, None, parsed(takes, sent)), status))
            if opens is None:
                return await signer.threads.run(lambda: _reply(call(signer), status))
            who = _device(request), request.headers.get(ASSIGNMENT_HEADER)
            session = await signer.threads.run(partial(_admitted, signer, request, partial(opens, signer), *who))
            if takes is None:
                return await signer.threads.run(lambda: _reply(call(signer, session), status))
            asked_at = time.monotonic()
            most = max_bytes_of(takes, session)
            with signer.bodies.room(session.keys.prefix, announced_bytes(request, most)):
                body = await read_body(request, most)
            large = await signer.large_bodies.run(partial(parsed, takes, body)) if len(body) > LARGE else None
            is_slow = time.monotonic() - asked_at > _PROMPT_S

            def work() -> Response:
                # While a slow body arrives, the ticket may expire, or another request may submit the session.
                current = opens(signer, _ticket(request), *who) if is_slow else session
                return _reply(call(signer, current, large or parsed(takes, body)), status)

            return await signer.threads.run(work)

        return serve


def _admitted(
    signer: Signer, request: Request, opens: Callable[[str, str | None, str | None], Session], *who: str | None
) -> Session:
    """Open the ticket's session. Raises SignerError."""
    return _counted(signer, request, lambda: opens(_ticket(request), *who))


def _counted(signer: Signer, request: Request, checked: Callable[[], _Result]) -> _Result:
    """Return what a check of ticket or key returns; if it refuses, count that for the caller's address."""
    try:
        return checked()
    except TicketRefused:
        if request.client is not None:
            signer.budgets.count_refusal(request.client.host)
        raise


def _ticket(request: Request) -> str:
    scheme, _, ticket = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not ticket:
        raise TicketRefused
    return ticket


def _device(request: Request) -> str | None:
    device = request.headers.get(DEVICE_HEADER)
    if device is not None and not _DEVICE.fullmatch(device):
        raise InvalidRequest(f"{DEVICE_HEADER} takes 32 hexadecimal digits.")
    return device


def _reply(model: BaseModel | None, status: int) -> Response:
    if model is None:
        return Response(status_code=status)
    return Response(model.model_dump_json(), status, media_type="application/json")
