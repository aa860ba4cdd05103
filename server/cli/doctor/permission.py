"""The permissions that the signer's key needs, by the names that policies give them."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from server.cli.doctor.finding import Finding, fault
from server.errors import StoreMisconfigured


class Action(StrEnum):
    LIST = "s3:ListBucket"
    LIST_UPLOADS = "s3:ListBucketMultipartUploads"
    LIST_PARTS = "s3:ListMultipartUploadParts"
    WRITE = "s3:PutObject"
    READ = "s3:GetObject"
    ABORT = "s3:AbortMultipartUpload"
    DELETE = "s3:DeleteObject"


_OF_BUCKET = {Action.LIST, Action.LIST_UPLOADS}
_NEEDED_FOR = {
    Action.LIST: "see whether an object is missing",
    Action.LIST_UPLOADS: "see which uploads are open, so that two devices do not record one session",
    Action.LIST_PARTS: "see which parts have arrived, so that an upload can be completed or go on after a reload",
    Action.WRITE: "store an answer",
    Action.READ: "see whether an answer is complete",
    Action.ABORT: "give up an upload, whose parts would be kept and billed for",
    Action.DELETE: "delete what it no longer needs under _tail/",
}


class Denied(Exception):
    """The store has refused a call for want of a permission. `finding` says so to the operator."""

    def __init__(self, action: Action, finding: Finding) -> None:
        super().__init__(finding.text)
        self.action = action
        self.finding = finding


@contextmanager
def needing(action: Action, bucket: str, hint: str = "") -> Iterator[None]:
    """Raise Denied if the store refuses what happens inside for want of `action`. `hint` is another possible reason."""
    try:
        yield
    except StoreMisconfigured as error:
        if not error.is_denied:
            raise
        raise Denied(action, fault(advice(action, bucket, error.code, hint))) from None


def advice(action: Action, bucket: str, code: str, hint: str = "") -> str:
    """Return what is missing, what it is needed for, and what to write into the key's policy."""
    resource = f"arn:aws:s3:::{bucket}" + ("" if action in _OF_BUCKET else "/*")
    return (
        f"The signer's key may not {_NEEDED_FOR[action]} ({code}). Allow it {action} on {resource}, and let no bucket "
        f"policy deny it.{' ' + hint if hint else ''}"
    )
