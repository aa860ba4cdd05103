"""What is taken from a link, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.link import LinkError, ticket_of

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
        "#ticket=a.b.c%0A",
        "#ticket=../a.b.c",
        "#ticket=ä.b.c",
        "#ticket=javascript:alert(1)",
        f"#ticket={TICKET}&ticket={TICKET}",
        f"#ticket={TICKET}&ticket=",
        "#" + "x" * 65_536,
        f"#ticket={TICKET}&x=" + "y" * 65_536,
    ],
    ids=lambda fragment: fragment[:24],
)
def test_bad_input_3_junk_is_refused(fragment):
    with pytest.raises(LinkError):
        ticket_of(fragment)


@given(st.text(max_size=200))
def test_bad_input_3_no_text_is_taken_for_a_ticket_or_breaks_the_page(text):
    try:
        ticket = ticket_of("#" + text)
    except LinkError:
        return
    assert ticket is None or ticket.count(".") == 2
