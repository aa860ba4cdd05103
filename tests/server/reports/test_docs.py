"""docs/REPORTS.md names every column, with the type that other engines know."""

import re

from server.reports.rows import COLUMNS
from tests.support.files import ROOT

HIVE = {
    "VARCHAR": "string",
    "TIMESTAMPTZ": "timestamp",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "DOUBLE": "double",
    "BOOLEAN": "boolean",
    "VARCHAR[]": "array<string>",
    "MAP(VARCHAR, INTEGER)": "map<string,int>",
    "MAP(VARCHAR, STRUCT(variant VARCHAR, planned MAP(VARCHAR, DOUBLE)))": (
        "map<string,struct<variant:string,planned:map<string,double>>>"
    ),
}


def test_the_documented_table_is_the_one_that_is_written():
    text = (ROOT / "docs/REPORTS.md").read_text(encoding="utf-8")
    table = text.partition("CREATE EXTERNAL TABLE slipstream_reports (\n")[2].partition("\n)\n")[0]
    documented = dict(re.findall(r"^  (\w+) (.+?),?$", table, flags=re.MULTILINE))

    assert documented == {name: HIVE[kind] for name, kind in COLUMNS.items()}
    assert list(documented) == list(COLUMNS)
