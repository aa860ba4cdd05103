"""What every layout offers: sign parts, fold them, assemble the object."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.contract import CompleteUpload, PartState, PartToFold, PartToSign, SignedPart
from server.signer.tickets import UploadHandle


@dataclass(frozen=True, slots=True)
class Folding:
    states: tuple[PartState, ...]  # of the named parts, in their order
    folded: int  # bytes from the start of the recording


class PartLayout(Protocol):
    def sign(self, handle: UploadHandle, part: PartToSign, life_s: int) -> SignedPart:
        """Return a URL for exactly this part. Raises InvalidRequest, StoreError."""

    def fold(self, handle: UploadHandle, parts: Sequence[PartToFold]) -> Folding:
        """Fold small parts that the store has; a repeated call returns the same.

        Raises InvalidRequest, StoreError, UploadGone.
        """

    def assemble(self, handle: UploadHandle, request: CompleteUpload) -> None:
        """Put the object together, if nothing is stored under its key.

        Raises InvalidRequest, StoreError, UploadGone, ObjectExists.
        """

    def clear(self, handle: UploadHandle) -> None:
        """Begin to delete what the layout no longer needs. Raises nothing: a lifecycle rule deletes it, too."""
