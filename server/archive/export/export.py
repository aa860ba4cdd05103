"""`sessions export`: bring sessions to a folder, and write page and table beside them."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from app.contract import Interview
from server.archive.answer_files import AnswerFiles
from server.archive.export.file_names import FolderNames
from server.archive.export.links import Links
from server.archive.export.media_files import NOTES, MediaFiles
from server.archive.export.page import page_of
from server.archive.export.plan import PlannedSession, PlannedTrack, Planner
from server.archive.export.shown import ShownAnswer, ShownSession, ShownTrack
from server.archive.export.tables import answers_text, sessions_csv
from server.archive.records import Records
from server.archive.stored_session import StoredSession
from server.settings import SettingsError
from server.store.storage import Storage

_AT_ONCE = 3  # recordings; each holds 1 MiB
_PAGE, _TABLE, _TEXTS = "index.html", "sessions.csv", "answers.txt"


@dataclass(frozen=True, slots=True)
class Exported:
    sessions: int
    recordings: int
    problems: tuple[str, ...]  # each with its session


class Export:
    def __init__(
        self, storage: Storage, into: Path, links: Links | None, interview_of: Callable[[str], Interview | None]
    ) -> None:
        """`links` None: the recordings themselves are brought. `interview_of` returns None for one without a file."""
        records = Records(storage)
        self._planner = Planner(records, AnswerFiles(storage, records))
        self._files = MediaFiles(storage.inventory, into)
        self._into = into
        self._links = links
        self._interview_of = interview_of

    def run(self, sessions: Iterable[StoredSession], tell: Callable[[ShownSession], None]) -> Exported:
        """Export the sessions, and call `tell` after each. Raises StoreError, SettingsError."""
        try:
            self._begin()
            names = FolderNames()
            shown = []
            with ThreadPoolExecutor(_AT_ONCE) as threads:
                for stored in sessions:
                    interview = self._interview_of(stored.keys.interview)
                    plan = self._planner.plan(stored, interview, names.folder_of(stored.keys))
                    shown.append(self._brought(plan, threads))
                    tell(shown[-1])
            self._write(_PAGE, page_of(shown, self._links))
            self._write(_TABLE, "\ufeff" + sessions_csv(shown))  # the mark tells Excel that it is UTF-8
        except OSError as error:
            raise SettingsError(
                f"{self._into} cannot be written ({error.strerror}). Make room, or choose another folder with --into; "
                "what is there stays, and the same command goes on with it."
            ) from error
        problems = (f"{one.planned.row.session}: {told}" for one in shown for told in one.problems)
        return Exported(len(shown), sum(len(one.tracks) for one in shown), tuple(problems))

    def _begin(self) -> None:
        """Make the folder. Refuse one with something else in it: an export replaces index.html."""
        self._into.mkdir(parents=True, exist_ok=True, mode=0o700)  # it holds what people have said
        is_ours = (self._into / NOTES).is_dir()
        if not is_ours and any(self._into.iterdir()):
            raise SettingsError(f"{self._into} holds something else already. Name a new folder with --into.")
        (self._into / NOTES).mkdir(exist_ok=True)

    def _brought(self, plan: PlannedSession, threads: ThreadPoolExecutor) -> ShownSession:
        tracks = iter(list(threads.map(self._track, [track for one in plan.answers for track in one.tracks])))
        answers = tuple(ShownAnswer(one, tuple(next(tracks) for _ in one.tracks)) for one in plan.answers)
        shown = ShownSession(plan, answers)
        self._write(str(plan.folder / _TEXTS), answers_text(shown))
        return shown

    def _track(self, planned: PlannedTrack) -> ShownTrack:
        if self._links is None:
            return ShownTrack(planned, media=self._files.bring(planned))
        return ShownTrack(planned, link=self._links.link(planned) if planned.is_there else None)

    def _write(self, name: str, text: str) -> None:
        target = self._into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(target)
