"""Read one interview file; name each fault by file and line."""

import json
import re
import tomllib
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from parse_errors.source_map import SourceMap
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.contract import Interview, Question, TextRules

SUFFIXES = (".toml", ".json")
_MAX_FILE_BYTES = 8 * 1024 * 1024


class InterviewError(Exception):
    """A file is not an interview; `str()` has a line `file:line: what is wrong` for each fault."""


def read_interview(path: Path) -> Interview:
    """Read and check one file.

    Raises InterviewError naming file and line of everything that is wrong.
    """
    text = _text(path)
    data = _parsed(path, text)
    try:
        interview = Interview.model_validate(data)
    except ValidationError as error:
        line_of = _line_finder(text, path.suffix)
        faults = [f"{path}:{line_of(fault['loc'])}: {_sentence(fault)}" for fault in error.errors()]
        raise InterviewError("\n".join(faults)) from None
    if interview.id != path.stem:
        line = _line_finder(text, path.suffix)(("id",))
        raise InterviewError(
            f"{path}:{line}: the id {interview.id!r} must be the file's name. "
            f"Rename the file to {interview.id}{path.suffix}, or write id = {path.stem!r}."
        )
    return interview


def line_in(path: Path, location: Sequence[str | int]) -> int:
    """Return the line of a value in a file that can be read. Raises InterviewError."""
    return _line_finder(_text(path), path.suffix)(location)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise InterviewError(f"{path}:1: larger than {_MAX_FILE_BYTES} bytes; is it an interview?")
        raw = path.read_bytes()
    except OSError as error:
        raise InterviewError(f"{path}:1: cannot be read ({error.strerror})") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InterviewError(f"{path}:{line}: not UTF-8. Save the file with that encoding.") from error


def _parsed(path: Path, text: str) -> Any:
    try:
        return tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except json.JSONDecodeError as error:
        raise InterviewError(f"{path}:{error.lineno}: column {error.colno}: {error.msg}") from error
    except tomllib.TOMLDecodeError as error:
        # tomllib gives the position only in its message.
        found = re.search(r"^(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        line = found[2] if found and found[2] else str(text.count("\n") + 1)
        column = f"column {found[3]}: " if found and found[3] else ""
        raise InterviewError(f"{path}:{line}: {column}{found[1] if found else error}") from error
    except RecursionError as error:
        raise InterviewError(f"{path}:1: nested too deeply") from error


def _line_finder(text: str, suffix: str) -> Callable[[Sequence[str | int]], int]:
    """Return a function that finds the line of a value, or of the closest value around it that exists.

    `text` must have been parsed before. It is parsed again, by a parser that keeps positions.
    """
    source = SourceMap(text, suffix.removeprefix("."))

    def line_of(location: Sequence[str | int]) -> int:
        pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in location)  # RFC 6901
        found = source.locate(pointer)
        return found.value_start.line + 1 if found else 1

    return line_of


_MODELS: Sequence[tuple[int, type[BaseModel]]] = ((1, Interview), (3, Question), (4, TextRules))


def _sentence(fault: ErrorDetails) -> str:
    """Return a sentence that says what is wrong, in the file's own terms, and what to do."""
    where = ".".join(str(step) for step in fault["loc"]) or "the interview"
    match fault["type"]:
        case "extra_forbidden":
            known = _known_names(len(fault["loc"]))
            name = str(fault["loc"][-1])
            close = get_close_matches(name, known, 1)
            advice = f"Did you mean `{close[0]}`?" if close else f"Known are: {', '.join(known)}."
            return f"`{where}` is not known here. {advice}"
        case "missing":
            return f"`{where}` is missing. Add it."
        case "string_pattern_mismatch":
            return f"`{where}` must be 1 to 64 letters A–Z, digits, `_` or `-`, beginning with a letter or a digit"
        case "value_error":
            return f"`{where}`: {fault['ctx']['error']}" if "ctx" in fault else f"`{where}`: {fault['msg']}"
    return f"`{where}`: {fault['msg'][0].lower()}{fault['msg'][1:]}"


def _known_names(depth: int) -> list[str]:
    model = next((model for at, model in _MODELS if at >= depth), TextRules)
    return list(model.model_fields)
