"""Devices that come and go between recordings."""

import pytest

from app.core.notices import Topic
from app.core.recording.devices import Device
from app.core.session.actions import Begin, CheckDevices, Record, RunDeviceTest
from app.core.session.answers import Phase
from tests.support.held import settle
from tests.support.sitting import SPOKEN, sitting

pytestmark = pytest.mark.anyio

HEADSET = Device("2", "microphone", "Headset")


async def test_device_that_is_plugged_in_is_offered_at_once_and_ends_no_test_recording():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices(), RunDeviceTest())
        desk.media_devices.plugged = (HEADSET,)
        desk.media_devices.change()
        await settle()

        assert desk.view.devices is not None
        assert desk.view.devices.devices == (HEADSET,)
        assert desk.view.sample.left_s is not None
        assert desk.view.topics == set()


async def test_device_that_is_unplugged_before_a_recording_is_told_and_can_be_connected_again():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices(), Begin())
        desk.media_devices.is_unplugged = True
        desk.media_devices.change()
        await settle()
        assert (desk.view.topics, desk.media_devices.is_open) == ({Topic.DEVICE_LOST}, False)

        desk.media_devices.is_unplugged = False
        await desk.action(CheckDevices())
        assert (desk.view.topics, desk.media_devices.is_open) == (set(), True)


async def test_change_of_devices_leaves_a_recording_alone():
    async with sitting(SPOKEN) as desk:
        await desk.action(Record("q1"))
        desk.media_devices.is_unplugged = True
        desk.media_devices.change()
        await settle()

        assert (desk.phase("q1"), desk.media_devices.is_open) == (Phase.RECORDING, True)


async def test_device_that_went_unseen_is_opened_anew_before_the_next_recording():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices(), Begin())
        opened = len(desk.media_devices.opened)
        desk.media_devices.is_unplugged = True  # a permission withdrawn changes no list of devices
        await desk.action(Record("q1"))
        assert len(desk.media_devices.opened) == opened + 1


async def test_refused_devices_are_told_where_the_candidate_goes_on_without_them():
    async with sitting(SPOKEN) as desk:
        desk.media_devices.refusal = Topic.PERMISSION_DENIED
        await desk.action(CheckDevices())
        assert desk.view.said_at == {Topic.PERMISSION_DENIED: None}
        await desk.action(Begin())
        assert (desk.view.topics, desk.view.said_at) == ({Topic.PERMISSION_DENIED}, {Topic.PERMISSION_DENIED: "q1"})

        desk.media_devices.refusal = None
        await desk.action(CheckDevices())
        assert (desk.view.topics, desk.media_devices.is_open) == (set(), True)
