"""Tickets as a page sees them: what they say can be read, whether they are good cannot."""

import base64
import json


def ticket(session: str = "s1", interview: str = "demo", exp: int = 1_000, **more: object) -> str:
    claims = json.dumps({"sub": session, "interview": interview, "exp": exp, **more}).encode()
    return f"eyJhbGciOiJIUzI1NiJ9.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln-_A"
