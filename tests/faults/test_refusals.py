"""Row 27: what an operator's gateway or bucket refuses is told apart from a network that is away."""

import pytest
from playwright.sync_api import expect

from app.contract import TroubleKind
from tests.support.faults.calls import Kind
from tests.support.faults.rules import Answer, Change, Rule
from tests.support.faults.speaking import arrive, finish, has_parts, speak, speak_on

KIB = 1024
LARGE_PARTS = {"part_bytes": 256 * KIB}  # room to be halved twice: no part is made smaller than 64 KiB
GATEWAY_TAKES = 100 * KIB
# They do not hide the same of an answer that a page may not read.
BOTH_BROWSERS = pytest.mark.parametrize("browser_name", ["chromium", "firefox"], indirect=True)


def sit_and_watch(sit_down_with_faults, **named):
    candidate = sit_down_with_faults(**named)
    candidate.watch.expect("Slipstream: ")  # the operator reads in the console what is wrong
    candidate.watch.expect("The Same Origin Policy disallows reading")  # Firefox, of its own accord
    return candidate


def assert_never_called_offline(candidate):
    assert not [state for state in candidate.watch.states if state.state == "offline"]
    assert candidate.notice("offline").count() == 0


def assert_operator_is_told(candidate, kind):
    candidate.until(lambda: lines_in_log(candidate, kind), "the operator is told")
    said = [line for line in candidate.watch.said if line.startswith("Slipstream: ")]
    assert len([line for line in said if kind in line]) == 1, said
    [line] = lines_in_log(candidate, kind)
    assert "WARNING" in line


def lines_in_log(candidate, kind):
    log = candidate.stack.log.read_text("utf-8").splitlines()
    return [line for line in log if candidate.session in line and kind in line]


@pytest.mark.parametrize("has_cors", [True, False])
def test_row_27_gateway_that_refuses_large_bodies_gets_smaller_parts(sit_down_with_faults, faults, has_cors):
    candidate = sit_and_watch(sit_down_with_faults, policy=LARGE_PARTS)
    too_large = Rule(Answer(413, has_cors=has_cors), Kind.PART, when=lambda call: call.size > GATEWAY_TAKES, times=None)
    faults.store.add(too_large)

    speak(candidate, lambda: has_parts(candidate, 3), "three parts are stored")
    assert {part.size for part in faults.store.passed(Kind.PART) if part.is_acknowledged} == {64 * KIB}
    assert candidate.notice("store-refuses").count() == 0, "what cures itself worries nobody"
    assert_never_called_offline(candidate)

    begun = len(faults.signer.passed(Kind.CREATE))
    candidate.stop("first")
    candidate.record("second")
    candidate.until(lambda: candidate.stored_parts("second"), "a part of the second answer is stored")
    assert len(faults.signer.passed(Kind.CREATE)) == begun + 1, "the size that passed was not remembered"
    candidate.press("second", "stop")
    candidate.wait_for_state("second", "completed")
    candidate.go_to("first")
    faults.assert_all_fired()
    faults.store._line.script.clear()
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()
    candidate.assert_object_is(candidate.recording("first"), candidate.stored_record("first"))
    candidate.assert_object_is(candidate.recording("second"), candidate.stored_record("second"))
    assert candidate.open_uploads() == {}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(413), TroubleKind.TOO_LARGE),
        (Answer(413, has_cors=False), TroubleKind.BLOCKED),
        (Answer(403, has_cors=False), TroubleKind.BLOCKED),
        (Answer(403), TroubleKind.FORBIDDEN),
        (Answer(507), TroubleKind.UNABLE),
        (Answer(501), TroubleKind.UNABLE),
        (Answer(501, body=b"<Error><Code>NotImplemented</Code></Error>"), TroubleKind.UNABLE),
    ],
    ids=["413", "413 without CORS", "403 without CORS", "403", "507", "501", "501 as S3 says it"],
)
def test_row_27_store_that_refuses_every_part_is_named_and_tried_again(sit_down_with_faults, faults, answer, kind):
    candidate = sit_and_watch(sit_down_with_faults)
    faults.store.add(Rule(answer, Kind.PART, times=None))

    speak(candidate, lambda: candidate.notice("store-refuses").is_visible(), "the candidate is told")
    assert candidate.state("first") == "failed"
    assert_operator_is_told(candidate, kind)
    assert_never_called_offline(candidate)

    faults.assert_all_fired()
    faults.mend()
    speak_on(candidate, lambda: has_parts(candidate), "four parts are stored")
    expect(candidate.notice("store-refuses")).to_be_hidden()
    finish(candidate, faults)
    assert_never_called_offline(candidate)


@BOTH_BROWSERS
def test_row_27_cors_rule_that_blocks_the_answers_record_is_named(sit_down_with_faults, faults):
    candidate = sit_and_watch(sit_down_with_faults)
    without = Change(headers={"Access-Control-Allow-Headers": None})
    faults.store.add(
        Rule(without, Kind.PREFLIGHT, when=lambda call: call.path.endswith("answer.json"), times=None),
    )
    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    candidate.stop("first")

    expect(candidate.notice("store-refuses")).to_be_visible()
    candidate.wait_for_state("first", "completed")
    assert_operator_is_told(candidate, "blocked")
    assert_never_called_offline(candidate)

    faults.assert_all_fired()
    faults.store._line.script.clear()
    arrive(candidate, faults)
    expect(candidate.notice("store-refuses")).to_be_hidden()


@BOTH_BROWSERS
def test_row_27_store_that_alone_is_away_is_not_called_offline(sit_down_with_faults, faults):
    candidate = sit_and_watch(sit_down_with_faults)
    speak(candidate, lambda: has_parts(candidate, 1), "a part is stored")

    faults.store.down()
    expect(candidate.notice("store-away")).to_be_visible()
    emitted = len(candidate.recording("first").sizes)
    speak_on(candidate, lambda: len(candidate.recording("first").sizes) > emitted + 8, "recording goes on")
    assert_never_called_offline(candidate)

    faults.store.up()
    speak_on(candidate, lambda: has_parts(candidate, 6), "sending goes on")
    expect(candidate.notice("store-away")).to_be_hidden()
    finish(candidate, faults)
