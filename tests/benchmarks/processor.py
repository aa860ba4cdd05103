"""How much processor time processes have used, and which cores they may use (Linux)."""

import os

from tests.benchmarks.memory import PROC, descendants

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(root: int) -> float:
    """Return the processor time that a tree of processes has used, in seconds."""
    return sum(process_cpu_s(pid) for pid in descendants(root))


def process_cpu_s(pid: int) -> float:
    """Return the processor time that one process has used, in seconds; 0 if it has ended."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S  # user and system


def keep_to(pid: int, cores: set[int]) -> None:
    """Let a process and the threads that it will start run on these cores alone."""
    for thread in (PROC / str(pid) / "task").iterdir():
        os.sched_setaffinity(int(thread.name), cores)
