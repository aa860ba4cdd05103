"""What a page told the outside while a test ran: its errors, and what the taps in browser/taps.js saw."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

# What no candidate's console may ever hold: a signature, a session of Google's, or a ticket (a JWT begins so).
_SECRETS = re.compile(r"X-Amz-(Signature|Credential)|upload_id=|eyJ[A-Za-z0-9_-]{10,}\.")


@dataclass
class Recording:
    """What one MediaRecorder emitted, chunk by chunk."""

    question: str
    track: str
    began_at: float  # Unix time, seconds
    sizes: list[int] = field(default_factory=list)
    digests: dict[int, str] = field(default_factory=dict)  # SHA-256 by place
    chunks: int | None = None  # None: not stopped yet

    @property
    def size(self) -> int:
        return sum(self.sizes)

    @property
    def is_over(self) -> bool:
        """True when it has stopped and every chunk has been digested, one that came behind "stop" too."""
        return self.chunks is not None and len(self.digests) == len(self.sizes)


@dataclass
class State:
    """One `data-state` that a track has shown."""

    question: str
    track: str
    state: str
    at: float  # Unix time, seconds


@dataclass
class Put:
    """One PUT to the store, as it left the page."""

    key: str
    upload: str  # the store's id; "" for a document
    number: int  # 0 for a document
    size: int
    status: int | None = None  # None: no reply yet


@dataclass
class Shown:
    """One figure of a `<progress>`."""

    value: int
    max: int
    acknowledged: int  # bytes that the store had answered for when it was shown, by this page load


class PageWatch:
    """Listen to every page of a context."""

    def __init__(self, context: BrowserContext) -> None:
        self.recordings: list[Recording] = []
        self.puts: list[Put] = []
        self.states: list[State] = []  # of every page load, where a test has them watched
        self.shown: dict[str, list[Shown]] = defaultdict(list)  # by "question/track", or "total"
        self.device_requests = 0
        self.said: list[str] = []  # all of the console
        self._expected: list[re.Pattern[str]] = []
        self._errors: list[str] = []
        self._recordings: dict[str, Recording] = {}
        self._puts: dict[str, Put] = {}
        context.expose_binding("slipstreamTap", lambda _source, told: self._note(told))
        context.on("page", self._listen)

    def expect(self, pattern: str) -> None:
        """Let errors that match pass: the test provokes them."""
        self._expected.append(re.compile(pattern))

    def verify(self) -> None:
        """Fail on any error that nobody expected, and on any secret in the console."""
        unexpected = [error for error in self._errors if not any(known.search(error) for known in self._expected)]
        assert not unexpected, "the page reported errors:\n" + "\n".join(unexpected)
        leaked = [line for line in self.said if _SECRETS.search(line)]
        assert not leaked, "the console holds a secret:\n" + "\n".join(leaked)

    def parts(self, question: str, track: str = "audio") -> list[Put]:
        """Return the parts of one recording that have left the page, in order of leaving."""
        return [put for put in self.puts if put.number and f"/{question}/" in put.key and f"/{track}." in put.key]

    def _listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._errors.append(f"page error: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        self.said.append(message.text)
        if message.type in ("error", "warning", "assert"):
            self._errors.append(f"console {message.type}: {message.text}")

    def _note(self, told: dict[str, Any]) -> None:
        match told:
            case {"kind": "recorder", "recorder": name, "question": question, "track": track, "at": at}:
                self._recordings[name] = Recording(question, track, at)
                self.recordings.append(self._recordings[name])
            case {"kind": "chunk", "recorder": name, "size": size}:
                self._recordings[name].sizes.append(size)
            case {"kind": "digest", "recorder": name, "place": place, "sha256": digest}:
                self._recordings[name].digests[place] = digest
            case {"kind": "stop", "recorder": name, "chunks": chunks}:
                self._recordings[name].chunks = chunks
            case {"kind": "put", "put": name}:
                self._puts[name] = Put(told["key"], told["upload"], told["number"], told["size"])
                self.puts.append(self._puts[name])
            case {"kind": "reply", "put": name, "status": status}:
                self._puts[name].status = status
            case {"kind": "shown", "row": row}:
                self.shown[row].append(Shown(told["value"], told["max"], told["acknowledged"]))
            case {"kind": "state", "question": question, "track": track, "state": state, "at": at}:
                self.states.append(State(question, track, state, at))
            case {"kind": "devices"}:
                self.device_requests += 1
            case _:
                self._errors.append(f"{told}")
