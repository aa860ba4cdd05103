"""The folded layout against a real store with S3's minimum: what pages have sent in small parts is one object."""

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app.contract import MIB
from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.signer.object_keys import PAD
from server.store.storage import Storage
from tests.support.seaweed import running_seaweed, storage_of
from tests.support.signer_client import SECRET, served
from tests.support.small_parts import assert_cleared, assert_stored, copied_ahead, recording, tail_of

SMALL = 128 * 1024
WINDOW = 5 * MIB


@pytest.fixture(scope="module")
def folding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with running_seaweed(tmp_path_factory.mktemp("seaweed"), ["http://127.0.0.1:1"]) as store:
        yield storage_of(store)


@pytest.fixture(scope="module")
def signers(folding: Storage, interviews: Path) -> Iterator[list[httpx.Client]]:
    """Two signers beside each other: they share nothing but the store and the secret."""
    settings = Settings(interviews=interviews, secret=SecretStr(SECRET))
    with socket.socket() as one, socket.socket() as two:
        clients = []
        for listening in (one, two):
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
            clients.append(httpx.Client(base_url=origin, trust_env=False, timeout=30))
        apps = [create_app(settings, make_signer(settings, folding), page_origin=None) for _ in clients]
        with served(apps[0], one), served(apps[1], two):
            yield clients
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    "size",
    [1, SMALL, 2_000_000, WINDOW, WINDOW + 1, 11_000_000],
    ids=["a byte", "a part", "an answer", "a window", "more", "longer"],
)
def test_small_parts_are_one_object_byte_for_byte(signers: list[httpx.Client], folding: Storage, size: int):
    made = recording(signers, size)
    assert made.grant["parts"] == {
        "min_bytes": SMALL // 2,
        "max_bytes": WINDOW,
        "window_bytes": WINDOW,
        "is_streamed": False,
        "step_bytes": None,
    }
    sent = 0
    while sent < size:
        part = made.send(min(SMALL, size - sent))
        sent += part["size"]
        if sent < size:
            assert made.fold(part) == {"states": ["folded"], "folded": sent, "ahead": []}

    done = made.complete(made.parts[-1:])

    assert done == {"key": made.grant["key"], "size": size}
    assert_stored(made, folding)


def test_backlog_goes_in_whole_windows_beside_small_parts(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, 3 * WINDOW + SMALL)
    first = made.send(SMALL)
    rest = made.send(WINDOW - SMALL)
    made.fold(first, rest)
    for _ in range(2):
        assert made.send(WINDOW)["slot"] is None
    last = made.send(SMALL)

    made.complete([last])

    assert_stored(made, folding)


def test_everything_may_be_asked_twice_and_of_another_signer(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, WINDOW + 2 * SMALL)
    for _ in range(WINDOW // SMALL):
        part = made.send(SMALL)
        once = made.fold(part)
        assert made.fold(part, signer=1) == once
    rest = [made.send(SMALL), made.send(SMALL)]
    made.fold(rest[0], signer=1)
    assert made.fold(*rest)["states"] == ["folded", "folded"]

    done = made.complete(rest, signer=1)
    assert made.complete(rest) == done
    assert made.complete([]) == done
    assert_stored(made, folding)


def test_a_returning_page_learns_what_is_folded_stored_and_missing(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, 6 * SMALL)
    parts = [made.send(SMALL) for _ in range(6)]
    made.fold(*parts[:2])
    folding.multipart.abort(tail_of(folding, parts[3]), parts[3]["slot"])

    found = made.fold(*parts)

    assert found == {
        "states": ["folded", "folded", "folded", "missing", "stored", "stored"],
        "folded": 3 * SMALL,
        "ahead": [],
    }


def test_a_window_whose_tail_was_cleared_is_told_from_its_beginning(signers: list[httpx.Client], folding: Storage):
    """The rule clears tails after a day: a candidate who comes back later sends that window again."""
    made = recording(signers, 4 * SMALL)
    parts = [made.send(SMALL) for _ in range(4)]
    made.fold(*parts[:3])
    for key in folding.objects.keys(f"_tail/{made.grant['key']}/"):
        folding.objects.delete(key)

    # Signer 0 has copied already what lies before the last part.
    assert made.fold(parts[3], signer=1) == {"states": ["missing"], "folded": 0, "ahead": []}
    refused = made.candidate.post(
        "/api/uploads/complete", {"upload": made.grant["upload"], "parts": parts[3:], "size": 4 * SMALL}
    )
    assert refused.status_code == 422
    made.parts.clear()
    again = [made.send(SMALL) for _ in range(4)]
    made.complete(again)
    assert_stored(made, folding)


def test_slots_are_opened_ahead_where_the_digest_is_not_signed(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, 4 * SMALL)
    part = made.send(SMALL)
    ahead = [
        {"number": number, "offset": (number - 1) * SMALL, "size": SMALL, "md5": hashlib.md5(b"").hexdigest()}
        for number in (2, 3)
    ]

    done = made.call("fold", {"parts": [part], "ahead": ahead})

    assert [one["number"] for one in done["ahead"]] == [2, 3]
    assert len({one["slot"] for one in done["ahead"]}) == 2


def test_what_lies_before_a_part_is_copied_while_the_part_is_sent(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, 3 * SMALL)
    first, second = made.send(SMALL), made.send(SMALL)
    made.fold(first)
    assert copied_ahead(folding, second) == 5 * MIB + SMALL
    made.fold(second)
    third = made.send(SMALL)
    assert copied_ahead(folding, third) == 5 * MIB + 2 * SMALL

    made.complete([third])

    assert_stored(made, folding)


def test_another_sessions_tail_is_out_of_reach(signers: list[httpx.Client], folding: Storage):
    mine, other = recording(signers, SMALL), recording(signers, SMALL)
    foreign = other.send(SMALL)

    assert mine.fold(foreign) == {"states": ["missing"], "folded": 0, "ahead": []}
    other.complete([foreign])
    assert_stored(other, folding)


@pytest.mark.parametrize(("offset", "size"), [(SMALL, WINDOW), (WINDOW - 1, 2)])
def test_a_part_that_crosses_a_window_is_refused(signers: list[httpx.Client], offset: int, size: int):
    made = recording(signers, SMALL)
    part = {"number": 2, "offset": offset, "size": size, "md5": "0" * 32}

    reply = made.candidate.post("/api/uploads/sign", {"upload": made.grant["upload"], "parts": [part]})

    assert reply.status_code == 422


def test_what_is_given_up_leaves_no_tail(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, 2 * SMALL)
    made.fold(made.send(SMALL))
    made.candidate.post("/api/uploads/abort", {"upload": made.grant["upload"]})

    assert_cleared(folding, made.grant["key"])
    assert folding.multipart.open_uploads(made.grant["key"]) == []


def test_pad_that_was_deleted_is_written_again(signers: list[httpx.Client], folding: Storage):
    before = recording(signers, SMALL)
    before.complete([before.send(SMALL)])
    folding.objects.delete(PAD)

    made = recording(signers, SMALL)
    made.complete([made.send(SMALL)])
    assert_stored(made, folding)
