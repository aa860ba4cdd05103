"""A rollout on a running server: a page that is open keeps its variant, over reloads too, and new ones get theirs."""

import json

from tests.support.files import INTERVIEWS
from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM, QUICK
from tests.support.stack import running_stack


def flags(percent, bulk="off"):
    pace = {
        "state": "ENABLED",
        "variants": {"control": {}, "late": {"mode": "per_answer"}},
        "defaultVariant": "control",
        "targeting": {"fractional": [["late", percent], ["control", 100 - percent]]},
    }
    switch = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": bulk}
    return json.dumps({"flags": {"pace": pace, "bulk": switch}}) + " " * percent  # another size each time


def arm(candidate):
    """Return mode and arm of a session that was submitted."""
    report = candidate.last_report()
    assigned = report.assignments.get("pace") or report.assignments["bulk"]
    return report.mode, assigned.variant


def answer(candidate):
    candidate.record("first")
    candidate.until(lambda: len(candidate.recording("first").sizes) >= 6, "six chunks")
    is_early = bool(candidate.stored_parts("first"))
    candidate.stop("first")
    candidate.submit()
    return is_early


@CHROMIUM
def test_ramp_and_switch_move_no_session_that_has_begun(sit_down, tmp_path):
    path = tmp_path / "flags.json"
    path.write_text(flags(0), encoding="utf-8")
    with running_stack(tmp_path, policy=QUICK, interviews=INTERVIEWS, env={"SLIPSTREAM_FLAGS": str(path)}) as stack:
        early = begun(sit_down, stack)
        path.write_text(flags(100), encoding="utf-8")
        late = begun(sit_down, stack)
        path.write_text(flags(100, bulk="on"), encoding="utf-8")
        fallback = begun(sit_down, stack)
        for candidate in (early, late):
            candidate.page.reload(timeout=BOOT_TIMEOUT_MS)
            candidate.begin()
        assert_arms(early, late, fallback)


def begun(sit_down, stack):
    candidate = sit_down("single", at=stack)
    candidate.begin()
    return candidate


def assert_arms(early, late, fallback):
    are_early = [answer(candidate) for candidate in (early, late, fallback)]

    assert [arm(candidate) for candidate in (early, late, fallback)] == [
        ("progressive", "control"),
        ("per_answer", "late"),
        ("bulk", "on"),
    ]
    assert are_early == [True, False, False], "the mode was named, and not used"
