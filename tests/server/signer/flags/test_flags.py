"""Flags: what a session falls into, and that it stays there."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.contract import UploadMode, UploadPolicy
from server.signer.flags.assignments import Assignments, Flags
from server.signer.flags.flag_file import FlagFile
from server.signer.flags.flag_rules import FlagsError
from server.signer.flags.flag_set import FlagSet
from server.signer.tickets import Tickets
from tests.support.flags import interview, split, ticket
from tests.support.signer_client import SECRET


def single(value: Any) -> str:
    """Return the text of one flag with one variant."""
    return json.dumps({"flags": {"x": split(0, variants={"a": value}, defaultVariant="a", targeting={})}})


class Desk:
    """Flags in a file that an operator edits while sessions run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tickets = Tickets(SECRET)
        self.flags = Flags(FlagFile(path), self.tickets)
        self.writes = 0

    def write(self, **flags: Any) -> None:
        self.write_text(json.dumps({"flags": flags}))

    def write_text(self, text: str) -> None:
        self.writes += 1
        self.path.write_text(
            text + " " * self.writes, encoding="utf-8"
        )  # another size: clocks of file systems are coarse

    def of(self, session: str, token: str | None = None, id_: str = "trial", **policy: Any) -> Assignments:
        return self.flags.of(ticket(session, id_, **policy), interview(id_), token)

    def arms(self, sessions: int = 2_000, id_: str = "trial") -> dict[str, str | None]:
        """Return the variant of each session, by its name."""
        found = {}
        for number in range(sessions):
            assigned = self.of(f"s{number}", id_=id_).by_flag.get("pace")
            found[f"s{number}"] = assigned.variant if assigned else None
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "flags.json")
    made.write()
    return made


def test_share_of_sessions_is_the_planned_one_and_the_report_can_know_it(desk: Desk):
    desk.write(pace=split(10))

    assert Counter(desk.arms().values())["quick"] == pytest.approx(200, abs=45)  # 3.3 standard deviations
    assert desk.of("s1").by_flag["pace"].planned == {"quick": 0.1, "control": 0.9}


def test_ramp_only_adds_sessions_and_the_switch_takes_all_new_ones_out(desk: Desk):
    quick: list[set[str]] = []
    for percent in (0, 10, 50, 100):
        desk.write(pace=split(percent))
        quick.append({session for session, arm in desk.arms().items() if arm == "quick"})
    desk.write(pace=split(100, state="DISABLED"))

    assert [len(arm) for arm in (quick[0], quick[3])] == [0, 2_000]
    assert quick[0] < quick[1] < quick[2] < quick[3]
    assert set(desk.arms().values()) == {None}


def test_session_with_a_token_stays_where_it_began(desk: Desk):
    desk.write(pace=split(50))
    before = {session: desk.of(session) for session in ("s1", "s2", "s3", "s4", "s5", "s6")}
    assert {one.by_flag["pace"].variant for one in before.values()} == {"quick", "control"}
    tokens = {session: desk.flags.token(one) for session, one in before.items()}
    for flag in (split(0), split(100), split(100, state="DISABLED")):
        desk.write(pace=flag, bulk={"state": "ENABLED", "variants": {"on": True}, "defaultVariant": "on"})
        assert {session: desk.of(session, token) for session, token in tokens.items()} == before


def test_same_assignments_give_the_same_token(desk: Desk):
    desk.write(pace=split(50))

    assert desk.flags.token(desk.of("s1")) == desk.flags.token(desk.of("s1"))


@pytest.mark.parametrize("token", ["", "x", "e30.e30.e30"])
def test_token_of_nobody_counts_for_nothing(desk: Desk, token: str):
    desk.write(pace=split(100))

    assert desk.of("s1", token) == desk.of("s1")


def test_token_of_another_session_or_secret_counts_for_nothing(desk: Desk):
    desk.write(pace=split(100))
    quick = desk.of("s1")
    foreign = Tickets("another secret, which is long enough").mint_assignments(quick)
    desk.write(pace=split(0))

    assert desk.of("s1", foreign).by_flag["pace"].variant == "control"
    assert desk.of("s2", desk.flags.token(quick)).by_flag["pace"].variant == "control"
    assert desk.of("s1", desk.flags.token(quick)).by_flag["pace"].variant == "quick"


def test_ticket_outranks_a_flag_and_its_session_belongs_to_no_arm(desk: Desk):
    desk.write(pace=split(100))
    assigned = desk.of("s1", timeslice_ms=500)

    assert assigned.by_flag == {}
    assert assigned.policy_over(UploadPolicy(), {}, {"timeslice_ms": 500}).timeslice_ms == 500


def test_flag_outranks_the_interview(desk: Desk):
    desk.write(pace=split(100))

    assert desk.of("s1").policy_over(UploadPolicy(), {"timeslice_ms": 500}, {}).timeslice_ms == 100


def test_one_switch_puts_every_new_session_on_bulk_whatever_else_is_set(desk: Desk):
    switch = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "on"}
    desk.write(pace=split(100), bulk=switch)
    assigned = desk.of("s1", mode="progressive")
    policy = assigned.policy_over(UploadPolicy(), {"mode": "per_answer"}, {"mode": "progressive"})
    desk.write(pace=split(100), bulk=switch | {"defaultVariant": "off"})

    assert policy.mode is UploadMode.BULK
    assert list(assigned.by_flag) == ["bulk"], "an arm would claim figures that are not its own"
    assert {flag: one.variant for flag, one in desk.of("s1").by_flag.items()} == {"bulk": "off", "pace": "quick"}


def test_switch_can_be_ramped_and_its_arms_compared(desk: Desk):
    rule = {"fractional": [["yes", 50], ["no", 50]]}
    desk.write(bulk={"state": "ENABLED", "variants": {"yes": True, "no": False}, "targeting": rule})
    assigned = [desk.of(f"s{number}") for number in range(200)]

    assert {(one.by_flag["bulk"].variant, one.is_bulk) for one in assigned} == {("yes", True), ("no", False)}
    assert assigned[0].by_flag["bulk"].planned == {"yes": 0.5, "no": 0.5}


def test_session_in_no_variant_is_not_moved_into_one_later(desk: Desk):
    desk.write(bulk={"state": "ENABLED", "variants": {"on": True}, "defaultVariant": None})
    before = desk.of("s1")
    token = desk.flags.token(before)
    desk.write(pace=split(100), bulk={"state": "ENABLED", "variants": {"on": True}, "defaultVariant": "on"})

    assert (before.by_flag, before.is_bulk) == ({}, False)
    assert desk.of("s1", token) == before
    assert desk.of("s1") != before


def test_interviews_can_have_rules_of_their_own_each_with_its_split(desk: Desk):
    rule = {
        "if": [
            {"==": [{"var": "interview"}, "trial"]},
            {"fractional": [["quick", 1], ["control", 3]]},
            {"==": [{"var": "interview"}, "other"]},
            "quick",
            None,
        ]
    }
    desk.write(pace=split(0, targeting=rule))

    assert desk.of("s1").by_flag["pace"].planned == {"quick": 0.25, "control": 0.75}
    assert desk.of("s1", id_="other").by_flag["pace"].variant == "quick"
    assert desk.of("s1", id_="other").by_flag["pace"].planned == {}
    assert desk.of("s1", id_="third").by_flag["pace"].variant == "control"
    assert Counter(desk.arms().values())["quick"] == pytest.approx(500, abs=65)


def test_shared_rules_are_put_in_their_places(desk: Desk):
    flags = {"pace": split(0, targeting={"$ref": "tenth"})}
    shared = {"tenth": {"fractional": [["quick", 10], ["control", 90]]}}
    desk.write_text(json.dumps({"flags": flags, "$evaluators": shared}))

    assert desk.of("s1").by_flag["pace"].planned == {"quick": 0.1, "control": 0.9}


@pytest.mark.parametrize("none", [None, ""], ids=["as in a file", "as flagd serves it"])
def test_without_a_default_sessions_that_no_rule_puts_anywhere_are_in_no_variant(desk: Desk, none: str | None):
    desk.write(pace=split(0, targeting={}, defaultVariant=none))

    assert desk.of("s1").by_flag == {}


def test_two_flags_split_the_sessions_independently(desk: Desk):
    desk.write(pace=split(50), other=split(50, variants={"control": {}, "quick": {"sign_ahead": 8}}))
    pairs: Counter[tuple[str, ...]] = Counter()
    for number in range(2_000):
        assigned = desk.of(f"s{number}").by_flag
        pairs[assigned["pace"].variant, assigned["other"].variant] += 1

    assert len(pairs) == 4
    assert all(count == pytest.approx(500, abs=75) for count in pairs.values())


def test_damaged_file_is_reported_once_and_the_flags_before_stay(desk: Desk, caplog: pytest.LogCaptureFixture):
    desk.write(pace=split(100))
    before = desk.of("s1")
    desk.write_text("{")
    assert [desk.of("s1") for _ in range(3)] == [before] * 3
    assert len([record for record in caplog.records if "stay in force" in record.message]) == 1
    desk.write(pace=split(0))
    assert desk.of("s1").by_flag["pace"].variant == "control"


def test_file_that_has_gone_changes_nothing_and_is_reported_once(desk: Desk, caplog: pytest.LogCaptureFixture):
    desk.write(pace=split(100))
    before = desk.of("s1")
    desk.path.unlink()

    assert [desk.of("s1") for _ in range(3)] == [before] * 3
    assert len(caplog.records) == 1


def test_without_a_file_nobody_is_in_a_variant(desk: Desk):
    none = Flags(FlagFile(None), desk.tickets)
    assigned = none.of(ticket("s1"), interview(), None)

    assert (assigned.by_flag, none.token(assigned)) == ({}, "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no JSON"),
        ("[]", "need the form"),
        ('{"flags": {"x": 1}}', "need the form"),
        (json.dumps({"flags": {"x": {"state": "ENABLED"}}}), "'x': it needs `variants`"),
        (
            single(1),
            "variant 'a': it must be an object",
        ),
        (
            single({"mood": "good"}),
            "mood: Extra inputs",
        ),
        (
            json.dumps(
                {"flags": {"x": split(1, variants={"a": {"timeslice_ms": 1}}, defaultVariant="a", targeting={})}}
            ),
            "timeslice_ms: Input should be",
        ),
        (json.dumps({"flags": {"x": split(1, defaultVariant="none")}}), "'x': `defaultVariant` names none"),
        (json.dumps({"flags": {"x": split(1, defaultVariant=["quick"])}}), "'x': `defaultVariant` names none"),
        (single([]).replace("[]", "[" * 900 + "]" * 900), "cannot be read: maximum recursion"),
        (json.dumps({"flags": {"x": split(1, targeting=5)}}), "'x': `targeting` must be an object"),
        (json.dumps({"flags": {"x": split(101)}}), "'x': a weight in `fractional` is below 0"),
        (json.dumps({"flags": {"x": split(1, variants={"control": {}})}}), "names 'quick', which is none"),
        (json.dumps({"flags": {"x": split(1, targeting={"/": [1, 0]})}}), "'x' cannot be evaluated"),
        (json.dumps({"flags": {"x": split(1, targeting={"perhaps": []})}}), "'x' cannot be evaluated"),
        (json.dumps({"flags": {"x" * 65: split(1)}}), "from 1 to 64 characters"),
        (json.dumps({"flags": {f"x{n}": split(1) for n in range(33)}}), "more than 32 flags"),
        (json.dumps({"flags": {"x": split(1, targeting={"$ref": [1]})}}), "'x' cannot be evaluated"),
        (json.dumps({"flags": {"bulk": split(1)}}), "variant 'control': it must be true or false"),
        (json.dumps({"flags": {"x": split(1, state="PERHAPS")}}), "cannot be read"),
    ],
)
def test_flags_that_no_session_could_use_are_refused_with_a_sentence(text: str, sentence: str):
    with pytest.raises(FlagsError, match=sentence):
        FlagSet(text)
