"""The types and limits that all models of the contract share, and the base classes of requests and replies."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MIB = 1024 * 1024
MAX_PARTS = 10_000  # S3: part numbers run from 1 to 10,000
MAX_PART_BYTES = 5 * 1024 * MIB  # S3: 5 GiB
MAX_OBJECT_BYTES = 5 * 1024 * 1024 * MIB  # S3: 5 TiB
MAX_TEXT_CHARACTERS = 100_000
MAX_TAKES = 99
ASSIGNMENT_HEADER = "Slipstream-Assignment"  # the token of `InterviewGrant.assignment`
DEVICE_HEADER = "Slipstream-Device"  # 32 hexadecimal digits, made once by each browser

# A name that is safe as one segment of an object key and of a URL, on every store and file system.
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
# BCP 47: a language, optionally with script and country ("pt-BR"); "": not specified.
Locale = Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?)?$")]
Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
# As the store gives it, without quotes: the MD5 of a part at some stores, any text at others.
Etag = Annotated[str, StringConstraints(pattern=r"^[!#-~]{1,200}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Nonce = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
PartNumber = Annotated[int, Field(strict=True, ge=1, le=MAX_PARTS)]
PartSize = Annotated[int, Field(strict=True, ge=1, le=MAX_PART_BYTES)]
ObjectSize = Annotated[int, Field(strict=True, ge=1, le=MAX_OBJECT_BYTES)]
TakeNumber = Annotated[int, Field(strict=True, ge=1, le=MAX_TAKES)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Request(BaseModel):
    """Base of what the page sends: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """Base of what the signer sends: unknown fields come from a newer signer and are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Track(StrEnum):
    VIDEO = "video"  # camera and microphone
    AUDIO = "audio"  # microphone alone, for transcription


class Layout(StrEnum):
    """How parts become one object."""

    MULTIPART = "multipart"  # one multipart upload
    FOLDED = "folded"  # the store itself folds small parts into the windows of one multipart upload
    STREAM = "stream"  # one multipart upload, whose parts a gateway makes of streams
    RESUMABLE = "resumable"  # one resumable session of Google's, which takes the recording in order
