"""What a host page may say: a closed form, whatever somebody tries."""

import json

import pytest
from pydantic import ValidationError

from app.contract.embed.inbound import HOST_MESSAGE, Configure, Order
from app.contract.embed.theme import Theme

CHANNEL = "0123456789abcdef" * 2
CONFIGURE = {"slipstream": 1, "channel": CHANNEL, "type": "configure", "ticket": "a.b.c"}
ORDER = {"slipstream": 1, "channel": CHANNEL, "type": "pause"}


def read(message):
    return HOST_MESSAGE.validate_json(json.dumps(message))


def test_configure_needs_no_more_than_a_ticket():
    assert read(CONFIGURE) == Configure(slipstream=1, channel=CHANNEL, type="configure", ticket="a.b.c")


def test_configure_carries_language_and_theme():
    theme = {
        "scheme": "dark",
        "accent-text": "#fff",
        "accent": "#0B6477",
        "radius": "4.5px",
        "font": '"Open Sans", serif',
    }
    message = read({**CONFIGURE, "locale": "pt-BR", "theme": theme})

    assert isinstance(message, Configure)
    assert (message.locale, message.theme.accent_text, message.theme.radius) == ("pt-BR", "#fff", "4.5px")


@pytest.mark.parametrize("type_", ["pause", "resume", "retry", "submit"])
def test_orders_are_those_of_the_buttons(type_):
    assert read({**ORDER, "type": type_}) == Order(slipstream=1, channel=CHANNEL, type=type_)


@pytest.mark.parametrize(
    "message",
    [
        {**ORDER, "slipstream": 2},
        {**ORDER, "slipstream": "1"},
        {**ORDER, "slipstream": True},
        {**ORDER, "slipstream": 1.0},
        {name: value for name, value in ORDER.items() if name != "slipstream"},
        {**ORDER, "channel": "0" * 31},
        {**ORDER, "channel": CHANNEL.upper()},
        {**ORDER, "channel": [CHANNEL]},
        {**ORDER, "type": "erase"},
        {**ORDER, "type": "ready"},
        {**ORDER, "type": None},
        {**ORDER, "ticket": "a.b.c"},
        {**ORDER, "__proto__": {"type": "submit"}},
        {**ORDER, "constructor": {"prototype": {}}},
        {**CONFIGURE, "ticket": ""},
        {**CONFIGURE, "ticket": "javascript:alert(1)"},
        {**CONFIGURE, "ticket": "a.b.c\n"},
        {**CONFIGURE, "ticket": ".".join(["a" * 3_000] * 3)},
        {**CONFIGURE, "signer": "https://elsewhere.example"},
        {**CONFIGURE, "locale": "../../etc"},
        {**CONFIGURE, "locale": "a" * 36},
        {**CONFIGURE, "theme": None},
        [],
        "pause",
        1,
        None,
    ],
)
def test_bad_input_9_any_other_message_is_refused(message):
    with pytest.raises(ValidationError):
        read(message)


@pytest.mark.parametrize(
    "theme",
    [
        {"accent": "red"},
        {"accent": "#0b64770"},
        {"accent": "#0b647780"},
        {"accent": "url(https://elsewhere.example)"},
        {"background": "#fff;background:url(//elsewhere.example)"},
        {"text": "var(--ink)"},
        {"radius": "33px"},
        {"radius": "50%"},
        {"radius": "calc(1px)"},
        {"radius": 4},
        {"font": "url(//elsewhere.example)"},
        {"font": "x; } body { display: none"},
        {"font": "a" * 201},
        {"scheme": "sepia"},
        {"accent_text": "#fff", "shadow": "none"},
        {"--slipstream-accent": "#fff"},
    ],
)
def test_bad_input_9_a_theme_holds_tokens_and_nothing_else(theme):
    with pytest.raises(ValidationError):
        Theme.model_validate(theme)
