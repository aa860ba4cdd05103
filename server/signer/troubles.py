"""Log failures that a page cannot fix, with advice for the operator."""

import logging

from app.contract import Trouble, TroubleKind
from server.signer.sessions import Session

_log = logging.getLogger("slipstream.trouble")

_ADVICE = {
    TroubleKind.TOO_LARGE: "a gateway before the store takes no body of this size (413): raise its limit "
    "(nginx: client_max_body_size)",
    TroubleKind.BLOCKED: "the store answers, but browsers keep the page from storing: check the bucket's CORS rule "
    "(PUT from the page's origin, with Content-Type and Content-MD5), and whether a gateway refuses this size",
    TroubleKind.FORBIDDEN: "the store refuses fresh signed URLs (403): check the key's permissions, the bucket's "
    "policy, and the signer's clock",
    TroubleKind.UNABLE: "the store says that it cannot or has no room (501, 507), or forgets each upload at once: "
    "check its disk, its quota, and what it knows of multipart uploads",
}


def log_trouble(session: Session, trouble: Trouble) -> None:
    """Write one line made of known names and numbers only: a request cannot put its own text into the log.

    Raises UnknownQuestion for a question that the interview does not have.
    """
    session.question(trouble.question, 1)
    what = "answer.json" if trouble.part_bytes is None else f"parts of {trouble.part_bytes} bytes"
    _log.warning(
        "uploads are refused (%s), %s/%s, question %s, %s: %s",
        trouble.kind,
        session.interview.id,
        session.ticket.sub,
        trouble.question,
        what,
        _ADVICE[trouble.kind],
    )
