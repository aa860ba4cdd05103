"""What may happen to a request on its way, and what a page then gets to see. Pure; `weathered.py` carries it out."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """One name for each call of signer and store."""

    PART = "part"
    DOCUMENT = "document"
    CREATE = "create"
    SIGN = "sign"
    LIST = "list"
    FOLD = "fold"
    COMPLETE = "complete"
    ABORT = "abort"
    SIGN_DOCUMENT = "sign_document"
    SUBMIT = "submit"


SENT = frozenset({Kind.PART, Kind.DOCUMENT})  # straight to the store; all others go to the signer
EVERY = frozenset(Kind)


@dataclass(frozen=True)
class Fault:
    """One mishap. Without a `status` the page hears nothing and knows nothing."""

    name: str
    share: float = 1.0  # of the request that goes out
    arrives: bool = False  # the other side has done what it was asked
    late_s: float = 0.0  # it arrives, but only so long after the page has given up
    silent_s: float = 0.0  # until the page's own timer ends it; 0: the connection breaks
    status: int = 0
    code: str = ""
    retry_after: str | None = None
    is_html: bool = False  # a page in place of a reply
    etag: str | None = None  # another than the store's
    is_damaged: bool = False  # one bit of the body is flipped on its way
    loses_upload: bool = False  # the store has forgotten what it was asked about
    kinds: frozenset[Kind] = EVERY

    def __str__(self) -> str:
        return self.name


STALL_S, REPLY_S = 30.0, 60.0  # the page's own timers

# What passes by itself: the same request succeeds the next time.
PASSING = (
    Fault("reset at 10 %", share=0.10),
    Fault("reset at 50 %", share=0.50),
    Fault("reset at 99 %", share=0.99),
    Fault("lost reply", arrives=True),
    Fault("stall", share=0.4, silent_s=STALL_S),
    Fault("black hole", silent_s=REPLY_S),
    Fault("reply that never comes", arrives=True, silent_s=REPLY_S),
    Fault("503 SlowDown", status=503, code="SlowDown"),
    Fault("503, Retry-After 5", status=503, code="SlowDown", retry_after="5"),
    Fault("429, Retry-After 3", status=429, retry_after="3"),
    Fault("500", status=500, code="InternalError"),
    Fault("502", status=502),
    Fault("504", status=504),
    Fault("400 RequestTimeout", status=400, code="RequestTimeout", kinds=SENT),
    Fault("400 BadDigest", status=400, code="BadDigest", kinds=SENT),
    Fault("403 expired URL", status=403, code="AccessDenied", kinds=SENT),
    Fault("400 expired URL", status=400, code="AccessDenied", kinds=SENT),
    Fault("captive portal's 200", status=200, is_html=True),
    Fault("flipped bit", arrives=True, is_damaged=True, status=200, kinds=SENT),
    Fault("cut body", share=0.7, status=400, code="IncompleteBody", kinds=SENT),
)
OFFLINE = Fault("offline", share=0.0)
# Rarer, and nastier: what was believed of the store is no longer so.
STRANGE = (
    Fault("arrives after it was given up", late_s=7.0, silent_s=STALL_S),
    Fault("arrives behind its repetition", late_s=0.3),
    Fault("another ETag", arrives=True, status=200, etag="f" * 32, kinds=frozenset({Kind.PART})),
    Fault(
        "NoSuchUpload", loses_upload=True, kinds=frozenset({Kind.PART, Kind.SIGN, Kind.LIST, Kind.FOLD, Kind.COMPLETE})
    ),
)


@dataclass(frozen=True)
class Request:
    kind: Kind
    about: str  # with `kind`: the operation that this is a try of
    size: int = 0
    tries: int = 1  # this one is the n-th in a row that its operation has needed


class Weather:
    """Say what happens to each request: what was announced for its kind, else what `randomness` says."""

    def __init__(self, randomness: Callable[[Request], Fault | None] = lambda _: None) -> None:
        self.is_offline = False
        self.has_portal = False  # somebody else answers everything
        self._randomness = randomness
        self._announced: dict[Kind, deque[Fault]] = {kind: deque() for kind in Kind}

    def announce(self, kind: Kind, fault: Fault) -> None:
        """Have the next request of `kind` meet `fault`."""
        self._announced[kind].append(fault)

    def spare_uploads(self) -> None:
        """Announce no longer that the store forgets an upload."""
        for kind, announced in self._announced.items():
            self._announced[kind] = deque(fault for fault in announced if not fault.loses_upload)

    def spare_bytes(self) -> None:
        """Announce no longer that a body is damaged on its way."""
        for kind, announced in self._announced.items():
            self._announced[kind] = deque(fault for fault in announced if not fault.is_damaged)

    def of(self, request: Request) -> Fault | None:
        if self.is_offline:
            return OFFLINE
        if self.has_portal:
            return next(fault for fault in PASSING if fault.is_html)
        announced = self._announced[request.kind]
        return announced.popleft() if announced else self._randomness(request)

    def clear_up(self) -> None:
        """From now on nothing fails."""
        self.is_offline = self.has_portal = False
        self._randomness = lambda _: None
        for announced in self._announced.values():
            announced.clear()
