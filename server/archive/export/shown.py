"""What a reviewer sees of a session: the plan, with what has become of its recordings."""

from dataclasses import dataclass

from server.archive.export.media_files import Media
from server.archive.export.plan import PlannedAnswer, PlannedSession, PlannedTrack


@dataclass(frozen=True, slots=True)
class ShownTrack:
    planned: PlannedTrack
    media: Media | None = None  # None: nothing was brought to the disk
    link: str | None = None  # a signed one; None: it is a file

    @property
    def problems(self) -> tuple[str, ...]:
        if not self.planned.is_there or (self.media is None and self.link is None):
            return ("It is not in the bucket any more.",)
        return self.media.problems if self.media else ()

    @property
    def duration_s(self) -> float | None:
        """Return the measured duration or, unmeasured, what the page has noted; None: nobody knows it."""
        if self.media is not None and self.media.duration_s is not None:
            return self.media.duration_s
        return self.planned.record.duration_s or None


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    planned: PlannedAnswer
    tracks: tuple[ShownTrack, ...]


@dataclass(frozen=True, slots=True)
class ShownSession:
    planned: PlannedSession
    answers: tuple[ShownAnswer, ...]

    @property
    def tracks(self) -> list[ShownTrack]:
        return [track for answer in self.answers for track in answer.tracks]

    @property
    def problems(self) -> list[str]:
        """Return a sentence for all that is wrong, each with the file that it is about."""
        told = [f"{track.planned.path.name}: {problem}" for track in self.tracks for problem in track.problems]
        return [*self.planned.problems, *told]
