"""Which of the languages there are a candidate gets. static/boot/language.mjs does the same before Python is up."""

import re
from collections.abc import Iterable, Sequence

_PLAIN = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")  # language, script, region
MAX_TAG = 35  # characters; RFC 5646 asks nobody to take longer ones


def choose(wanted: Iterable[str], offered: Sequence[str]) -> str:
    """Return the language that fits the first wish that any fits; without one the first that is offered.

    Wishes are BCP 47 tags, best first; empty ones are let pass.
    """
    return next((found for tag in wanted if (found := lookup(tag, offered))), offered[0])


def lookup(tag: str, offered: Sequence[str]) -> str:
    """Return the language for one tag, "" for none: "pt-BR" finds "pt-br", else "pt" (RFC 4647, 3.4)."""
    known = {language.lower(): language for language in offered}
    subtags = tag.lower().split("-") if len(tag) <= MAX_TAG else []
    while subtags:
        if (found := known.get("-".join(subtags))) is not None:
            return found
        subtags.pop()
    return ""


def regional(language: str, wanted: Iterable[str], offered: Sequence[str]) -> str:
    """Return the wish that `language` fits, for what differs between its countries: "de-CH" writes 1’000.

    What comes out is well-formed, whatever stood in a link.
    """
    fitting = (tag for tag in wanted if _PLAIN.fullmatch(tag) and lookup(tag, offered) == language)
    return next(fitting, language)
