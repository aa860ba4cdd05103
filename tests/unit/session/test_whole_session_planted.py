"""The machine finds the bugs it is there for: each is planted here, and the very stories that pass without it fail."""

import pytest

from app.contract import CompletedObject, CompleteUpload
from app.core.upload.events import Fact, Restored
from app.core.upload.responses import PutResponse
from app.session.session import Session
from tests.support.fake_store import object_key
from tests.support.visits import Visits
from tests.support.weathered import WeatheredSigner, WeatheredTransport
from tests.unit.session.test_whole_session import EXAMPLES, WholePlay, play


class _BelievesA200(WeatheredTransport):
    def believe(self, reply: PutResponse, md5: str) -> str:
        return md5 if reply.status == 200 else super().believe(reply, md5)


class TrustsA200(Visits):
    """A 200 counts as an acknowledgement, whoever gave it and whatever its ETag."""

    def transport(self) -> WeatheredTransport:
        return _BelievesA200(self.store, self.network)


class ErasesEarly(Visits):
    """The journal's rows go when the completion is asked for, not when it is certain."""

    def signer(self) -> WeatheredSigner:
        return _Forgetting(self)


class _Forgetting(WeatheredSigner):
    def __init__(self, visits: Visits) -> None:
        super().__init__(visits.store, visits.network)
        self._visits = visits

    async def complete(self, request: CompleteUpload) -> CompletedObject:
        open_upload = self.store.uploads.get(request.upload)
        recordings = self._visits.recordings
        for ref in recordings.given:
            if open_upload is not None and object_key(ref, recordings.number_of(ref)) == open_upload.key:
                await self._visits.page.journal.forget(ref)
        return await super().complete(request)


class _NeverAsking(Session):
    async def _recover(self) -> None:
        tell = self._uploader.tell

        def tell_all_but_one(fact: Fact) -> None:
            if not isinstance(fact, Restored):
                tell(fact)

        self._uploader.tell = tell_all_but_one  # type: ignore[method-assign]  # a planted bug
        await super()._recover()


class DoesNotReconcile(Visits):
    """After a reload the journal's word is taken for the store's."""

    session = _NeverAsking


@pytest.mark.parametrize(
    ("planted", "complaint"),
    [
        # Found when the completion is refused, and what was shown as acknowledged is sent again.
        (TrustsA200, "is sent after its acknowledgement"),
        (ErasesEarly, "rows have gone before the object was there"),
        (DoesNotReconcile, "is sent again, and the store has it"),
    ],
)
def test_planted_bug_is_found(planted, complaint):
    class Planted(WholePlay):
        visits_class = planted

    with pytest.raises(AssertionError, match=complaint):
        play(Planted, EXAMPLES)
