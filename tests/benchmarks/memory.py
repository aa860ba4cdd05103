"""How much memory a browser takes, process by process, sampled while it works.

Counted is what every process of the browser's tree holds in anonymous and in shared memory (Pss_Anon + Pss_Shmem: what
several share is divided among them, so the sum is true). Renderer: page heap, Wasm memory. Browser process: Blobs that
live in memory. Not counted: mapped files, for their share falls and rises with other browsers on the machine; Blobs
that Chromium has on disk; the kernel's page cache. Garbage is collected for us once, before the baseline, and then no
more than the page's own needs call for.
"""

import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

PERIOD_S = 0.2
PROC = Path("/proc")

type_of = re.compile(r"--type=([a-z-]+)")


@dataclass
class Sample:
    """Bytes by kind of process."""

    pss: dict[str, int] = field(default_factory=dict)
    rss: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.pss.values())


@dataclass
class Peak:
    """The most above the baseline, in bytes; each figure has its own moment."""

    tree: int = 0
    renderer: int = 0
    browser: int = 0
    renderer_rss: int = 0  # as top shows it: code that is shared counts in full

    def raise_to(self, sample: Sample, baseline: Sample) -> None:
        def above(now: dict[str, int], before: dict[str, int], kind: str) -> int:
            return now.get(kind, 0) - before.get(kind, 0)

        self.tree = max(self.tree, sample.total - baseline.total)
        self.renderer = max(self.renderer, above(sample.pss, baseline.pss, "renderer"))
        self.browser = max(self.browser, above(sample.pss, baseline.pss, "browser"))
        self.renderer_rss = max(self.renderer_rss, above(sample.rss, baseline.rss, "renderer"))


class MemoryWatch:
    """Sample the browser below process `root` while the context is open; None: the baseline is taken on entering."""

    def __init__(self, root: int, baseline: Sample | None = None, period_s: float = PERIOD_S) -> None:
        self.peak = Peak()
        self.baseline = baseline or Sample()
        self._has_baseline = baseline is not None
        self._period_s = period_s
        self.samples: list[Sample] = []
        self._root = root
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory-watch")

    def __enter__(self) -> Self:
        if not self._has_baseline:
            self.baseline = sample(self._root)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(self._period_s):
            self.samples.append(sample(self._root))
            self.peak.raise_to(self.samples[-1], self.baseline)


def sample(root: int) -> Sample:
    """Add up what the browser's processes take now; `root` is its first process."""
    found = Sample()
    for pid in descendants(root):
        try:
            command = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            rollup = (PROC / str(pid) / "smaps_rollup").read_text()
        except OSError:
            continue  # it has ended in between
        match = type_of.search(command)
        kind = match[1] if match else "browser"
        found.pss[kind] = found.pss.get(kind, 0) + (kib(rollup, "Pss_Anon") + kib(rollup, "Pss_Shmem")) * 1024
        found.rss[kind] = found.rss.get(kind, 0) + kib(rollup, "Rss") * 1024
    return found


def kib(rollup: str, name: str) -> int:
    """Read one figure of a smaps_rollup; 0 where the kernel does not tell."""
    match = re.search(rf"^{name}:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(match[1]) if match else 0


def descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                # The name in parentheses may hold spaces; what we want stands behind it.
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found
