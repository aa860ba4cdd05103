"""Choose the candidate's language among those offered. static/boot/language.mjs does the same before Python is up."""

import re
from collections.abc import Iterable, Sequence

_PLAIN = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")  # language, script, region
MAX_TAG = 35  # characters; RFC 5646 does not require support for longer tags


def choose(wanted: Iterable[str], offered: Sequence[str]) -> str:
    """Return the offered language for the first wanted tag that has one; if none has, the first offered language.

    `wanted` are BCP 47 tags, best first; empty tags are skipped.
    """
    return next((found for tag in wanted if (found := lookup(tag, offered))), offered[0])


def lookup(tag: str, offered: Sequence[str]) -> str:
    """Return the offered language for one tag, "" for none: "pt-BR" finds "pt-br", else "pt" (RFC 4647, 3.4)."""
    known = {language.lower(): language for language in offered}
    subtags = tag.lower().split("-") if len(tag) <= MAX_TAG else []
    while subtags:
        if (found := known.get("-".join(subtags))) is not None:
            return found
        subtags.pop()
    return ""


def regional(language: str, wanted: Iterable[str], offered: Sequence[str]) -> str:
    """Return the first wanted tag that gives `language`; if there is none, `language` itself.

    Use it for what differs between the countries of a language: "de-CH" writes 1’000. The result is well-formed,
    whatever a link contained.
    """
    fitting = (tag for tag in wanted if _PLAIN.fullmatch(tag) and lookup(tag, offered) == language)
    return next(fitting, language)
