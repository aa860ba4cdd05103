"""The signer's log: lines that a person reads, and nothing in them that a stranger could use."""

import io
import logging
import re

import pytest
from asgi_correlation_id.context import correlation_id
from rich.console import Console

from server.cli.logs import set_up_logging

SECRET = "https://store.example/?X-Amz-Signature=secret"


@pytest.fixture(params=[False, True], ids=["file", "terminal"])
def out(request: pytest.FixtureRequest) -> io.StringIO:
    written = io.StringIO()
    set_up_logging(Console(file=written, force_terminal=request.param))
    return written


def _lines(out: io.StringIO) -> list[str]:
    return re.sub(r"\x1b\[\d*m", "", out.getvalue()).splitlines()


def test_a_line_has_time_level_and_message(out: io.StringIO):
    logging.getLogger("slipstream.access").info("%s %s", "GET", "/")

    [line] = _lines(out)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[INFO\] GET /", line)


def test_a_line_of_a_request_names_it(out: io.StringIO):
    token = correlation_id.set("0af7651916cd43dd8448eb211c80319c")
    logging.getLogger("slipstream").warning("odd")
    correlation_id.reset(token)

    [line] = _lines(out)
    assert line.endswith("[WARNING] odd request=0af76519")


@pytest.mark.parametrize("name", ["slipstream", "uvicorn.error"])
def test_an_exception_is_named_and_what_it_says_is_not(out: io.StringIO, name: str):
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger(name).exception("failed", extra={"url": SECRET})

    lines = _lines(out)
    assert lines[0].endswith("[ERROR] failed")
    assert "test_logs.py" in lines[1]
    assert lines[-1] == "ValueError"
    assert "secret" not in out.getvalue()


def test_libraries_are_heard_where_something_is_wrong(out: io.StringIO):
    logging.getLogger("uvicorn.error").info("started")
    logging.getLogger("asgi_correlation_id").warning("a stranger sent an odd header")

    assert _lines(out) == []
