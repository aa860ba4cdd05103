"""What only the browser can measure of its own work."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instruments:
    """None: the browser does not tell."""

    ready_s: float | None = None  # from opening the page until the interview was shown
    memory: int | None = None  # bytes in use at the moment: JavaScript's heap and WebAssembly's memory
    longest_task_s: float | None = None  # since the page was opened
