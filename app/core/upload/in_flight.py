"""Follow the parts in flight, and decide which ones may follow."""

from collections.abc import Iterable, Iterator

from app.core.errors import UploadError
from app.core.upload.commands import SendPart, StreamPart
from app.core.upload.concurrency import Concurrency
from app.core.upload.connectivity import Connectivity
from app.core.upload.due import streaming_command
from app.core.upload.parts import Part, wanted_size
from app.core.upload.recording_id import RecordingId
from app.core.upload.throughput import Throughput
from app.core.upload.upload import Upload

# Parts that are tried while network, signer or store have problems; the others wait. Several, as one may itself be bad.
SCOUTS = 3


class InFlight:
    """Follow the parts in flight of all uploads, their speed, and how many of them network and store allow."""

    def __init__(self, parallel_parts: int) -> None:
        self.connectivity = Connectivity()
        self._throughput = Throughput()
        self._concurrency = Concurrency(parallel_parts)
        self._sending: set[SendPart] = set()
        self._streams: set[StreamPart] = set()  # open
        self._sent_streams: set[StreamPart] = set()  # whose reply is awaited

    @property
    def is_offline(self) -> bool:
        return self.connectivity.is_offline

    @property
    def not_before(self) -> float:
        """Return the clock second until which the store asked the page to wait."""
        return self._concurrency.not_before

    def bytes_per_second(self, now: float) -> float | None:
        """Return how fast bytes are sent; None if not known yet."""
        return self._throughput.bytes_per_second(now)

    # Events.

    def note_sent(self, size: int, now: float) -> None:
        self._throughput.add(size, now)

    def note_arrival(self, ref: RecordingId, part: Part) -> bool:
        """Note an acknowledged part. Return whether it was streamed."""
        streamed = StreamPart(ref, part.number, part.offset)
        was_streamed = streamed in self._sent_streams
        self._sending.discard(SendPart(ref, part))
        self._sent_streams.discard(streamed)
        self._concurrency.succeed()
        return was_streamed

    def note_cut(self, ref: RecordingId, part: Part) -> None:
        """Note that a stream was sent whole: the next one need not wait for its reply."""
        streamed = StreamPart(ref, part.number, part.offset)
        self._streams.discard(streamed)
        self._sent_streams.add(streamed)

    def note_end(self, command: SendPart | StreamPart) -> None:
        """Note that a part is no longer in flight, and was not acknowledged."""
        self._sending -= {command}
        self._streams -= {command}
        self._sent_streams -= {command}

    def stop(self, ref: RecordingId) -> None:
        """Note that no part of this upload is in flight any more."""
        self._sending = {sent for sent in self._sending if sent.upload != ref}
        self._streams = {sent for sent in self._streams if sent.upload != ref}
        self._sent_streams = {sent for sent in self._sent_streams if sent.upload != ref}

    def ease(self, not_before: float) -> None:
        """Send fewer parts at once, as the store is busy, and none before `not_before` (clock seconds)."""
        self._concurrency.ease(not_before)

    def hear(self, error: UploadError | None, *, of_store: bool) -> bool:
        """Note a request's outcome (None: a reply). Return whether the network, or the store, has just recovered."""
        was_silent = self.connectivity.is_silent
        if error is None:
            self.connectivity.note_response(of_store=of_store)
        else:
            self.connectivity.note_failure(error, of_store=of_store)
        return was_silent and not self.connectivity.is_silent

    def note_idleness(self, now: float) -> None:
        if not (self._sending or self._streams or self._sent_streams):
            self._throughput.suspend(now)

    # What may be sent.

    def parts(self, uploads: Iterable[Upload], now: float) -> Iterator[SendPart]:
        """Yield the parts of `uploads` (oldest first) that may be sent now; from then on they are in flight."""
        following = list(uploads)
        limit = self._concurrency.parts(now)
        if self.connectivity.is_silent:
            limit = min(limit, 1)  # one is enough to detect that the network is back
        while len(self._sending) < limit:
            command = self._next(following, now)
            if command is None:
                return
            self._sending.add(command)
            self._throughput.resume(now)
            yield command

    def streams(self, uploads: Iterable[Upload], now: float) -> Iterator[StreamPart]:
        """Yield the streams that may begin now, those of the oldest answer first; from then on they are in flight."""
        following = list(uploads)
        for upload in following:
            if self._may_stream(upload.ref, now) and self._may_try_more(following):
                command = streaming_command(upload, now)
                if command is not None and upload.created is not None:
                    upload.streaming.begin(command.number, command.offset, upload.created.parts, now)
                    self._streams.add(command)
                    self._throughput.resume(now)
                    yield command

    def _may_stream(self, ref: RecordingId, now: float) -> bool:
        """Return whether one more stream may be open: one for each track of an answer, more of them as for parts."""
        limit = self._concurrency.parts(now)
        if self.connectivity.is_silent:
            return limit > 0 and not (
                self._sending or self._streams
            )  # one is enough to detect that the network is back
        is_same_answer = all(one.upload.is_same_take(ref) for one in self._streams)
        return limit > 0 and (is_same_answer or len(self._streams) < limit)

    def _next(self, uploads: list[Upload], now: float) -> SendPart | None:
        """Choose the oldest answer that has a part ready, and of its tracks the one that is furthest behind.

        None if no part is ready.
        """
        may_be_new, is_idle = self._may_try_more(uploads), not self._sending
        wanted = wanted_size(self._throughput.bytes_per_second(now))
        ready = [
            (upload, part)
            for upload in uploads
            if (part := upload.ready_part(now, may_be_new=may_be_new, wanted=wanted, is_idle=is_idle)) is not None
        ]
        if not ready:
            return None
        oldest = ready[0][0].ref
        same_answer = [pair for pair in ready if pair[0].ref.is_same_take(oldest)]
        upload, part = min(same_answer, key=lambda pair: pair[1].offset / pair[0].recorded)
        return upload.send(part)

    def _may_try_more(self, uploads: list[Upload]) -> bool:
        """Return whether new parts may be sent. In trouble a few are enough: more failures tell nothing new."""
        is_in_trouble = (
            self.connectivity.is_silent or self.connectivity.is_signer_invalid or self._concurrency.is_strained
        )
        tried = [sent.step for upload in uploads for sent in upload.parts.tried.values()]
        return not is_in_trouble or sum(not step.has_failed for step in tried) < SCOUTS
