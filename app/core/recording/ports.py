"""The ports of takes: devices, recorders, files, playback. The adapters in app/browser/media implement them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from app.contract import Rung, Track, UploadPolicy, VideoCodec
from app.core.media import Media
from app.core.recording.devices import DevicesView, Stream
from app.core.recording.file_rules import FileFacts
from app.core.recording.shrink_rules import ShrinkBounds
from app.core.recording.signal_quality import Sound


@dataclass(frozen=True, slots=True)
class Chunk:
    media: Media
    size: int
    content_type: str  # "": the browser does not say


class Recorder(Protocol):
    """One running recording of one track."""

    def chunks(self) -> AsyncIterator[Chunk]:
        """Yield chunks until the recorder has stopped. Raises DeviceLost or RecorderFailed after the last chunk."""

    def flush(self) -> None:
        """Request a chunk of what was recorded since the last one. Do nothing once the recorder has stopped."""

    def is_muted(self) -> bool:
        """Return whether a device delivers nothing at the moment: switched off, covered, or used by a call."""

    def is_turned(self) -> bool:
        """Return whether the picture's size has changed in a format that cannot follow: players may not show it."""

    def stop(self) -> None:
        """Stop recording; `chunks` yields the rest and ends. May be called twice."""

    def close(self) -> None: ...


class MediaDevices(Protocol):
    """Camera and microphone: opened once, shared by preview, level meter and recorders."""

    async def open(self, needs_camera: bool, camera: str = "", microphone: str = "") -> DevicesView:
        """Close open devices, then open these ("" lets the browser choose). Raises DeviceError."""

    async def devices(self) -> DevicesView: ...

    def on_change(self, listener: Callable[[], object]) -> None:
        """Call `listener` when a device is plugged in or out."""

    def stream(self) -> Stream | None:
        """Return the live stream, for the preview; None while closed."""

    def sound(self) -> Sound | None:
        """Return the microphone's current sound; None while closed, or if the browser cannot measure it."""

    async def brightness(self) -> float | None:
        """Return the picture's current mean luminance, 0 to 1; None without a picture, or if it cannot be measured."""

    async def fit(self, rung: Rung) -> None:
        """Have the camera give no larger picture and no more frames than `rung`, before a recording begins.

        Never raises: a camera that cannot do so stays as it is, and the encoder's bit rate is still the rung's.
        """

    def thin(self, frames_per_second: int) -> None:
        """Have the camera give at most so many frames per second, also while it is recorded. Never waits or raises."""

    def frame_rate(self) -> float | None:
        """Return the frames per second that the camera gives now; None if the browser does not say."""

    def record(self, track: Track, policy: UploadPolicy, codec: VideoCodec | None = None) -> Recorder:
        """Start recording in the best supported format that is not refused, if there is one in `codec`.

        Raises DeviceError: CANNOT_RECORD if the browser supports none of our formats, NOTHING_COMES if all that it
        supports are refused. After that none is refused any more: they may work in a later try, with other devices.
        """

    def refuse_format(self, track: Track) -> None:
        """Refuse the format in which `track` was last recorded, because the recorder delivered nothing."""

    def close(self) -> None: ...


class FileGone(Exception):
    """A chosen file cannot be read: it was deleted or changed, or its drive was removed."""


class ShrinkFailed(Exception):
    """The browser cannot decode or encode this video, or not all of it."""


class Shrinking(Protocol):
    """A chosen video that is being encoded again, as fast as its pieces are taken."""

    @property
    def progress(self) -> float:
        """Return how much of the video is encoded, 0 to 1."""

    def pieces(self) -> AsyncIterator[Chunk]:
        """Yield the encoded file's pieces in order; end early after `close`.

        Raises ShrinkFailed, also if the file cannot be read any more.
        """

    def close(self) -> None:
        """Stop encoding and release everything. May be called twice."""


class Files(Protocol):
    async def facts(self, file: Media) -> FileFacts:
        """Return the facts about `file`. Raises FileGone."""

    def pieces(self, file: Media) -> AsyncIterator[Chunk]:
        """Yield the file's pieces in order, as copies that outlive the file. Raises FileGone."""

    def shrink(self, file: Media, bounds: ShrinkBounds) -> Shrinking:
        """Begin to encode a video again within `bounds`; the caller must `close` it."""


class Playback(Protocol):
    def url(self, *media: Media) -> str:
        """Concatenate `media` and return an object URL; the caller must `revoke` it."""

    async def settled_url(self, media: Media) -> str | None:
        """Copy `media` into one file of the browser's storage, and return an object URL of that, to be revoked as well.

        None where there is no such storage, or too little of it. What comes from the journal is put together of many
        pieces, each of which takes memory for as long as it can be played.
        """

    def revoke(self, url: str) -> None:
        """Release what an object URL leads to."""
