"""What the checks have found, as the operator reads it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpx
from rich.console import Console

from server.cli.doctor.finding import CannotGoOn, Finding, Severity, fault
from server.cli.doctor.page_requests import unreachable
from server.errors import StoreError, StoreUnavailable
from server.settings import SettingsError


@dataclass(slots=True)
class Report:
    """Tell each finding once, as soon as its check has ended."""

    console: Console
    has_faults: bool = False
    _told: set[str] = field(default_factory=set)

    def tell(self, name: str, check: Callable[[], Iterable[Finding]]) -> bool:
        """Run a check and tell what it finds. Return whether the next ones may be run."""
        findings: list[Finding] = []
        can_go_on = _run_check(check, findings)
        faults = [one.text for one in findings if one.severity is Severity.FAULT]
        self.has_faults |= bool(faults)
        for text in faults:
            self._tell_once("[red]✗[/]", f"{name}: {text}")
        if not faults:
            self.console.print(f"[green]✓[/] {name}", highlight=False, soft_wrap=True)
        for one in findings:
            if one.severity is Severity.NOTE:
                self._tell_once("   ", f"note: {one.text}")
        return can_go_on

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _tell_once(self, mark: str, text: str) -> None:
        if text.partition(": ")[2] not in self._told:
            self._told.add(text.partition(": ")[2])
            self.console.print(mark, end=" ")
            self.say(text)


def _run_check(check: Callable[[], Iterable[Finding]], findings: list[Finding]) -> bool:
    """Append what a check finds, also if it ends in an error. Return whether others have a chance."""
    try:
        for one in check():  # what is found before an error counts
            findings.append(one)  # noqa: PERF402
    except (CannotGoOn, StoreUnavailable) as error:
        findings.append(fault(str(error)))
        return False
    except (SettingsError, StoreError) as error:
        findings.append(fault(str(error)))
    except httpx.HTTPError as error:
        findings.append(fault(unreachable(error)))
    return True
