"""No URL is promised for longer than the signer's temporary credentials live."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

from app.contract import UploadPolicy
from server.errors import StoreMisconfigured
from server.signer.budgets import Budgets
from server.signer.flags.assignments import Flags
from server.signer.flags.flag_file import FlagFile
from server.signer.interviews import Interviews
from server.signer.revocations import Revocations
from server.signer.sessions import Sessions
from server.signer.tickets import Tickets
from server.store.storage import Storage
from tests.support.stub_store import StoreReply, stub_store

SECRET = "s" * 40


def _never() -> dict[str, str]:
    raise CredentialRetrievalError(provider="test", error_msg="away")


def _with_keys_for(storage: Storage, life_s: float) -> Storage:
    ends = datetime.now(UTC) + timedelta(seconds=life_s)
    storage.bucket._credentials = RefreshableCredentials("k", "s", "t", ends, _never, "test")
    return storage


def _sessions(storage: Storage, tmp_path: Path, url_life_s: int) -> tuple[Sessions, str]:
    interview = 'id = "x"\ntitle = "X"\n[[questions]]\nid = "q"\nprompt = "?"\ntracks = ["video"]\n'
    (tmp_path / "x.toml").write_text(interview, encoding="utf-8")
    tickets = Tickets(SECRET)
    policy = UploadPolicy(url_life_s=url_life_s)
    ticket = tickets.mint(session="s1", interview="x", life_s=36_000)
    return Sessions(
        tickets=tickets,
        revocations=Revocations(tmp_path / "revoked.txt"),
        budgets=Budgets("", "", "memory://"),
        interviews=Interviews(tmp_path),
        flags=Flags(FlagFile(None), tickets),
        storage=storage,
        base=policy,
    ), ticket


@pytest.mark.parametrize(("keys_s", "policy_s", "least", "most"), [(900, 3600, 890, 900), (3600, 600, 600, 600)])
def test_url_ends_with_the_keys_that_have_signed_it(tmp_path: Path, keys_s: int, policy_s: int, least: int, most: int):
    with stub_store(lambda _: StoreReply(404)) as stub:
        sessions, ticket = _sessions(_with_keys_for(stub, keys_s), tmp_path, policy_s)

        assert least <= sessions.open(ticket).url_life_s() <= most


def test_expired_keys_are_named_at_every_request_and_by_health(tmp_path: Path):
    with stub_store(lambda _: StoreReply(404)) as stub:
        sessions, ticket = _sessions(_with_keys_for(stub, -1), tmp_path, 600)
        with pytest.raises(StoreMisconfigured, match="have expired"):
            sessions.open(ticket)
        with pytest.raises(StoreMisconfigured, match="have expired"):
            stub.check()
