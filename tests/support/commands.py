"""Commands run in this process: a new one costs a second."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from server.cli.commands import main
from server.store.embedded import BUCKET, EmbeddedStore


@dataclass(frozen=True)
class Result:
    code: object
    out: str
    err: str


Run = Callable[..., Result]


def bucket_of(store: EmbeddedStore, cache: Path) -> dict[str, str]:
    """Return the environment by which a command takes a running embedded store for a bucket of the operator's."""
    return {
        "SLIPSTREAM_S3_ENDPOINT": store.url,
        "SLIPSTREAM_S3_BUCKET": BUCKET,
        "AWS_ACCESS_KEY_ID": store.key_id,
        "AWS_SECRET_ACCESS_KEY": store.key_secret,
        "XDG_CACHE_HOME": str(cache),
    }


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
