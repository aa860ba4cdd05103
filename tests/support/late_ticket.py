"""A ticket that begins to run only when the page is about to start: a short life is then enough on a slow machine."""

from collections.abc import Callable

from playwright.sync_api import Route

from tests.support.pace import slowness
from tests.support.page_driver import Candidate

_LIFE_S = 12
READDRESS = "(fragment) => history.replaceState(null, '', fragment)"


def short_life_s() -> int:
    """Return a life that is enough to begin and to speak, and soon over."""
    return round(_LIFE_S * slowness())


def open_with_late_ticket(candidate: Candidate, open_page: Callable[[], object], give: Callable[[], object]) -> None:
    """Open the page, and let `give` hand it its ticket while it still waits for its own code."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    candidate.page.route("**/app.zip", hold)
    open_page()
    candidate.until(lambda: held, "app.zip is asked for")
    give()
    for route in held:
        route.continue_()
    candidate.page.unroute("**/app.zip")


def open_link_late(candidate: Candidate, interview: str) -> int:
    """Open the page by a link whose ticket lives for a short time from now on; return that time in seconds."""
    stack, page, life_s = candidate.stack, candidate.page, short_life_s()

    def give() -> None:
        ticket = stack.ticket(session=candidate.session, interview=interview, life_s=life_s)
        page.evaluate(READDRESS, f"#ticket={ticket}")

    open_with_late_ticket(candidate, lambda: page.goto(f"{stack.base_url}/"), give)
    return life_s
