"""Tickets in bulk: a CSV file of candidates in, the same with their links out."""

import csv
from collections.abc import Iterator
from pathlib import Path

import typer
from pydantic import ValidationError

from server.archive.overview import table
from server.errors import InvalidRequest
from server.settings import SettingsError
from server.signer.issuing import IssuedTicket, Issuer, TicketOrder

_COLUMNS = ("name", "reference", "session", "locale", "hours", "interview")
_ADDED = ("session", "link", "expires_at")


def write_links(source: Path, defaults: TicketOrder, issuer: Issuer) -> None:
    """Print the file's rows with session, link and end of each. Raises SettingsError, before anything is printed.

    Columns that are not ours are kept. An empty value means the default.
    """
    names, rows = _rows(source)
    orders = [_order(row, defaults, f"{source}:{line}") for line, row in rows]
    if faults := [f"{source}:{rows[place][0]}: `{name}`: {why}" for place, name, why in issuer.faults(orders)]:
        raise SettingsError("\n".join(faults))
    issued = [_issued(issuer, order, f"{source}:{line}") for order, (line, _) in zip(orders, rows, strict=True)]
    head = [*names, *(name for name in _ADDED if name not in names)]
    whole = [row | ticket.model_dump(include=set(_ADDED)) for (_, row), ticket in zip(rows, issued, strict=True)]
    typer.echo(table(head, ([row[name] for name in head] for row in whole)), nl=False)


def _rows(source: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the names of the columns, and each row with its line. Raises SettingsError."""
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            names = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"{source}: cannot be read as CSV in UTF-8 ({error}).") from error
    if not set(names) & set(_COLUMNS):
        raise SettingsError(f"{source}:1: no known column. Known are: {', '.join(_COLUMNS)}.")
    for line, row in rows:
        if None in row or None in row.values():
            raise SettingsError(f"{source}:{line}: has another number of values than the first line has names.")
    return names, rows


def _order(row: dict[str, str], defaults: TicketOrder, where: str) -> TicketOrder:
    given = {name: row[name].strip() for name in _COLUMNS if row.get(name, "").strip()}
    try:
        return TicketOrder.model_validate({**defaults.model_dump(), **given})
    except ValidationError as error:
        raise SettingsError("\n".join(f"{where}: {fault}" for fault in _faults(error))) from None


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_input=False):
        yield f"`{fault['loc'][0]}`: {fault['msg']}"


def _issued(issuer: Issuer, order: TicketOrder, where: str) -> IssuedTicket:
    try:
        return issuer.issue(order)
    except InvalidRequest as error:
        raise SettingsError(f"{where}: {error}") from error
