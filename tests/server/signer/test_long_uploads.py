"""Row 23 without a browser: more parts than one list holds, through the signer into a real store."""

from typing import Any

from app.contract import PartRules
from server.signer.tickets import Tickets
from server.store.multipart import PART_PAGE
from tests.support.signer_client import Candidate

PIECE = b"ten bytes."
SIGNED_AT_ONCE = 100
PARTS = PART_PAGE + 1


def test_row_23_more_than_a_thousand_parts_are_listed_by_the_page_and_make_one_object(
    candidate: Candidate, tickets: Tickets
):
    grant = candidate.create().json()
    handle = tickets.read_handle(grant["upload"], tickets.read(candidate.ticket))
    # No interview grants parts as short as this: it is their number that counts here.
    upload = tickets.mint_handle(handle.model_copy(update={"parts": PartRules.equal(len(PIECE)), "max_bytes": 10**6}))

    for first in range(1, PARTS + 1, SIGNED_AT_ONCE):
        numbers = range(first, min(first + SIGNED_AT_ONCE, PARTS + 1))
        parts = [{"number": number, "offset": (number - 1) * len(PIECE), "size": len(PIECE)} for number in numbers]
        for part in candidate.post("/api/uploads/sign", {"upload": upload, "parts": parts}).json()["parts"]:
            assert candidate.client.put(part["url"], content=PIECE).status_code == 200

    pages = list_all(candidate, upload)
    stored = {part["number"]: part for page in pages for part in page}
    assert list(stored) == list(range(1, PARTS + 1))
    assert len(pages) == 2
    assert max(map(len, pages)) <= PART_PAGE

    offsets = [{"offset": (number - 1) * len(PIECE)} for number in stored]
    done = candidate.complete(upload, [part | offset for part, offset in zip(stored.values(), offsets, strict=True)])

    assert done.json() == {"key": grant["key"], "size": PARTS * len(PIECE)}


def list_all(candidate: Candidate, upload: str) -> list[list[dict[str, Any]]]:
    """Follow `next_after` to the end."""
    pages, after = [], 0
    while after is not None:
        page = candidate.post("/api/uploads/list", {"upload": upload, "after": after}).json()
        pages.append(page["parts"])
        after = page["next_after"]
    return pages
