"""Two calls that fold the same recording at once: the page was reloaded, and its last call still runs."""

import time
from pathlib import Path

from server.store.profiles import PROFILES
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


def tails(desk: Desk) -> set[str]:
    return {key for key in desk.store.objects if key.startswith("_tail/")}
