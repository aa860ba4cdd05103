"""Every catalogue says everything the page says, and nothing else."""

import re
import string
from gettext import c2py
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from server.build import messages
from server.build.errors import BuildError

ROOT = Path(__file__).parents[2]
FILES = messages.po_files(ROOT)
PAGE = (ROOT / "index.html").read_text("utf-8")


@pytest.fixture(scope="module")
def template() -> Catalog:
    return messages.extract(ROOT)


@pytest.fixture(scope="module", params=FILES)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return messages.read(FILES[request.param])


def sentences(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def said(message: Message) -> list[tuple[int, str]]:
    """Return the forms that are there, each with its number."""
    return [(index, form) for index, form in enumerate(messages.forms_of(message)) if form]


def source_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[-1]


def fields(sentence: str) -> set[str]:
    """Return the names of what is filled in. Raises ValueError on braces that do not fit."""
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(sentence) if name is not None}


def is_for_one_number(catalog: Catalog, index: int) -> bool:
    """Whether a plural form is used by a single number alone, so that it may be said in words."""
    form_of = c2py(catalog.plural_expr)
    return sum(form_of(number) == index for number in range(1_000)) == 1


def test_the_menu_offers_every_catalogue_and_no_other():
    offered = re.findall(r'<option value="([^"]+)" lang="\1"', PAGE)

    assert set(offered[1:]) == set(FILES)
    assert f'<html lang="{offered[0]}">' in PAGE, "the language of the sources comes first"


@pytest.mark.parametrize("language", FILES)
def test_who_has_switched_scripts_off_reads_so_in_every_language(language):
    english, said = (
        re.search(rf"<noscript>.*?<p{tag}>([^<]+)", PAGE, re.DOTALL) for tag in ("", f' lang="{language}"[^>]*')
    )

    assert english
    assert said
    assert said[1] == messages.read(FILES[language])[english[1]].string


@pytest.mark.parametrize("language", FILES)
def test_a_catalogue_is_up_to_date(language, template):
    path = FILES[language]

    assert path.read_bytes() == messages.updated(path, template), "run `make messages`, and translate what is new"


def test_nothing_is_missing_or_guessed(catalog):
    missing = [message.id for message in sentences(catalog) if not all(messages.forms_of(message))]
    fuzzy = [message.id for message in sentences(catalog) if message.fuzzy]

    assert (missing, fuzzy) == ([], [])


def test_a_translation_fills_in_what_its_sentence_does(catalog):
    for message in sentences(catalog):
        for index, form in said(message):
            wanted = fields(source_of(message))
            if message.pluralizable and is_for_one_number(catalog, index):
                wanted -= {"number"} - fields(form)  # "two questions" is one word in Arabic
            assert fields(form) == wanted, (message.id, form)


def test_a_translation_begins_and_ends_as_its_sentence_does(catalog):
    ends = "….:。：।؟？?"
    for message in sentences(catalog):
        for _index, form in said(message):
            source = source_of(message)
            assert form == form.strip(), form
            assert (form[-1:] in ends) == (source[-1:] in ends), (source, form)


def test_every_sentence_of_every_place_is_found(template):
    found = {place.partition("/")[0] for message in sentences(template) for place, _line in message.locations}
    ids = {message.id for message in sentences(template)}

    assert found == {"app", "static", "index.html"}
    assert {"Loading…", "Reload", "Language", ("{number} question", "{number} questions")} <= ids
    assert not [id_ for id_ in ids if "Deutsch" in id_], "languages keep their own names"


def test_the_parts_of_html_that_are_no_sentences_are_let_pass():
    html = """<p aria-label="a name"> two words <b translate="no">kept <i>as is</i><br></b> more</p>
    <script>no words</script><link rel="x"><p>last"""

    assert [sentence for _line, sentence in messages.of_html(html)] == ["a name", "two words", "more", "last"]


def test_a_catalogue_that_is_none_is_named(tmp_path):
    path = tmp_path / "de/LC_MESSAGES/slipstream.po"
    path.parent.mkdir(parents=True)
    path.write_text('msgid "a"\nnonsense "b"')

    with pytest.raises(BuildError, match=r"slipstream\.po"):
        messages.read(path)
