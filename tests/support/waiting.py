"""Wait for what another thread or process brings about, and says so to nobody."""

import time
from collections.abc import Callable

LIMIT_S = 60  # long, for a machine that is busy with other things


def eventually(look: Callable[[], object], what: str) -> None:
    """Return when `look` is true. Fails, instead of waiting for ever."""
    deadline = time.monotonic() + LIMIT_S
    while not look():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.005)
