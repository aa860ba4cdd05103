"""Extract the sentences of page and skeleton from the sources, and update every catalogue with them."""

import io
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import PoFileError, read_po, write_po

from server.build import manifest
from server.build.errors import BuildError

DOMAIN = "slipstream"
_KEYWORDS = DEFAULT_KEYWORDS | {"mark": None}
_SOURCES: tuple[tuple[str, Any], ...] = (("app/page/**/*.py", "python"), ("static/boot/*.mjs", "javascript"))
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # the same sentences give the same file, byte for byte


def po_files(root: Path) -> dict[str, Path]:
    """Return the catalogue of each language, by its tag."""
    found = sorted((root / "static/locales").glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    return {path.parts[-3]: path for path in found}


def extract(root: Path) -> Catalog:
    """Return every sentence of the sources, with the files that contain it."""
    template = Catalog(creation_date=_EPOCH)
    for pattern, method in _SOURCES:
        for path in sorted(root.glob(pattern)):
            for line, ids, comments, context in extract_from_file(method, path, _KEYWORDS, comment_tags=("i18n:",)):
                place = (path.relative_to(root).as_posix(), line)
                template.add(ids, locations=[place], auto_comments=comments, context=context)
    page = root / "index.html"
    for line, sentence in of_html(page.read_text("utf-8")):
        template.add(sentence, locations=[(page.name, line)])
    return template


def read(path: Path) -> Catalog:
    """Return the catalogue in a file. Raises BuildError if it is not one."""
    with path.open("rb") as file:
        try:
            return read_po(file, locale=path.parts[-3], domain=DOMAIN, abort_invalid=True)
        except (PoFileError, ValueError) as error:
            raise BuildError(f"{path}: {error}") from error


def updated(path: Path, template: Catalog) -> bytes:
    """Return a catalogue with exactly the sentences of `template`; new ones are left empty, not guessed."""
    catalog = read(path)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    written = io.BytesIO()
    # Without line numbers and dates, so that a file changes only if a sentence does.
    write_po(written, catalog, width=100, omit_header=True, sort_output=True, include_lineno=False)
    return f"{_header(catalog)}\n".encode() + written.getvalue().strip() + b"\n"


def update_all(root: Path) -> None:
    """Bring every catalogue up to date with the sources, and say how much is left to translate."""
    template = extract(root)
    for language, path in po_files(root).items():
        path.write_bytes(updated(path, template))
        left = sum(not all(forms_of(message)) for message in read(path) if message.id)
        print(f"  {language}: {len(template)} sentences, {left} to translate")


def forms_of(message: Message) -> tuple[str, ...]:
    """Return a message's translations: one, or one per plural form."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def digest(root: Path) -> str:
    """Return a digest of all catalogues."""
    return manifest.digest(root, [path.relative_to(root).as_posix() for path in po_files(root).values()])


def _header(catalog: Catalog) -> str:
    said = {
        "Language": catalog.locale_identifier,
        "Content-Type": "text/plain; charset=utf-8",
        "Plural-Forms": catalog.plural_forms,
    }
    lines = (f'"{name}: {value}\\n"\n' for name, value in said.items())
    return 'msgid ""\nmsgstr ""\n' + "".join(lines)


def of_html(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and sentence of every text and every `aria-label` of a page."""
    reader = _Reader()
    reader.feed(text)
    yield from reader.found


class _Reader(HTMLParser):
    """Collect sentences outside of scripts and of elements with `translate="no"`."""

    _VOID: Collection[str] = ("link", "meta", "input", "br", "img")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._skipped: list[str] = []  # the open elements, from the outermost skipped one on

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._skipped or tag == "script" or given.get("translate") == "no":
            if tag not in self._VOID:
                self._skipped.append(tag)
        elif name := given.get("aria-label"):
            self._add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipped:
            self._skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self._skipped and data.strip():
            self._add(data.strip())

    def _add(self, sentence: str) -> None:
        self.found.append((self.getpos()[0], sentence))
