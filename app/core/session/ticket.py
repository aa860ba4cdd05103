"""Read a ticket's claims without waiting for the signer. Only the signer can tell whether the ticket is valid."""

import base64
import binascii

from pydantic import BaseModel, ConfigDict, ValidationError


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    sub: str  # the session
    interview: str
    exp: int  # Unix time, seconds


def is_same_session(ticket: str, other: str) -> bool:
    """Return whether both tickets claim the same session of the same interview."""
    ours, theirs = _claims_of(ticket), _claims_of(other)
    return ours is not None and theirs is not None and _session(ours) == _session(theirs)


class LiveTicket:
    """Hold the ticket in use; a newer one of the same session may replace it."""

    def __init__(self, text: str = "") -> None:
        self.text = text  # "": there is none yet
        self._refused = ""  # the last one that the signer has refused

    def note_refusal(self, text: str) -> None:
        """Note that the signer refuses `text`: then any other ticket of this session may replace it."""
        self._refused = text

    def renew(self, text: str) -> float | None:
        """Use `text` from now on; return how many seconds later it expires (below 0: earlier).

        Return None and keep the present ticket if `text` is of another session, is in use already, or expires earlier
        although the present ticket was not refused.
        """
        ours, theirs = _claims_of(self.text), _claims_of(text)
        if text == self.text or ours is None or theirs is None or _session(ours) != _session(theirs):
            return None
        if theirs.exp < ours.exp and self.text != self._refused:
            return None
        self.text = text
        # We return the difference, not the expiry time: the device's clock may be wrong.
        return float(theirs.exp - ours.exp)


def _session(claims: _Claims) -> tuple[str, str]:
    return claims.interview, claims.sub


def _claims_of(ticket: str) -> _Claims | None:
    """Return the claims in the middle part of a JWT; None if they cannot be read."""
    parts = ticket.split(".")
    if len(parts) != 3:
        return None
    try:
        return _Claims.model_validate_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValidationError, binascii.Error, ValueError):
        return None
