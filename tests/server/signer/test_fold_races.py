"""Folding that meets itself or a failing store: two calls at once after a reload; a slot that is stuck."""

import time
from pathlib import Path
from typing import Any

from app.contract import MIB
from server.store.profiles import PROFILES
from tests.support.scripted_s3 import Stored
from tests.support.vendors import VENDORS, Desk, vendor_desk

SMALL = 128 * 1024
CLEARING_S = 20


def test_call_that_lists_objects_while_another_one_folds_on_says_what_is_folded(interviews: Path):
    with vendor_desk(interviews, VENDORS["aws"], PROFILES["aws"]) as desk:
        grant = desk.create()
        parts = desk.send(grant, [bytes([number]) * SMALL for number in range(3)])

        def fold(*named: int) -> list[str]:
            body = {"upload": grant["upload"], "parts": [parts[number] for number in named]}
            return list(desk.candidate.post("/api/uploads/fold", body).json()["states"])

        def fold_on() -> None:
            listed = tails(desk)
            assert fold(2) == ["folded"]
            deadline = time.monotonic() + CLEARING_S
            while tails(desk) & listed:
                assert time.monotonic() < deadline, "the object before is still there"
                time.sleep(0.01)

        fold(0, 1)
        desk.store.after_lists.append(fold_on)

        assert fold(0, 1, 2) == ["folded"] * 3


def test_slot_that_the_store_fails_to_complete_is_named_and_another_one_takes_its_place(interviews: Path):
    with vendor_desk(interviews, VENDORS["ceph"], PROFILES["ceph"]) as desk:
        grant = desk.create()
        pieces = [bytes([number]) * SMALL for number in range(4)]
        parts = desk.send(grant, pieces)
        desk.store.failing.add(parts[1]["slot"])

        def call(name: str, **more: Any) -> Any:
            return desk.candidate.post(f"/api/uploads/{name}", {"upload": grant["upload"]} | more)

        assert call("fold", parts=parts).json() == {
            "states": ["folded", "stuck", "stored", "stored"],
            "folded": SMALL,
            "ahead": [],
        }
        assert call("fold", parts=parts[1:]).json()["states"][0] == "stuck"
        assert call("complete", parts=parts[1:], size=4 * SMALL).status_code == 503

        parts[1] = desk.send_one(grant, 2, SMALL, pieces[1])
        assert call("fold", parts=parts).json()["states"] == ["folded"] * 4
        assert call("complete", parts=[], size=4 * SMALL).status_code == 200
        assert desk.store.objects[grant["key"]].body == b"".join(pieces)


def test_slot_that_is_stuck_although_its_object_is_there_counts_as_folded(interviews: Path):
    with vendor_desk(interviews, VENDORS["ceph"], PROFILES["ceph"]) as desk:
        grant = desk.create()
        first, second = desk.send(grant, [b"1" * SMALL, b"2" * SMALL])
        body = {"upload": grant["upload"], "parts": [first, second]}
        desk.store.failing.add(second["slot"])
        assert desk.candidate.post("/api/uploads/fold", body).json()["states"] == ["folded", "stuck"]

        [key] = [key for key in desk.store.open_uploads if key.startswith("_tail/")]
        desk.store.objects[key] = Stored(bytes(5 * MIB) + b"1" * SMALL + b"2" * SMALL, "etag-2", "")  # made after all
        assert desk.candidate.post("/api/uploads/fold", body).json()["states"] == ["folded"] * 2


def tails(desk: Desk) -> set[str]:
    return {key for key in desk.store.objects if key.startswith("_tail/")}
