"""How many requests an answer costs: the budgets that README states, counted at each vendor's scripted store."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.contract import PartRules
from app.core.upload.parts import Part, PartCutter, wanted_size
from server.store.profiles import PROFILES
from tests.support.resumable_desk import resumable_desk
from tests.support.stub_store import StoreRequest
from tests.support.vendors import VENDORS, Desk, vendor_desk

CHUNK_S = 0.25
RATE = 2_500_000 // 8  # bytes a second of the recording
UPLINK = 625_000  # bytes a second
PARTS = {"embedded": 80, "folded": 49, "multipart": 2}  # of an answer of 20 s
# Requests to the store, the page's and the signer's. Those around the parts are the same for every answer: claim the
# session, look for a submission, create, list, complete and look at the object; folded, look for the pad and clear.
OF_A_PART = {"embedded": 1, "folded": 5, "multipart": 1}  # folded: create, copy, put, complete, delete
AROUND = {"embedded": 14, "folded": 19, "multipart": 14}  # of them up to 4 looks for a submission, one in 5 s
PAID_OF_A_PART = {"embedded": 1, "folded": 4, "multipart": 1}  # to delete costs nothing, to look very little
PAID_AROUND = {"embedded": 5, "folded": 8, "multipart": 5}


def parts_of(rules: PartRules, seconds: int) -> list[Part]:
    """Return how the page cuts an answer whose uplink is twice as fast as its recording."""
    cutter, parts = PartCutter(rules), []
    chunks = int(seconds / CHUNK_S)
    for left in range(chunks - 1, -1, -1):
        cutter.add(int(RATE * CHUNK_S))
        if not left:
            cutter.finish()
        while (part := cutter.next_part(wanted_size(UPLINK), is_idle=True)) is not None:
            cutter.take(part)
            parts.append(part)
    assert sum(part.size for part in parts) == chunks * int(RATE * CHUNK_S)
    return parts


def kind_of(name: str) -> str:
    return name if name == "embedded" else "folded" if PROFILES[name].folds else "multipart"


@pytest.mark.parametrize("name", VENDORS)
def test_answer_stays_within_its_budget_of_requests(interviews: Path, name: str):
    kind = kind_of(name)
    with vendor_desk(interviews, VENDORS[name], PROFILES[name]) as desk:
        grant = desk.create()
        assert len(parts_of(PartRules.model_validate(grant["parts"]), 20)) == PARTS[kind]
        parts = send_answer(desk, grant, seconds=3)

    requests = Counter(map(what, desk.store.requests))
    assert requests["put"] == parts
    assert requests.total() <= OF_A_PART[kind] * parts + AROUND[kind], requests
    paid = sum(requests[kind] for kind in ("create", "copy", "put", "complete", "list", "document"))
    assert paid <= PAID_OF_A_PART[kind] * parts + PAID_AROUND[kind], requests


def test_answer_in_a_resumable_session_stays_within_its_budget_of_requests(interviews: Path):
    with resumable_desk(interviews) as desk:
        grant = desk.create()
        rules = PartRules.model_validate(grant["parts"])
        assert len(parts_of(rules, 20)) == 24
        parts = parts_of(rules, 3)
        media = bytes(parts[-1].end)
        for part in parts:
            total = part.end if part == parts[-1] else "*"
            desk.send(grant, part.offset, media[part.offset : part.end], total)
        assert desk.complete(grant, media).json()["size"] == len(media)

    to_session = [request for request in desk.store.requests if "upload_id" in request.query]
    asked = Counter(map(what, [request for request in desk.store.requests if request not in to_session]))
    assert len(to_session) == len(parts) + 1, "the signer asks once how the session ended"
    assert asked.total() <= 13, asked
    assert asked["begin"] == 1
    assert sum(asked[kind] for kind in ("create", "put", "copy", "complete", "list", "document")) <= 3, asked


def send_answer(desk: Desk, grant: dict[str, Any], seconds: int) -> int:
    """Send an answer as the page does; return of how many parts."""
    pieces = [bytes(part.size) for part in parts_of(PartRules.model_validate(grant["parts"]), seconds)]
    parts = desk.send(grant, pieces)
    for part in parts[:-1]:
        if part["slot"] is not None:
            reply = desk.candidate.post("/api/uploads/fold", {"upload": grant["upload"], "parts": [part]})
            assert reply.json()["states"] == ["folded"]
    named = parts[-1:] if parts[-1]["slot"] is not None else parts
    size = sum(map(len, pieces))
    body = {"upload": grant["upload"], "parts": named, "size": size}
    assert desk.candidate.post("/api/uploads/complete", body).json()["size"] == size
    assert len(desk.store.objects[grant["key"]].body) == size
    return len(parts)


def what(request: StoreRequest) -> str:
    """Return what a bill calls a request."""
    if request.headers.get("x-goog-resumable") == "start":
        return "begin"
    if request.method == "POST":
        return "create" if "uploads" in request.query else "complete"
    if request.method == "PUT":
        if "x-amz-copy-source" in request.headers:
            return "copy"
        return "put" if "uploadId" in request.query else "document"
    if request.method == "GET" and ({"uploads", "uploadId", "list-type"} & request.query.keys()):
        return "list"
    return request.method.lower()
