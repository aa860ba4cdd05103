"""No log of a signer holds what gives access: not in a whole interview, not when everything goes wrong."""

import base64
import json
import secrets
from pathlib import Path

import httpx
import pytest

from server.signer.tickets import Tickets
from tests.support.signer_client import Candidate
from tests.support.stack import running_stack

OPERATOR_KEY = secrets.token_urlsafe(48)
METRICS_TOKEN = secrets.token_urlsafe(32)
WEBHOOK_SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
FORGED = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
INTERVIEW = 'id = "trial"\ntitle = "T"\n[[questions]]\nid = "both"\nprompt = "?"\ntracks = ["video", "audio"]\n'
WRITTEN = '[[questions]]\nid = "written"\nprompt = "?"\ntext = {}\n'


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("scan")
    interviews = folder / "interviews"
    interviews.mkdir()
    (interviews / "trial.toml").write_text(INTERVIEW + WRITTEN, encoding="utf-8")
    env = {
        "SLIPSTREAM_OPERATOR_KEYS": OPERATOR_KEY,
        "SLIPSTREAM_METRICS_TOKEN": METRICS_TOKEN,
        "SLIPSTREAM_WEBHOOK_URL": "http://127.0.0.1:9/nobody",
        "SLIPSTREAM_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "SLIPSTREAM_POLICY": json.dumps({"part_bytes": 64 * 1024}),
    }
    with running_stack(folder, interviews=interviews, env=env) as running:
        yield running


def misuse(client: httpx.Client, ticket: str, url: str) -> None:
    """Put what is secret where it does not belong."""
    for path in (
        f"/%23ticket={ticket}",
        f"/?ticket={ticket}",
        f"/api/{ticket}",
        f"/static/{ticket}",
        f"/api/live?{url}",
    ):
        client.get(path)
    bearer = {"Authorization": f"Bearer {ticket}"}
    client.post("/api/uploads/sign", json={"upload": ticket, "parts": [{"number": ticket}]}, headers=bearer)
    client.post("/api/uploads", content=ticket, headers={**bearer, "Content-Type": "application/json"})
    client.post("/api/trouble", json={"question": ticket, "kind": url}, headers=bearer)
    client.get("/api/interview", headers={"Authorization": f"Bearer {FORGED}", "X-Request-ID": ticket, "Host": ticket})
    client.post(
        "/api/tickets",
        json={"tickets": [{"interview": OPERATOR_KEY}]},
        headers={"Authorization": f"Bearer {OPERATOR_KEY}"},
    )
    client.post("/api/tickets", json={}, headers={"Authorization": f"Bearer {OPERATOR_KEY}x"})
    client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})


def test_no_log_holds_a_ticket_a_key_or_a_signed_url(stack):
    session = f"s-{secrets.token_hex(6)}"
    with httpx.Client(base_url=stack.base_url, trust_env=False, timeout=30) as client:
        candidate = Candidate(client, Tickets(stack.secret), session)
        upload = candidate.create().json()["upload"]
        url = candidate.sign(upload, 1, 10)
        misuse(client, candidate.ticket, url)
        assert candidate.post("/api/submission", {"answers": candidate.answers()}).status_code == 200

    stack.stop()  # the last line is written after its reply is sent
    logs = {path: path.read_bytes() for path in _logs(stack.data.parent)}
    assert any(b"/api/submission" in said for said in logs.values()), "the log was not found"
    hidden = [candidate.ticket, upload, stack.secret, OPERATOR_KEY, METRICS_TOKEN, WEBHOOK_SECRET, FORGED]
    hidden += [url.partition("X-Amz-Signature=")[2][:64], *candidate.ticket.split(".")[1:]]
    for path, said in logs.items():
        assert not [secret for secret in hidden if secret.encode() in said], path


def _logs(folder: Path) -> list[Path]:
    """Return every file that is no recording, no record in the bucket, and not where the secrets are kept."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".ticket-secret"]
    return [path for path in files if "slipstream" not in path.relative_to(folder).parts]
