"""Where the states are walked through: the whole of Slipstream behind fault proxies, one browser, one candidate."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.support import files
from tests.support.faults.faulty_stack import FaultyStack, running_faulty_stack
from tests.support.page_driver import TIMEOUT_MS, Candidate
from tests.support.page_watch import PageWatch

# Small parts, so that shares climb while one looks; tries soon, so that a retry is seen soon.
POLICY: dict[str, Any] = {"timeslice_ms": 250, "part_bytes": 64 * 1024, "retry_base_s": 0.2, "retry_cap_s": 2}


@dataclass
class Room:
    """Opens the page as often as a walk asks for."""

    faults: FaultyStack
    browser: Browser
    script: str = ""  # runs before the page's own code
    query: str = ""  # of the link: "?lang=ar"
    viewport: tuple[int, int] = (1280, 900)
    options: dict[str, Any] = field(default_factory=dict)  # of the browser's context

    @contextmanager
    def candidate(self, interview: str = "shown", script: str = "") -> Iterator[Candidate]:
        """Seat a candidate before an empty page; `open_page` leads to the interview."""
        self.faults.mend()
        width, height = self.viewport
        context = self.browser.new_context(viewport={"width": width, "height": height}, **self.options)
        context.set_default_timeout(TIMEOUT_MS)
        watch = PageWatch(context)
        context.add_init_script(f"{files.script('taps')}\n{self.script}\n{script}")
        session = f"t-{secrets.token_hex(6)}"
        try:
            yield Candidate(context.new_page(), watch, self.faults.stack, interview, session)
        finally:
            context.close()
            self.faults.mend()

    def link(self, candidate: Candidate) -> str:
        interview = candidate.prefix.partition("/")[0]
        link = self.faults.stack.ticket_link(session=candidate.session, interview=interview, name="Ada")
        return link.replace("/#", f"/{self.query}#", 1)

    def open_page(self, candidate: Candidate) -> Page:
        candidate.page.goto(self.link(candidate))
        return candidate.page


@contextmanager
def running_faults(folder: Path, interviews: Path = files.INTERVIEWS) -> Iterator[FaultyStack]:
    with running_faulty_stack(folder, policy=POLICY, interviews=interviews) as running:
        yield running
