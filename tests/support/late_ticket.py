"""A ticket that begins to run only when the page is about to start: a short life is then enough on a slow machine."""

from collections.abc import Callable

from playwright.sync_api import Route

from tests.support.page_driver import Candidate

LIFE_S = 12  # enough to begin and to speak, and soon over
READDRESS = "(fragment) => history.replaceState(null, '', fragment)"


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


def open_link_late(candidate: Candidate, interview: str) -> None:
    """Open the page by a link whose ticket lives for LIFE_S from now on."""
    stack, page = candidate.stack, candidate.page

    def give() -> None:
        ticket = stack.ticket(session=candidate.session, interview=interview, life_s=LIFE_S)
        page.evaluate(READDRESS, f"#ticket={ticket}")

    open_with_late_ticket(candidate, lambda: page.goto(f"{stack.base_url}/"), give)
