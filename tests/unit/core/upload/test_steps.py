"""The one transition table of everything that may take several tries."""

import itertools
from dataclasses import astuple

import pytest

from app.core.errors import NetworkFailed, UrlExpired
from app.core.upload.steps import Step, StepEvent, StepRefused, StepState

KNOWN = {
    (StepState.WAITING, StepEvent.STARTED): StepState.IN_FLIGHT,
    (StepState.WAITING, StepEvent.SUCCEEDED): StepState.DONE,
    (StepState.WAITING, StepEvent.RETRIED): StepState.WAITING,
    (StepState.WAITING, StepEvent.REOPENED): StepState.WAITING,
    (StepState.IN_FLIGHT, StepEvent.SUCCEEDED): StepState.DONE,
    (StepState.IN_FLIGHT, StepEvent.FAILED): StepState.WAITING,
    (StepState.IN_FLIGHT, StepEvent.REFUSED): StepState.FAILED,
    (StepState.IN_FLIGHT, StepEvent.RETRIED): StepState.IN_FLIGHT,
    (StepState.FAILED, StepEvent.STARTED): StepState.CHECKING,
    (StepState.FAILED, StepEvent.RETRIED): StepState.WAITING,
    (StepState.FAILED, StepEvent.REOPENED): StepState.WAITING,
    (StepState.CHECKING, StepEvent.SUCCEEDED): StepState.DONE,
    (StepState.CHECKING, StepEvent.FAILED): StepState.FAILED,
    (StepState.CHECKING, StepEvent.REFUSED): StepState.FAILED,
    (StepState.CHECKING, StepEvent.RETRIED): StepState.IN_FLIGHT,
    (StepState.DONE, StepEvent.RETRIED): StepState.DONE,
    (StepState.DONE, StepEvent.REOPENED): StepState.WAITING,
}
PAIRS = list(itertools.product(StepState, StepEvent))


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_known_pair_moves_and_unknown_pair_changes_nothing(state, event):
    step = Step(state, failures=3, not_before=7.0, problem="It broke.")
    before = astuple(step)
    following = KNOWN.get((state, event))

    if following is None:
        with pytest.raises(StepRefused, match=event.name):
            step.on(event)
        assert astuple(step) == before
    else:
        step.on(event)
        assert step.state is following


def test_success_forgets_the_failures():
    step = Step(StepState.IN_FLIGHT, failures=3, refusals=2, not_before=7.0, asked_for=6.0, problem="It broke.")
    step.on(StepEvent.SUCCEEDED)
    assert astuple(step) == astuple(Step(StepState.DONE))


def test_new_step_may_be_taken_on_any_clock():
    assert Step().is_ready(-1e9)


def test_refused_urls_are_counted_in_a_row():
    step = Step(StepState.IN_FLIGHT)
    for error in (UrlExpired("403"), UrlExpired("403"), NetworkFailed("reset"), UrlExpired("403")):
        step.count(error)
    assert (step.failures, step.refusals) == (4, 1)


def test_failed_try_waits_its_time():
    step = Step(StepState.IN_FLIGHT)
    step.fail("It broke.", wait_s=2.0, now=10.0)
    assert (step.is_ready(11.9), step.is_ready(12.0)) == (False, True)
    assert step.problem == "It broke."


def test_refused_try_waits_for_a_person():
    step = Step(StepState.IN_FLIGHT)
    step.fail("No.", wait_s=None, now=10.0)
    assert (step.state, step.is_ready(1e9)) == (StepState.FAILED, False)

    step.on(StepEvent.RETRIED)
    assert step.is_ready(10.0)


def test_hurry_ends_the_wait():
    step = Step(StepState.IN_FLIGHT)
    step.fail("It broke.", wait_s=30.0, now=10.0)
    step.skip_backoff()
    assert step.is_ready(10.0)


def test_what_was_asked_for_is_never_hurried():
    step = Step(StepState.IN_FLIGHT)
    step.fail("Busy.", wait_s=30.0, now=10.0, asked_s=20.0)
    for _ in range(2):
        step.skip_backoff()
        assert (step.is_ready(29.9), step.is_ready(30.0)) == (False, True)


def test_hurry_makes_no_wait_longer():
    step = Step(StepState.IN_FLIGHT)
    step.fail("Busy.", wait_s=5.0, now=10.0, asked_s=5.0)
    step.on(StepEvent.RETRIED)
    step.skip_backoff()
    assert step.is_ready(10.0)


@pytest.mark.parametrize("state", [StepState.WAITING, StepState.FAILED, StepState.DONE])
def test_only_what_is_in_flight_can_fail(state):
    step = Step(state)
    with pytest.raises(StepRefused):
        step.fail("It broke.", wait_s=1.0, now=10.0)
    assert astuple(step) == astuple(Step(state))
