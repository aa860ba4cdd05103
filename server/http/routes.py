"""The signer's calls. Those that ask the store are no coroutines: boto3 blocks, so they run in worker threads."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Security
from fastapi.security import HTTPBearer

from app.contract import (
    DEVICE_HEADER,
    AbortUpload,
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    InterviewGrant,
    ListParts,
    Nonce,
    Reply,
    SignDocument,
    SignedDocument,
    SignedParts,
    SignParts,
    StoredParts,
    Submission,
    SubmissionReceipt,
    Trouble,
    UploadGrant,
)
from server.errors import InvalidRequest
from server.http.authenticated_route import AuthenticatedRoute
from server.http.dependencies import Signer
from server.signer.previous_answers import previous_answers
from server.signer.sessions import Session
from server.signer.troubles import log_trouble

router = APIRouter(prefix="/api", route_class=AuthenticatedRoute)
_bearer = HTTPBearer(auto_error=False, description="The ticket that a candidate's link carries.")


class Health(Reply):
    """GET /api/health and /api/live."""

    status: str = "ok"


_Signer = Annotated[Signer, Depends(lambda: None)]  # given by AuthenticatedRoute; no part of the OpenAPI document
_Ticket = Annotated[str, Security(_bearer)]
_Device = Annotated[Nonce | None, Header(alias=DEVICE_HEADER, description="Which device calls: 32 hexadecimal digits.")]


def _session(signer: _Signer, ticket: _Ticket, device: _Device = None) -> Session:
    return signer.sessions.open(ticket, device)


def _open_session(signer: _Signer, ticket: _Ticket, device: _Device = None) -> Session:
    return signer.sessions.open_unsubmitted(ticket, device)


_Session = Annotated[Session, Depends(_session)]
_OpenSession = Annotated[Session, Depends(_open_session)]


@router.get("/health")
async def health(signer: _Signer) -> Health:
    """Say whether signer and store answer."""
    await signer.health.check()
    return Health()


@router.get("/live")
async def live(_: _Signer) -> Health:
    """Say that the signer answers, whatever its store does."""
    return Health()


@router.get("/interview")
def interview(signer: _Signer, session: _OpenSession) -> InterviewGrant:
    """Give the questions and how to upload the answers."""
    answers = previous_answers(signer.storage, session)
    is_elsewhere = signer.devices.is_elsewhere(session.keys, session.device)
    return signer.sessions.grant(session, signer.store_origin, answers, is_open_elsewhere=is_elsewhere)


@router.post("/claim", status_code=HTTPStatus.NO_CONTENT)
def claim(signer: _Signer, session: _OpenSession) -> None:
    """Go on on this device. The one that had the session before is told at its next call, and keeps what it has."""
    if session.device is None:
        raise InvalidRequest(f"Say in {DEVICE_HEADER} which device this is.")
    signer.devices.claim(session.keys, session.device)


@router.post("/uploads", status_code=HTTPStatus.CREATED)
def create_upload(signer: _Signer, session: _OpenSession, body: CreateUpload) -> UploadGrant:
    """Begin the upload of one track of one take. An earlier one that is still open is given up."""
    return signer.uploads.create(session, body)


@router.post("/uploads/sign")
def sign_parts(signer: _Signer, session: _OpenSession, body: SignParts) -> SignedParts:
    """Give URLs that each take one part of exactly the named size."""
    return signer.uploads.sign(session, body)


@router.post("/uploads/list")
def list_parts(signer: _Signer, session: _OpenSession, body: ListParts) -> StoredParts:
    """Say what the store has. Hand `next_after` back as `after` for the next page."""
    return signer.uploads.list(session, body)


@router.post("/uploads/complete")
def complete_upload(signer: _Signer, session: _OpenSession, body: CompleteUpload) -> CompletedObject:
    """Assemble the object. Asked again, the same answer comes again."""
    return signer.uploads.complete(session, body)


@router.post("/uploads/abort", status_code=HTTPStatus.NO_CONTENT)
def abort_upload(signer: _Signer, session: _OpenSession, body: AbortUpload) -> None:
    """Give up an upload, as a retake does. What is complete stays."""
    signer.uploads.abort(session, body)


@router.post("/documents/sign")
def sign_document(signer: _Signer, session: _OpenSession, body: SignDocument) -> SignedDocument:
    """Give a URL for a take's answer.json."""
    return signer.submissions.sign_document(session, body)


@router.post("/submission")
def submit(signer: _Signer, session: _Session, body: Submission) -> SubmissionReceipt:
    """Check that everything named is stored, write submission.json, close the session."""
    return signer.submissions.submit(session, body)


@router.post("/trouble", status_code=HTTPStatus.NO_CONTENT)
def trouble(_: _Signer, session: _Session, body: Trouble) -> None:
    """Take note, in the signer's log, of what a page cannot mend and the operator can."""
    log_trouble(session, body)
