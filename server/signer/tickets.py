"""Tickets and upload handles: JWTs that only the signer can issue, each for one purpose."""

import time
from typing import TypeVar

import jwt
from pydantic import BaseModel, JsonValue, ValidationError, model_validator

from app.contract import (
    Identifier,
    Layout,
    PartRules,
    Reply,
    TakeNumber,
    TicketClaims,
    Track,
    UploadPolicy,
)
from server.errors import TicketRefused

TICKET_AUDIENCE = "slipstream"
UPLOAD_AUDIENCE = "slipstream-upload"
ASSIGNMENT_AUDIENCE = "slipstream-assignment"
_ALGORITHM = "HS256"  # the only one accepted, whatever a token's header says
_MAX_CHARACTERS = 8_192

_Claims = TypeVar("_Claims", bound=BaseModel)


class UploadHandle(Reply):
    """The claims of an `upload` handle. The page passes it on and cannot change it.

    It does not expire by itself. Every call checks a ticket of the same session too, and a renewed ticket must be able
    to continue what an earlier one began. Handles of older signers have an `exp`, which is ignored.
    """

    aud: str
    session: Identifier
    interview: Identifier
    question: Identifier
    take: TakeNumber
    track: Track
    content_type: str
    key: str
    store_upload: str  # the store's id of the multipart upload; in the layout `resumable`, the session: a secret
    token: str  # stored in the object's metadata: tells this upload's object from another's
    layout: Layout = Layout.MULTIPART
    parts: PartRules
    max_bytes: int  # of the recording, by the question's limits

    @model_validator(mode="before")
    @classmethod
    def _of_today(cls, claims: object) -> object:
        """Convert a handle of an older signer: all parts were equal."""
        if isinstance(claims, dict) and "part_bytes" in claims:
            return claims | {"parts": {"min_bytes": claims["part_bytes"], "max_bytes": claims["part_bytes"]}}
        return claims


class Tickets:
    """Issue and verify tickets and upload handles."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def mint(
        self,
        *,
        session: str,
        interview: str,
        life_s: int,
        name: str = "",
        reference: str = "",
        locale: str = "",
        policy: dict[str, JsonValue] | None = None,
    ) -> str:
        """Return a ticket that is good for `life_s` seconds from now.

        Raises pydantic.ValidationError if an id, the name, the reference, the locale or the policy is not
        acceptable.
        """
        now = int(time.time())
        claims = TicketClaims(
            aud=TICKET_AUDIENCE,
            sub=session,
            interview=interview,
            iat=now,
            exp=now + life_s,
            name=name,
            reference=reference,
            locale=locale,
            policy=policy or {},
        )
        UploadPolicy().overridden_by(claims.policy)
        return self._sign(claims)

    def read(self, token: str) -> TicketClaims:
        """Return a ticket's claims. Raises TicketRefused for any fault in it."""
        claims = self._read(token, TICKET_AUDIENCE, TicketClaims, ["aud", "sub", "interview", "iat", "exp"])
        try:
            UploadPolicy().overridden_by(claims.policy)
        except ValidationError:
            raise TicketRefused from None
        return claims

    def mint_handle(self, handle: UploadHandle) -> str:
        return self._sign(handle)

    def read_handle(self, token: str, ticket: TicketClaims) -> UploadHandle:
        """Return a handle's content if it belongs to the ticket's session, whichever ticket started the upload.

        Raises TicketRefused.
        """
        handle = self._read(token, UPLOAD_AUDIENCE, UploadHandle, ["aud"], has_end=False)
        if (handle.session, handle.interview) != (ticket.sub, ticket.interview):
            raise TicketRefused
        return handle

    def mint_assignments(self, claims: BaseModel) -> str:
        return self._sign(claims)

    def read_assignments(self, token: str, model: type[_Claims]) -> _Claims:
        """Return the claims of an assignment token. Raises TicketRefused for any fault in it."""
        return self._read(token, ASSIGNMENT_AUDIENCE, model, ["aud"], has_end=False)

    def _sign(self, claims: BaseModel) -> str:
        return jwt.encode(claims.model_dump(mode="json"), self._secret, algorithm=_ALGORITHM)

    def _read(
        self, token: str, audience: str, model: type[_Claims], required: list[str], *, has_end: bool = True
    ) -> _Claims:
        if len(token) > _MAX_CHARACTERS:
            raise TicketRefused
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                audience=audience,
                # Not `iat`: the issuing signer's clock may be a little ahead of ours.
                options={"require": required, "verify_iat": False, "verify_exp": has_end, "strict_aud": True},
            )
            return model.model_validate(claims)
        except (jwt.PyJWTError, ValidationError, ValueError):
            # Not chained: the cause would quote the token.
            raise TicketRefused from None
