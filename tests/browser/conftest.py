"""Fixtures of the tests that drive the page in a browser."""

import secrets

import pytest

from tests.support.early import WATCHED, Held
from tests.support.page_driver import Candidate


@pytest.fixture
def early(sit_down, stack):
    """Return what opens the page for a candidate while a file that Python needs is held back."""

    def open_held(
        interview: str = "filmed", *, file: str = "stdlib.zip", query: str = "", script: str = "", **ticket: object
    ) -> tuple[Candidate, Held]:
        session = f"t-{secrets.token_hex(6)}"
        candidate = sit_down(interview, link="about:blank", session=session, before=WATCHED + script)
        held = Held(candidate.page, file)
        link = stack.ticket_link(session=session, interview=interview, **ticket)
        candidate.link = link.replace("/#", f"/{query}#")
        candidate.page.goto(candidate.link, wait_until="commit")
        return candidate, held

    return open_held
