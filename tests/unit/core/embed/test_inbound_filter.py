"""Who is heard at an embedded page's door: everything else is dropped and counted."""

import json

import pytest

from app.contract.embed.inbound import MAX_MESSAGE_CHARACTERS, Configure
from app.core.embed.inbound_filter import BURST, PER_SECOND, Drop, InboundFilter
from app.core.session.launch_url import EmbedLaunch, LaunchUrlError, embed_launch_of, is_embed
from tests.support.tickets import ticket

HOST = "https://jobs.example"
CHANNEL = "0123456789abcdef" * 2


@pytest.fixture
def door():
    return InboundFilter(EmbedLaunch(CHANNEL, HOST))


def said(type_, channel=CHANNEL, **more):
    return json.dumps({"slipstream": 1, "channel": channel, "type": type_, **more})


def configured(door):
    assert isinstance(door.read(said("configure", ticket="a.b.c")), Configure)
    return door


def test_host_is_heard(door):
    assert door.admits(HOST, is_parent=True, now=5)
    assert configured(door).read(said("pause")).type == "pause"
    assert door.drops.total() == 0


@pytest.mark.parametrize(
    ("origin", "is_parent", "reason"),
    [
        (HOST, False, Drop.SOURCE),
        ("https://elsewhere.example", True, Drop.ORIGIN),
        (f"{HOST}:8443", True, Drop.ORIGIN),
        (f"{HOST}.evil.example", True, Drop.ORIGIN),
        ("http://jobs.example", True, Drop.ORIGIN),
        ("null", True, Drop.ORIGIN),
        ("", True, Drop.ORIGIN),
    ],
)
def test_bad_input_9_stranger_is_not_read(door, origin, is_parent, reason):
    assert not door.admits(origin, is_parent=is_parent, now=5)
    assert door.drops == {reason: 1}


def test_bad_input_9_flood_is_dropped_and_the_next_word_is_heard_again(door):
    admitted = [door.admits(HOST, is_parent=True, now=5) for _ in range(10 * BURST)]

    assert sum(admitted) == BURST
    assert door.drops == {Drop.FLOOD: 9 * BURST}
    assert door.admits(HOST, is_parent=True, now=5 + 1 / PER_SECOND)


def test_bad_input_9_strangers_cannot_use_the_hosts_allowance_up(door):
    for _ in range(10 * BURST):
        door.admits("https://elsewhere.example", is_parent=True, now=5)

    assert door.admits(HOST, is_parent=True, now=5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, Drop.SCHEMA),
        ("", Drop.SCHEMA),
        ("{", Drop.SCHEMA),
        ("[" * 10_000, Drop.SCHEMA),
        (said("pause") + " " * MAX_MESSAGE_CHARACTERS, Drop.SIZE),
        (said("pause", slipstream=2), Drop.SCHEMA),
        (said("pause", channel="f" * 32), Drop.CHANNEL),
        (said("configure", ticket="x.y.z"), Drop.TURN),
        (said("configure", channel="f" * 32, ticket="x.y.z"), Drop.CHANNEL),
    ],
)
def test_bad_input_9_message_without_effect_is_counted(door, text, reason):
    configured(door)

    assert door.read(text) is None
    assert door.drops == {reason: 1}


def test_orders_before_the_ticket_are_dropped(door):
    assert door.read(said("submit")) is None
    assert door.drops == {Drop.TURN: 1}


def test_the_same_ticket_may_come_again_with_another_theme(door):
    again = configured(door).read(said("configure", ticket="a.b.c", theme={"scheme": "dark"}))

    assert again.theme.scheme == "dark"


def test_another_ticket_of_the_same_session_is_heard_and_one_of_another_is_dropped(door):
    door.read(said("configure", ticket=ticket()))

    assert door.read(said("configure", ticket=ticket(exp=2_000))).ticket == ticket(exp=2_000)
    assert door.drops.total() == 0
    assert door.read(said("configure", ticket=ticket(session="s2", exp=2_000))) is None
    assert door.read(said("configure", ticket=ticket(interview="other", exp=2_000))) is None
    assert door.drops == {Drop.TURN: 2}


def test_frame_names_channel_and_host():
    assert embed_launch_of(f"#channel={CHANNEL}&host=https%3A%2F%2Fjobs.example", {HOST}) == EmbedLaunch(CHANNEL, HOST)
    assert is_embed("?embed=1")
    assert is_embed("?lang=de&embed=1")


@pytest.mark.parametrize("query", ["", "?", "?embed", "?embed=0", "?embed=1&embed=1", "?embed=true"])
def test_bad_input_3_nothing_else_asks_for_a_frame(query):
    assert not is_embed(query)


@pytest.mark.parametrize(
    "fragment",
    [
        "",
        f"channel={CHANNEL}",
        f"host={HOST}",
        f"channel={CHANNEL}&host=https://elsewhere.example",
        f"channel={CHANNEL}&host=*",
        f"channel={CHANNEL}&host={HOST}&host={HOST}",
        f"channel={CHANNEL}&host={HOST}&signer=https://elsewhere.example",
        f"channel={CHANNEL}&host={HOST}&ticket=a.b.c",
        f"channel=abc&host={HOST}",
        f"channel=javascript:alert(1)&host={HOST}",
        f"channel={CHANNEL}&host={HOST}" + "&" * 65_536,
    ],
)
def test_bad_input_3_frame_of_another_form_is_refused(fragment):
    with pytest.raises(LaunchUrlError):
        embed_launch_of(fragment, {HOST})
