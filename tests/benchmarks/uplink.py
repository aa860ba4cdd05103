"""A slow uplink: everything that goes from the browser up to the store (and, where the kernel shapes, to the signer).

Where we may, we move into a network namespace of our own and let the kernel's HTB shape its loopback; the machine's own
network is not touched, and all of it is gone with the process. Else a relay with a token bucket slows the store alone.
In both the store has a port for the page (the relay's) beside its own, so that the signer's own calls are not slowed.
There is no added round-trip time: netem is not to be had on every kernel.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from server.settings import ROOT
from tests.benchmarks.relay import HOST

_CLONE_NEWNET = 0x40000000
_MTU = 1500  # the loopback's own of 64 KiB would pass a quarter of a second's worth at once


@dataclass
class Traffic:
    """What went up through the relay: payload and HTTP headers. Known once the line is closed."""

    sent: int = 0


class Uplink:
    """The way from the browser to the store, at one rate at a time."""

    def __init__(self, relay_port: int, store_port: int, *, is_kernel_shaped: bool) -> None:
        self._relay_port = relay_port
        self.store_port = store_port
        self._is_kernel_shaped = is_kernel_shaped

    @property
    def url(self) -> str:
        """The store as the page reaches it; what is signed must name it."""
        return f"http://{HOST}:{self._relay_port}"

    @property
    def name(self) -> str:
        return "HTB in a network namespace" if self._is_kernel_shaped else "token-bucket relay"

    @contextmanager
    def at(self, bits_per_second: float, page_port: int) -> Iterator[Traffic]:
        """Hold the line at one rate while the context is open."""
        if self._is_kernel_shaped:
            _shape(bits_per_second, (self._relay_port, page_port))
        rate = [] if self._is_kernel_shaped else [str(bits_per_second)]
        command = [sys.executable, "-m", "tests.benchmarks.relay", str(self._relay_port), str(self.store_port), *rate]
        relay = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert relay.stdout is not None
        traffic = Traffic()
        try:
            assert relay.stdout.readline() == "ready\n", "the relay did not start"
            yield traffic
        finally:
            relay.send_signal(signal.SIGTERM)
            traffic.sent = int(relay.stdout.readline() or 0)
            relay.wait()
            relay.stdout.close()


def enter_own_network() -> bool:
    """Move this process into a network namespace with a loopback that can be shaped. False: we may not.

    Call it before any thread and any child is started.
    """
    if not (sys.platform == "linux" and os.geteuid() == 0 and shutil.which("tc") and shutil.which("ip")):
        return False
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET) != 0:
        return False
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "link", "set", "lo", "mtu", str(_MTU), "gso_max_size", str(_MTU), "gso_max_segs", "1")
    # With a loopback alone the browser believes that it is offline.
    _run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "up1")
    for end in ("up0", "up1"):  # an IPv6 address would come a second later, and the browser drops its requests then
        _run("ip", "link", "set", end, "addrgenmode", "none")
    _run("ip", "address", "add", "192.0.2.1/24", "dev", "up0")
    _run("ip", "link", "set", "up0", "up")
    _run("ip", "link", "set", "up1", "up")
    return True


def _shape(bits_per_second: float, ports: tuple[int, ...]) -> None:
    """Let what goes to `ports` share one rate; everything else passes freely."""
    subprocess.run(["tc", "qdisc", "del", "dev", "lo", "root"], capture_output=True, check=False)
    _run("tc", "qdisc", "add", "dev", "lo", "root", "handle", "1:", "htb")
    rate = f"{round(bits_per_second)}bit"
    limits = ["rate", rate, "ceil", rate, "burst", "6000", "cburst", "6000"]
    _run("tc", "class", "add", "dev", "lo", "parent", "1:", "classid", "1:1", "htb", *limits)
    for port in ports:
        match = ["match", "ip", "dport", str(port), "0xffff", "flowid", "1:1"]
        _run("tc", "filter", "add", "dev", "lo", "parent", "1:", "protocol", "ip", "u32", *match)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
