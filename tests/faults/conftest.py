"""The whole of Slipstream behind fault proxies, and a candidate before its page."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.files import INTERVIEWS, script
from tests.support.pace import slowness
from tests.support.settings import PART_BYTES, QUICK, synthetic

if TYPE_CHECKING:
    from tests.support.faults.faulty_stack import FaultyStack
    from tests.support.page_driver import Candidate
    from tests.support.stack import Stack

# Waits are short here, so that a test sees what follows them; but a page that is late with its own work on a busy
# machine must not take that for a reply that does not come.
IMPATIENT = {
    "retry_base_s": 0.05,
    "retry_cap_s": 0.4,
    "stall_timeout_s": 2 * slowness(),
    "reply_timeout_s": 3 * slowness(),
}
# Faster than anybody speaks: what the network does to bytes is the same to any bytes.
NOISE = synthetic(type="audio/webm;codecs=opus", size=PART_BYTES * 4 // 9, every_ms=125)
# What a browser itself says of a request that failed. Its line on a reply without CORS headers quotes the URL.
_FAILED_REQUEST = r"Failed to load resource|blocked by CORS policy|Cross-Origin Request Blocked|NetworkError|CORS req"
_QUOTES_URL = ("Access to XMLHttpRequest at", "Cross-Origin Request Blocked")


@pytest.fixture(params=["chromium"])
def browser_name(request: pytest.FixtureRequest) -> str:
    """Chromium, unless a test asks for others by `@pytest.mark.parametrize`."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def running_faults(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[FaultyStack]":
    from tests.support.faults.faulty_stack import running_faulty_stack

    folder = tmp_path_factory.mktemp("faulty")
    with running_faulty_stack(folder, policy=QUICK | IMPATIENT, interviews=INTERVIEWS) as running:
        yield running


@pytest.fixture(scope="session")
def stack(running_faults: "FaultyStack") -> "Stack":
    """What `sit_down` opens the page of."""
    return running_faults.stack


@pytest.fixture
def faults(running_faults: "FaultyStack") -> "Iterator[FaultyStack]":
    """Everything well at first; at the end every fault must have fired."""
    running_faults.mend()
    yield running_faults
    running_faults.assert_all_fired()
    running_faults.mend()


@pytest.fixture
def sit_down_with_faults(
    sit_down: "Callable[..., Candidate]", faults: "FaultyStack"
) -> "Iterator[Callable[..., Candidate]]":
    """Return what opens the page; requests may fail in it. It records noise, unless `before` says otherwise."""
    watching = script("watch")
    seated: list[Candidate] = []

    def sit(*arguments: str, before: str = NOISE, **named: object) -> "Candidate":
        candidate = sit_down(*arguments, before=before, script=watching, **named)
        candidate.watch.expect(_FAILED_REQUEST)
        seated.append(candidate)
        return candidate

    yield sit
    for candidate in seated:
        # No page can keep a browser from saying this to its owner; no page can read it either.
        candidate.watch.said[:] = [line for line in candidate.watch.said if not line.startswith(_QUOTES_URL)]
