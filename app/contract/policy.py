"""How a session records and uploads."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from app.contract.types import MAX_PART_BYTES, Layout, Reply

MAX_RUNGS = 8


class UploadMode(StrEnum):
    PROGRESSIVE = "progressive"  # each part as soon as it is recorded
    PER_ANSWER = "per_answer"  # the parts of an answer once its recording has stopped
    BULK = "bulk"  # everything once Submit has been pressed


class VideoCodec(StrEnum):
    H264 = "h264"
    VP8 = "vp8"
    VP9 = "vp9"


class Rung(Reply):
    """How large the picture of one answer is at most. A camera that gives less is never made to give more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    short_side: int = Field(ge=90, le=4320)  # pixels; the long side follows from the camera's own picture
    frames_per_second: int = Field(ge=1, le=120)
    video_bits_per_second: int = Field(ge=50_000, le=50_000_000)  # asked of the browser's encoder
    codec: VideoCodec | None = None  # used where the browser records it; None: the browser's best


# From 720p and 2.5 Mbit/s downwards: about half the bits each time, with pixels and frames that they are enough for.
LADDER = (
    Rung(short_side=540, frames_per_second=30, video_bits_per_second=1_200_000),
    Rung(short_side=360, frames_per_second=24, video_bits_per_second=600_000),
    Rung(short_side=240, frames_per_second=15, video_bits_per_second=250_000),
)


class UploadPolicy(Reply):
    """How a session records and uploads. Sent by the signer; overridable per interview and per ticket."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: UploadMode = UploadMode.PROGRESSIVE
    layout: Layout | None = None  # None: as the store's profile says
    part_bytes: int | None = Field(default=None, ge=1024, le=MAX_PART_BYTES)  # None: by store and uplink
    parallel_parts: int = Field(default=2, ge=1, le=8)
    timeslice_ms: int = Field(default=250, ge=100, le=60_000)
    key_frame_ms: int = Field(default=400, ge=100, le=60_000)  # in MP4: a chunk ends before a key frame
    retry_base_s: float = Field(default=0.5, gt=0, le=60, allow_inf_nan=False)
    retry_cap_s: float = Field(default=30, gt=0, le=600, allow_inf_nan=False)
    stall_timeout_s: float = Field(default=30, gt=0, le=600, allow_inf_nan=False)
    reply_timeout_s: float = Field(default=60, gt=0, le=600, allow_inf_nan=False)
    url_life_s: int = Field(default=600, ge=1, le=7 * 24 * 3600)
    sign_ahead: int = Field(default=4, ge=1, le=100)
    video_bits_per_second: int = Field(default=2_500_000, ge=50_000, le=50_000_000)
    video_audio_bits_per_second: int = Field(default=64_000, ge=6_000, le=510_000)
    audio_bits_per_second: int = Field(default=48_000, ge=6_000, le=510_000)
    adapts: bool = True  # the picture follows the uplink; false: every answer has `video_bits_per_second`
    ladder: tuple[Rung, ...] = Field(default=LADDER, max_length=MAX_RUNGS)  # below `video_bits_per_second`

    has_report: bool = True  # the page writes efficiency.json; false: it measures for itself alone

    @model_validator(mode="after")
    def _descends(self) -> Self:
        for above, below in pairwise(self.ladder):
            is_smaller = below.video_bits_per_second < above.video_bits_per_second
            is_larger = below.short_side > above.short_side or below.frames_per_second > above.frames_per_second
            if is_larger or not is_smaller:
                raise ValueError("each rung of the ladder must be smaller than the one before it")
        return self

    def overridden_by(self, *overrides: Mapping[str, JsonValue]) -> Self:
        """Return this policy with the overrides applied; later ones win.

        Raises:
            pydantic.ValidationError: a name is unknown or a value is out of range.
        """
        merged: dict[str, JsonValue] = self.model_dump(mode="json")
        for override in overrides:
            merged |= override
        return self.model_validate(merged)
