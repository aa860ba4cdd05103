"""What is taken from a link, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.session.launch_url import LaunchUrlError, address_of, ticket_of

TICKET = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzMSJ9.c2ln-_A"


@pytest.mark.parametrize("fragment", ["", "#", "#top", "#signer=https://evil.test", "x=1&y=2", "#Ticket=" + TICKET])
def test_link_without_a_ticket_has_none(fragment):
    assert ticket_of(fragment) is None


@pytest.mark.parametrize(
    "fragment", [f"#ticket={TICKET}", f"ticket={TICKET}", f"#a=1&ticket={TICKET}&signer=javascript:alert(1)"]
)
def test_ticket_is_found_and_the_rest_ignored(fragment):
    assert ticket_of(fragment) == TICKET


@pytest.mark.parametrize(
    "fragment",
    [
        "#ticket=",
        "#ticket",
        "#ticket=abc",
        "#ticket=a.b",
        "#ticket=a.b.c.d",
        "#ticket=a.b.",
        "#ticket=../a.b.c",
        "#ticket=ä.b.c",
        "#ticket=javascript:alert(1)",
        f"#ticket={TICKET}&ticket={TICKET}x",
        f"#ticket={TICKET}.{TICKET}",
        f"#ticket=%252e%252e/{TICKET}",
        "#" + "x" * 65_536,
        f"#ticket={TICKET}&x=" + "y" * 65_536,
    ],
    ids=lambda fragment: fragment[:24],
)
def test_bad_input_3_junk_is_refused(fragment):
    with pytest.raises(LaunchUrlError):
        ticket_of(fragment)


@given(st.text(max_size=200))
def test_bad_input_3_no_text_is_taken_for_a_ticket_or_breaks_the_page(text):
    try:
        ticket = ticket_of("#" + text)
    except LaunchUrlError:
        return
    assert ticket is None or ticket.count(".") == 2


CHANGED = {
    "encoded": "#ticket%3D{}",
    "encoded-twice": "%2523ticket%253D{}",
    "encoded-points": "#ticket={}".replace("{}", TICKET.replace(".", "%2E")),
    "full-stop": "#ticket={}.",
    "comma": "#ticket={},",
    "bracket": "#ticket={})",
    "angle": "#ticket={}%3E",
    "quoted": "#ticket=%22{}%22",
    "apostrophe": "#ticket='{}'",
    "semicolon": "#ticket={};",
    "shouted": "#ticket={}!",
    "ellipsis": "#ticket={}…",
    "slash": "#ticket={}/",
    "tracked": "#ticket={}?utm_source=mail&utm_medium=x",
    "tracked-behind-full-stop": "#ticket={}.?utm_source=mail",
    "tracked-by-ampersand": "#ticket={}&utm_source=mail",
    "tracked-in-front": "#utm_source=mail&amp;ticket={}",
    "safe-link": "#ticket={}&data=05%7C02%7C&sdata=x%3D&reserved=0",
    "told-twice": "#ticket={0}&ticket={0}",
    "line-end": "#ticket={}%0D%0A",
    "quoted-printable": "#ticket=3D{}",
}


@pytest.mark.parametrize("kind", CHANGED)
def test_row_33_ticket_of_a_link_that_a_mail_program_changed_is_found(kind):
    assert ticket_of(CHANGED[kind].format(TICKET)) == TICKET


INVISIBLE = [
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u200e",
    " ",
    "\u00a0",
    "%20",
    "%0A",
    "=%0D%0A",
    "\t",
]


@pytest.mark.parametrize("blank", INVISIBLE, ids=ascii)
@pytest.mark.parametrize("place", [0, 7, len(TICKET) // 2, len(TICKET)])
def test_row_33_what_nobody_sees_in_a_ticket_is_let_go(blank, place):
    assert ticket_of(f"#ticket={TICKET[:place]}{blank}{TICKET[place:]}") == TICKET


def test_row_33_ticket_in_the_query_is_found_where_the_fragment_has_none():
    assert ticket_of("", f"?utm_source=mail&ticket={TICKET}") == TICKET
    assert ticket_of("", f"?lang=de%23ticket={TICKET}") == TICKET
    assert ticket_of(f"#ticket={TICKET}", "?ticket=x&" + "a" * 65_536) == TICKET
    assert ticket_of("#top", "?utm_source=mail") is None


def test_row_33_address_is_mended_and_keeps_the_language_alone():
    assert address_of("?lang=de&utm_source=mail") == "?lang=de"
    assert address_of(f"?utm_source=mail&ticket={TICKET}") == ""
    assert address_of(f"?lang=de%23ticket={TICKET}") == ""
