"""Operators' own programs, by their keys."""

import hmac

from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import Request

from server.errors import TicketRefused


class Operators:
    def __init__(self, keys: SecretStr | None) -> None:
        """`keys`: one or more, with blanks between; None: operators' calls are not there at all."""
        self._keys = [key.encode() for key in keys.get_secret_value().split()] if keys is not None else []

    def check(self, request: Request) -> None:
        """Raise unless a request has one of the keys: HTTPException (404), TicketRefused."""
        if not self._keys:
            raise HTTPException(404)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        # Every key is compared: the time taken tells nothing of which one is nearly right.
        found = [hmac.compare_digest(given.encode("utf-8", "replace"), key) for key in self._keys]
        if scheme.lower() != "bearer" or not any(found):
            raise TicketRefused
