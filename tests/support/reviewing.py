"""Sessions as the signer and candidates' pages leave them in the embedded store's folder, with recordings that play."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av

from server.store.storage import Storage
from tests.support import films

Put = Callable[[str, bytes], None]
# As recorders write: WebM without duration and seek points, MP4 in fragments.
AS_RECORDED = {"webm": {"live": "1"}, "mp4": {"movflags": "frag_keyframe+empty_moov+default_base_moof"}}


def recorded(folder: Path, kind: str, *, duration_s: int = 3, rotation: int = 0) -> Path:
    """Write a short film in the form in which a browser's recorder would have given it."""
    whole, target = folder / f"whole.{kind}", folder / f"recorded-{duration_s}-{rotation}.{kind}"
    form = films.WEBM if kind == "webm" else films.MP4
    films.write(whole, form, duration_s=duration_s, size=(320, 180), bits_per_second=300_000, rotation=rotation)
    with av.open(str(whole)) as reading, av.open(str(target), "w", format=kind, options=AS_RECORDED[kind]) as writing:
        streams = {stream.index: writing.add_stream_from_template(stream) for stream in reading.streams}
        for packet in reading.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                writing.mux(packet)
    return target


@dataclass(frozen=True)
class Sitting:
    """What one candidate has left. `media` are files by "question/track"."""

    session: str
    interview: str = "trial"
    name: str = ""
    reference: str = ""
    media: Mapping[str, Path] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    is_submitted: bool = True
    changes: Mapping[str, Any] = field(default_factory=dict)  # of each track's record


def put_into(storage: Storage) -> Put:
    """Return what writes to a running store: rclone sees a file that it has not written itself a second later."""
    return lambda key, content: storage.objects.write(key, content, "application/octet-stream")


def put_below(bucket: Path) -> Put:
    """Return what writes files for a store that does not run yet."""

    def put(key: str, content: bytes) -> None:
        (bucket / key).parent.mkdir(parents=True, exist_ok=True)
        (bucket / key).write_bytes(content)

    return put


def write_sitting(put: Put, sitting: Sitting) -> None:
    """Write a sitting's objects."""
    prefix = f"{sitting.interview}/{sitting.session}"
    answers = [_write_answer(put, prefix, sitting, question) for question in _questions(sitting)]
    ids = {"interview": sitting.interview, "session": sitting.session, "reference": sitting.reference}
    record = {**ids, "name": sitting.name, "opened_at": "2026-11-02T08:12:00Z"}
    put(f"{prefix}/session.json", json.dumps(record).encode())
    if sitting.is_submitted:
        receipt = {**ids, "submitted_at": "2026-11-02T08:40:00Z", "answers": answers}
        put(f"{prefix}/submission.json", json.dumps(receipt).encode())


def _questions(sitting: Sitting) -> Sequence[str]:
    return list(dict.fromkeys([*(at.partition("/")[0] for at in sitting.media), *sitting.texts]))


def _write_answer(put: Put, prefix: str, sitting: Sitting, question: str) -> dict[str, Any]:
    tracks = {}
    for at, source in sitting.media.items():
        id_, _, track = at.partition("/")
        if id_ == question:
            content, key = source.read_bytes(), f"{prefix}/{question}/take-1/{track}{source.suffix}"
            put(key, content)
            tracks[track] = {
                "key": key,
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "content_type": f"{track}/{source.suffix[1:]}",
                "duration_s": 3.0,
                **sitting.changes,
            }
    answer = {"question": question, "take": 1, "text": sitting.texts.get(question), "tracks": tracks}
    put(f"{prefix}/{question}/take-1/answer.json", json.dumps(answer).encode())
    return answer
