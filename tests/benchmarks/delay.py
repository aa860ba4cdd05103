"""A round trip that is longer: hold back every packet of some ports on its way out, in both directions.

`python -m tests.benchmarks.delay ONE_WAY_S PORT…`, in a network namespace of its own (uplink.py) and as root. What this
machine sends to or from these ports leaves through a TUN device instead of the loopback, and comes back in, unchanged,
`ONE_WAY_S` later. Packets do not wait for each other, and TCP itself does the rest: handshakes, slow start and
acknowledgements take as long as on a line of that length. It prints "ready" and runs until SIGTERM.
"""

import fcntl
import os
import select
import struct
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

DEVICE = "far0"
PACKET = 65_536  # bytes, at most
_TUNSETIFF, _TUN_WITHOUT_HEADER = 0x400454CA, 0x1001
_TABLE = "100"
_FIRST = "5"  # the rules' place; uplink.py has given those for local addresses a later one


def divert(ports: list[str], mtu: int) -> int:
    """Route what is sent to or from `ports` through a new TUN device; return the device's file descriptor."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", DEVICE.encode(), _TUN_WITHOUT_HEADER))
    _ip("link", "set", DEVICE, "up", "mtu", str(mtu), "gso_max_size", str(mtu), "gso_max_segs", "1")
    for name, value in (("accept_local", 1), ("route_localnet", 1), ("rp_filter", 0)):
        Path(f"/proc/sys/net/ipv4/conf/{DEVICE}/{name}").write_text(str(value))
    Path("/proc/sys/net/ipv4/conf/all/rp_filter").write_text("0")
    _ip("route", "add", "default", "dev", DEVICE, "src", "127.0.0.1", "table", _TABLE)
    for port in ports:
        for end in ("dport", "sport"):
            # `iif lo`: only what this machine sends, or what comes back in would go round for ever.
            _ip("rule", "add", "pref", _FIRST, "iif", "lo", "ipproto", "tcp", end, port, "lookup", _TABLE)
    return device


def undo(ports: list[str]) -> None:
    """Route everything through the loopback again. The device goes with the process."""
    for port in ports:
        for end in ("dport", "sport"):
            _ip("rule", "del", "pref", _FIRST, "iif", "lo", "ipproto", "tcp", end, port, "lookup", _TABLE)


def hold_back(device: int, one_way_s: float) -> None:
    """Write back every packet `one_way_s` after it was read, for ever."""
    held: deque[tuple[float, bytes]] = deque()
    while True:
        wait_s = max(0.0, held[0][0] - time.monotonic()) if held else None
        if select.select([device], [], [], wait_s)[0]:
            due = time.monotonic() + one_way_s
            held.extend((due, packet) for packet in _packets(device))
        while held and held[0][0] <= time.monotonic():
            os.write(device, held.popleft()[1])


def _packets(device: int) -> list[bytes]:
    """Return what can be read now."""
    found = []
    try:
        while True:
            found.append(os.read(device, PACKET))
    except BlockingIOError:
        return found


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    _device = divert(sys.argv[2:], mtu=1500)
    print("ready", flush=True)
    hold_back(_device, float(sys.argv[1]))
