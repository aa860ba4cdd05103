"""Written answers: stored a moment after each pause in typing."""

import pytest

from app.contract import AnswerRecord
from app.core.session.actions import EditText, GoTo, PauseUploads, Stop
from app.session.text_answers import QUIET_S
from tests.support.fake_store import document_of
from tests.support.sitting import SPOKEN, SPOKEN_AND_WRITTEN, WRITTEN, Sitting, sitting

pytestmark = pytest.mark.anyio


def stored(desk: Sitting, question: str = "q2") -> str | None:
    document = desk.store.documents.get(document_of(question))
    return AnswerRecord.model_validate_json(document).text if document is not None else None


async def test_text_is_stored_after_a_pause_in_typing():
    async with sitting() as desk:
        await desk.action(EditText("q2", "Bec"))
        await desk.clock.advance(QUIET_S * 0.9)
        assert stored(desk) is None
        await desk.action(EditText("q2", "Because"))
        await desk.clock.advance(QUIET_S * 0.9)
        assert stored(desk) is None, "the pause begins with the last letter"
        await desk.clock.advance(QUIET_S * 0.2)
        assert stored(desk) == "Because"
        assert len(desk.signer.calls("sign_document")) == 1


async def test_text_typed_later_is_stored_again():
    async with sitting() as desk:
        for text in ("a", "ab"):
            await desk.action(EditText("q2", text))
            await desk.clock.advance(1)
        assert stored(desk) == "ab"
        assert desk.view.figures.is_safe


@pytest.mark.parametrize(
    ("on_other_device", "expected"),
    [(1, "here"), (2, "here"), (3, "there"), (9, "there")],  # here it was changed three times, last without a network
)
async def test_newer_text_of_another_device_is_not_overwritten_by_the_journals(on_other_device, expected):
    async with sitting() as desk:
        for text in ("h", "he"):
            await desk.action(EditText("q2", text))
            await desk.clock.advance(1)
        desk.transport.holds_documents = True
        await desk.action(EditText("q2", "here"))
        await desk.clock.advance(1)
    there = AnswerRecord(question="q2", take=1, text="there", revision=on_other_device)
    async with sitting(journal=desk.journal, store=desk.store, answers=(there,)) as again:
        assert again.shown("q2").text == expected
        assert stored(again) == expected
        await again.action(EditText("q2", "and on"))
        await again.clock.advance(1)
        record = AnswerRecord.model_validate_json(again.store.documents[document_of("q2")])
        assert (record.text, record.revision) == ("and on", max(3, on_other_device) + 1)


async def test_same_text_is_not_stored_again():
    async with sitting() as desk:
        await desk.action(EditText("q2", "a"))
        await desk.clock.advance(1)
        await desk.action(EditText("q2", "a"))
        await desk.clock.advance(1)
        assert len(desk.signer.calls("sign_document")) == 1


async def test_text_is_cut_where_the_question_says():
    async with sitting() as desk:
        await desk.action(EditText("q2", "x" * 21))
        await desk.clock.advance(1)
        assert stored(desk) == "x" * 20


@pytest.mark.parametrize("text", ["<b>{{x}}</b>", "\u202eabc", "😀", "nul\x00nul", "a\nb", "é"])
def test_odd_text_is_stored_as_it_is(text):
    """Checked without a loop: this is what the record does with it."""
    record = AnswerRecord(question="q2", take=1, text=text)
    assert AnswerRecord.model_validate_json(record.model_dump_json()).text == text


async def test_half_a_character_does_not_break_the_page():
    """JavaScript's strings may hold half of a surrogate pair; no JSON can."""
    async with sitting() as desk:
        await desk.action(EditText("q2", "a\ud83d"))
        await desk.clock.advance(1)
        assert stored(desk) == "a\ufffd"


async def test_leaving_a_question_stores_at_once():
    async with sitting() as desk:
        await desk.action(GoTo("q2"), EditText("q2", "a"), GoTo("q1"))
        assert stored(desk) == "a"


async def test_text_beside_a_recording_goes_into_the_same_record():
    async with sitting(SPOKEN_AND_WRITTEN) as desk:
        await desk.record("q5", b"abc")
        await desk.action(EditText("q5", "and"), Stop("q5"))
        await desk.clock.advance(1)
        record = AnswerRecord.model_validate_json(desk.store.documents[document_of("q5")])
        assert (record.text, len(record.tracks)) == ("and", 1)


async def test_question_without_text_takes_none():
    async with sitting(SPOKEN, WRITTEN) as desk:
        await desk.action(EditText("q1", "a"))
        await desk.clock.advance(1)
        assert desk.signer.asked == []


async def test_text_typed_while_paused_survives_a_reload():
    async with sitting() as desk:
        await desk.action(PauseUploads(), EditText("q2", "kept"))
        await desk.clock.advance(1)
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.shown("q2").text == "kept"
