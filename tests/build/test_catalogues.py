"""The page says in every language what gettext itself would say from the same catalogue."""

import io
import re
from collections.abc import Iterator
from gettext import GNUTranslations, c2py

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.units import format_unit

from app.page.kit import language
from app.page.kit.figures import EnglishFigures
from server.build import catalogues, messages
from server.build.errors import BuildError
from server.build.layout import ROOT

FILES = messages.po_files(ROOT)
NUMBERS = range(10_001)


@pytest.fixture(params=FILES)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return messages.read(FILES[request.param])


@pytest.fixture
def spoken(catalog: Catalog) -> Iterator[None]:
    assert language.speak(catalogues.compile_one(catalog).model_dump_json(), EnglishFigures())
    yield
    language.speak()


def by_gettext(catalog: Catalog) -> GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return GNUTranslations(io.BytesIO(compiled.getvalue()))


def of_po(plural_forms: str, sentences: str = "") -> Catalog:
    head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plural_forms}\\n"\n\n'
    return read_po(io.StringIO(head + sentences), locale="de")


@pytest.mark.parametrize("tag", FILES)
def test_every_number_has_the_plural_form_of_the_po_file(tag: str):
    header = re.search(r"Plural-Forms: nplurals=\d+; plural=(.+);", FILES[tag].read_text("utf-8"))
    assert header
    compiled, rule = catalogues.compile_one(messages.read(FILES[tag])), c2py(header[1])

    assert [compiled.plural(number) for number in NUMBERS] == [rule(number) for number in NUMBERS]


@pytest.mark.usefixtures("spoken")
def test_every_sentence_is_said_as_gettext_says_it(catalog: Catalog):
    theirs = by_gettext(catalog)
    for message in catalog:
        if not isinstance(message.id, str):
            one, many = message.id
            assert language._(one) == theirs.gettext(one)
            for number in range(201):
                assert language.ngettext(one, many, number) == theirs.ngettext(one, many, number), (one, number)
        elif message.id:
            assert language._(message.id) == theirs.gettext(message.id)


def test_english_plurals_are_those_of_gettext_without_a_catalogue():
    assert [language.ngettext("one", "many", number) for number in NUMBERS] == [
        "one" if n == 1 else "many" for n in NUMBERS
    ]


def test_a_context_tells_two_equal_sentences_apart():
    compiled = catalogues.compile_one(
        of_po(
            "nplurals=2; plural=(n != 1);",
            'msgctxt "clock"\nmsgid "Time"\nmsgstr "Uhrzeit"\n\nmsgid "Time"\nmsgstr "Zeit"\n',
        )
    )

    assert compiled.messages == {"Time": "Zeit", "clock\4Time": "Uhrzeit"}


def test_what_is_not_translated_whole_or_is_a_guess_stays_english():
    compiled = catalogues.compile_one(
        of_po(
            "nplurals=2; plural=(n != 1);",
            'msgid "a"\nmsgstr ""\n\n#, fuzzy\nmsgid "b"\nmsgstr "B"\n\n'
            'msgid "c"\nmsgid_plural "cs"\nmsgstr[0] "C"\nmsgstr[1] ""\n',
        )
    )

    assert compiled.messages == {}


@pytest.mark.parametrize("special", ["n%1000==7", "n==100", "n%1000000==0"])
def test_a_plural_rule_that_the_table_cannot_hold_ends_the_build(tmp_path, special):
    path = tmp_path / "static/locales/de/LC_MESSAGES/slipstream.po"
    path.parent.mkdir(parents=True)
    rule = f"nplurals=2; plural=({special} ? 1 : 0);"
    path.write_text(f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {rule}\\n"\n')

    with pytest.raises(BuildError, match=r"slipstream\.po: Plural-Forms"):
        catalogues.compile_all(tmp_path, tmp_path / "out")


def test_the_same_catalogue_gives_the_same_bytes(tmp_path):
    for name in ("first", "second"):
        catalogues.compile_all(ROOT, tmp_path / name)

    assert {path.stem for path in (tmp_path / "first").iterdir()} == set(FILES)
    for tag in FILES:
        first, second = ((tmp_path / name / f"{tag}.json").read_bytes() for name in ("first", "second"))
        assert first == second


@pytest.mark.parametrize("tag", FILES)
def test_no_sentence_ends_with_a_measure_whose_unit_has_a_full_stop_of_its_own(tag: str):
    units = ("second", "minute", "hour")
    written = [format_unit(3, f"duration-{unit}", length="short", locale=tag) for unit in units]
    if not any(one.endswith(".") for one in written):
        return
    said = [str(message.string) for message in messages.read(FILES[tag])]

    assert [one for one in said if re.search(r"\{(time|duration)\}\.", one)] == []
