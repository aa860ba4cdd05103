"""What a host page is told: one list, in the contract, the element, its types and the handbook alike."""

import re
from pathlib import Path

import pytest

from app.contract.embed.inbound import MAX_MESSAGE_CHARACTERS
from app.contract.embed.outbound import PAGE_MESSAGES, PageMessage
from app.contract.reasons import Reason
from app.core.embed.inbound_filter import BURST, PER_SECOND

ROOT = Path(__file__).parents[4]
HANDBOOK = (ROOT / "docs/EMBEDDING.md").read_text("utf-8")
ELEMENT = (ROOT / "static/slipstream.js").read_text("utf-8")
TYPES = (ROOT / "static/slipstream.d.ts").read_text("utf-8")
DETAILS = {message.model_fields["type"].default: set(message.model_fields) - {"type"} for message in PAGE_MESSAGES}


def test_every_message_is_listed():
    def leaves(kind: type[PageMessage]) -> set[type[PageMessage]]:
        below = kind.__subclasses__()
        return set().union(*map(leaves, below)) if below else {kind}

    assert set(PAGE_MESSAGES) == leaves(PageMessage)


def test_element_hears_every_message():
    [events] = re.findall(r"EVENTS = new Set\(\[(.*?)\]\)", ELEMENT, re.DOTALL)

    assert set(re.findall(r'"([a-z-]+)"', events)) == set(DETAILS)


@pytest.mark.parametrize("name", DETAILS)
def test_types_name_every_detail(name):
    fields = {"OfTake": {"question", "take"}, "OfTrack": {"question", "take", "track"}}
    [body] = re.findall(rf'^  "{name}": (.*?);\n(?=  "|}})', TYPES, re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"(\w+):", body)).union(*(fields[base] for base in re.findall(r"\bOf\w+", body)))

    assert named == DETAILS[name]


@pytest.mark.parametrize("name", DETAILS)
def test_handbook_names_every_detail(name):
    [row] = re.findall(rf"^\| [^|]*`{name}`.* \|$", HANDBOOK, re.MULTILINE)
    details = row.split("|")[2]

    assert set(re.findall(r"`(\w+)`", details)) == DETAILS[name]


def test_handbook_names_every_reason_and_limit():
    assert all(f"`{reason}`" in HANDBOOK for reason in Reason)
    assert f"over {MAX_MESSAGE_CHARACTERS:,} characters" in HANDBOOK
    assert f"more than {BURST} at once or {PER_SECOND:.0f} a second" in HANDBOOK
