"""Interview files: the one that comes along, and what an operator is told about a wrong one."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract import Interview, Track
from server.errors import UnknownInterview
from server.settings import ROOT
from server.signer.interview_file import InterviewError, read_interview
from server.signer.interviews import Interviews

GOOD = """id = "x"
title = "X"

[[questions]]
id = "one"
prompt = '''
[[questions]]
id = "inside a string"
'''
tracks = ["video"]

[[questions]]
id = "two"
prompt = "?"

[questions.text]
max_characters = 5
"""


def test_the_demo_shows_every_kind_of_question():
    demo = read_interview(ROOT / "static/interviews/demo.toml")
    kinds = {(frozenset(question.tracks), question.text is not None) for question in demo.questions}

    assert len(demo.questions) >= 4
    assert kinds >= {
        (frozenset({Track.VIDEO}), False),
        (frozenset({Track.AUDIO}), False),
        (frozenset({Track.VIDEO, Track.AUDIO}), False),
        (frozenset(), True),
    }
    assert all(question.hint for question in demo.questions)
    assert any(question.preparation_s for question in demo.questions)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('title = "X"', "title = ", 2, "column 9"),
        ('title = "X"', "", 1, "`title` is missing"),
        ('tracks = ["video"]', 'track = ["video"]', 10, "Did you mean `tracks`?"),
        ('tracks = ["video"]', 'tracks = ["smell"]', 10, "'video' or 'audio'"),
        ('tracks = ["video"]', "", 4, "needs `tracks`, `text`, or both"),
        ('id = "two"', 'id = "../two"', 13, "1 to 64 letters"),
        ('id = "two"', 'id = "one"', 1, "used twice"),
        ("max_characters = 5", "max_characters = 0", 17, "greater than or equal to 1"),
        ("max_characters = 5", "max_chars = 5", 17, "Did you mean `max_characters`?"),
        ('title = "X"', 'title = "X"\npolicy = { mode = "odd" }', 1, "mode"),
        ('id = "x"', 'id = "other"', 1, "must be the file's name"),
    ],
)
def test_a_fault_is_named_with_file_and_line(tmp_path: Path, old: str, new: str, line: int, says: str):
    path = tmp_path / "x.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")

    with pytest.raises(InterviewError) as raised:
        read_interview(path)

    assert str(raised.value).startswith(f"{path}:{line}: "), raised.value
    assert says in str(raised.value)


def test_every_fault_is_named_at_once(tmp_path: Path):
    path = tmp_path / "x.toml"
    path.write_text(GOOD.replace('prompt = "?"', "takes = 0"), encoding="utf-8")

    with pytest.raises(InterviewError) as raised:
        read_interview(path)

    assert [line.split(":")[1] for line in str(raised.value).splitlines()] == ["12", "14"]


def test_json_is_read_too_and_its_lines_are_found(tmp_path: Path):
    path = tmp_path / "x.json"
    data = {"id": "x", "title": "X", "questions": [{"id": "one", "prompt": "?", "tracks": ["audio"], "takes": 0}]}
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")

    with pytest.raises(InterviewError, match=r"x\.json:11: `questions\.0\.takes`"):
        read_interview(path)
    path.write_text('{\n"id": }', encoding="utf-8")
    with pytest.raises(InterviewError, match=r"x\.json:2: column 7"):
        read_interview(path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=15,
)


@given(st.dictionaries(st.text().filter(lambda name: name not in Interview.model_fields), _JSON, max_size=5))
def test_every_name_that_is_not_known_is_found_on_its_line(
    tmp_path_factory: pytest.TempPathFactory, value: dict[str, object]
):
    path = tmp_path_factory.mktemp("json") / "x.json"
    text = json.dumps({"id": "x"} | value, indent=2)
    path.write_text(text, encoding="utf-8")
    at = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"  [^ \]}]", line)]

    with pytest.raises(InterviewError) as raised:
        read_interview(path)

    faults = str(raised.value).split(f"{path}:")[1:]
    told = [int(fault.split(":")[0]) for fault in faults if "is not known here" in fault]
    assert told == at[1:]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{\n "id": "x", "title": "X",\n "questions": [\n  {"id": "a", "prompt":\n 2}\n ]\n}', 5),
        ('{\n "id": "x", "title": "X", "questions": [],\n "a/b~c": [\n1]}', 3),
    ],
)
def test_a_value_is_found_whatever_its_name_and_wherever_it_stands(tmp_path: Path, text: str, line: int):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InterviewError) as raised:
        read_interview(path)

    assert f"{path}:{line}: " in str(raised.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[" * 5_000, b"\0", b""])
def test_a_file_that_is_no_interview_is_refused_with_a_sentence(tmp_path: Path, content: bytes):
    for suffix in ("toml", "json"):
        path = tmp_path / f"x.{suffix}"
        path.write_bytes(content)
        with pytest.raises(InterviewError, match=rf"x\.{suffix}:\d+: "):
            read_interview(path)


def test_an_edit_shows_at_once_and_a_broken_edit_keeps_what_was_there(tmp_path: Path):
    path, interviews = tmp_path / "x.toml", Interviews(tmp_path)
    path.write_text(GOOD, encoding="utf-8")
    assert interviews.get("x").title == "X"

    path.write_text(GOOD.replace('"X"', '"Y, edited"'), encoding="utf-8")
    assert interviews.get("x").title == "Y, edited"

    path.write_text("id = ", encoding="utf-8")
    assert interviews.get("x").title == "Y, edited"

    path.unlink()
    with pytest.raises(UnknownInterview):
        interviews.get("x")
