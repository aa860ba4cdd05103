"""The page's language: settled at boot, again with the ticket, again by hand."""

import asyncio

import pytest

from app.session.language import LanguageControl
from tests.support.held import settle

pytestmark = pytest.mark.anyio


class FakeLanguages:
    offered = ("en", "de", "ar")

    def __init__(self, *browsers):
        self.by_hand = ""
        self.browsers = browsers
        self.missing = set()
        self.broken = set()
        self.slow = {}  # by language: the event that its catalogue waits for
        self.shown = []
        self.focused = 0

    def preferred(self, *from_others):
        return [action for action in (self.by_hand, *from_others, *self.browsers) if action]

    async def catalogue(self, language):
        await asyncio.sleep(0)
        if language in self.slow:
            await self.slow[language].wait()
        return None if language == "en" or language in self.missing else language

    def show(self, language):
        self.shown.append(language)

    def on_choice(self, handler):
        self.handler = handler

    def focus(self):
        self.focused += 1

    def choose(self, language):
        self.by_hand = language
        self.handler()


def speech_of(languages):
    spoken = []

    def speak(catalogue, tag):
        if catalogue is not None and catalogue in languages.broken:
            return False
        spoken.append((catalogue, tag))
        return True

    return LanguageControl(languages, speak), spoken


async def test_the_ticket_comes_before_the_browser():
    languages = FakeLanguages("de-AT")
    language_control, spoken = speech_of(languages)

    await language_control.settle()
    await language_control.settle("ar-EG")

    assert spoken == [("de", "de-AT"), ("ar", "ar-EG")]
    assert languages.shown == ["de", "ar"]


async def test_what_is_spoken_already_is_not_said_again():
    language_control, spoken = speech_of(FakeLanguages("de"))

    await language_control.settle()
    await language_control.settle("")
    await language_control.settle("de")

    assert len(spoken) == 1


async def test_what_is_chosen_by_hand_comes_before_the_ticket_and_the_menu_keeps_the_focus():
    languages = FakeLanguages("de")
    language_control, spoken = speech_of(languages)
    following = asyncio.create_task(language_control.follow())
    await language_control.settle("ar")

    languages.choose("en")
    await settle()

    assert spoken[-1] == (None, "en")
    assert languages.shown[-1] == "en"
    assert languages.focused == 1
    following.cancel()


async def test_a_catalogue_that_does_not_arrive_leaves_the_language_as_it_is():
    languages = FakeLanguages("de")
    language_control, spoken = speech_of(languages)
    languages.missing = {"de"}
    await language_control.settle()
    assert (spoken, languages.shown) == ([(None, "en")], ["en"])

    languages.missing = {"ar"}
    await language_control.settle("de")
    await language_control.settle("ar")

    assert spoken[-1] == ("de", "de")
    assert languages.shown[-1] == "de"


async def test_a_catalogue_that_cannot_be_read_counts_as_missing_and_the_menu_goes_on_working():
    languages = FakeLanguages("de")
    language_control, spoken = speech_of(languages)
    languages.broken = {"de"}
    following = asyncio.create_task(language_control.follow())
    await language_control.settle()
    assert (spoken, languages.shown) == ([(None, "en")], ["en"])

    languages.choose("de")
    await settle()
    languages.choose("ar")
    await settle()

    assert spoken == [(None, "en"), ("ar", "ar")]
    assert languages.shown[-1] == "ar"
    following.cancel()


async def test_what_is_chosen_by_hand_is_not_undone_by_a_catalogue_that_comes_late():
    languages = FakeLanguages()
    language_control, spoken = speech_of(languages)
    following = asyncio.create_task(language_control.follow())
    await language_control.settle()
    languages.slow["ar"] = asyncio.Event()
    of_the_ticket = asyncio.create_task(language_control.settle("ar"))
    await settle()

    languages.choose("de")
    await settle()
    assert languages.shown[-1] == "de", "the menu waits for a catalogue that nobody wants any more"
    languages.slow["ar"].set()
    await of_the_ticket

    assert spoken == [(None, "en"), ("de", "de")]
    assert languages.shown[-1] == "de"
    following.cancel()
