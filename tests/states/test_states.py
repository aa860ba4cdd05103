"""Every state of the page, as it is reached by a candidate, looked at by axe-core: no violation."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.support.faults.faulty_stack import FaultyStack

SEMANTICS = Path(__file__).parent / "semantics"  # what a screen reader is given, of the main states
SNAPSHOTS = {
    "interview": {
        "device-check",
        "recording",
        "taken-stored",
        "discard-question",
        "text",
        "submit-missing",
        "failed",
        "receipt",
    },
    "comeback": {"cut-off", "two-tabs"},
    "dead_ends": {"denied"},
    "slow_lines": set(),
    "chosen_films": set(),
}
BEFORE_ANY_FOCUS = {"boot", "boot-failed"}


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[FaultyStack]":
    from tests.support.states.room import running_faults

    with running_faults(tmp_path_factory.mktemp("states")) as running:
        yield running


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_every_state_can_be_read_by_everybody(browsers, faults, name):
    from tests.support import files
    from tests.support.states import looks, walks
    from tests.support.states.room import Room

    script = looks.AXE.read_text(encoding="utf-8") + files.script("settled")
    room = Room(faults, browsers.get("chromium"), script=script, options={"reduced_motion": "reduce"})
    wrong: list[str] = []
    compared: set[str] = set()
    for state, candidate in getattr(walks, name)(room):
        if (kept := SEMANTICS / f"{state}.yml").exists():
            expect(candidate.page.locator("body")).to_match_aria_snapshot(kept.read_text(encoding="utf-8"))
            compared.add(state)
        found = looks.look_closely(candidate.page, state)
        wrong += [one for one in found if not (one.endswith("nowhere") and state in BEFORE_ANY_FOCUS)]
    assert not wrong, "\n".join(wrong)
    assert compared == SNAPSHOTS[name]


def test_every_kept_snapshot_is_compared():
    assert {kept.stem for kept in SEMANTICS.iterdir()} == set().union(*SNAPSHOTS.values())
