"""Tickets and upload handles: JWTs that only the signer can issue, each for one purpose."""

import hashlib
import time
from contextlib import suppress
from typing import TypeVar

import jwt
from jwt.types import Options
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
from server.errors import TicketRefused, UploadUnknown

TICKET_AUDIENCE = "slipstream"
UPLOAD_AUDIENCE = "slipstream-upload"
ASSIGNMENT_AUDIENCE = "slipstream-assignment"
_ALGORITHM = "HS256"  # the only one accepted, whatever a token's header says
_MAX_CHARACTERS = 8_192
_REMEMBERED = 4_096  # tokens, of 2 KB each: a page sends the same two with every call

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

    def __init__(self, *secrets: str) -> None:
        """The first of the `secrets` signs. The others have signed before; all of them verify."""
        self._secrets = {_key_id(secret): secret for secret in reversed(secrets)}
        self._signing = _key_id(secrets[0])
        self._verified_before: dict[tuple[bytes, str], BaseModel] = {}  # by digest: no ticket stays in memory

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

        Raises TicketRefused; UploadUnknown if another secret has signed it, which has been dropped or is not here yet:
        the page then begins a new upload, and sends everything again from its journal.
        """
        try:
            handle = self._read(token, UPLOAD_AUDIENCE, UploadHandle, ["aud"], has_end=False)
        except TicketRefused:
            if self._is_of_another_secret(token):
                raise UploadUnknown from None
            raise
        if (handle.session, handle.interview) != (ticket.sub, ticket.interview):
            raise TicketRefused
        return handle

    def _is_of_another_secret(self, token: str) -> bool:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except (jwt.PyJWTError, ValueError):
            return False
        return key_id is not None and key_id not in self._secrets

    def mint_assignments(self, claims: BaseModel) -> str:
        return self._sign(claims)

    def read_assignments(self, token: str, model: type[_Claims]) -> _Claims:
        """Return the claims of an assignment token. Raises TicketRefused for any fault in it."""
        return self._read(token, ASSIGNMENT_AUDIENCE, model, ["aud"], has_end=False)

    def _sign(self, claims: BaseModel) -> str:
        secret = self._secrets[self._signing]
        return jwt.encode(claims.model_dump(mode="json"), secret, _ALGORITHM, headers={"kid": self._signing})

    def _read(
        self, token: str, audience: str, model: type[_Claims], required: list[str], *, has_end: bool = True
    ) -> _Claims:
        if len(token) > _MAX_CHARACTERS:
            raise TicketRefused
        try:
            digest = (hashlib.sha256(token.encode()).digest(), audience)
            claims = self._verified_before.get(digest)
            if not isinstance(claims, model):
                claims = model.model_validate(self._verified(token, audience, required, has_end=has_end))
                self._remember(digest, claims)
        except (jwt.PyJWTError, ValidationError, ValueError):
            # Not chained: the cause would quote the token.
            raise TicketRefused from None
        if has_end and _is_over(claims):
            raise TicketRefused
        return claims

    def _remember(self, digest: tuple[bytes, str], claims: BaseModel) -> None:
        if len(self._verified_before) >= _REMEMBERED:
            self._verified_before.clear()
        self._verified_before[digest] = claims

    def _verified(self, token: str, audience: str, required: list[str], *, has_end: bool) -> dict[str, JsonValue]:
        """Return the claims of a token that one of our secrets has signed. Raises jwt.PyJWTError, ValueError."""
        key_id = str(jwt.get_unverified_header(token).get("kid"))
        # Older signers, and programs of an operator that mint tickets, name no secret of ours.
        *others, last = [self._secrets[key_id]] if key_id in self._secrets else self._secrets.values()
        # Not `iat`: the issuing signer's clock may be a little ahead of ours.
        options: Options = {"require": required, "verify_iat": False, "verify_exp": has_end, "strict_aud": True}
        for secret in others:
            with suppress(jwt.InvalidSignatureError):
                return jwt.decode(token, secret, [_ALGORITHM], options, audience=audience)
        return jwt.decode(token, last, [_ALGORITHM], options, audience=audience)


def _is_over(claims: BaseModel) -> bool:
    """Return whether claims have expired, also if they had not when they were verified."""
    return isinstance(claims, TicketClaims) and claims.exp <= time.time()


def _key_id(secret: str) -> str:
    """Return the `kid` of a secret (RFC 7515, 4.1.4): it tells secrets apart, and nothing of them."""
    return hashlib.sha256(b"slipstream-kid\n" + secret.encode()).hexdigest()[:8]
