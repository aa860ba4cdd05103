"""A flag with two arms, and who falls into them."""

from typing import Any

from app.contract import Interview, Question, TextRules, TicketClaims

QUESTION = Question(id="q", prompt="Why?", text=TextRules())
ARMS = {"control": {}, "quick": {"timeslice_ms": 100}}


def interview(id_: str = "trial") -> Interview:
    return Interview(id=id_, title="Trial", questions=(QUESTION,))


def ticket(session: str, interview: str = "trial", **policy: Any) -> TicketClaims:
    return TicketClaims(aud="slipstream", sub=session, interview=interview, iat=0, exp=9_999_999_999, policy=policy)


def split(percent: float, **flag: Any) -> dict[str, Any]:
    """Return a flag that puts this many of a hundred sessions into the arm `quick`."""
    rule = {"fractional": [["quick", percent], ["control", 100 - percent]]}
    return {"state": "ENABLED", "variants": ARMS, "defaultVariant": "control", "targeting": rule} | flag
