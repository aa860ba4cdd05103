"""What versions before this one have written is read as it was meant; what nobody of ours has written is set aside."""

from dataclasses import replace

import pytest

from app.contract import AnswerRecord, PartRules, Track
from app.core.upload.events import (
    AnswerWritten,
    ChunkJournalled,
    PartAcknowledged,
    RecordingStarted,
    RecordingStopped,
    TakeDiscarded,
    TakeMoved,
    UploadCreated,
)
from app.core.upload.recording_id import RecordingId
from app.journal import rows
from app.journal.journal import PageJournal
from tests.support.fake_journal import FakeMedia, JournalDisk, bytes_of, cut_media
from tests.support.fake_store import video

Q1 = video("q1")
MEDIA = FakeMedia(b"abc")

# As the first version's page wrote them, byte for byte: kind, text, what it means.
FACTS = [
    (
        "RecordingStarted",
        '{"upload":{"question":"q1","take":1,"track":"video"},"content_type":"video/webm"}',
        RecordingStarted(Q1, "video/webm", 1),
    ),
    ("TakeMoved", '{"upload":{"question":"q1","take":1,"track":"video"},"take":2}', TakeMoved(Q1, 2)),
    (
        "UploadCreated",
        (
            '{"upload":{"question":"q1","take":1,"track":"video"},"handle":"h","key":"k","part_bytes":10,'
            '"is_md5_signed":false}'
        ),
        UploadCreated(Q1, "h", "k", PartRules.equal(10), is_md5_signed=False),
    ),
    (
        "PartAcknowledged",
        '{"upload":{"question":"q1","take":1,"track":"video"},"number":1,"etag":"e"}',
        PartAcknowledged(Q1, 1, "e"),
    ),
    (
        "RecordingStopped",
        (
            '{"upload":{"question":"q1","take":1,"track":"video"},"sha256":null,"duration_s":1.5,"interrupted":false,'
            '"size":3,"gaps":[],"prepared":false}'
        ),
        RecordingStopped(Q1, None, 1.5, size=3),
    ),
]
ANSWERS = [
    (
        "q2",
        '{"record":{"question":"q2","take":1,"text":"Because.","revision":0,"tracks":{}}}',
        AnswerWritten(AnswerRecord(question="q2", take=1, text="Because.")),
    ),
    ("q2/discarded", '{"question":"q2","take":1}', TakeDiscarded("q2", 1)),
]
CHUNK_KEY, CHUNK_ROW = ("q1", 1, "video", 0), {"size": 3, "elapsed_s": 0.25, "media": MEDIA}


@pytest.mark.anyio
async def test_database_of_an_earlier_version_is_replayed_and_read():
    disk = JournalDisk()
    disk.stores["chunks"][CHUNK_KEY] = CHUNK_ROW
    for number, (kind, text, _) in enumerate(FACTS, start=1):
        disk.stores["facts"][number] = {"upload": "q1/1/video", "kind": kind, "json": text}
    for key, text, _ in ANSWERS:
        disk.stores["answers"][key] = text

    journal = PageJournal(disk, cut_media)
    replayed = await journal.replay()

    started, *others = [fact for *_, fact in FACTS]
    assert replayed == [*(fact for *_, fact in ANSWERS), started, ChunkJournalled(Q1, 3, 0.25), *others]
    assert bytes_of(await journal.read(Q1, 0, 3)) == b"abc"
    await journal.forget(Q1)
    assert disk.is_empty


def test_end_that_a_version_without_its_size_has_noted_is_read():
    text = '{"upload":{"question":"q1","take":1,"track":"video"},"sha256":null,"duration_s":1.0}'
    assert rows.read_fact({"kind": "RecordingStopped", "json": text}) == RecordingStopped(Q1, None, 1.0)


KEY = "0123456789abcdef" * 2  # as this version's page draws them


@pytest.mark.parametrize("fact", [fact for *_, fact in FACTS], ids=[kind for kind, *_ in FACTS])
def test_facts_are_read_as_they_were_written(fact):
    fact = replace(fact, upload=RecordingId("q1", Track.VIDEO, KEY))
    put = rows.put_fact(fact)
    assert isinstance(put.row, dict)
    assert (put.store, put.key, put.row["upload"]) == ("facts", None, f"q1/{KEY}/video")
    assert rows.read_fact(put.row) == fact


def test_chunk_is_read_as_it_was_written():
    fact = ChunkJournalled(RecordingId("q1", Track.VIDEO, KEY), 3, 0.25)
    put = rows.put_chunk(fact, 7, MEDIA)
    assert put.key == (key := ("q1", KEY, "video", 7))
    assert rows.read_chunk(key, put.row) == (7, fact)


@pytest.mark.parametrize(("key", "text", "fact"), ANSWERS, ids=[key for key, *_ in ANSWERS])
def test_answers_are_written_as_earlier_versions_read_them(key, text, fact):
    put = rows.put_answer(fact)
    assert (put.store, put.key, put.row) == ("answers", key, text)


def test_chunks_are_written_as_earlier_versions_read_them():
    put = rows.put_chunk(ChunkJournalled(Q1, 3, 0.25), 0, MEDIA)
    assert (put.store, put.key, put.row) == ("chunks", CHUNK_KEY, CHUNK_ROW)


@pytest.mark.parametrize(
    ("key", "row"),
    [
        ("junk", CHUNK_ROW),
        (("q1", 1), CHUNK_ROW),
        (("q1", 1, "smell", 0), CHUNK_ROW),
        (("../q1", 1, "video", 0), CHUNK_ROW),
        (("q1", 1, "video", -1), CHUNK_ROW),
        (("q1", 1, "video", 0.5), CHUNK_ROW),
        (CHUNK_KEY, 7),
        (CHUNK_KEY, "seven"),
        (CHUNK_KEY, {}),
        (CHUNK_KEY, {"size": "3", "elapsed_s": 0.25, "media": None}),
        (CHUNK_KEY, {"size": 3, "elapsed_s": 0.25, "media": "abc"}),
        (CHUNK_KEY, {"size": 4, "elapsed_s": 0.25, "media": MEDIA}),
    ],
)
def test_chunk_that_is_not_ours_or_not_whole_is_set_aside(key, row):
    assert rows.read_chunk(key, row) is None


@pytest.mark.parametrize(
    "row",
    [
        7,
        None,
        "text",
        {},
        {"kind": 7, "json": "{}"},
        {"kind": [], "json": "{}"},
        {"kind": "PartTeleported", "json": "{}"},
    ]
    + [{"kind": "TakeMoved", "json": text} for text in (None, 7, "", '{"upload": {"ques', "{}")],
    ids=str,
)
def test_fact_that_is_not_ours_or_not_whole_is_set_aside(row):
    assert rows.read_fact(row) is None


@pytest.mark.parametrize("row", [7, None, "", "torn {", "{}", {}], ids=str)
def test_answer_that_is_not_ours_or_not_whole_is_set_aside(row):
    assert rows.read_answer(row) is None
