"""`python serve.py --page-origins …`: signer and store of one machine, for a page that is served from elsewhere."""

import signal
from collections.abc import Iterator

import httpx
import pytest

from server.store.embedded import free_port
from tests.support.commands import Run
from tests.support.signer_client import SECRET
from tests.support.stack import Stack, running_stack

PAGE = "http://127.0.0.1:5999"
PORT = free_port()
SIGNER = f"http://localhost:{PORT}"  # not the name under which it listens: the store would allow no other


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    env = {"SLIPSTREAM_PAGE_ORIGINS": f"{PAGE} https://karriere.example", "SLIPSTREAM_DRAIN_S": "1"}
    with running_stack(tmp_path_factory.mktemp("stack"), env=env, port=PORT) as running:
        yield running


def test_link_leads_to_the_page(stack: Stack):
    assert stack.ready_link.startswith(f"{PAGE}/#ticket=eyJ")


def test_link_of_ticket_leads_there_too(run: Run):
    result = run("ticket", "demo", SLIPSTREAM_SECRET=SECRET, SLIPSTREAM_PAGE_ORIGINS=PAGE)

    assert result.out.startswith(f"{PAGE}/#ticket=eyJ")


def test_store_takes_parts_from_the_page(stack: Stack):
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    reply = httpx.options(f"{stack.store_origin}/slipstream/x", headers=asked, trust_env=False)

    assert reply.headers["access-control-allow-origin"] == PAGE


def test_nobody_is_sent_from_one_name_of_this_machine_to_another(stack: Stack):
    assert httpx.get(f"{SIGNER}/", trust_env=False).status_code == 200


def test_sigterm_is_announced_here_too(stack: Stack):
    assert httpx.get(f"{SIGNER}/api/health", trust_env=False).status_code == 200
    stack.process.send_signal(signal.SIGTERM)

    replies = iter(lambda: httpx.get(f"{SIGNER}/api/health", trust_env=False).status_code, None)
    assert next(status for status in replies if status != 200) == 503
    assert stack.process.wait(15) == 0
    assert "Stopped." in stack.log.read_text(encoding="utf-8")
