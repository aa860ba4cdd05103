"""Measure, in the device test, how fast bytes travel to the store."""

import asyncio
from contextlib import suppress
from typing import Any

from app.contract import Track, UploadPolicy
from app.contract.connection import ConnectionProbe, body_of, md5_of
from app.core.errors import UploadError
from app.core.ports import Ports
from app.core.recording.connection import CHECK_S, Connection, may_follow, verdict
from app.core.recording.ladder import BITS, needed, rungs
from app.core.session.machine import SessionMachine
from app.core.upload.scheduler import Scheduler
from app.recording.quality import QualityControl

# To a distant store the first part takes longest for its greetings (names, TCP, TLS, preflight): a second one is sent
# whatever the first says.
FIRST_SAYS = 2


class ConnectionCheck:
    """Run the check once, beside the test of camera and microphone; the first answer's picture follows from it."""

    def __init__(
        self, machine: SessionMachine, policy: UploadPolicy, ports: Ports, scheduler: Scheduler, quality: QualityControl
    ) -> None:
        self._machine = machine
        self._policy = policy
        self._ports = ports
        self._scheduler = scheduler
        self._quality = quality
        self._running: asyncio.Task[None] | None = None  # None: not begun

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Start the check. Do nothing if it was started before, or would tell nothing or disturb."""
        if self._running is None and self._is_wanted:
            self._running = tasks.create_task(self._run())

    @property
    def _is_wanted(self) -> bool:
        """Whether the picture can follow the result, and nobody pays for these bytes or waits for others."""
        has_uploads = any(not upload.is_completed for upload in self._scheduler.uploads.values())
        is_free = not (has_uploads or self._ports.network.hints().saves_data)
        return self._policy.adapts and self._machine.state.needs_camera and is_free

    def drop(self) -> None:
        """End a running check: the line belongs to the answers from now on."""
        if self._running is not None and not self._running.done():
            self._running.cancel()
            self._ports.view.show_connection(None)

    async def _run(self) -> None:
        self._ports.view.show_connection(Connection.MEASURING)
        speed = await measure(self._ports)
        if speed is None:
            self._ports.view.show_connection(None)
            return
        self._quality.measured = speed
        questions = [answer.question for answer in self._machine.state.answers.values()]
        tracks = {track for question in questions if Track.VIDEO in question.tracks for track in question.tracks}
        needs = [needed(self._policy, rung, tracks) for rung in rungs(self._policy)]
        self._ports.view.show_connection(verdict(needs, self._policy.audio_bits_per_second / BITS, speed))


async def measure(ports: Ports) -> float | None:
    """Return the bytes per second of the uplink; None if nothing could be measured. Takes about CHECK_S.

    A part that does not arrive in time counts as if it had just done so: the uplink is at most as fast as that.
    """
    beginning = asyncio.ensure_future(ports.signer.begin_probe())
    try:
        return await _measured(await asyncio.shield(beginning), ports)
    except UploadError:
        return None  # the check is a help, and no condition: the uploads themselves say what is wrong
    finally:
        await _clean_up(beginning, ports)  # also if the check is dropped while the signer still begins it


async def _measured(probe: ConnectionProbe, ports: Ports) -> float | None:
    began_at = ports.clock.now()
    found: float | None = None
    for number, part in enumerate(probe.parts, 1):
        sent_at = ports.clock.now()
        left_s = CHECK_S - (sent_at - began_at)
        if left_s <= 0 or (number > FIRST_SAYS and found is not None and not may_follow(part.size, found, left_s)):
            break
        sending = asyncio.ensure_future(
            ports.transport.put(part, body_of(part.size), md5_of(part.size), has_md5_etags=probe.has_md5_etags)
        )
        is_late = not await _ends_within(sending, left_s, ports)
        if not is_late:
            sending.result()
        elif found is not None:
            break
        found = part.size / max(ports.clock.now() - sent_at, 0.001)
    return found


async def _ends_within(sending: "asyncio.Future[str]", left_s: float, ports: Ports) -> bool:
    """Wait for a part, and give it up after `left_s`. Return whether it has ended."""
    alarm = asyncio.ensure_future(ports.clock.sleep(left_s))
    waiting: set[asyncio.Future[Any]] = {sending, alarm}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return sending.done()
    finally:
        alarm.cancel()
        if not sending.done():
            sending.cancel()
            await asyncio.wait({sending})


async def _clean_up(beginning: "asyncio.Future[ConnectionProbe]", ports: Ports) -> None:
    """Delete what was sent. If that fails, the next check or the bucket's rule for abandoned uploads does it."""
    with suppress(UploadError):
        probe = await beginning
        await ports.signer.end_probe(probe.upload)
