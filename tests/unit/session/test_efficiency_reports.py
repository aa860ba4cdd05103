"""When a session reports how well its uploads went, and what is kept for a visit after a reload."""

import pytest

from app.contract.efficiency import Efficiency, Step
from app.core.errors import NetworkFailed
from app.core.session.actions import Begin, EditText, Stop, Submit
from app.session.efficiency_reports import AGAIN_S, KEEP_S, READ_S, TRIES
from tests.support.held import settle
from tests.support.sitting import SPOKEN, WRITTEN, sitting

pytestmark = pytest.mark.anyio


def last(desk, name: str = "report_efficiency") -> Efficiency:
    report: Efficiency = desk.signer.calls(name)[-1]
    return report


async def answered(desk) -> None:
    recorder = await desk.record("q1", b"x" * 100)
    await desk.speak(recorder, 2)
    await desk.action(Stop("q1"))
    await desk.clock.advance(5)


async def test_report_follows_the_receipt_and_the_candidate_sees_what_it_says():
    async with sitting(SPOKEN) as desk:
        await answered(desk)
        await desk.action(Submit())
        await desk.clock.advance(1)

    assert desk.view.receipt is not None
    report = last(desk)
    assert (report.step, report.recorded, report.overlap is not None) == (Step.SUBMITTED, 102, True)
    assert [name for name, _ in desk.signer.asked if name in ("submit", "report_efficiency")] == [
        "submit",
        "report_efficiency",
    ]
    assert desk.view.efficiency == report


async def test_report_that_fails_is_tried_again_and_then_given_up_in_silence():
    async with sitting(SPOKEN) as desk:
        desk.signer.holding = {"report_efficiency"}
        await answered(desk)
        await desk.action(Submit())
        for _ in range(TRIES):
            (await desk.signer.next_call("report_efficiency")).fail(NetworkFailed("reset"))
            await desk.clock.advance(60)

    assert len(desk.signer.calls("report_efficiency")) == TRIES
    assert (desk.view.receipt is not None, desk.view.dead_end) == (True, None)


async def test_page_that_is_hidden_sends_its_report_once_though_it_is_left_right_after():
    async with sitting(SPOKEN) as desk:
        await desk.action(Begin())
        desk.page_lifecycle.put_away()
        desk.page_lifecycle.put_away()
        assert [report.step for report in desk.signer.calls("send_off")] == [Step.BEGUN]
        await desk.clock.advance(AGAIN_S)
        desk.page_lifecycle.put_away()
        assert len(desk.signer.calls("send_off")) == 2


async def test_page_that_is_closed_right_after_the_receipt_sends_the_last_report_too():
    async with sitting(SPOKEN) as desk:
        desk.signer.holding = {"report_efficiency"}
        await answered(desk)
        await desk.action(Submit())
        await settle()
        desk.page_lifecycle.put_away()
        assert desk.signer.calls("send_off") == desk.signer.calls("report_efficiency")
        call = await desk.signer.next_call("report_efficiency")
        call.answer(None)
        await desk.clock.advance(AGAIN_S)
        desk.page_lifecycle.put_away()

    assert len(desk.signer.calls("send_off")) == 1, "it was written, and is sent again"


async def test_parts_of_a_long_answer_are_kept_while_it_is_recorded():
    async with sitting(SPOKEN) as before:
        recorder = await before.record("q1", b"x" * 100)
        await before.speak(recorder, int(KEEP_S + READ_S) + 1)
    async with sitting(SPOKEN, journal=before.journal, store=before.store) as desk:
        desk.page_lifecycle.put_away()

    [report] = desk.signer.calls("send_off")
    assert (report.visits, report.first_byte_s is not None) == (2, True)


async def test_report_that_cannot_be_made_costs_neither_receipt_nor_session():
    async with sitting(SPOKEN) as desk:
        desk.instruments.ready_s = -1.0
        await desk.clock.advance(READ_S)
        await answered(desk)
        desk.page_lifecycle.put_away()
        await desk.action(Submit())
        await desk.clock.advance(1)

    assert desk.view.receipt is not None
    assert desk.view.efficiency is None
    assert desk.signer.calls("report_efficiency") == desk.signer.calls("send_off") == []


async def test_policy_without_reports_sends_none_and_the_receipt_tells_all_the_same():
    async with sitting(SPOKEN, policy={"has_report": False}) as desk:
        await answered(desk)
        desk.page_lifecycle.put_away()
        await desk.action(Submit())
        await desk.clock.advance(1)

    assert desk.signer.calls("send_off") == desk.signer.calls("report_efficiency") == []
    assert desk.view.efficiency is not None


async def test_reload_goes_on_with_what_was_measured():
    async with sitting(SPOKEN) as before:
        await answered(before)
        await before.clock.advance(READ_S)
    async with sitting(SPOKEN, journal=before.journal, store=before.store) as desk:
        await desk.clock.advance(5)
        await desk.action(Submit())
        await desk.clock.advance(1)

    report = last(desk)
    assert (report.visits, report.recorded, len(report.uploads)) == (2, 102, 1)
    assert report.uploads[0].stored_at_stop is not None


@pytest.mark.parametrize("text", ["", "{", '{"version": 1}', "null"])
async def test_damaged_row_of_an_earlier_visit_changes_nothing(text):
    async with sitting(SPOKEN) as before:
        await before.journal.keep("efficiency", text)
    async with sitting(SPOKEN, journal=before.journal, store=before.store) as desk:
        await answered(desk)
        await desk.action(Submit())
        await desk.clock.advance(1)

    assert (last(desk).visits, last(desk).recorded) == (1, 102)


async def test_full_disk_costs_the_report_of_a_reload_and_nothing_else():
    async with sitting(SPOKEN) as desk:
        await answered(desk)
        desk.journal.room = 0
        await desk.clock.advance(READ_S)
        await desk.action(Submit())
        await desk.clock.advance(1)

    assert last(desk).recorded == 102


async def test_interview_of_text_alone_has_a_report_without_a_score():
    async with sitting(WRITTEN) as desk:
        await desk.action(EditText("q2", "Because."))
        await desk.clock.advance(5)
        await desk.action(Submit())
        await desk.clock.advance(1)

    assert (last(desk).answered, last(desk).score, last(desk).overlap) == (1, None, None)
