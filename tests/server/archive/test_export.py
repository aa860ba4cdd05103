"""`sessions export`: files with duration and seek points, one page, one table."""

import csv
import hashlib
import io
import json
import re
import secrets
import time
from pathlib import Path

import av
import pytest

from server.archive.completion import Completion
from server.archive.contents import Contents
from server.archive.export.file_names import FolderNames
from server.archive.export.remux import NotPlayable, remux
from server.signer.object_keys import SessionKeys
from server.store.storage import Storage
from tests.support import films
from tests.support.commands import Result, Run
from tests.support.reviewing import Sitting, put_into, recorded, write_sitting
from tests.support.signer_client import PART_BYTES, Candidate


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("recordings")
    return {kind: recorded(folder, kind) for kind in ("webm", "mp4")}


@pytest.fixture
def sitting(storage: Storage, recordings: dict[str, Path]) -> Sitting:
    """Someone who has answered by video and in writing."""
    made = Sitting(
        f"s-{secrets.token_hex(4)}",
        name="Ada <b>Lovelace</b>",
        reference="K-17",
        media={"both/video": recordings["webm"], "extra/audio": recordings["mp4"]},
        texts={"written": "Yes.\n<script>alert(1)</script>"},
    )
    write_sitting(put_into(storage), made)
    return made


def _export(run: Run, into: Path, *sittings: Sitting, **env: str) -> Result:
    chosen = [word for one in sittings for word in ("--session", one.session)]
    return run("export", "--into", str(into), *chosen, **env)


def _duration_s(path: Path) -> float | None:
    with av.open(str(path)) as film:
        return film.duration / 1e6 if film.duration is not None else None


def _packets(path: Path) -> list[tuple[str, bytes]]:
    with av.open(str(path)) as film:
        return [(packet.stream.type, bytes(packet)) for packet in film.demux() if packet.size]


def test_every_packet_is_as_it_was_recorded(run: Run, sitting: Sitting, tmp_path: Path, recordings: dict[str, Path]):
    done = _export(run, tmp_path / "out", sitting)

    assert done.code == 0, done.err
    folder = tmp_path / "out/trial" / sitting.session
    for kind, name in (("webm", "01-both-video.webm"), ("mp4", "03-extra-audio.mp4")):
        for stream in ("video", "audio"):
            before, after = (
                [data for type_, data in _packets(path) if type_ == stream]
                for path in (recordings[kind], folder / name)
            )
            assert after == before, (kind, stream)


@pytest.mark.parametrize("kind", ["webm", "mp4"])
def test_a_file_gets_its_duration_and_seek_points_in_front(recordings: dict[str, Path], tmp_path: Path, kind: str):
    target = tmp_path / f"out.{kind}"

    duration_s = remux(recordings[kind], target, kind)

    assert duration_s == pytest.approx(3, abs=0.1)
    assert _duration_s(target) == pytest.approx(3, abs=0.1)
    content = target.read_bytes()
    places = [b"moov", b"mdat"] if kind == "mp4" else [b"\x1c\x53\xbb\x6b", b"\x1f\x43\xb6\x75"]  # Cues, Cluster
    assert 0 < content.rindex(places[0]) < content.index(places[1])  # the first mention of Cues is in its SeekHead
    if kind == "webm":
        assert _duration_s(recordings[kind]) is None, "the recording has none, or this shows nothing"


def test_an_upright_video_stays_upright(tmp_path: Path):
    source = recorded(tmp_path, "mp4", duration_s=1, rotation=films.HELD_UPRIGHT)

    remux(source, tmp_path / "out.mp4", "mp4")

    assert films.read(tmp_path / "out.mp4").rotation == films.read(source).rotation != 0


def test_a_recording_that_breaks_off_plays_up_to_there(recordings: dict[str, Path], tmp_path: Path):
    cut = tmp_path / "cut.webm"
    cut.write_bytes(recordings["webm"].read_bytes()[: recordings["webm"].stat().st_size // 2])

    duration_s = remux(cut, tmp_path / "out.webm", "webm")

    assert 0.5 < duration_s < 2.5
    assert films.read(tmp_path / "out.webm").failed == 0


def test_what_is_no_recording_is_exported_as_it_is(run: Run, storage: Storage, tmp_path: Path):
    broken = tmp_path / "broken.webm"
    broken.write_bytes(b"not a film at all")
    made = Sitting(f"s-{secrets.token_hex(4)}", media={"both/video": broken})
    write_sitting(put_into(storage), made)

    done = _export(run, tmp_path / "out", made)

    [file] = (tmp_path / "out/trial" / made.session).glob("*.webm")
    assert (done.code, file.read_bytes()) == (0, b"not a film at all")
    assert "It cannot be read as WEBM" in (tmp_path / "out/index.html").read_text()
    with pytest.raises(NotPlayable):
        remux(broken, tmp_path / "out.webm", "webm")


def test_the_page_quotes_what_candidates_wrote(run: Run, sitting: Sitting, tmp_path: Path):
    _export(run, tmp_path / "out", sitting)

    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert re.search(r"""(?:src|href|poster)=["'](?:https?:)?//""", page) is None, "the page needs the network"
    for prompt in ("Say it.", "Write it.", "More?"):
        assert prompt in page


def test_texts_and_questions_lie_beside_the_files(run: Run, sitting: Sitting, tmp_path: Path):
    _export(run, tmp_path / "out", sitting)

    text = (tmp_path / "out/trial" / sitting.session / "answers.txt").read_text(encoding="utf-8")
    assert text.splitlines()[:6] == [
        "Trial",
        "Ada <b>Lovelace</b> (K-17), submitted",
        "",
        "1. Say it.",
        "",
        "   01-both-video.webm",
    ]
    assert "   Yes." in text


def test_the_table_has_a_row_for_each_session(run: Run, storage: Storage, sitting: Sitting, tmp_path: Path):
    other = Sitting(f"{sitting.session}x", name="=1+1", is_submitted=False, texts={"written": "No"})
    write_sitting(put_into(storage), other)

    _export(run, tmp_path / "out", sitting, other)

    content = (tmp_path / "out/sessions.csv").read_text(encoding="utf-8-sig")
    rows = {row["session"]: row for row in csv.DictReader(io.StringIO(content))}
    assert (rows[sitting.session]["state"], rows[sitting.session]["recordings"]) == ("submitted", "2")
    assert float(rows[sitting.session]["duration_s"]) == pytest.approx(6, abs=0.2)
    assert (rows[other.session]["name"], rows[other.session]["state"]) == ("'=1+1", "unfinished")


def test_a_recording_that_was_changed_since_is_said(run: Run, storage: Storage, sitting: Sitting, tmp_path: Path):
    key = f"trial/{sitting.session}/both/take-1/video.webm"
    storage.objects.write(key, (storage.objects.read(key) or b"")[:-1] + b"!", "video/webm")

    first = _export(run, tmp_path / "out", sitting)
    again = _export(run, tmp_path / "out", sitting)

    assert (first.code, again.code) == (1, 1)
    assert "Its SHA-256 is not that of what was recorded" in first.err
    assert "01-both-video.webm: Its SHA-256 is not" in (tmp_path / "out/index.html").read_text()


def test_a_recording_that_is_gone_is_said(run: Run, storage: Storage, sitting: Sitting, tmp_path: Path):
    storage.objects.delete(f"trial/{sitting.session}/both/take-1/video.webm")

    done = _export(run, tmp_path / "out", sitting)

    assert (done.code, "It is not in the bucket any more." in done.err) == (1, True)


@pytest.mark.parametrize("named", ["trial/{victim}/both/take-1/video.webm", "trial/{self}/session.json", "../../etc/x"])
def test_a_key_that_is_not_the_takes_own_is_not_read(
    run: Run, storage: Storage, sitting: Sitting, tmp_path: Path, named: str
):
    """A page writes answer.json, and may name anything in it."""
    evil = Sitting(f"{sitting.session}e", is_submitted=False, texts={"both": "Look here"})
    write_sitting(put_into(storage), evil)
    document = f"trial/{evil.session}/both/take-1/answer.json"
    answer = json.loads(storage.objects.read(document) or b"")
    key = named.replace("{victim}", sitting.session).replace("{self}", evil.session)
    record = {"key": key, "size": 2, "sha256": None, "content_type": "video/webm", "duration_s": 1}
    answer["tracks"]["video"] = record
    storage.objects.write(document, json.dumps(answer).encode(), "application/json")

    done = _export(run, tmp_path / "out", evil)

    assert (done.code, "Look here" in (tmp_path / "out/index.html").read_text()) == (0, True)
    written = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert written == {"index.html", "sessions.csv", "answers.txt"}


def test_an_interrupted_export_goes_on(
    run: Run, sitting: Sitting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, storage: Storage
):
    asked: list[str] = []
    real = type(storage.inventory).download

    def download(inventory, key, version=None):
        asked.append(key)
        if key.endswith("audio.mp4") and len(asked) < 3:
            raise OSError(28, "No space left on device")
        return real(inventory, key, version)

    monkeypatch.setattr("server.store.inventory.Inventory.download", download)
    first = _export(run, tmp_path / "out", sitting)
    again = _export(run, tmp_path / "out", sitting)

    assert (first.code, "No space left on device" in first.err, again.code) == (1, True, 0)
    assert sum(key.endswith("video.webm") for key in asked) == 1, "what is there is not brought again"
    assert not list((tmp_path / "out").rglob("*.part"))


def test_a_replaced_object_is_brought_again(
    run: Run, storage: Storage, sitting: Sitting, tmp_path: Path, recordings: dict[str, Path]
):
    _export(run, tmp_path / "out", sitting)
    key = f"trial/{sitting.session}/both/take-1/video.webm"
    storage.objects.write(key, recordings["mp4"].read_bytes(), "video/webm")

    assert _export(run, tmp_path / "out", sitting).code == 1


def test_a_folder_with_other_things_is_refused(run: Run, sitting: Sitting, tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/index.html").write_text("mine")

    done = _export(run, tmp_path / "out", sitting)

    assert (done.code, (tmp_path / "out/index.html").read_text()) == (1, "mine")
    assert "holds something else already. Name a new folder with --into." in done.err


def test_links_play_and_stand_in_the_page_alone(run: Run, sitting: Sitting, tmp_path: Path, candidate: Candidate):
    done = _export_links(run, tmp_path / "out", sitting)

    assert done.code == 0, done.err
    page = (tmp_path / "out/index.html").read_text()
    [video] = re.findall(r'<video [^>]*src="([^"]+)"', page)
    reply = candidate.client.get(video.replace("&amp;", "&"))
    assert (reply.status_code, reply.headers["content-type"]) == (200, "video/webm")
    assert "X-Amz-Expires=7200" in video
    assert not list((tmp_path / "out").rglob("*.webm"))
    everywhere = done.out + done.err + (tmp_path / "audit.jsonl").read_text()
    others = [path.read_text() for path in (tmp_path / "out").rglob("*") if path.suffix in {".csv", ".txt", ".json"}]
    assert all("X-Amz" not in text for text in (everywhere, *others))


def _export_links(run: Run, into: Path, sitting: Sitting) -> Result:
    return run("export", "--into", str(into), "--session", sitting.session, "--links", "2")


def test_links_to_a_store_that_ends_with_the_command_are_refused(run: Run, sitting: Sitting, tmp_path: Path):
    own = {"SLIPSTREAM_S3_ENDPOINT": "", "SLIPSTREAM_S3_BUCKET": "", "SLIPSTREAM_DATA": str(tmp_path)}
    done = run("export", "--into", str(tmp_path / "out"), "--links", "2", **own)

    assert (done.code, "A link plays only while the embedded store runs" in done.err) == (1, True)


def test_the_audit_log_counts_and_names_nobody(run: Run, sitting: Sitting, tmp_path: Path):
    _export(run, tmp_path / "out", sitting)

    line = (tmp_path / "audit.jsonl").read_text()
    found = json.loads(line)
    assert (found["command"], found["session"], found["sessions"], found["recordings"]) == (
        "export",
        sitting.session,
        1,
        2,
    )
    assert "Ada" not in line


def test_folders_are_good_on_windows_too():
    names = FolderNames()

    made = [str(names.folder_of(SessionKeys("i", session))) for session in ("Ada", "ada", "con", "LPT1", "ada")]

    assert made == ["i/Ada", "i/ada~2", "i/con_", "i/LPT1_", "i/ada~3"]


def test_the_original_digest_is_noted(run: Run, sitting: Sitting, tmp_path: Path, recordings: dict[str, Path]):
    _export(run, tmp_path / "out", sitting)

    note = json.loads((tmp_path / f"out/.export/trial/{sitting.session}/01-both-video.webm.json").read_text())
    assert note["sha256"] == hashlib.sha256(recordings["webm"].read_bytes()).hexdigest()
    assert note["size"] == recordings["webm"].stat().st_size


def test_what_was_left_and_completed_plays_up_to_there(
    run: Run, candidate: Candidate, contents: Contents, storage: Storage, tmp_path: Path, recordings: dict[str, Path]
):
    content = recordings["webm"].read_bytes()
    pieces = [content[at : at + PART_BYTES] for at in range(0, len(content), PART_BYTES)]
    grant = candidate.create(content_type="video/webm").json()
    candidate.send(grant["upload"], pieces[: len(pieces) // 2])
    later = time.time() + 7200

    Completion(storage, contents).complete(contents.session(candidate.session), later, [], closes=False)
    done = run("export", "--into", str(tmp_path / "out"), "--session", candidate.session)

    assert done.code == 0, done.err
    [file] = (tmp_path / "out/trial" / candidate.session).glob("*.webm")
    film = films.read(file)
    assert (film.failed, 0.5 < film.picture_s < 2.5) == (0, True)
    assert "cut short" in (tmp_path / "out/index.html").read_text()


def test_an_unfinished_session_is_exported_with_its_latest_takes(
    run: Run, candidate: Candidate, contents: Contents, tmp_path: Path
):
    candidate.record([b"first"])
    candidate.record([b"second"], take=2)  # and no answer.json for either

    done = run("export", "--into", str(tmp_path / "out"), "--session", candidate.session)

    assert done.code == 0, done.err
    [file] = (tmp_path / "out/trial" / candidate.session).glob("*.mp4")
    assert file.read_bytes() == b"second"
