"""Bodies of 600 kB, as somebody with a ticket may send them, cost the signer little memory, whatever is in them."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.contract import DEVICE_HEADER, CompleteUpload, Submission
from server.errors import InvalidRequest
from server.http.request_body import LARGE, parsed
from tests.benchmarks.hostile_bodies import shapes
from tests.benchmarks.signer_load import rss
from tests.support.stack import Stack, running_stack

MB = 1_000_000
SENDERS, TIMES = 4, 6
HOSTILE = [*shapes("")]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("large-bodies")
    questions = "".join(
        f'[[questions]]\nid = "q{number}"\nprompt = "?"\ntext = {{ max_characters = 100000 }}\n' for number in (1, 2)
    )
    (folder / "large.toml").write_text(f'id = "large"\ntitle = "L"\n{questions}', encoding="utf-8")
    with running_stack(folder, interviews=folder) as running:
        yield running


def test_hostile_bodies_of_every_shape_four_at_a_time_take_less_than_40_mb(stack: Stack):
    names = {"Content-Type": "application/json", DEVICE_HEADER: "0" * 32}
    headers = names | {"Authorization": f"Bearer {stack.ticket(interview='large')}"}

    def send(path: str, body: bytes) -> int:
        return httpx.post(stack.base_url + path, content=body, headers=headers, trust_env=False, timeout=60).status_code

    send("/api/uploads/complete", b"[" + b"1," * LARGE + b"1]")
    before = rss(stack.process.pid)
    with ThreadPoolExecutor(SENDERS) as pool:
        for path, body in shapes("").values():
            replies = {*pool.map(lambda _, path=path, body=body: send(path, body), range(SENDERS * TIMES))}
            assert replies <= {422, 429}

    assert rss(stack.process.pid) - before < 40 * MB


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_body_is_an_invalid_request(name: str):
    path, body = shapes("")[name]
    model = Submission if path.endswith("submission") else CompleteUpload

    with pytest.raises(InvalidRequest):
        parsed(model, body)


def test_ten_thousand_parts_are_complete():
    parts: list[Any] = [{"number": n + 1, "offset": n * 65_536, "size": 65_536, "etag": "0"} for n in range(10_000)]
    body = json.dumps({"upload": "u", "parts": parts, "size": 10_000 * 65_536}).encode()

    assert len(parsed(CompleteUpload, body).parts) == 10_000
