"""`ticket --csv`: candidates in, the same with their links out."""

import csv
from pathlib import Path

import pytest

from server.signer.tickets import Tickets
from tests.support.commands import Run
from tests.support.signer_client import SECRET


def ticket(run: Run, tmp_path: Path, text: str, *more: str):
    (tmp_path / "candidates.csv").write_text(text, encoding="utf-8-sig")
    return run("ticket", "demo", "--csv", str(tmp_path / "candidates.csv"), *more, SLIPSTREAM_SECRET=SECRET)


def test_every_row_gets_its_link_and_keeps_its_columns(run: Run, tmp_path: Path):
    result = ticket(
        run, tmp_path, 'name,e-mail,reference,hours\n"Lovelace, Ada",ada@x.example,A-17,2\nZoë,z@x.example,,\n'
    )

    ada, zoe = csv.DictReader(result.out.splitlines())
    assert (ada["name"], ada["e-mail"], zoe["name"]) == ("Lovelace, Ada", "ada@x.example", "Zoë")
    claims = Tickets(SECRET).read(ada["link"].partition("#ticket=")[2])
    assert (claims.name, claims.reference, claims.sub, claims.exp - claims.iat) == (
        "Lovelace, Ada",
        "A-17",
        ada["session"],
        7200,
    )
    assert ada["session"] != zoe["session"]


def test_formula_is_no_formula_in_what_is_printed(run: Run, tmp_path: Path):
    result = ticket(run, tmp_path, 'name\n"=HYPERLINK(""http://evil"")"\n')

    (row,) = csv.DictReader(result.out.splitlines())
    assert row["name"].startswith("'=")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("e-mail\na@x\n", ":1: no known column"),
        ("name,hours\nAda,soon\n", ":2: `hours`"),
        ("name,session\nAda,../x\n", ":2: `session`"),
        ("name,interview\nAda,demo\nZoe,nowhere\n", ":3: `interview`: there is no such interview"),
        ("name,session\nAda,s-1\nZoe,s-1\n", ":3: `session`: two candidates would have one session"),
        ("name,reference\nAda\n", ":2: has another number of values"),
        ("name,reference\nAda,1,2\n", ":2: has another number of values"),
    ],
)
def test_row_that_is_wrong_is_named_and_nothing_is_printed(run: Run, tmp_path: Path, text: str, sentence: str):
    result = ticket(run, tmp_path, text)

    assert (result.code, result.out) == (1, "")
    assert f"candidates.csv{sentence}" in result.err.replace("\n", "")
