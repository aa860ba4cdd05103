"""The connection check: how fast do bytes travel from this page to the store?

The page sends the parts of an upload that is never completed, so that no object remains. Both sides know what they
hold: a signer that signs the MD5 of a part need not be told it.
"""

import hashlib

from pydantic import Field

from app.contract.types import MIB, Reply, Request
from app.contract.uploads import SignedPart

KIB = 1024
# A first answer within the time that the check may take at 64 kbit/s; the last one is enough to fill 20 Mbit/s for long
# enough that a round trip weighs little.
SIZES = (32 * KIB, 256 * KIB, MIB)
MAX_UPLOAD_ID = 2_048  # characters; AWS's have 128


class ConnectionProbe(Reply):
    """Reply of POST /api/connection: one signed part for each of SIZES, sent in this order while there is time."""

    upload: str = Field(max_length=MAX_UPLOAD_ID)  # the store's id of the upload
    parts: tuple[SignedPart, ...] = Field(max_length=len(SIZES))
    has_md5_etags: bool


class EndProbe(Request):
    """POST /api/connection/end: abort the upload of a check."""

    upload: str = Field(min_length=1, max_length=MAX_UPLOAD_ID)


def body_of(size: int) -> bytes:
    """Return the bytes of a part: they look random, so that nothing on the way can compress them."""
    return hashlib.shake_128(b"slipstream").digest(size)


def md5_of(size: int) -> str:
    """Return the MD5 of a part, as 32 hexadecimal digits."""
    return hashlib.md5(body_of(size), usedforsecurity=False).hexdigest()
