"""A whole interview in each mode, in both browsers: what reaches the bucket is what the recorder gave."""

import json
import shutil
import subprocess

import pytest

from server.store.embedded import BUCKET
from tests.support.settings import PART_BYTES

TEXT = "Clear goals, honest words & <b>time</b> – ünïcode 🙂"
RECORDED = (("face", "video"), ("voice", "audio"), ("both", "video"), ("both", "audio"))


@pytest.mark.parametrize(
    ("mode", "part_bytes"),
    [("progressive", None), ("per_answer", PART_BYTES), ("bulk", PART_BYTES)],  # None: as it is for candidates
)
def test_what_is_stored_is_what_the_recorder_emitted(sit_down, mode, part_bytes):
    policy = {"mode": mode, "part_bytes": part_bytes}
    candidate = sit_down("whole", policy=policy, is_guarded=mode == "progressive")
    candidate.begin()
    for question in ("face", "voice", "both"):
        record_some(candidate, question, mode)
    candidate.write("words", TEXT)
    if mode == "bulk":
        assert not candidate.watch.parts("face", "video"), "bulk sent a part before Submit"
    candidate.submit()

    assert_everything_is_stored(candidate)


def record_some(candidate, question, mode):
    """Record until there are some chunks on every track, and in progressive mode parts in the store."""
    tracks = [track for asked, track in RECORDED if asked == question]
    candidate.record(question)
    for track in tracks:
        candidate.until(lambda t=track: len(candidate.recording(question, t).sizes) >= 6, "six chunks")
        if mode == "progressive":
            candidate.until(lambda t=track: candidate.stored_parts(question, t), "the store has parts")
            assert candidate.state(question, track) == "recording"
        else:
            assert not candidate.watch.parts(question, track), f"{mode} sent a part before Stop"
    assert candidate.page.locator("[data-notice]:visible").all_inner_texts() == [], "all is well, and nothing is said"
    candidate.stop(question)
    for track in tracks if mode == "per_answer" else ():
        candidate.wait_for_state(question, "completed", track)


def assert_everything_is_stored(candidate):
    submission = candidate.read_json("submission.json")
    answers = {answer["question"]: answer for answer in submission["answers"]}
    assert submission["session"] == candidate.session
    assert set(answers) == {"face", "voice", "words", "both"}
    assert answers["words"]["text"] == TEXT
    for question, track in RECORDED:
        record = answers[question]["tracks"][track]
        media = candidate.assert_object_is(candidate.recording(question, track), record)
        assert not record["interrupted"]
        assert record["duration_s"] > 0
        on_disk = candidate.stack.data / BUCKET / record["key"]
        assert on_disk.read_bytes() == media
        assert_plays(on_disk, track)
    for question, answer in answers.items():
        assert candidate.read_json(f"{question}/take-1/answer.json") == answer
    extension = "mp4" if answers["face"]["tracks"]["video"]["key"].endswith("mp4") else "webm"
    recorded = {f"{question}/take-1/{track}.{extension}" for question, track in RECORDED}
    documents = {f"{question}/take-1/answer.json" for question in answers}
    assert set(candidate.objects()) == recorded | documents | {"submission.json"}, "nothing else is ever written"
    assert_report_is_true(candidate.last_report(), candidate, answers)
    assert candidate.open_uploads() == {}
    assert not any(candidate.journal_rows().values())


def assert_report_is_true(report, candidate, answers):
    stored = sum(answers[question]["tracks"][track]["size"] for question, track in RECORDED)
    assert (report.session, report.step) == (candidate.session, "submitted")
    assert (report.questions, report.answered, report.failed) == (len(answers), len(answers), 0)
    assert (report.recorded, report.retries, report.sent_twice) == (stored, {}, 0)
    assert report.sent == stored, "what was sent is what was recorded"
    assert {upload.stage for upload in report.uploads} == {"completed"}
    assert (report.overlap > 0) == (report.mode == "progressive")
    assert 0 < report.ready_s < report.open_s
    assert report.wait_s is not None
    assert (report.peak_memory is None) == (candidate.page.context.browser.browser_type.name == "firefox")


def assert_plays(path, track):
    """Have ffprobe read every packet; an MP4 must have a duration, as it is."""
    if shutil.which("ffprobe") is None:
        print("ffprobe is not here: not checked that", path.name, "plays")  # -rP shows it
        return
    command = ["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-show_format", "-of", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert not done.stderr, done.stderr
    seen = json.loads(done.stdout)
    kinds = {stream["codec_type"]: int(stream["nb_read_packets"]) for stream in seen["streams"]}
    assert set(kinds) == ({"video", "audio"} if track == "video" else {"audio"})
    assert all(kinds.values())
    if path.suffix == ".mp4":
        assert float(seen["format"]["duration"]) > 0
