"""A desk whose store takes streams, and a recording for it."""

from app.contract import PartRules
from app.core.upload.events import RecordingEnded
from tests.support.fake_store import FakeStore, video
from tests.support.uploading import Desk

Q1 = video("q1")
CONTENT = bytes(range(60))
RULES = PartRules(min_bytes=20, max_bytes=100, is_streamed=True)


def streamed_store() -> FakeStore:
    store = FakeStore()
    store.stream_rules = RULES
    return store


async def finish(desk: Desk) -> None:
    """End the recording of Q1, and let everything be sent."""
    desk.uploader.tell(RecordingEnded(Q1))
    await desk.stop(Q1)
    await desk.settle()
