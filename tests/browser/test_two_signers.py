"""Two signers side by side, each asked in turn; one of them is killed in mid-answer."""

import pytest

from app.contract import MIB
from tests.support.files import INTERVIEWS
from tests.support.settings import CHROMIUM, synthetic
from tests.support.two_signers import running_two_signers

pytestmark = pytest.mark.xdist_group("two signers")
NOISE = synthetic(type="audio/webm;codecs=opus", size=100_003, every_ms=125)  # 800 kB a second


@pytest.fixture
def two(tmp_path):
    with running_two_signers(tmp_path, policy={"timeslice_ms": 250}, interviews=INTERVIEWS) as running:
        yield running


@CHROMIUM
def test_answer_is_whole_although_one_of_two_signers_is_killed(sit_down, two):
    candidate = sit_down(before=NOISE, at=two.stack)
    asked = set()
    candidate.page.context.on(
        "response", lambda reply: asked.add(reply.headers.get("x-signer")) if "/api/" in reply.url else None
    )
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: len(candidate.watch.parts("first")) >= 6, "small parts are sent")
    assert asked == {f"127.0.0.1:{port}" for port in two.ports}, "one signer alone was asked"

    candidate.assert_reload_keeps("first")
    candidate.begin()
    candidate.record("second")
    candidate.until(lambda: len(candidate.watch.parts("second")) >= 6, "small parts are sent")
    two.second.kill()
    before = sum(candidate.recording("second").sizes)
    candidate.until(lambda: sum(candidate.recording("second").sizes) > before + 2 * MIB, "more is recorded")
    candidate.stop("second")

    candidate.wait_for_state("second", "completed")
    record = candidate.stored_record("second")
    candidate.assert_object_is(candidate.recording("second"), record)
    assert candidate.open_uploads() == {}
