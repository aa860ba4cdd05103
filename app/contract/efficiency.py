"""efficiency.json: how well the uploads of one session went. It holds no name, no address, no text, no device id.

Sizes are bytes. Every other number has its unit in its name. None: not measured, or not known yet.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, FailFast, Field

from app.contract.policy import MAX_RUNGS, UploadMode
from app.contract.reasons import Reason
from app.contract.types import Identifier, Layout, Reply, Request, Seconds, TakeNumber, Track

MAX_REPORTED_UPLOADS = 60  # a browser sends at most 64 KiB of a page that is being closed (Fetch, keepalive)
MAX_REPORT_BYTES = 60 * 1024

Bytes = Annotated[int, Field(ge=0, lt=2**63)]
Count = Annotated[int, Field(ge=0, lt=2**31)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Name = Annotated[str, Field(max_length=64)]


class Step(StrEnum):
    """How far a candidate got, in order."""

    OPENED = "opened"  # the interview is shown; no device was opened
    CHECKED = "checked"  # camera or microphone were opened
    BEGUN = "begun"  # the first question was opened
    RECORDED = "recorded"  # an answer was recorded or written
    ANSWERED = "answered"  # every required question is answered
    PRESSED = "pressed"  # Submit was pressed
    SUBMITTED = "submitted"


class UploadStage(StrEnum):
    RECORDING = "recording"
    UPLOADING = "uploading"
    COMPLETED = "completed"
    FAILED = "failed"  # a person must act
    DISCARDED = "discarded"  # another take counts


class Advice(StrEnum):
    """What the figures of the answers so far say about the next one."""

    SMALLER_VIDEO = "smaller-video"  # the uplink does not carry the present one
    LARGER_VIDEO = "larger-video"  # the uplink carries a larger one
    PATIENT_RETRIES = "patient-retries"  # quick retries fail: wait longer between them


class UploadEfficiency(Request):
    """The upload of one recording."""

    question: Identifier
    take: TakeNumber
    track: Track
    stage: UploadStage
    is_prepared: bool = False  # a chosen file
    size: Bytes  # recorded
    duration_s: Seconds  # recorded
    size_by_default: Bytes | None = None  # what the policy's bit rates would have taken; None: a file
    rung: Annotated[int, Field(ge=0, le=MAX_RUNGS)] = 0  # of the policy's ladder; 0: its largest picture
    rate_changes: Count = 0  # how often the frame rate was changed while it was recorded
    thinned_s: Seconds = 0.0  # recorded with fewer frames per second than its rung has
    sent: Bytes  # of bodies handed to the network, repeats included
    sent_twice: Bytes  # of `sent`, what was sent again
    bytes_per_second: float | None = Field(default=None, ge=0, allow_inf_nan=False)  # while any part was in flight
    sending_s: Seconds  # in which a part was in flight
    queued_s: Seconds  # in which recorded bytes waited and no part was in flight
    stalls: Count = 0  # tries without a byte of progress for the policy's `stall_timeout_s`
    retries: dict[Reason, Count] = Field(default_factory=dict)  # failed tries, by cause
    retried: Count = 0  # commands that failed at least once
    recovered: Count = 0  # of `retried`, those that succeeded later
    stored_at_stop: Share | None = None  # share of `size` that was acknowledged at Stop
    wait_s: Seconds | None = None  # from Stop until the object was complete


class Efficiency(Request):
    """What the page reports about one session. Figures of earlier visits (before a reload) are included."""

    version: int = Field(default=1, ge=1, le=1_000)
    mode: UploadMode
    layout: Layout | None = None  # None: nothing was uploaded
    step: Step
    visits: Count = 1  # how often the page was opened, reloads included
    questions: Count
    answered: Count
    failed: Count = 0  # uploads that stopped and waited for a person
    ready_s: Seconds | None = None  # from opening the page until Python showed the interview; of the last visit
    open_s: Seconds  # in which the page was open
    total_s: Seconds | None = None  # from the first Record until everything was stored, or until now; page open
    first_byte_s: Seconds | None = None  # from the first Record until the store had acknowledged a part
    wait_s: Seconds | None = None  # from the last Stop until everything was stored
    overlap: Share | None = None  # share of all recorded bytes that was acknowledged before its own Stop
    recorded: Bytes = 0
    recorded_s: Seconds = 0.0
    sent: Bytes = 0
    sent_twice: Bytes = 0
    bytes_per_second: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    stalls: Count = 0
    retries: dict[Reason, Count] = Field(default_factory=dict)
    retried: Count = 0
    recovered: Count = 0
    offline_s: Seconds = 0.0
    peak_backlog: Bytes = 0
    peak_memory: Bytes | None = None  # JavaScript's heap and WebAssembly's memory; only Chromium tells
    longest_task_s: Seconds | None = None  # in which the page could not react; only Chromium tells
    score: int | None = Field(default=None, ge=0, le=100)  # docs/EFFICIENCY.md has the formula; None: nothing recorded
    advice: tuple[Advice, ...] = Field(default=(), max_length=len(Advice))
    uploads: Annotated[tuple[UploadEfficiency, ...], FailFast()] = Field(default=(), max_length=MAX_REPORTED_UPLOADS)
    omitted: Count = 0  # uploads that are in the sums, but not in `uploads`


class Assignment(Reply):
    """The arm of one experiment that a session fell into."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    variant: Name
    # The shares that the flag planned when the session began, by variant; empty: not a random split.
    planned: dict[Name, Share] = Field(default_factory=dict, max_length=32)


class EfficiencyRecord(Efficiency):
    """The content of efficiency.json: the page's report, and what only the signer can vouch for."""

    model_config = ConfigDict(extra="ignore", frozen=True)  # a newer signer may have written it

    interview: Identifier
    session: Identifier
    written_at: str = Field(max_length=40)  # RFC 3339, UTC, the signer's clock
    is_submitted: bool = False  # the session was closed by then
    assignments: dict[Name, Assignment] = Field(default_factory=dict, max_length=64)  # by flag
