"""Everything that is uploaded in a session: recordings and answer.json files, and the parts in flight."""

from collections.abc import Collection, Iterator

from app.contract import AnswerRecord, Layout, UploadPolicy
from app.contract.efficiency import Advice
from app.core.errors import UploadError
from app.core.upload.commands import Command, DropUpload, ProbeEndpoints, SendPart, StoreAnswer, StreamPart
from app.core.upload.disposition import Disposition
from app.core.upload.document import Document
from app.core.upload.due import step_of
from app.core.upload.in_flight import InFlight
from app.core.upload.recording_id import RecordingId
from app.core.upload.refusals import Unanswered
from app.core.upload.retry import patient
from app.core.upload.steps import Step
from app.core.upload.stream_health import StreamHealth
from app.core.upload.upload import Upload


class UploadBook:
    def __init__(self, policy: UploadPolicy) -> None:
        self._granted = policy
        self.policy = policy  # as granted, but for what `heed` changes
        self.uploads: dict[RecordingId, Upload] = {}  # in the order in which the recordings started
        self.documents: dict[tuple[str, int], Document] = {}  # by question and take
        self.in_flight = InFlight(policy.parallel_parts)
        self.stream_health = StreamHealth()
        self.probing = Step()

    @property
    def is_offline(self) -> bool:
        return self.in_flight.is_offline

    @property
    def layout(self) -> Layout | None:
        """Return the layout in which the last recording is uploaded; None while none is."""
        opened = (one.created.parts.layout for one in reversed(self.uploads.values()) if one.created is not None)
        return next(opened, None)

    def heed(self, advice: Collection[Advice]) -> None:
        """Wait longer between tries if `advice` says so, else as long as the policy says."""
        self.policy = patient(self._granted) if Advice.PATIENT_RETRIES in advice else self._granted

    def steps(self) -> Iterator[Step]:
        """Yield every step that may be taken now or later."""
        for document in self.documents.values():
            yield document.step
        for upload in self.uploads.values():
            if upload.disposition is not Disposition.DISCARDED:
                yield from upload.steps()

    def step_of(self, command: Command) -> Step | None:
        """Return the step that `command` belongs to; None if the command is out of date."""
        if isinstance(command, ProbeEndpoints):
            return self.probing
        if isinstance(command, StoreAnswer):
            document = self.documents.get((command.record.question, command.record.take))
            return document.step if document is not None else None
        upload = self.uploads.get(command.upload)
        if upload is None:
            return None
        return upload.dropping if isinstance(command, DropUpload) else step_of(upload, command)

    def of_take(self, question: str, key: str) -> Iterator[Upload]:
        return (one for one in self.uploads.values() if (one.ref.question, one.ref.key) == (question, key))

    def recordings_in(self, record: AnswerRecord) -> list[RecordingId]:
        """Return the recordings in `record` that this page knows."""
        return [
            one.ref
            for one in self.uploads.values()
            if (one.ref.question, one.take) == (record.question, record.take) and one.ref.track in record.tracks
        ]

    def unanswered_of(self, command: Command) -> Unanswered:
        """Return the counter of unanswered requests to the store for `command`."""
        match command:
            case SendPart(upload=ref):
                return self.uploads[ref].unanswered
            case StreamPart():
                return Unanswered()  # `stream_health` counts them: ordinary parts may get through
            case StoreAnswer(record=record):
                return self.documents[record.question, record.take].unanswered
        return Unanswered()  # silence of the signer counts as a network failure

    def all_unanswered(self) -> Iterator[Unanswered]:
        for upload in self.uploads.values():
            yield upload.unanswered
        for document in self.documents.values():
            yield document.unanswered
        yield self.stream_health.unanswered

    def hear(self, error: UploadError | None, *, of_store: bool) -> None:
        """Note a request's outcome (None: a reply). When the network recovers, call `skip_backoff`."""
        if self.in_flight.hear(error, of_store=of_store):
            self.skip_backoff()

    def skip_backoff(self) -> None:
        """Skip every back-off that the server did not ask for."""
        for step in self.steps():
            step.skip_backoff()
