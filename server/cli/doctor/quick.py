"""What `serve` checks at its start, in the doctor's words: a handful of calls that write nothing."""

from collections.abc import Callable, Iterable, Iterator

import httpx
from rich.console import Console

from server.cli.doctor.addresses import check_addresses
from server.cli.doctor.encryption import check_encryption
from server.cli.doctor.finding import CannotGoOn, Finding, Severity, fault, note
from server.cli.doctor.page_requests import unreachable
from server.cli.doctor.preflights import check_preflights
from server.cli.doctor.reach import check_listing, check_reach
from server.cli.doctor.visit import Visit, open_visit
from server.errors import StoreError, StoreUnavailable
from server.settings import Settings, SettingsError
from server.store.storage import Storage

_PATIENCE_S = 5  # without a byte; nobody waits long for a start


def check_store(settings: Settings, storage: Storage, page_origin: str, console: Console) -> None:
    """Raise SettingsError for what the operator has to change; a store that is away may come back."""
    with open_visit(settings, storage, page_origin, patience_s=_PATIENCE_S) as visit:
        try:
            findings = [*_findings(visit)]
        except StoreUnavailable as error:
            console.print(f"[yellow]{error}[/] Candidates can begin; uploads go on as soon as it answers.")
            return
    for one in findings:
        if one.severity is Severity.NOTE:
            console.print(one.text, style="yellow", markup=False, highlight=False, soft_wrap=True)
    if faults := [one.text for one in findings if one.severity is Severity.FAULT]:
        raise SettingsError("\n".join(faults))


def _findings(visit: Visit) -> Iterator[Finding]:
    """Raises StoreUnavailable."""
    yield from check_addresses(visit)
    try:
        yield from check_reach(visit)
    except CannotGoOn as error:
        yield fault(str(error))
        return
    for check in (check_listing, _preflights, check_encryption):
        yield from _ended(check, visit)


def _ended(check: Callable[[Visit], Iterable[Finding]], visit: Visit) -> Iterator[Finding]:
    try:
        yield from check(visit)
    except StoreUnavailable:
        raise
    except StoreError as error:
        yield fault(str(error))


def _preflights(visit: Visit) -> Iterator[Finding]:
    """Find what keeps pages out. Without --url nobody has said where the page is: then it is a note."""
    try:
        found = [*check_preflights(visit)]
    except httpx.HTTPError as error:  # the signer need not reach the store as pages do
        yield note(unreachable(error))
        return
    if not visit.is_page_known:
        found = [note(f"{one.text} If pages are elsewhere, name the address: --url.") for one in found]
    yield from found
