"""Which call a rule hits, and what a request's first line says."""

import pytest

from tests.support.faults.calls import Call, Kind, Passed, read_call
from tests.support.faults.rules import Answer, LoseReply, Reset, Rule, Script

PART_1 = read_call("PUT", "/slipstream/i/s/q/take-1/audio.webm?partNumber=1&uploadId=7&X-Amz-Signature=abc")
PART_2 = read_call("PUT", "/slipstream/i/s/q/take-1/audio.webm?partNumber=2&uploadId=7&X-Amz-Signature=abc")
COMPLETE = read_call("POST", "/api/uploads/complete")


@pytest.mark.parametrize(
    ("method", "target", "kind"),
    [
        ("OPTIONS", "/b/k?partNumber=1&uploadId=7", Kind.PREFLIGHT),
        ("PUT", "/b/k?partNumber=1&uploadId=7", Kind.PART),
        ("PUT", "/b/k/answer.json?X-Amz-Expires=9", Kind.DOCUMENT),
        ("GET", "/api/interview", Kind.INTERVIEW),
        ("POST", "/api/uploads", Kind.CREATE),
        ("POST", "/api/submission", Kind.SUBMISSION),
        ("POST", "/b/k?uploads", Kind.STORE_CREATE),
        ("GET", "/b?uploads&prefix=k", Kind.STORE_UPLOADS),
        ("GET", "/b/k?uploadId=7&max-parts=1000", Kind.STORE_LIST),
        ("POST", "/b/k?uploadId=7", Kind.STORE_COMPLETE),
        ("DELETE", "/b/k?uploadId=7", Kind.STORE_ABORT),
        ("HEAD", "/b/k", Kind.STORE_HEAD),
        ("GET", "/", Kind.OTHER),
        ("GET", "/api/health", Kind.OTHER),
    ],
)
def test_first_line_says_what_a_request_asks_for(method, target, kind):
    assert read_call(method, target).kind is kind


def test_call_keeps_part_and_upload_but_no_signature():
    names = frozenset({"partNumber", "uploadId", "X-Amz-Signature"})
    assert Call("PUT", "/slipstream/i/s/q/take-1/audio.webm", Kind.PART, "7", 1, names=names) == PART_1
    assert "abc" not in repr(PART_1)


def test_part_is_acknowledged_by_200_and_its_own_md5_alone():
    part = Passed(PART_1, arrived_at=0.0, is_first=True, md5="d41d")
    assert not part.is_acknowledged
    part.status, part.etag = 200, "other"
    assert not part.is_acknowledged
    part.etag = "d41d"
    assert part.is_acknowledged


def test_rule_hits_once_then_lets_pass():
    script = Script()
    script.add(rule := Rule(Reset(), Kind.PART))

    assert script.take(COMPLETE) is None
    assert script.take(PART_1) is rule
    assert script.take(PART_1) is None


def test_rules_of_one_kind_are_used_in_order():
    script = Script()
    script.add(first := Rule(Reset(), Kind.PART, times=2), second := Rule(LoseReply(), Kind.PART))

    assert [script.take(PART_1) for _ in range(4)] == [first, first, second, None]


def test_rule_of_another_kind_does_not_wait():
    script = Script()
    script.add(Rule(Reset(), Kind.PART), lost := Rule(LoseReply(), Kind.COMPLETE))

    assert script.take(COMPLETE) is lost


def test_rule_waits_for_its_part_and_its_nth_call():
    script = Script()
    script.add(rule := Rule(Reset(), Kind.PART, number=2, nth=2))

    assert [script.take(call) for call in (PART_2, PART_1, PART_2, PART_2)] == [None, None, rule, None]


def test_rule_without_an_end_goes_on_until_it_is_cleared():
    script = Script()
    script.add(rule := Rule(Answer(503), times=None))
    assert [script.take(call) for call in (PART_1, COMPLETE, PART_1)] == [rule] * 3

    script.clear()
    assert script.take(PART_1) is None


def test_rule_may_look_closer():
    script = Script()
    script.add(rule := Rule(Reset(), when=lambda call: call.path.endswith("/complete")))

    assert [script.take(PART_1), script.take(COMPLETE)] == [None, rule]


def test_fault_that_was_taken_but_not_carried_out_has_not_fired():
    script = Script()
    script.add(rule := Rule(Reset(), Kind.PART))
    script.take(PART_1)
    with pytest.raises(AssertionError, match="Reset"):
        script.assert_all_fired()

    rule.fired += 1
    script.assert_all_fired()
