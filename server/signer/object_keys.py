"""Object keys. No other module builds one."""

from dataclasses import dataclass

from app.contract import Track
from server.errors import InvalidRequest
from server.store.bucket_rules import OUTBOX_PREFIX, TAIL_PREFIX

PAD = "_pad"
EXTENSIONS = ("mp4", "webm")
_KINDS = {Track.VIDEO: "video", Track.AUDIO: "audio"}


def extension_of(content_type: str, track: Track) -> str:
    """Return the file extension for a recorder's content type, which may include codecs.

    Raises InvalidRequest for anything but the track's own kind in MP4 or WebM.
    """
    kind, _, subtype = content_type.partition(";")[0].strip().lower().partition("/")
    if kind != _KINDS[track] or subtype not in EXTENSIONS:
        raise InvalidRequest(f"The {track} track takes {_KINDS[track]}/mp4 or {_KINDS[track]}/webm.")
    return subtype


def bare_type(content_type: str, track: Track) -> str:
    """Return the content type without parameters, with which the object is stored."""
    return f"{_KINDS[track]}/{extension_of(content_type, track)}"


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """Build the keys of one session. Its ids have passed `contract.Identifier`: no dot, no slash."""

    interview: str
    session: str

    @property
    def prefix(self) -> str:
        return f"{self.interview}/{self.session}/"

    @property
    def submission(self) -> str:
        return f"{self.prefix}submission.json"

    @property
    def record(self) -> str:
        return f"{self.prefix}session.json"

    @property
    def efficiency(self) -> str:
        return f"{self.prefix}efficiency.json"

    @property
    def outbox(self) -> str:
        return f"{OUTBOX_PREFIX}{self.prefix}submitted.json"

    @property
    def connection(self) -> str:
        """Return the key of connection checks: an upload there is never completed."""
        return f"{self.prefix}connection-check"

    def claim(self, device: str) -> str:
        """Return the key of a device's claim; an upload there is never completed (server/signer/devices.py)."""
        return f"{self.prefix}device-{device}"

    def is_claim(self, key: str) -> bool:
        """Return whether `key` is a device's claim: a question's keys have one more slash."""
        return key.startswith(self.claim("")) and "/" not in key.removeprefix(self.prefix)

    def answer(self, question: str, take: int) -> str:
        return f"{self._take(question, take)}answer.json"

    def recording(self, question: str, take: int, track: Track, content_type: str) -> str:
        return f"{self._take(question, take)}{track}.{extension_of(content_type, track)}"

    def recordings(self, question: str, take: int, track: Track) -> tuple[str, ...]:
        """Return every key that this track of this take could have."""
        return tuple(f"{self._take(question, take)}{track}.{extension}" for extension in EXTENSIONS)

    def _take(self, question: str, take: int) -> str:
        return f"{self.prefix}{question}/take-{take}/"


def tail_prefix(key: str, token: str, window: int | None = None) -> str:
    """Return the prefix of what the folded layout keeps of one recording, or of one window of it.

    `token` tells it from another recording's with the same key.
    """
    prefix = f"{TAIL_PREFIX}{key}/{token[:32]}/"
    return prefix if window is None else f"{prefix}{window:05}/"


def tail_key(key: str, token: str, window: int, end: int) -> str:
    """Return the key of the object that holds a window's first `end` bytes, after the pad."""
    return f"{tail_prefix(key, token, window)}{end:07}"
