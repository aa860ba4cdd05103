"""Ctrl-C in the middle: the doctor still takes back what it has written."""

import signal
import subprocess
import time
from collections.abc import Callable

from server.settings import Settings
from tests.support.faults.calls import Kind
from tests.support.faults.proxy import Proxy
from tests.support.faults.rules import Rule, Stall
from tests.support.seaweed import Seaweed
from tests.support.signer_client import SECRET
from tests.support.stack import start_serve

PATIENCE_S = 60


def _wait(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_is_written_is_taken_back_after_ctrl_c(
    settings: Settings, gateway: Proxy, seaweed: Seaweed, left_behind: Callable[[], list[str]]
):
    stalled = Rule(Stall(), Kind.PART, number=2)
    gateway.add(stalled)
    env = seaweed.settings() | {"SLIPSTREAM_S3_ENDPOINT": gateway.origin, "SLIPSTREAM_SECRET": SECRET}
    with start_serve(["doctor", "--url", str(settings.url)], env, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(lambda: stalled.seen)
            assert left_behind() != []

            process.send_signal(signal.SIGINT)

            assert process.wait(PATIENCE_S) != 0
        finally:
            process.kill()
    assert left_behind() == []
