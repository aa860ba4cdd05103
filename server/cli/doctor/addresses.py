"""Whether a browser may go from the page to the store at all, by their addresses."""

from collections.abc import Iterator

from server.cli.doctor.finding import Finding, fault, note
from server.cli.doctor.visit import Visit, is_loopback


def check_addresses(visit: Visit) -> Iterator[Finding]:
    """Find mixed content, and a store that candidates look for on their own machine."""
    page, store = visit.page.origin, visit.store_origin
    if is_loopback(page):
        return
    if page.startswith("https:") and store.startswith("http:"):
        yield fault(
            f"The page is at {page}, and browsers block its requests to {store}: mixed content. Serve the store over "
            "https, and set SLIPSTREAM_S3_ENDPOINT, or SLIPSTREAM_STORE_URL if only pages reach it there."
        )
    elif is_loopback(store):
        yield fault(
            f"Pages of {page} would look for the store at {store}, on the candidate's own machine. Set "
            "SLIPSTREAM_STORE_URL to where candidates reach it."
        )


def check_page_address(visit: Visit) -> Iterator[Finding]:
    """Find a page that gets no camera, and one of which nobody has said where it is."""
    page = visit.page.origin
    if not visit.is_page_known:
        yield note(f"Nobody has said where candidates reach the page, so {page} was taken. Name its address: --url.")
    if page.startswith("http:") and not is_loopback(page):
        yield fault(
            f"The page is at {page}, and browsers give cameras and microphones to https pages only. Put TLS before it, "
            "and name its address: --url https://…"
        )
