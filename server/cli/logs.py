"""Log lines for an operator, without URLs, tickets or anything else that gives access."""

import logging
import traceback
from typing import TextIO

import structlog
from asgi_correlation_id import CorrelationIdFilter
from rich.console import Console
from structlog.dev import ConsoleRenderer
from structlog.typing import EventDict, ExcInfo, WrappedLogger

_ID_LENGTH = 8  # enough to tell the requests of an hour apart
_LEVELS = {
    "slipstream": logging.INFO,
    "uvicorn": logging.WARNING,
    "asgi_correlation_id": logging.ERROR,  # at WARNING it reports every malformed X-Request-ID header
}


def set_up_logging(console: Console) -> None:
    """Send our lines, and uvicorn's warnings, to the console; in colour on a terminal."""
    handler = logging.StreamHandler(console.file)
    handler.setFormatter(_formatter(is_terminal=console.is_terminal))
    handler.addFilter(CorrelationIdFilter(uuid_length=_ID_LENGTH))
    for name, level in _LEVELS.items():
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False


def _formatter(*, is_terminal: bool) -> logging.Formatter:
    styles = ConsoleRenderer.get_default_level_styles(colors=is_terminal)
    renderer = ConsoleRenderer(
        colors=is_terminal,
        pad_event_to=0,
        pad_level=False,
        level_styles={level.upper(): style for level, style in styles.items()},
        exception_formatter=_write_frames,
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.processors.TimeStamper("%Y-%m-%d %H:%M:%S", utc=False),
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(["correlation_id"]),  # no other attribute that a library may have added
            _for_people,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _for_people(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Write the level in capitals; add the request's id if there is one."""
    event["level"] = event["level"].upper()
    if request := event.pop("correlation_id", None):
        event["request"] = request
    return event


def _write_frames(out: TextIO, error: ExcInfo) -> None:
    """Write an exception's traceback and class, but not its text: the text may quote a URL or a ticket."""
    kind, _, trace = error
    out.write("\n" + "".join(traceback.format_tb(trace)) + kind.__name__)
