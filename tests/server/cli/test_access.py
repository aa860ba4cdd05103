"""`revoke` and `rotate-secret`: who has access is changed without ending what should go on."""

from pathlib import Path

import pytest

from server.errors import TicketRefused
from server.settings import Settings
from server.signer.revocations import Revocations
from server.signer.tickets import Tickets
from tests.support.commands import Run
from tests.support.signer_client import SECRET


def tickets_of(data: Path) -> Tickets:
    return Tickets(*Settings(data=data).ticket_secrets())


def test_links_stay_good_while_the_secret_is_changed_and_end_when_it_is_dropped(run: Run, tmp_path: Path):
    link = run("ticket", "demo", "--data", str(tmp_path)).out.partition("#ticket=")[2].strip()
    assert run("rotate-secret", "--data", str(tmp_path)).code == 0

    newer = run("ticket", "demo", "--data", str(tmp_path)).out.partition("#ticket=")[2].strip()
    assert tickets_of(tmp_path).read(link).interview == "demo"
    assert (tmp_path / ".ticket-secret").stat().st_mode & 0o777 == 0o600
    assert "forgotten: 1" in run("rotate-secret", "--drop-old", "--data", str(tmp_path)).out

    assert tickets_of(tmp_path).read(newer).interview == "demo"
    with pytest.raises(TicketRefused):
        tickets_of(tmp_path).read(link)


def test_secret_that_is_set_is_changed_where_it_is_set(run: Run, tmp_path: Path):
    result = run("rotate-secret", "--data", str(tmp_path), SLIPSTREAM_SECRET=SECRET)

    assert result.code == 1
    assert "SLIPSTREAM_OLD_SECRETS" in result.err
    assert not list(tmp_path.iterdir())


def test_revoked_session_is_refused_by_every_signer_that_reads_the_list(run: Run, tmp_path: Path):
    claims = Tickets(SECRET).read(Tickets(SECRET).mint(session="s-1", interview="demo", life_s=60))
    shared = tmp_path / "revoked.txt"
    others = [Revocations(shared), Revocations(shared)]
    for other in others:
        other.check(claims)

    assert run("revoke", "demo/s-1", "--data", str(tmp_path)).code == 0

    for other in others:
        with pytest.raises(TicketRefused):
            other.check(claims)


@pytest.mark.parametrize("wrong", ["demo", "demo/", "../x/y", "demo/s-1/more", "*/s-1"])
def test_session_that_is_no_session_is_not_revoked(run: Run, tmp_path: Path, wrong: str):
    result = run("revoke", wrong, "--data", str(tmp_path))

    assert result.code == 1
    assert "INTERVIEW/SESSION" in result.err
    assert not (tmp_path / "revoked.txt").exists()
