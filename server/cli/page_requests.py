"""Requests as a page sends them to the store, and what to do if one fails."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx


class CheckFailed(Exception):
    """A check failed; `str()` says what to do."""


@dataclass(frozen=True, slots=True)
class Page:
    """Send requests as a page of this origin does."""

    client: httpx.Client
    origin: str

    def preflight(self, url: str, headers: Mapping[str, str]) -> None:
        """Raise CheckFailed unless a browser may send these headers."""
        asked = ", ".join(headers)
        answer = self.client.options(
            url,
            headers={"Origin": self.origin, "Access-Control-Request-Method": "PUT"}
            | ({"Access-Control-Request-Headers": asked} if asked else {}),
        )
        allowed = {name.strip() for name in answer.headers.get("access-control-allow-headers", "").lower().split(",")}
        if not answer.is_success or not ("*" in allowed or allowed.issuperset(headers)):
            raise CheckFailed(cors_advice(self.origin, asked))

    def put(self, url: str, headers: Mapping[str, str], body: bytes | Iterable[bytes]) -> httpx.Response:
        """Send `body`; without its length if it is no `bytes`."""
        return self.client.put(url, content=body, headers={"Origin": self.origin, **headers})

    def check(self, answer: httpx.Response, what: str, size: int) -> None:
        """Raise CheckFailed unless the store has accepted the request and lets the page read the reply."""
        if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise CheckFailed(
                f"Something before the store refuses {what} of {size} bytes as too large (413). Let bodies of that "
                "size through (nginx: `client_max_body_size`), or have smaller parts: `part_bytes` of the policy."
            )
        if answer.status_code == HTTPStatus.INSUFFICIENT_STORAGE:
            raise CheckFailed(f"The store has no room for {what} of {size} bytes (507).")
        if not answer.is_success:
            raise CheckFailed(
                f"The store refused {what} by its signed URL ({answer.status_code}). Check region and credentials."
            )
        if answer.headers.get("access-control-allow-origin") not in {"*", self.origin}:
            raise CheckFailed(cors_advice(self.origin, ""))


def cors_advice(page_origin: str, asked: str) -> str:
    what = f" with the headers {asked}" if asked else ""
    return f"Let PUT from {page_origin}{what} through: `python serve.py bucket --apply --url {page_origin}`."
