"""An object store and its signer in a few dictionaries: what the fakes answer from."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from pydantic import ValidationError

from app.contract import (
    AnswerRecord,
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    FoldedParts,
    FoldParts,
    Interview,
    InterviewGrant,
    PartRules,
    PartToSign,
    Question,
    SignDocument,
    SignedDocument,
    SignedPart,
    SignedParts,
    SignedUrl,
    SignStream,
    StoredPart,
    StoredParts,
    StoredState,
    Submission,
    SubmissionReceipt,
    TextRules,
    Track,
    UploadGrant,
    UploadPolicy,
)
from app.contract.connection import SIZES, ConnectionProbe
from app.core.errors import AlreadySubmitted, NotComplete, TakeExists, UploadLost, UrlRejected
from app.core.upload.recording_id import RecordingId

ORIGIN = "https://store.test"
GATEWAY = "https://stream.test"
PROBES = f"{ORIGIN}/probe/"  # of connection checks


@dataclass(slots=True)
class StoredUpload:
    key: str
    parts: dict[int, bytes] = field(default_factory=dict)


class FakeStore:
    """Do what a store does, at once. A test reads `uploads` (open ones), `objects` and `documents`."""

    def __init__(self, part_bytes: int = 10) -> None:
        self.part_bytes = part_bytes
        self.is_md5_signed = False
        self.has_md5_etags = True
        self.url_life_s = 600.0
        self.page_parts = 1000  # as S3 lists them
        self.uploads: dict[str, StoredUpload] = {}  # by handle
        self.objects: dict[str, bytes] = {}  # by key
        self.documents: dict[str, bytes] = {}
        self.written: list[tuple[str, int]] = []  # every part that arrived: handle and number
        self.submission: Submission | None = None  # None: not submitted yet
        self._created = 0
        self.has_equal_parts = True
        self.stream_rules: PartRules | None = None  # None: there is no gateway that takes streams
        self.recording_keys: Counter[str] = Counter()  # of the sittings on this store, by question
        self.completed: dict[str, CompletedObject] = {}

    def interview(self) -> InterviewGrant:
        """Say what the bucket has of the session's answers."""
        return InterviewGrant(
            session="s1",
            interview=Interview(
                id="demo", title="Demo", questions=(Question(id="q1", prompt="Why?", text=TextRules()),)
            ),
            policy=UploadPolicy(),
            store_origin=ORIGIN,
            expires_in_s=3600,
            answers=tuple(AnswerRecord.model_validate_json(body) for body in self.documents.values()),
        )

    def begin_probe(self) -> ConnectionProbe:
        parts = [
            SignedPart(url=f"{PROBES}{number}", life_s=self.url_life_s, number=number, size=size)
            for number, size in enumerate(SIZES, start=1)
        ]
        return ConnectionProbe(upload="probe", parts=tuple(parts), has_md5_etags=self.has_md5_etags)

    def create(self, request: CreateUpload) -> UploadGrant:
        key = key_of_request(request)
        if key in self.objects:
            raise TakeExists("This take has already been stored.")
        # As the signer does: give up what a lost reply has left open.
        self.uploads = {handle: upload for handle, upload in self.uploads.items() if upload.key != key}
        self._created += 1
        handle = f"upload-{self._created}"
        self.uploads[handle] = StoredUpload(key)
        rules = self.stream_rules if request.can_stream else None
        return UploadGrant(
            upload=handle,
            key=key,
            parts=rules or PartRules.equal(self.part_bytes),
            is_md5_signed=self.is_md5_signed,
            has_md5_etags=self.has_md5_etags,
        )

    def etag_of(self, content: bytes) -> str:
        """Return a part's ETag; where it is no MD5, it has the form of one all the same, as with KMS."""
        return md5_hex(content if self.has_md5_etags else b"key" + content)

    def sign(self, upload: str, parts: tuple[PartToSign, ...]) -> SignedParts:
        self._known(upload)
        signed = [
            SignedPart(
                url=f"{ORIGIN}/part/{upload}/{part.number}", life_s=self.url_life_s, number=part.number, size=part.size
            )
            for part in parts
        ]
        return SignedParts(parts=tuple(signed))

    def sign_stream(self, request: SignStream) -> SignedUrl:
        self._known(request.upload)
        return SignedUrl(url=f"{GATEWAY}/part/{request.upload}/{request.number}", life_s=self.url_life_s)

    def put(self, url: str, content: bytes) -> None:
        kind, _, rest = url.removeprefix(f"{ORIGIN}/").removeprefix(f"{GATEWAY}/").partition("/")
        if kind == "document":
            self.documents[rest] = content
            return
        handle, _, number = rest.partition("/")
        self._known(handle).parts[int(number)] = content
        self.written.append((handle, int(number)))

    def list(self, upload: str, after: int) -> StoredParts:
        if upload in self.completed:
            return StoredParts(state=StoredState.COMPLETED)
        if upload not in self.uploads:
            return StoredParts(state=StoredState.UNKNOWN)
        parts = sorted(self.uploads[upload].parts.items())
        stored = [StoredPart(number=n, size=len(part), etag=self.etag_of(part)) for n, part in parts if n > after]
        page = stored[: self.page_parts]
        next_after = page[-1].number if len(stored) > len(page) else None
        return StoredParts(state=StoredState.OPEN, parts=tuple(page), next_after=next_after)

    def complete(self, request: CompleteUpload) -> CompletedObject:
        if request.upload in self.completed:
            if self.completed[request.upload].size != request.size:
                raise UploadLost("The store no longer knows this upload. Begin a new one.")
            return self.completed[request.upload]
        upload = self._known(request.upload)
        stored = [(number, len(part), self.etag_of(part)) for number, part in sorted(upload.parts.items())]
        if [(part.number, part.size, part.etag) for part in request.parts] != stored:
            raise UrlRejected("The signer answered 422: the store holds other parts than were named.")
        return self._assemble(request.upload, b"".join(upload.parts[number] for number in sorted(upload.parts)))

    def fold(self, request: FoldParts) -> FoldedParts:
        raise UrlRejected("The signer answered 422: the parts of this upload are not folded.")

    def _assemble(self, handle: str, content: bytes) -> CompletedObject:
        upload = self.uploads.pop(handle)
        if upload.key in self.objects:  # as the signer does: what is stored stays
            raise TakeExists("This take has already been stored.")
        self.objects[upload.key] = content
        self.completed[handle] = CompletedObject(key=upload.key, size=len(content))
        return self.completed[handle]

    def abort(self, upload: str) -> None:
        self.uploads.pop(upload, None)

    def held(self, upload: str) -> tuple[tuple[str, int, bytes], ...]:
        """Return name, offset and content of the whole parts that an open upload holds."""
        parts = self.uploads[upload].parts.items()
        whole = [(number, content) for number, content in parts if len(content) == self.part_bytes]
        return tuple((f"{upload}/{number}", (number - 1) * self.part_bytes, content) for number, content in whole)

    def losable(self, upload: str) -> tuple[str, ...]:
        """Return what of an open upload a store could lose."""
        return tuple(sorted(map(str, self.uploads[upload].parts)))

    def drop(self, upload: str, what: str) -> set[str]:
        """Lose one of `losable`; return the names of the parts that went with it."""
        del self.uploads[upload].parts[int(what)]
        return {f"{upload}/{what}"}

    def lose(self, upload: str) -> None:
        """Forget an upload, as a restarted store or a lifecycle rule does."""
        del self.uploads[upload]

    def sign_document(self, request: SignDocument) -> SignedDocument:
        key = f"{request.question}/take-{request.take}/answer.json"
        return SignedDocument(
            url=f"{ORIGIN}/document/{key}", life_s=self.url_life_s, key=key, has_md5_etags=self.has_md5_etags
        )

    def submit(self, submission: Submission) -> SubmissionReceipt:
        """Close the session, and give up what retakes have left open. Again: the same receipt."""
        if self.submission not in (None, submission):
            raise AlreadySubmitted("This interview has already been submitted.")
        for record in (record for answer in submission.answers for record in answer.tracks.values()):
            if len(self.objects.get(record.key, b"")) != record.size:
                raise NotComplete("The submission names an object that the store does not hold.")
        self.submission = submission
        self.uploads.clear()
        return SubmissionReceipt(
            interview="demo", session="s1", submitted_at="2026-11-22T12:00:00Z", answers=submission.answers
        )

    def answers(self) -> tuple[AnswerRecord, ...]:
        """Return what the bucket knows of the session: each question's latest take."""
        latest: dict[str, AnswerRecord] = {}
        for content in self.documents.values():
            try:
                record = AnswerRecord.model_validate_json(content)
            except ValidationError:
                continue  # damaged on its way; whoever sent it sends it again
            if record.question not in latest or latest[record.question].take <= record.take:
                latest[record.question] = record
        return tuple(latest.values())

    def _known(self, upload: str) -> StoredUpload:
        if upload not in self.uploads:
            raise UploadLost("The store answered 404 (NoSuchUpload).")
        return self.uploads[upload]


def key_of(ref: RecordingId) -> str:
    """Return the object's key; recordings of tests are called by the take number that they begin with."""
    return object_key(ref, int(ref.key))


def object_key(ref: RecordingId, take: int) -> str:
    return f"{ref.question}/take-{take}/{ref.track.value}.webm"


def key_of_request(request: CreateUpload) -> str:
    return f"{request.question}/take-{request.take}/{request.track.value}.webm"


def document_of(question: str, take: int = 1) -> str:
    return f"{question}/take-{take}/answer.json"


def video(question: str = "q1", take: int = 1) -> RecordingId:
    return RecordingId(question, Track.VIDEO, str(take))


def audio(question: str = "q1", take: int = 1) -> RecordingId:
    return RecordingId(question, Track.AUDIO, str(take))


def md5_hex(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
