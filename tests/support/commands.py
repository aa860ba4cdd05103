"""Commands run in this process: a new one costs a second."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import boto3
import pytest

from server.cli.commands import main


@dataclass(frozen=True)
class Result:
    code: object
    out: str
    err: str


Run = Callable[..., Result]


def runner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command; keywords are its environment variables."""
    for name in [name for name in os.environ if name.startswith(("SLIPSTREAM_", "AWS_"))]:
        monkeypatch.delenv(name)

    def run(*arguments: str, **env: str) -> Result:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # keeps the keys that another test's command has found
        monkeypatch.setattr("sys.argv", ["serve.py", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Result(ended.value.code, said.out, said.err.replace("\n", " "))

    return run
