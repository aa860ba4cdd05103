"""The recordings of an export on the disk, each noted once it is whole: a second run goes on where the first ended."""

from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ValidationError

from server.archive.export.download import Downloaded, differences, download
from server.archive.export.plan import PlannedTrack
from server.archive.export.poster import write_poster
from server.archive.export.remux import NotPlayable, remux
from server.errors import ObjectMissing
from server.store.inventory import Inventory

NOTES = ".export"  # folder of the notes, beside what reviewers open


class Media(BaseModel):
    """What is known of one exported recording; also the note of it on the disk."""

    key: str
    stamp: str  # of the object that was read: ETag, time and size
    size: int  # bytes, of the original
    sha256: str  # of the original
    file_size: int  # bytes, as written
    duration_s: float | None  # None: it could not be read
    has_poster: bool = False
    problems: tuple[str, ...] = ()
    note: str = ""  # what a reviewer should know that is no fault of the export


class MediaFiles:
    def __init__(self, inventory: Inventory, into: Path) -> None:
        self._inventory = inventory
        self._into = into

    def bring(self, planned: PlannedTrack) -> Media | None:
        """Return the recording's file as it is on the disk now; None if the bucket does not have it.

        Raises StoreError, OSError.
        """
        if not planned.is_there:
            return None
        stamp = _stamp(planned)
        if (noted := self._noted(planned, stamp)) is not None:
            return noted
        target = self._into / planned.path
        target.parent.mkdir(parents=True, exist_ok=True)
        original = target.with_name(f"{target.name}.original.part")
        try:
            found = download(self._inventory, planned, original)
        except ObjectMissing:  # deleted since it was listed
            original.unlink(missing_ok=True)
            return None
        media = self._finished(planned, found, original, target, stamp)
        self._write_note(planned, media)
        return media

    def _finished(self, planned: PlannedTrack, found: Downloaded, original: Path, target: Path, stamp: str) -> Media:
        problems = differences(planned, found)
        part = target.with_name(f"{target.name}.part")
        try:
            duration_s: float | None = remux(original, part, target.suffix[1:])
            part.replace(target)
            original.unlink()
            note = ""
        except NotPlayable as error:  # a reviewer gets what there is
            part.unlink(missing_ok=True)
            original.replace(target)
            duration_s, note = (
                None,
                f"It cannot be read as {target.suffix[1:].upper()} ({error}): this is the original.",
            )
        has_poster = duration_s is not None and planned.track == "video" and write_poster(target, _poster(target))
        return Media(
            key=planned.record.key,
            stamp=stamp,
            size=found.size,
            sha256=found.sha256,
            file_size=target.stat().st_size,
            duration_s=duration_s,
            has_poster=has_poster,
            problems=problems,
            note=note,
        )

    def _noted(self, planned: PlannedTrack, stamp: str) -> Media | None:
        """Return what an earlier run has written, if it is the same recording and the file is still whole."""
        with suppress(OSError, ValidationError):
            media = Media.model_validate_json(self._note(planned).read_bytes())
            is_same = (media.key, media.stamp) == (planned.record.key, stamp)
            if is_same and (self._into / planned.path).stat().st_size == media.file_size:
                told = differences(planned, Downloaded(media.size, media.sha256))
                return media.model_copy(update={"problems": told})
        return None

    def _write_note(self, planned: PlannedTrack, media: Media) -> None:
        note = self._note(planned)
        note.parent.mkdir(parents=True, exist_ok=True)
        part = note.with_name(f"{note.name}.part")
        part.write_text(media.model_dump_json(), encoding="utf-8")
        part.replace(note)

    def _note(self, planned: PlannedTrack) -> Path:
        return self._into / NOTES / f"{planned.path}.json"


def _stamp(planned: PlannedTrack) -> str:
    """Return what changes with the object."""
    if planned.version is not None or planned.stored is None:
        return f"version {planned.version}"
    return f"{planned.stored.etag} {planned.stored.modified_at:.3f} {planned.stored.size}"


def _poster(target: Path) -> Path:
    return target.with_suffix(f"{target.suffix}.jpg")
