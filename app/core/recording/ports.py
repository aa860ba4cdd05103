"""What takes need from outside: devices, recorders, files, playback. The adapters in app/browser/media fill it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from app.contract import Track, UploadPolicy
from app.core.media import Media
from app.core.recording.devices import DevicesView, Stream
from app.core.recording.file_rules import FileFacts
from app.core.recording.signal_quality import Sound


@dataclass(frozen=True, slots=True)
class Chunk:
    media: Media
    size: int
    content_type: str  # "" where the browser does not say


class Recorder(Protocol):
    """One running recording of one track."""

    def chunks(self) -> AsyncIterator[Chunk]:
        """Yield what is recorded until it has stopped. Raises DeviceLost or RecorderFailed after the last chunk."""

    def flush(self) -> None:
        """Ask for what has been recorded since the last chunk. Nothing happens once it has stopped."""

    def is_muted(self) -> bool:
        """Return whether a device gives nothing just now: switched off, covered, or lent to a call."""

    def is_turned(self) -> bool:
        """Return whether the picture's size has changed in a format that cannot follow: the rest may not be shown."""

    def stop(self) -> None:
        """End the recording; `chunks` yields the rest and ends. May be called twice."""

    def close(self) -> None: ...


class MediaDevices(Protocol):
    """Camera and microphone: opened once, shared by preview, level meter and recorders."""

    async def open(self, needs_camera: bool, camera: str = "", microphone: str = "") -> DevicesView:
        """Open devices ("" lets the browser choose), closing those open before. Raises DeviceError."""

    async def devices(self) -> DevicesView: ...

    def on_change(self, listener: Callable[[], object]) -> None:
        """Call `listener` when a device was plugged in or out."""

    def stream(self) -> Stream | None:
        """Return what the preview shows; None while closed."""

    def sound(self) -> Sound | None:
        """Return what the microphone hears just now; None while closed, or where the browser cannot tell."""

    def brightness(self) -> float | None:
        """Return the picture's mean luminance just now, 0 to 1; None without one, or where the browser cannot tell."""

    def record(self, track: Track, policy: UploadPolicy) -> Recorder:
        """Start recording in the best format that is not refused. Raises DeviceError.

        CANNOT_RECORD if the browser takes none of ours, NOTHING_COMES if all it takes are refused: then all of them
        may be tried again, with other devices maybe.
        """

    def refuse_format(self, track: Track) -> None:
        """Ask no more for the format that `track` was last recorded in: it gave nothing."""

    def close(self) -> None: ...


class FileGone(Exception):
    """A chosen file cannot be read: deleted, changed, or on a drive that was taken away."""


class Files(Protocol):
    async def facts(self, file: Media) -> FileFacts:
        """Raises FileGone."""

    def pieces(self, file: Media) -> AsyncIterator[Chunk]:
        """Yield the file in order, each piece a copy that outlives it. Raises FileGone."""


class Playback(Protocol):
    def url(self, *media: Media) -> str:
        """Return an object URL of these bytes, one behind the other; the caller gives it back to `revoke`."""

    def revoke(self, url: str) -> None: ...
