"""Log lines that an operator needs, without anything that a stranger could use."""

import logging
import traceback
from types import TracebackType

from rich.console import Console
from rich.highlighter import NullHighlighter
from rich.logging import RichHandler

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """Name an exception and where it came from, not what it says: that may quote a URL or a ticket."""

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the base class names it so
        kind, _, trace = ei
        frames = "".join(traceback.format_tb(trace))
        return f"{frames}{kind.__name__ if kind else 'no exception'}"


def set_up_logging(console: Console, level: int = logging.INFO) -> None:
    """Send our lines, and uvicorn's warnings, to the console; unwrapped where it is no terminal."""
    handler: logging.Handler
    if console.is_terminal:
        handler = RichHandler(console=console, show_path=False, highlighter=NullHighlighter())
        handler.setFormatter(DiscreetFormatter("%(message)s"))
    else:
        handler = logging.StreamHandler(console.file)
        handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(message)s"))
    for name, from_level in (("slipstream", level), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(from_level)
        logger.propagate = False
