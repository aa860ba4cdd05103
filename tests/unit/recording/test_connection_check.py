"""The connection check: what it measures, what it tells, and when it keeps away."""

import pytest

from app.contract.connection import SIZES
from app.core.errors import NetworkFailed
from app.core.recording.connection import CHECK_S, Connection, verdict
from app.core.recording.rung_choice import LinkHints
from app.core.session.actions import Begin, CheckDevices, ChooseDevice, Record, Stop
from tests.support.held import settle
from tests.support.sitting import PREPARED, SPOKEN, Sitting, sitting

pytestmark = pytest.mark.anyio

KBIT = 125  # bytes per second


def line(desk: Sitting, kbit_per_second: float) -> None:
    """Let the parts of the check travel so fast."""
    desk.transport.probe_line = lambda size: desk.clock.sleep(size / (kbit_per_second * KBIT))


async def check(desk: Sitting) -> None:
    await desk.action(CheckDevices())
    for _ in range(80):
        await desk.clock.advance(0.1)


@pytest.mark.parametrize(
    ("kbit", "told", "short_side", "sizes"),
    [
        (10_000, Connection.CARRIES_VIDEO, 720, SIZES),
        (3_000, Connection.CARRIES_SMALLER_VIDEO, 540, SIZES),
        (500, Connection.CARRIES_SMALLER_VIDEO, 240, SIZES[:2]),  # the last one would take too long
        (200, Connection.CARRIES_SOUND, 240, SIZES[:2]),  # the second one does not arrive in time
        (40, Connection.SLOW, 240, SIZES[:1]),  # even the first one does not arrive in time
    ],
)
async def test_it_tells_what_the_uplink_carries_and_the_first_answer_follows(kbit, told, short_side, sizes):
    async with sitting(SPOKEN) as desk:
        line(desk, kbit)
        await check(desk)
        assert desk.view.connection is told
        assert tuple(desk.transport.probes) == sizes
        assert desk.signer.calls("end_probe") == ["probe"]

        await desk.action(Begin(), Record("q1"))
        await desk.clock.advance(1)
        assert desk.media_devices.fitted[-1].short_side == short_side


@pytest.mark.parametrize("greetings_s", [0.3, 0.9, 2.0])
async def test_a_distant_store_is_not_taken_for_a_slow_line(greetings_s):
    async with sitting(SPOKEN) as desk:

        async def greet_once(size: int) -> None:
            is_first = len(desk.transport.probes) == 1
            await desk.clock.sleep((greetings_s if is_first else greetings_s / 4) + size / (50_000 * KBIT))

        desk.transport.probe_line = greet_once
        await check(desk)
        assert desk.view.connection is Connection.CARRIES_VIDEO


async def test_it_runs_beside_the_device_test_and_ends_in_time():
    async with sitting(SPOKEN) as desk:
        line(desk, 40)
        await desk.action(CheckDevices())
        told = [desk.view.connection]
        await desk.clock.advance(CHECK_S + 0.1)
        told.append(desk.view.connection)

    assert told == [Connection.MEASURING, Connection.SLOW]


async def test_it_runs_once_whatever_devices_are_tried():
    async with sitting(SPOKEN) as desk:
        await check(desk)
        await desk.action(ChooseDevice("camera", "other"), CheckDevices())

    assert len(desk.signer.calls("begin_probe")) == 1


async def test_beginning_the_interview_ends_it():
    async with sitting(SPOKEN) as desk:
        line(desk, 1)
        await desk.action(CheckDevices())
        await desk.action(Begin())
        assert desk.view.connection is None
        assert desk.signer.calls("end_probe") == ["probe"]


async def test_a_check_that_is_dropped_while_the_signer_begins_it_leaves_nothing_open():
    async with sitting(SPOKEN) as desk:
        desk.signer.holding = {"begin_probe"}
        await desk.action(CheckDevices())
        await desk.action(Begin())
        (await desk.signer.next_call("begin_probe")).answer()
        await settle()
        assert desk.signer.calls("end_probe") == ["probe"]
        assert desk.transport.probes == []


@pytest.mark.parametrize("call", ["begin_probe", "end_probe"])
async def test_a_signer_that_fails_costs_nothing_but_the_answer(call):
    async with sitting(SPOKEN) as desk:
        desk.signer.holding = {call}
        await desk.action(CheckDevices())
        (await desk.signer.next_call(call)).fail(NetworkFailed("reset"))
        await settle()
        assert desk.view.connection is (None if call == "begin_probe" else Connection.CARRIES_VIDEO)
        assert desk.view.topics == set()


async def test_a_store_that_fails_is_for_the_uploads_to_tell():
    async with sitting(SPOKEN) as desk:
        desk.transport.probe_error = NetworkFailed("reset")
        await check(desk)
        assert (desk.view.connection, desk.view.topics) == (None, set())
        assert desk.signer.calls("end_probe") == ["probe"]


async def test_nobody_who_saves_data_pays_for_it():
    async with sitting(SPOKEN) as desk:
        desk.network.said = LinkHints(saves_data=True)
        await check(desk)

    assert desk.signer.calls("begin_probe") == []


@pytest.mark.parametrize(("question", "policy"), [(PREPARED, {}), (SPOKEN, {"adapts": False})])
async def test_without_a_picture_that_adapts_nothing_follows_from_it(question, policy):
    async with sitting(question, policy=policy) as desk:
        await check(desk)

    assert desk.signer.calls("begin_probe") == []


async def test_answers_of_an_earlier_visit_have_the_line_for_themselves():
    async with sitting(SPOKEN, holds_parts=True) as desk:
        await desk.record("q1", b"x" * 30)
        await desk.action(Stop("q1"))
        await desk.clock.advance(1)

    async with sitting(SPOKEN, journal=desk.journal, store=desk.store, holds_parts=True) as again:
        await check(again)

    assert again.signer.calls("begin_probe") == []


def test_verdict_names_the_largest_thing_that_travels_well():
    needs, sound = (400.0, 200.0), 10.0
    told = [verdict(needs, sound, speed) for speed in (534, 532, 267, 266, 14, 13)]
    assert told == [
        Connection.CARRIES_VIDEO,
        Connection.CARRIES_SMALLER_VIDEO,
        Connection.CARRIES_SMALLER_VIDEO,
        Connection.CARRIES_SOUND,
        Connection.CARRIES_SOUND,
        Connection.SLOW,
    ]
