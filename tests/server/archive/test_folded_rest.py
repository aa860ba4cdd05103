"""A folded recording that its page has left: the store has it in windows, folded tails and small parts."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app.contract import MIB
from server.archive.activity import last_activity
from server.archive.completion import Completion
from server.archive.contents import Contents
from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.store.storage import Storage
from tests.support.seaweed import running_seaweed, storage_of
from tests.support.signer_client import SECRET, served
from tests.support.small_parts import Recording, assert_cleared, recording, tail_of

SMALL = 128 * 1024
WINDOW = 5 * MIB


@pytest.fixture(scope="module")
def folding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with running_seaweed(tmp_path_factory.mktemp("seaweed"), ["http://127.0.0.1:1"]) as store:
        yield storage_of(store)


@pytest.fixture(scope="module")
def signers(folding: Storage, interviews: Path) -> Iterator[list[httpx.Client]]:
    settings = Settings(interviews=interviews, secret=SecretStr(SECRET))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = create_app(settings, make_signer(settings, folding), page_origin=None)
        with httpx.Client(base_url=origin, trust_env=False, timeout=30) as client, served(app, listening):
            yield [client]


def _complete(folding: Storage, made: Recording) -> bytes | None:
    contents = Contents(folding, pytest.fail)
    completion = Completion(folding, contents)
    completion.complete(contents.session(made.candidate.session), time.time() + 7200, [], closes=False)
    return folding.objects.read(made.grant["key"])


@pytest.mark.parametrize(
    ("sent", "folded"),
    [(1, 0), (3, 3), (5, 3), (40, 40), (41, 40), (43, 41)],
    ids=["a part", "a tail", "a tail and parts", "a window", "a window and a part", "two windows and a part"],
)
def test_windows_tails_and_small_parts_are_one_file(
    signers: list[httpx.Client], folding: Storage, sent: int, folded: int
):
    made = recording(signers, 60 * SMALL)
    for number in range(sent):
        part = made.send(SMALL)
        if number < folded:
            made.fold(part)

    assert _complete(folding, made) == made.content[: sent * SMALL]
    assert_cleared(folding, made.grant["key"])


def test_it_ends_at_the_first_gap(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, 2 * WINDOW)
    parts = [made.send(SMALL) for _ in range(4)]
    made.fold(parts[0])
    folding.multipart.abort(tail_of(folding, parts[2]), parts[2]["slot"])
    made.parts.append({"number": 41, "size": WINDOW - 4 * SMALL})  # the rest of the window never came
    made.send(WINDOW)

    assert _complete(folding, made) == made.content[: 2 * SMALL]


def test_whole_windows_that_were_sent_at_once_are_kept(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, 3 * WINDOW)
    made.send(WINDOW)
    made.send(WINDOW)
    made.send(SMALL)

    assert _complete(folding, made) == made.content[: 2 * WINDOW + SMALL]


def test_a_window_that_was_folded_and_not_copied_yet_is_copied(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, WINDOW + SMALL)
    halves = [made.send(WINDOW // 2), made.send(WINDOW // 2)]
    made.fold(halves[0])
    # The signer ended between the two steps.
    tail = tail_of(folding, halves[1])
    source = tail.rpartition("/")[0] + f"/{WINDOW // 2:07}"
    copied = folding.multipart.copy_part(tail, halves[1]["slot"], 1, source)
    stored = folding.multipart.all_parts(tail, halves[1]["slot"])
    folding.multipart.replace(tail, halves[1]["slot"], stored.values())
    assert copied
    assert made.candidate.session

    assert _complete(folding, made) == made.content[:WINDOW]


def test_tails_of_another_recording_of_the_take_are_not_taken(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, 2 * WINDOW)
    made.send(WINDOW)
    made.fold(made.send(SMALL))
    other = f"_tail/{made.grant['key']}/{'f' * 32}/00001/{SMALL:07}"
    folding.objects.write(other, bytes(WINDOW + SMALL), "video/mp4")

    assert _complete(folding, made) == made.content[:WINDOW], "which tail is its own cannot be told"


def test_small_parts_of_an_old_upload_are_activity(signers: list[httpx.Client], folding: Storage):
    made = recording(signers, WINDOW)
    stored = Contents(folding, pytest.fail).session(made.candidate.session)
    begun_at = stored.uploads[0].started_at or 0.0
    while time.time() < begun_at + 1.1:
        time.sleep(0.05)
    made.fold(made.send(SMALL))

    assert last_activity(folding, stored) > begun_at
