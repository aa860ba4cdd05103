"""Compile every catalogue of static/locales/ to the JSON that the page reads."""

import shutil
from gettext import c2py
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from app.contract.catalogue import CONTEXT_END, LISTED, Catalogue
from server.build import messages
from server.build.errors import BuildError

# The table is checked against these numbers. 1,000,000 detects rules for round millions (CLDR's "many").
_COMPARED = (*range(10_001), 1_000_000)


def compile_all(root: Path, target: Path) -> None:
    """Write <language>.json for every catalogue into the folder `target`.

    Raises BuildError: a catalogue cannot be read, or its plural rule needs more than a table.
    """
    shutil.rmtree(target, ignore_errors=True)  # a language may have been removed
    target.mkdir()
    for language, path in messages.po_files(root).items():
        try:
            compiled = compile_one(messages.read(path))
        except ValueError as error:  # pydantic.ValidationError is one, too
            raise BuildError(f"{path}: {error}") from error
        (target / f"{language}.json").write_text(compiled.model_dump_json(), "utf-8")


def compile_one(catalog: Catalog) -> Catalogue:
    """Return a catalogue without untranslated and fuzzy sentences, which the page shows in English.

    Raises ValueError: the plural rule needs more than a table.
    """
    translated = sorted((_key(message), message.string) for message in catalog if _is_translated(message))
    rule = c2py(catalog.plural_expr)
    compiled = Catalogue(plurals=tuple(rule(number) for number in range(LISTED)), messages=dict(translated))
    if wrong := [number for number in _COMPARED if compiled.plural(number) != rule(number)]:
        raise ValueError(f"Plural-Forms depends on more than the last two digits, for example at {wrong[0]}")
    return compiled


def _is_translated(message: Message) -> bool:
    return bool(message.id) and not message.fuzzy and all(messages.forms_of(message))


def _key(message: Message) -> str:
    sentence = message.id if isinstance(message.id, str) else message.id[0]
    return f"{message.context}{CONTEXT_END}{sentence}" if message.context else sentence
