"""Which language a candidate gets."""

import pytest

from app.core.locale import choose, lookup, regional

OFFERED = ["en", "ar", "de", "pt", "pt-BR", "zh"]


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("de", "de"),
        ("de-CH", "de"),
        ("DE-ch", "de"),
        ("pt-BR", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("pt-PT", "pt"),
        ("zh-Hans-CN", "zh"),
        ("zh-TW", "zh"),
        ("ar-EG-u-nu-arab", "ar"),
        ("nl", ""),
        ("deutsch", ""),
        ("d", ""),
        ("", ""),
        ("-", ""),
        ("de" * 50_000, ""),
        ("de-" * 50_000, ""),
    ],
)
def test_a_tag_finds_the_nearest_language(tag, found):
    assert lookup(tag, OFFERED) == found


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [(["nl", "de", "en"], "de"), (["", "pt-PT", "de"], "pt"), (["nl"], "en"), ([], "en"), (["en", "de"], "en")],
)
def test_the_first_wish_that_can_be_met_is_met(wanted, chosen):
    assert choose(wanted, OFFERED) == chosen


@pytest.mark.parametrize(
    ("wanted", "tag"),
    [(["fr", "de-CH", "de-AT"], "de-CH"), (["de-_junk", "de-AT"], "de-AT"), (["fr"], "de"), (["de-a"], "de")],
)
def test_figures_are_written_as_in_the_candidates_country(wanted, tag):
    assert regional("de", wanted, OFFERED) == tag
