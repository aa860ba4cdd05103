"""Rows 9 and 20: somebody else answers, or the signer is down, slow, or answers junk."""

import json

import pytest
from playwright.sync_api import expect

from tests.support.faults.calls import Kind
from tests.support.faults.proxy import Proxy
from tests.support.faults.rules import Answer, Change, Delay, Rule
from tests.support.faults.speaking import finish, has_parts, speak, speak_on

PORTAL = b"<!doctype html><title>Welcome to our Wi-Fi</title><form>Please sign in.</form>"
HTML = {"Content-Type": "text/html"}


@pytest.mark.parametrize("has_cors", [True, False])
def test_row_9_sign_in_page_in_the_stores_place_acknowledges_nothing(sit_down_with_faults, faults, has_cors):
    candidate = sit_down_with_faults()
    faults.store.add(portal := Rule(Answer(200, HTML, PORTAL, has_cors=has_cors), Kind.PART, times=None))

    speak(candidate, lambda: portal.fired >= 3, "the portal has answered three times")
    topic = "intercepted" if has_cors else "store-refuses"  # somebody does answer, and nobody may read what
    candidate.watch.expect("Slipstream: ")
    expect(candidate.notice(topic)).to_be_visible()
    assert candidate.stored_parts("first") == []
    assert int(candidate.track("first").locator("progress").get_attribute("value") or 0) == 0

    faults.assert_all_fired()
    faults.mend()
    speak_on(candidate, lambda: has_parts(candidate), "four parts are stored")
    expect(candidate.notice(topic)).to_be_hidden()
    finish(candidate, faults)


def test_row_9_sign_in_page_in_the_signers_place_is_no_signer(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    candidate.begin()
    faults.signer.add(portal := Rule(Answer(200, HTML, PORTAL), times=None))
    candidate.record("first")
    speak_on(candidate, lambda: portal.fired >= 3, "the portal has answered three times")
    expect(candidate.notice("intercepted")).to_be_visible()

    faults.assert_all_fired()
    faults.mend()
    speak_on(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)


def test_row_20_signer_that_is_down_stops_no_recording(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    candidate.begin()
    faults.signer.down()
    candidate.record("first")
    speak_on(candidate, lambda: len(candidate.recording("first").sizes) >= 12, "recording goes on")
    assert candidate.stored_parts("first") == []

    faults.signer.up()

    speak_on(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)


def test_row_20_slow_signer_only_takes_longer(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    faults.signer.add(Rule(Delay(after_s=1), Kind.CREATE), Rule(Delay(before_s=1), Kind.SIGN))
    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)


@pytest.mark.parametrize("kind", [Kind.CREATE, Kind.SIGN, Kind.COMPLETE])
def test_row_20_junk_from_the_signer_is_asked_for_again(sit_down_with_faults, faults, kind):
    candidate = sit_down_with_faults()
    plain = {"Content-Type": "application/json"}
    for junk in (b"", b"{}", b"[1, 2", b'{"parts": [{"number": "1"}], "upload": 7}', PORTAL):
        faults.signer.add(Rule(Answer(200, plain, junk), kind))
    faults.signer.add(Rule(Answer(502, HTML, PORTAL), kind), Rule(Answer(500, plain, b"\xff\xfe"), kind))

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)


@pytest.mark.parametrize("place", ["http://127.0.0.1:{port}/slipstream/x", "javascript:alert(1)", "//["])
def test_row_20_nothing_is_sent_to_another_place_than_the_store(sit_down_with_faults, faults, place):
    candidate = sit_down_with_faults()
    with Proxy(1) as trap:
        parts = [
            {"number": number, "size": 27_648, "url": place.format(port=trap.port), "headers": {}, "life_s": 60}
            for number in range(1, 5)
        ]
        faults.signer.add(Rule(Change(body=json.dumps({"parts": parts}).encode()), Kind.SIGN, times=None))

        speak(candidate, lambda: candidate.notice("misled").is_visible(), "the page says that it waits")
        assert candidate.stored_parts("first") == []
        faults.assert_all_fired()
        faults.mend()
        speak_on(candidate, lambda: has_parts(candidate), "four parts are stored")
        expect(candidate.notice("misled")).to_be_hidden()
        finish(candidate, faults)

        assert trap.passed() == [], "something was sent there"
