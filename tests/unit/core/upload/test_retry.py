"""How long a failed command waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract import UploadPolicy
from app.core import errors
from app.core.upload.connectivity import PROBE_S
from app.core.upload.retry import FRESH_URLS, RETRY_AFTER_CAP_S, Wait, backoff_s, wait_for

POLICY = UploadPolicy(retry_base_s=0.5, retry_cap_s=30)
jitters = st.floats(0, 1, exclude_max=True)
failure_counts = st.integers(1, 10_000)


@pytest.mark.parametrize(("failures", "most_s"), [(1, 0.5), (2, 1), (3, 2), (6, 16), (7, 30), (5_000, 30)])
def test_waits_double_up_to_the_cap(failures, most_s):
    assert backoff_s(POLICY, failures, 0.5) == most_s / 2
    assert backoff_s(POLICY, failures, 0) == 0


@given(failure_counts, jitters)
def test_full_jitter_stays_within_its_bounds(failures, jitter):
    assert 0 <= backoff_s(POLICY, failures, jitter) <= min(30, 0.5 * 2.0 ** min(failures - 1, 32))


@given(failure_counts, jitters, st.floats(0.001, 10_000))
def test_retry_after_is_never_earlier_than_told(failures, jitter, asked_s):
    waited = wait_for(errors.StoreBusy("busy", asked_s), POLICY, failures, jitter).duration_s

    assert waited is not None
    assert waited >= min(asked_s, RETRY_AFTER_CAP_S)
    assert waited <= RETRY_AFTER_CAP_S + POLICY.retry_cap_s


def test_busy_without_a_time_backs_off():
    assert wait_for(errors.StoreBusy("busy"), POLICY, 3, 0.5).duration_s == 1.0


@given(failure_counts, jitters)
def test_what_may_pass_is_tried_without_limit(failures, jitter):
    for kind in (errors.NetworkFailed, errors.Stalled, errors.Corrupted, errors.SignerInvalid, errors.UploadLost):
        assert wait_for(kind("again"), POLICY, failures, jitter).duration_s is not None


def test_first_expired_url_is_replaced_at_once():
    assert wait_for(errors.UrlExpired("403"), POLICY, 1, 0.9).duration_s == 0


def test_fresh_urls_are_bounded():
    waits = [
        wait_for(errors.UrlExpired("403"), POLICY, failures, 0.5).duration_s for failures in range(1, FRESH_URLS + 2)
    ]
    assert None not in waits[:-1]
    assert waits[-1] is None


def test_our_own_abort_waits_for_nothing():
    assert wait_for(errors.Aborted("retake"), POLICY, 7, 0.9).duration_s == 0


@pytest.mark.parametrize("kind", errors.Fatal.__subclasses__())
def test_fatal_waits_for_a_person(kind):
    assert wait_for(kind("no"), POLICY, 1, 0.5).duration_s is None


def test_every_error_is_of_one_family():
    """Fatal and Retryable exclude each other, and nothing but Aborted is neither."""
    assert set(errors.UploadError.__subclasses__()) == {errors.Retryable, errors.Fatal, errors.Aborted}


@pytest.mark.parametrize("kind", [errors.NetworkFailed, errors.Stalled, errors.CaptivePortal])
@pytest.mark.parametrize("failures", [0, 1, 50])
def test_offline_silence_is_looked_through_at_a_steady_pace(kind, failures):
    assert wait_for(kind("quiet"), POLICY, failures, 0.9, is_offline=True) == Wait(PROBE_S)


def test_offline_changes_nothing_for_what_was_answered():
    for error in (errors.StoreBusy("busy", 20), errors.UrlRejected("no"), errors.UrlExpired("403")):
        assert wait_for(error, POLICY, 2, 0.5, is_offline=True) == wait_for(error, POLICY, 2, 0.5)


def test_what_was_asked_for_is_told_apart_from_what_we_add():
    assert wait_for(errors.StoreBusy("busy", 20), POLICY, 1, 0.5) == Wait(20.25, asked_s=20)
    assert wait_for(errors.StoreBusy("busy", 3600), POLICY, 1, 0.5) == Wait(60.25, asked_s=RETRY_AFTER_CAP_S)
    assert wait_for(errors.NetworkFailed("reset"), POLICY, 1, 0.5) == Wait(0.25)
