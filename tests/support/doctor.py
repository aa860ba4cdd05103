"""The doctor, run in this process, and what it has said."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import StringIO

from rich.console import Console

from server.cli.doctor.examination import examine
from server.cli.doctor.finding import CannotGoOn, Finding
from server.cli.doctor.visit import Visit, open_visit
from server.settings import Settings
from server.store.access import open_storage


@dataclass(frozen=True)
class Told:
    has_passed: bool
    text: str

    @property
    def faults(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.startswith("✗ ")]

    @property
    def notes(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.lstrip().startswith("note: ")]


def doctor(settings: Settings) -> Told:
    said = StringIO()
    has_passed = examine(settings, Console(file=said, width=300))
    return Told(has_passed, said.getvalue())


def found_by(check: Callable[[Visit], Iterable[Finding]], settings: Settings) -> str:
    """Run one check at the store of these settings; return what it finds."""
    page_origin = settings.page_origin()
    with open_storage(settings, page_origin) as storage, open_visit(settings, storage, page_origin) as visit:
        try:
            return "\n".join(one.text for one in check(visit))
        except CannotGoOn as error:
            return str(error)
