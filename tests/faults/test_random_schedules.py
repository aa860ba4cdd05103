"""Row 24: many faults at random, and in the end every byte is there, once."""

import pytest

from tests.support.faults.calls import Kind
from tests.support.faults.faulty_stack import FaultyStack
from tests.support.faults.schedules import FEWEST, MOST, Happening, asked_seeds, draw
from tests.support.faults.speaking import finish, has_parts, speak, speak_on
from tests.support.page_driver import Candidate

AT_THE_END = (Kind.COMPLETE, Kind.STORE_LIST, Kind.STORE_COMPLETE)  # asked for when a recording is over


@pytest.mark.parametrize("seed", asked_seeds(range(1, 3)))
def test_row_24_random_faults_heal_and_every_byte_arrives_once(sit_down_with_faults, faults, seed):
    schedule = draw(seed)
    candidate = sit_down_with_faults(policy={"sign_ahead": 1})  # a signature for each part: many calls to go wrong
    for proxy, rules in (
        (faults.store, schedule.store),
        (faults.signer, schedule.signer),
        (faults.back, schedule.back),
    ):
        proxy.add(*rules)

    speak(candidate, lambda: len(candidate.recording("first").sizes) > 2, "the recording is under way")
    for happening in schedule.happenings:
        befall(candidate, faults, happening)
    meanwhile = [rule for rule in schedule.rules if rule.kind not in AT_THE_END]
    speak_on(candidate, lambda: all(rule.has_fired for rule in meanwhile), "all has gone wrong that could meanwhile")
    speak_on(candidate, lambda: has_parts(candidate, 2), "parts are stored")
    finish(candidate, faults)


def befall(candidate: Candidate, faults: FaultyStack, happening: Happening) -> None:
    """Let something happen to everything, go on speaking, and make it well again."""
    chunks = len(candidate.recording("first").sizes) + happening.chunks
    if happening.what == "store restarted":
        faults.restart_store()
    elif happening.what == "store silent":
        faults.store.silence()
    if happening.what in ("offline", "signer down"):
        faults.signer.down()
    if happening.what == "offline":
        faults.store.down()
    speak_on(candidate, lambda: len(candidate.recording("first").sizes) >= chunks, "recording goes on")
    faults.signer.up()
    faults.store.up()


def test_a_seed_always_draws_the_same_faults():
    for seed in range(200):
        first, again = draw(seed), draw(seed)

        assert FEWEST <= first.size <= MOST
        assert [rule.fault for rule in first.rules] == [rule.fault for rule in again.rules]
        assert first.happenings == again.happenings
