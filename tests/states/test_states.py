"""Every state of the page, as it is reached by a candidate, looked at by axe-core: no violation."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.faults.faulty_stack import FaultyStack

BEFORE_ANY_FOCUS = {"boot", "boot-failed"}


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[FaultyStack]":
    from tests.states.room import running_faults

    with running_faults(tmp_path_factory.mktemp("states")) as running:
        yield running


@pytest.mark.parametrize("name", ["interview", "comeback", "dead_ends"])
def test_no_state_has_a_violation_of_accessibility(browsers, faults, name):
    from tests.states import looks, walks
    from tests.states.room import Room

    script = looks.AXE.read_text(encoding="utf-8")
    room = Room(faults, browsers.get("chromium"), script=script, options={"reduced_motion": "reduce"})
    wrong, seen = [], []
    for state, candidate in getattr(walks, name)(room):
        seen.append(state)
        found = looks.look_closely(candidate.page, state)
        wrong += [one for one in found if not (one.endswith("nowhere") and state in BEFORE_ANY_FOCUS)]
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 3
