"""Commands run in this process, and what they leave behind."""

import logging
from collections.abc import Iterator

import pytest

from tests.support.commands import Run, runner
from tests.support.stack import running_stack


@pytest.fixture(autouse=True)
def leave_logging_alone() -> Iterator[None]:
    """A command run in this process logs to the stream that pytest lends one test; later tests have another."""
    loggers = [logging.getLogger(name) for name in ("slipstream", "uvicorn", "asgi_correlation_id")]
    before = [(logger.handlers, logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(monkeypatch, capsys)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory):
    with running_stack(tmp_path_factory.mktemp("stack"), policy={"mode": "bulk"}) as running:
        yield running
