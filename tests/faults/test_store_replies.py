"""Rows 5 to 7 and 10 to 12: what a store may answer, and what may become of the bytes on their way to it."""

import math

import pytest

from app.core.upload.retry import FRESH_URLS
from server.store.embedded import BUCKET
from tests.support.faults.calls import Kind
from tests.support.faults.rules import Answer, Change, Corrupt, Delay, Rule, Truncate
from tests.support.faults.speaking import arrive, finish, has_parts, speak, speak_on, tries
from tests.support.pace import slowness
from tests.support.settings import FAR_STORE


def refusal(status, code="", *, has_cors=True, **headers):
    """Answer as a store does."""
    body = f"<Error><Code>{code}</Code><Message>No.</Message></Error>" if code else ""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"Content-Type": "application/xml", **named}, body.encode(), has_cors=has_cors)


@pytest.mark.parametrize("busy", [refusal(503, "SlowDown", Retry_After="2"), refusal(429, Retry_After="2")])
def test_row_5_busy_store_is_left_alone_for_as_long_as_it_asks(sit_down_with_faults, faults, busy):
    candidate = sit_down_with_faults()
    faults.store.add(Rule(busy, Kind.PART, number=2))

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)

    first, second = tries(faults, 2)
    assert second.arrived_at - first.answered_at >= 2


def test_row_6_passing_errors_pass_without_a_hand(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    passing = [
        *(refusal(status) for status in (500, 502, 504)),
        refusal(503, has_cors=False),
        *(refusal(400, code) for code in ("RequestTimeout", "BadDigest", "IncompleteBody")),
    ]
    for place, answer in enumerate(passing):
        faults.store.add(Rule(answer, Kind.PART, number=1 + place // 2))

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)

    assert [len(tries(faults, number)) for number in (1, 2, 3, 4)] == [3, 3, 3, 2]


def test_row_7_refused_urls_are_signed_again_once_for_each(sit_down_with_faults, faults):
    candidate = sit_down_with_faults(policy={"sign_ahead": 1})
    faults.store.add(
        Rule(refusal(403, "AccessDenied"), Kind.PART, number=1),
        Rule(refusal(403, "RequestTimeTooSkewed"), Kind.PART, number=2),
        Rule(refusal(400, "AccessDenied"), Kind.PART, number=3),
    )

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)

    assert len(faults.signer.passed(Kind.SIGN)) == len(faults.store.passed(Kind.PART))


def test_row_7_url_that_expires_on_its_way_is_signed_again(sit_down_with_faults, faults):
    life_s = math.ceil(slowness())  # the other parts are to arrive in time
    patience_s = life_s + 10
    candidate = sit_down_with_faults(
        policy={"url_life_s": life_s, "stall_timeout_s": patience_s, "reply_timeout_s": patience_s}
    )
    faults.store.add(Rule(Delay(before_s=life_s + 1.1), Kind.PART, number=2))  # signatures count whole seconds

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)

    late, *_, last = tries(faults, 2)
    assert late.status in (400, 403), "the store let an expired URL pass"
    assert last.is_acknowledged


def test_row_7_store_that_refuses_every_url_is_not_asked_for_ever(sit_down_with_faults, faults):
    # What is refused is tried again without anybody after twice the cap: here the candidate is to be first.
    candidate = sit_down_with_faults(policy={"retry_cap_s": 120, "parallel_parts": 1})  # nothing else is on its way
    candidate.watch.expect("Slipstream: ")  # the operator is told
    faults.store.add(refusing := Rule(refusal(403, "SignatureDoesNotMatch"), Kind.PART, times=None))
    speak(candidate, lambda: len(candidate.recording("first").sizes) > 8, "recording goes on")
    candidate.stop("first")
    candidate.wait_for_state("first", "failed")
    tried = {part.call.number: len(tries(faults, part.call.number)) for part in faults.store.passed(Kind.PART)}
    assert max(tried.values()) <= 1 + FRESH_URLS
    assert refusing.has_fired

    faults.mend()
    candidate.page.locator("[data-action=retry]:visible").first.click()
    arrive(candidate, faults)


def has_all_before(faults, number):
    stored = {part.call.number for part in faults.store.passed(Kind.PART) if part.is_acknowledged}
    return stored >= set(range(1, number))


def test_row_10_changed_bytes_are_found_and_sent_again(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    faults.store.add(
        Rule(Truncate(), Kind.PART, number=1),
        Rule(Change(headers={"ETag": '"00000000000000000000000000000000"'}), Kind.PART, number=2),
        # The embedded store takes no other part in a damaged one's place, once it has all before it.
        damaging := Rule(
            Corrupt(), Kind.PART, when=lambda call: call.number > 2 and has_all_before(faults, call.number)
        ),
    )

    speak(candidate, lambda: damaging.has_fired and has_parts(candidate, 5), "five parts are stored")
    finish(candidate, faults)

    assert len(faults.signer.passed(Kind.CREATE)) == (2 if FAR_STORE is None else 1)


def test_row_10_etag_that_is_hidden_is_asked_for_by_the_signer(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    faults.store.add(Rule(Change(headers={"ETag": None}), Kind.PART, times=3))

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)


@pytest.mark.parametrize("happens", ["lifecycle rule", "restarted store"])
def test_row_11_upload_that_the_store_has_lost_is_sent_anew_from_the_journal(sit_down_with_faults, faults, happens):
    candidate = sit_down_with_faults()
    speak(candidate, lambda: has_parts(candidate, 2), "two parts are stored")
    [(key, lost)] = candidate.open_uploads().items()

    if happens == "restarted store":
        faults.restart_store()
    else:
        candidate.stack.s3.abort_multipart_upload(Bucket=BUCKET, Key=key, UploadId=lost)

    if happens == "lifecycle rule" or FAR_STORE is None:  # a store of the operator's own keeps its open uploads
        speak_on(candidate, lambda: len(faults.signer.passed(Kind.CREATE)) > 1, "a new upload is begun")
    speak_on(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)


def test_row_12_complete_that_answers_200_with_an_error_is_no_success(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    failed = b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>InternalError</Code><Message>No.</Message></Error>'
    answer = Answer(200, {"Content-Type": "application/xml"}, failed)
    faults.back.add(Rule(answer, Kind.STORE_COMPLETE, times=4))

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)

    assert [one.status for one in faults.signer.passed(Kind.COMPLETE)][-2:] == [503, 200]


def test_row_12_complete_that_takes_its_time_shows_success_only_then(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    faults.back.add(slow := Rule(Delay(before_s=2), Kind.STORE_COMPLETE))
    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    candidate.stop("first")
    candidate.until(lambda: faults.back.passed(Kind.STORE_COMPLETE), "the store is asked to complete")
    assert candidate.state("first") != "completed"

    candidate.until(lambda: slow.has_fired, "the store completes")
    arrive(candidate, faults)
