"""Bad input 11: how often one ticket and one address may call, and for how many bytes."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from fakeredis import TcpFakeServer

from app.contract import MIB, Interview, Question, Track, UploadPolicy
from server.errors import StoreUnavailable, TooManyRequests
from server.settings import Settings, SettingsError
from server.signer.budgets import Budgets, needed_bytes, network_of
from server.signer.object_keys import SessionKeys
from server.signer.tickets import Tickets
from server.store.storage import Storage
from tests.support.signer_client import Candidate, signing

INTERVIEW = Interview(
    id="i", title="I", questions=(Question(id="q", prompt="?", tracks=(Track.VIDEO, Track.AUDIO), limit_s=60),)
)
ONE, OTHER = SessionKeys("i", "s-1"), SessionKeys("i", "s-2")


@contextmanager
def limited(settings: Settings, storage: Storage, **rates: Any) -> Iterator[httpx.Client]:
    """Serve a signer with other rates than the defaults."""
    with signing(settings.model_copy(update=rates), storage) as client:
        yield client


def test_ticket_that_calls_too_often_waits_and_others_do_not(settings: Settings, storage: Storage, tickets: Tickets):
    with limited(settings, storage, ticket_rate="3/minute") as client:
        flooding, other = Candidate(client, tickets, "b-1"), Candidate(client, tickets, "b-2")
        replies = [flooding.get("/api/interview") for _ in range(4)]

        assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
        assert replies[-1].json()["type"] == "urn:slipstream:problem:too-many-requests"
        assert 1 <= int(replies[-1].headers["retry-after"]) <= 120
        assert other.get("/api/interview").status_code == 200


def test_address_that_guesses_too_often_waits_and_candidates_behind_it_do_not(
    settings: Settings, storage: Storage, tickets: Tickets
):
    with limited(settings, storage, address_rate="4/minute") as client:
        forged = [client.post("/api/uploads", headers={"Authorization": f"Bearer {number}"}) for number in range(5)]
        honest = [Candidate(client, tickets, f"b-{number}").get("/api/interview") for number in range(5)]

        assert [reply.status_code for reply in forged] == [401] * 4 + [429]
        assert {reply.status_code for reply in honest} == {200}


def test_home_with_many_addresses_of_version_6_counts_once():
    assert network_of("2001:db8:1:2::3") == network_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::3") != network_of("2001:db8:1:2::3")
    assert network_of("192.0.2.7") == "192.0.2.7"


def test_no_rate_means_no_limit(settings: Settings, storage: Storage, tickets: Tickets):
    with limited(settings, storage, ticket_rate="", address_rate="") as client:
        candidate = Candidate(client, tickets, "b-3")

        assert {candidate.get("/api/interview").status_code for _ in range(30)} == {200}


def test_uploads_begun_without_end_are_refused_and_a_whole_interview_is_not():
    budgets = Budgets("", "", "memory://")
    for _ in range(2 * (3 + 12)):  # two tracks, three takes, and a dozen more
        budgets.check_upload(ONE, INTERVIEW)
        budgets.count_upload(ONE, INTERVIEW)

    with pytest.raises(TooManyRequests):
        budgets.check_upload(ONE, INTERVIEW)
    budgets.check_upload(OTHER, INTERVIEW)


def test_upload_that_the_store_failed_to_begin_is_not_counted(settings: Settings, storage: Storage, tickets: Tickets):
    with limited(settings, storage) as client:
        candidate = Candidate(client, tickets, "b-4")
        with pytest.MonkeyPatch.context() as failing:
            failing.setattr(storage.multipart, "create", _fail)
            statuses = {candidate.create().status_code for _ in range(60)}
        assert statuses == {503}

        assert candidate.create().status_code == 201


def _fail(*_: object) -> str:
    raise StoreUnavailable


def test_bytes_are_signed_for_several_times_over_and_not_without_end():
    budgets, policy = Budgets("", "", "memory://"), UploadPolicy()
    allowed = 4 * needed_bytes(INTERVIEW, policy) + 2048 * MIB
    for _ in range(allowed // (5 * MIB)):
        budgets.count_bytes(ONE, INTERVIEW, policy, 5 * MIB)

    with pytest.raises(TooManyRequests) as refused:
        budgets.count_bytes(ONE, INTERVIEW, policy, 5 * MIB)
    assert refused.value.retry_after_s >= 1


@pytest.mark.parametrize(
    "rates",
    [("often", "", "memory://"), ("", "-1/second", "memory://"), ("", "", "nowhere://"), ("", "", "async+memory://")],
)
def test_rate_that_cannot_be_understood_is_named(rates: tuple[str, str, str]):
    with pytest.raises(SettingsError):
        Budgets(*rates)


def test_counters_that_are_away_end_no_interview(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    budgets = Budgets("1/minute", "", "memory://")

    def fail(*_: object, **__: object) -> bool:
        from limits.errors import StorageError

        raise StorageError(ConnectionError("redis://:password@host"))

    monkeypatch.setattr(budgets._limiter, "hit", fail)
    monkeypatch.setattr(budgets._limiter, "test", fail)
    with caplog.at_level(logging.ERROR, "slipstream"):
        for _ in range(5):
            budgets.count_call(ONE)

    assert [record.getMessage() for record in caplog.records] == [
        "the counters of rates cannot be reached (StorageError): nothing is limited"
    ]


def test_two_signers_count_together_in_redis():
    with redis() as port:
        first, second = (Budgets("3/minute", "", f"redis://127.0.0.1:{port}") for _ in range(2))
        for budgets in (first, second, first):
            budgets.count_call(ONE)

        with pytest.raises(TooManyRequests):
            second.count_call(ONE)
        second.count_call(OTHER)


@contextmanager
def redis() -> Iterator[int]:
    """Serve what Redis does, over a real connection; yield the port."""
    with TcpFakeServer(("127.0.0.1", 0), server_type="redis") as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            serving.join()


def test_redis_that_is_away_limits_nothing():
    with redis() as port:
        pass
    budgets = Budgets("1/minute", "", f"redis://127.0.0.1:{port}")

    for _ in range(3):
        budgets.count_call(ONE)


def test_redis_that_hangs_is_waited_for_once():
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        budgets = Budgets("1/minute", "", f"redis://127.0.0.1:{silent.getsockname()[1]}")
        budgets.count_call(ONE)
        started = time.monotonic()

        for _ in range(100):
            budgets.count_call(ONE)

        assert time.monotonic() - started < 0.4, "each waits for its own patience"
