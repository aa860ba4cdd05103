"""A slow uplink: everything that goes from the browser up to the store (and, where the kernel shapes, to the signer).

Where we may, we move into a network namespace of our own and let the kernel's HTB shape its loopback; the machine's own
network is not touched, and all of it is gone with the process. Else a relay with a token bucket slows the store alone.
In both the store has a port for the page (the relay's) beside its own, so that the signer's own calls are not slowed.

netem is not to be had on every kernel. A round trip is therefore added by a TUN device through which the packets of
these ports go both ways (delay.py): that needs the namespace, too. Nothing is lost and nothing is reordered on the way.
"""

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from server.settings import ROOT
from tests.benchmarks import delay
from tests.benchmarks.relay import HOST

_CLONE_NEWNET = 0x40000000
_MTU = 1500  # of the line; the loopback's own of 64 KiB would pass a quarter of a second's worth at once
_OWN_MTU = 65_536
_SMALL = "101"  # the routing table of the line
_LINE, _LOCAL = "6", "10"  # places of routing rules: the line's come before that for local addresses
_SENT = re.compile(r"class htb 1:1 .*?Sent (\d+) bytes", re.DOTALL)


@dataclass
class Traffic:
    """What went up. Known once the line is closed."""

    sent: int = 0  # bytes to the store through the relay: payload and HTTP headers
    shaped: int = 0  # bytes of whole packets to store and signer, TCP's own too; 0: the kernel did not shape
    progress: list[tuple[float, int]] = field(default_factory=list)  # seconds since 1970, and `sent` by then


@dataclass(frozen=True)
class Way:
    """One way from the browser to store and signer."""

    bits_per_second: float
    round_trip_s: float = 0.0


class Uplink:
    """The way from the browser to one store; only one line is held at a time."""

    def __init__(self, relay_port: int, store_port: int, *, is_kernel_shaped: bool) -> None:
        self._relay_port = relay_port
        self.store_port = store_port
        self._is_kernel_shaped = is_kernel_shaped
        self._shaped_bytes = 0  # on the last line

    @property
    def url(self) -> str:
        """The store as the page reaches it; what is signed must name it."""
        return f"http://{HOST}:{self._relay_port}"

    @property
    def name(self) -> str:
        return "HTB in a network namespace" if self._is_kernel_shaped else "token-bucket relay"

    @contextmanager
    def at(self, way: Way, page_port: int) -> Iterator[Traffic]:
        """Hold the line while the context is open. Raises ValueError for a round trip where only the relay shapes."""
        if way.round_trip_s and not self._is_kernel_shaped:
            raise ValueError("a round trip can only be added in a network namespace")
        traffic = Traffic()
        with self.shaped(way, page_port), self._relayed(way, traffic):
            yield traffic
        traffic.shaped = self._shaped_bytes

    @contextmanager
    def shaped(self, way: Way, page_port: int) -> Iterator[int]:
        """Shape the line without a relay on it; yield the port at which one would listen."""
        with self._delayed(way, page_port) as device:
            ports = (self._relay_port, page_port)
            if self._is_kernel_shaped:
                _shape(device, way.bits_per_second, ports)
            try:
                yield self._relay_port
            finally:
                if self._is_kernel_shaped:
                    self._shaped_bytes = _shaped(device)
                    _unshape(device, ports)

    def change(self, bits_per_second: float) -> None:
        """Give the held line another rate. Only where the kernel shapes, and without a round trip."""
        _run("tc", "class", "change", "dev", "lo", "parent", "1:", "classid", "1:1", *_htb(bits_per_second))

    @contextmanager
    def _relayed(self, way: Way, traffic: Traffic) -> Iterator[None]:
        rate = [] if self._is_kernel_shaped else [str(way.bits_per_second)]
        relay = _start("tests.benchmarks.relay", str(self._relay_port), str(self.store_port), *rate)
        assert relay.stdout is not None
        try:
            yield
        finally:
            relay.send_signal(signal.SIGTERM)
            traffic.progress = [(at, sent) for at, sent in json.loads(relay.stdout.readline() or "[]")]
            traffic.sent = traffic.progress[-1][1] if traffic.progress else 0
            relay.wait()
            relay.stdout.close()

    @contextmanager
    def _delayed(self, way: Way, page_port: int) -> Iterator[str]:
        """Yield the device that the packets leave through."""
        if not way.round_trip_s:
            yield "lo"
            return
        ports = [str(self._relay_port), str(page_port)]
        process = _start("tests.benchmarks.delay", str(way.round_trip_s / 2), *ports)
        try:
            yield delay.DEVICE
        finally:
            delay.undo(ports)
            process.terminate()
            process.wait()


def _start(module: str, *arguments: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", f"{module} did not start"
    return process


def can_delay() -> bool:
    """Return whether a round trip can be added where the kernel shapes."""
    return Path("/dev/net/tun").exists()


def enter_own_network() -> bool:
    """Move this process into a network namespace with a loopback that can be shaped. False: we may not.

    Call it before any thread and any child is started.
    """
    if not (sys.platform == "linux" and os.geteuid() == 0 and shutil.which("tc") and shutil.which("ip")):
        return False
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET) != 0:
        return False
    _run("ip", "link", "set", "lo", "up")
    # Packets as small as on a line for the line alone: the store's own processes talk over this loopback, too.
    _run("ip", "link", "set", "lo", "mtu", str(_OWN_MTU), "gso_max_size", str(_OWN_MTU), "gso_max_segs", "1")
    _run("ip", "route", "add", "local", "default", "dev", "lo", "mtu", "lock", str(_MTU), "table", _SMALL)
    _run("ip", "rule", "add", "pref", _LOCAL, "lookup", "local")
    _run("ip", "rule", "del", "pref", "0")
    # With a loopback alone the browser believes that it is offline.
    _run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "up1")
    for end in ("up0", "up1"):  # an IPv6 address would come a second later, and the browser drops its requests then
        _run("ip", "link", "set", end, "addrgenmode", "none")
    _run("ip", "address", "add", "192.0.2.1/24", "dev", "up0")
    _run("ip", "link", "set", "up0", "up")
    _run("ip", "link", "set", "up1", "up")
    return True


def _shape(device: str, bits_per_second: float, ports: tuple[int, ...]) -> None:
    """Let what goes to `ports` share one rate; everything else passes freely."""
    _run("tc", "qdisc", "add", "dev", device, "root", "handle", "1:", "htb")
    _run("tc", "class", "add", "dev", device, "parent", "1:", "classid", "1:1", *_htb(bits_per_second))
    for port in ports:
        match = ["match", "ip", "dport", str(port), "0xffff", "flowid", "1:1"]
        _run("tc", "filter", "add", "dev", device, "parent", "1:", "protocol", "ip", "u32", *match)
        _run("ip", "rule", "add", *_rule(port))


def _htb(bits_per_second: float) -> list[str]:
    rate = f"{round(bits_per_second)}bit"
    return ["htb", "rate", rate, "ceil", rate, "burst", "6000", "cburst", "6000"]


def _unshape(device: str, ports: tuple[int, ...]) -> None:
    _run("tc", "qdisc", "del", "dev", device, "root")
    for port in ports:
        _run("ip", "rule", "del", *_rule(port))


def _rule(port: int) -> list[str]:
    return ["pref", _LINE, "ipproto", "tcp", "dport", str(port), "lookup", _SMALL]


def _shaped(device: str) -> int:
    """Return how many bytes the kernel has let through at the rate."""
    told = subprocess.run(["tc", "-s", "class", "show", "dev", device], capture_output=True, text=True, check=True)
    found = _SENT.search(told.stdout)
    return int(found[1]) if found else 0


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
