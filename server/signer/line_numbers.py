"""Find the line on which a value of a TOML or JSON file stands, for messages that point at it."""

import json
import re
from collections import Counter
from json.decoder import scanstring  # type: ignore[attr-defined]  # public in practice, untyped

Path = tuple[str | int, ...]

_TOML_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_TOML_KEY = re.compile(r"""^\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*[=.]""")
_BLANK = re.compile(r"[ \t\r\n]*")


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Return the line of a value, or of the closest thing around it that is there."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def toml_lines(text: str) -> dict[Path, int]:
    """Map tables and keys to their lines. Text must have been parsed: this reads no more than it needs.

    What stands inside an inline table or an array is found at its key.
    """
    lines: dict[Path, int] = {}
    counts: Counter[Path] = Counter()
    section: Path = ()
    fence = ""  # the quotes of a multi-line string that is still open
    for number, line in enumerate(text.splitlines(), 1):
        if not fence:
            if header := _TOML_HEADER.match(line):
                section = _section(header[1], header[2], counts)
                lines[section] = number
            elif key := _TOML_KEY.match(line):
                lines.setdefault((*section, key[1].strip("\"'")), number)
        fence = _open_fence(line, fence)
    return lines


def _section(bracket: str, name: str, counts: Counter[Path]) -> Path:
    path: Path = ()
    steps = [step.strip().strip("\"'") for step in name.split(".")]
    for step in steps[:-1]:
        path = (*path, step)
        if counts[path]:  # below an array of tables: its latest entry
            path = (*path, counts[path] - 1)
    path = (*path, steps[-1])
    if bracket == "[[":
        counts[path] += 1
        path = (*path, counts[path] - 1)
    return path


def _open_fence(line: str, fence: str) -> str:
    for quotes in re.findall(r'"""|\'\'\'', line):
        if not fence:
            fence = quotes
        elif fence == quotes:
            fence = ""
    return fence


def json_lines(text: str) -> dict[Path, int]:
    """Map every value of a JSON text, which must have been parsed, to its line."""
    lines: dict[Path, int] = {}
    _walk_json(text, 0, (), lines)
    return lines


def _walk_json(text: str, at: int, path: Path, lines: dict[Path, int]) -> int:
    at = _skip(text, at)
    lines[path] = text.count("\n", 0, at) + 1
    if text[at] not in "[{":
        return json.JSONDecoder().raw_decode(text, at)[1]
    is_object, index, at = text[at] == "{", 0, _skip(text, at + 1)
    while text[at] not in "]}":
        step: str | int = index
        if is_object:
            step, at = scanstring(text, at + 1)
            at = _skip(text, at) + 1  # the colon
        at = _skip(text, _walk_json(text, at, (*path, step), lines))
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1
    return at + 1


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at
