"""Commands run beside a signer and its store, as an operator runs them."""

from pathlib import Path

import pytest

from server.archive.contents import Contents
from server.store.embedded import EmbeddedStore
from server.store.storage import Storage
from tests.support.commands import Result, Run, bucket_of, runner


@pytest.fixture
def contents(storage: Storage) -> Contents:
    return Contents(storage, pytest.fail)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    store: EmbeddedStore,
    tmp_path: Path,
    interviews: Path,
) -> Run:
    """Return what runs a `sessions` command against the signer's store."""
    command = runner(monkeypatch, capsys)
    env = {"SLIPSTREAM_AUDIT": str(tmp_path / "audit.jsonl"), "SLIPSTREAM_INTERVIEWS": str(interviews)}

    def run_sessions(*arguments: str, **more: str) -> Result:
        return command("sessions", *arguments, **{**bucket_of(store, tmp_path), **env, **more})

    return run_sessions
