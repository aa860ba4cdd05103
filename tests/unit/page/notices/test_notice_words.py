"""Every notice has a sentence, and every icon that the views name is there."""

import re
from pathlib import Path

import pytest

from app.core.notices import Notice, Topic
from app.page.notices.browser_family import Browser
from app.page.notices.notice import NoticeAction
from app.page.notices.notice_words import detail_of, words_for
from app.page.notices.permission_steps import steps_for

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("topic", list(Topic))
def test_every_topic_says_what_happened_and_what_to_do(topic):
    found = words_for(Notice(topic))
    assert found.title
    assert not found.title.endswith(".")
    assert found.body.endswith((".", ":"))
    assert bool(found.action_label) == (found.action is not NoticeAction.NONE)


def test_a_lost_device_says_how_much_is_kept():
    body = words_for(Notice(Topic.DEVICE_LOST, "q", elapsed_s=83)).body
    assert "1\u00a0min 23\u00a0s of your answer are kept" in body


@pytest.mark.parametrize("topic", [Topic.FILE_TOO_LARGE, Topic.FILE_STAYS_TOO_LARGE])
def test_a_file_that_is_too_large_says_what_is_taken(topic):
    assert words_for(Notice(topic, "q", limit=500_000_000)).body.startswith("At most 500.0\u00a0MB are taken.")


def test_the_sentence_for_the_operator_comes_along():
    assert (
        detail_of(Notice(Topic.UPLOAD_FAILED, detail="the bucket hides ETag"))
        == "Details: \u2068the bucket hides ETag\u2069"
    )
    assert detail_of(Notice(Topic.UPLOAD_FAILED)) == ""


def test_every_icon_of_the_stylesheet_is_a_file_and_every_file_is_used():
    styles = "".join(path.read_text() for path in (ROOT / "static/styles").glob("*.css"))
    named = set(re.findall(r"icons/([a-z]+)\.svg", styles))
    assert named == {path.stem for path in (ROOT / "static/icons").glob("*.svg")}


def test_every_icon_that_a_view_names_is_in_the_stylesheet():
    styles = (ROOT / "static/styles/base.css").read_text()
    known = set(re.findall(r'data-icon="([a-z]+)"\] \{ --shape', styles))
    sources = "".join(path.read_text() for path in (ROOT / "app/page").glob("*.py"))
    used = set(re.findall(r'(?:icon|Standing)\("([a-z]+)"', sources)) | set(
        re.findall(r'"data-icon", "([a-z]+)"', sources)
    )
    assert used <= known


@pytest.mark.parametrize("browser", list(Browser))
def test_every_browser_has_steps_out_of_a_blocked_camera(browser):
    assert len(steps_for(Topic.PERMISSION_DENIED, browser)) >= 3
    assert steps_for(Topic.NO_DEVICE, browser) == ()
