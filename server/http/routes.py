"""The signer's calls. Those that use the store are not coroutines: boto3 blocks, so they run in worker threads."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Security
from fastapi.security import HTTPBearer

from app.contract import (
    ASSIGNMENT_HEADER,
    DEVICE_HEADER,
    AbortUpload,
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    FoldedParts,
    FoldParts,
    InterviewGrant,
    ListParts,
    Nonce,
    Reply,
    SignDocument,
    SignedDocument,
    SignedParts,
    SignedUrl,
    SignParts,
    SignStream,
    StoredParts,
    Submission,
    SubmissionReceipt,
    Trouble,
    UploadGrant,
)
from app.contract.connection import ConnectionProbe, EndProbe
from app.contract.efficiency import Efficiency
from server.errors import InvalidRequest
from server.http.authenticated_route import AuthenticatedRoute
from server.http.dependencies import Signer
from server.metrics import OPENED, SUBMITTED
from server.signer.issuing import IssuedTickets, TicketOrders
from server.signer.previous_answers import previous_answers
from server.signer.sessions import Caller, Session
from server.signer.troubles import log_trouble

router = APIRouter(prefix="/api", route_class=AuthenticatedRoute)
_bearer = HTTPBearer(auto_error=False, description="The ticket that a candidate's link carries.")
_operator = HTTPBearer(scheme_name="OperatorKey", auto_error=False, description="A key of the operator's own programs.")


class Health(Reply):
    """Reply of GET /api/health and /api/live."""

    status: str = "ok"


_Signer = Annotated[Signer, Depends(lambda: None)]  # given by AuthenticatedRoute; not part of the OpenAPI document
_Ticket = Annotated[str, Security(_bearer)]
_OperatorKey = Annotated[str | None, Security(_operator)]  # checked by AuthenticatedRoute
_Device = Annotated[Nonce | None, Header(alias=DEVICE_HEADER, description="Which device calls: 32 hexadecimal digits.")]


_Assignment = Annotated[
    str | None, Header(alias=ASSIGNMENT_HEADER, description="`assignment` of GET /api/interview, if it was not empty.")
]


def _session(signer: _Signer, ticket: _Ticket, device: _Device = None, assignment: _Assignment = None) -> Session:
    return signer.sessions.open(ticket, Caller(device, assignment))


def _open_session(signer: _Signer, ticket: _Ticket, device: _Device = None, assignment: _Assignment = None) -> Session:
    return signer.sessions.open_unsubmitted(ticket, Caller(device, assignment))


def _session_of_parts(
    signer: _Signer, ticket: _Ticket, device: _Device = None, assignment: _Assignment = None
) -> Session:
    return signer.sessions.open_for_parts(ticket, Caller(device, assignment))


_Session = Annotated[Session, Depends(_session)]
_OpenSession = Annotated[Session, Depends(_open_session)]
_SessionOfParts = Annotated[Session, Depends(_session_of_parts)]


@router.get("/health")
async def health(signer: _Signer) -> Health:
    """Report whether signer and store answer."""
    await signer.health.check()
    return Health()


@router.get("/live")
async def live(_: _Signer) -> Health:
    """Report that the signer answers, without asking the store."""
    return Health()


@router.get("/interview")
def interview(signer: _Signer, session: _OpenSession) -> InterviewGrant:
    """Return the questions, the upload policy, and the answers stored so far."""
    OPENED.inc()
    sizes = signer.storage.objects.sizes(session.keys.prefix)
    signer.session_records.note_opened(session, sizes)
    answers = previous_answers(signer.storage, session, sizes)
    is_elsewhere = signer.devices.is_elsewhere(session.keys, session.device)
    return signer.sessions.grant(
        session, signer.store_origin, signer.stream_origin, answers, is_open_elsewhere=is_elsewhere
    )


@router.post("/claim", status_code=HTTPStatus.NO_CONTENT)
def claim(signer: _Signer, session: _OpenSession) -> None:
    """Continue the session on this device.

    The previous device keeps its open uploads, and is refused when it next creates an upload, stores an answer.json or
    submits.
    """
    if session.device is None:
        raise InvalidRequest(f"Say in {DEVICE_HEADER} which device this is.")
    signer.devices.claim(session.keys, session.device)


@router.post("/connection", status_code=HTTPStatus.CREATED)
def begin_connection_check(signer: _Signer, session: _OpenSession) -> ConnectionProbe:
    """Return signed parts of rising size, for the page to measure how fast they travel. Nothing is stored for good."""
    return signer.connection_checks.begin(session)


@router.post("/connection/end", status_code=HTTPStatus.NO_CONTENT)
def end_connection_check(signer: _Signer, session: _Session, body: EndProbe) -> None:
    """Delete what a connection check has sent."""
    signer.connection_checks.end(session, body)


@router.post("/uploads", status_code=HTTPStatus.CREATED)
def create_upload(signer: _Signer, session: _OpenSession, body: CreateUpload) -> UploadGrant:
    """Begin the upload of one track of one take. An earlier one that this device left open is aborted."""
    return signer.uploads.create(session, body)


@router.post("/uploads/sign")
def sign_parts(signer: _Signer, session: _SessionOfParts, body: SignParts) -> SignedParts:
    """Return URLs, each good for one part of exactly the named size."""
    return signer.uploads.sign(session, body)


@router.post("/uploads/stream")
def sign_stream(signer: _Signer, session: _SessionOfParts, body: SignStream) -> SignedUrl:
    """Return the URL, at the gateway before the store, for one part that is streamed: its size is not known yet."""
    return signer.uploads.sign_stream(session, body)


@router.post("/uploads/list")
def list_parts(signer: _Signer, session: _SessionOfParts, body: ListParts) -> StoredParts:
    """Return the parts that the store has. Send `next_after` as `after` to get the next page."""
    return signer.uploads.list(session, body)


@router.post("/uploads/fold")
def fold_parts(signer: _Signer, session: _SessionOfParts, body: FoldParts) -> FoldedParts:
    """Fold small parts that the store has, and sign the next ones. A repeated call returns the same states."""
    return signer.uploads.fold(session, body)


@router.post("/uploads/complete")
def complete_upload(signer: _Signer, session: _OpenSession, body: CompleteUpload) -> CompletedObject:
    """Assemble the object. A repeated call returns the same reply."""
    return signer.uploads.complete(session, body)


@router.post("/uploads/abort", status_code=HTTPStatus.NO_CONTENT)
def abort_upload(signer: _Signer, session: _OpenSession, body: AbortUpload) -> None:
    """Abort an upload, for example after a retake. A complete object stays."""
    signer.uploads.abort(session, body)


@router.post("/documents/sign")
def sign_document(signer: _Signer, session: _OpenSession, body: SignDocument) -> SignedDocument:
    """Return a URL for a take's answer.json."""
    return signer.submissions.sign_document(session, body)


@router.post("/submission")
def submit(signer: _Signer, session: _Session, body: Submission) -> SubmissionReceipt:
    """Check that every named object is stored, write submission.json, and close the session."""
    receipt = signer.submissions.submit(session, body)
    signer.sessions.note_submitted(session)
    SUBMITTED.inc()
    return receipt


@router.post("/tickets", status_code=HTTPStatus.CREATED)
def issue_tickets(signer: _Signer, operator_key: _OperatorKey, body: TicketOrders) -> IssuedTickets:  # noqa: ARG001
    """Make a link for each candidate: for programs of the operator, which send one of SLIPSTREAM_OPERATOR_KEYS."""
    return signer.issuer.issue_all(body)


@router.post("/efficiency", status_code=HTTPStatus.NO_CONTENT)
def efficiency(signer: _Signer, session: _Session, body: Efficiency) -> None:
    """Write the session's efficiency.json. A later report replaces it, also after the session was submitted."""
    signer.efficiency_reports.write(session, body)


@router.post("/trouble", status_code=HTTPStatus.NO_CONTENT)
def trouble(_: _Signer, session: _Session, body: Trouble) -> None:
    """Write a problem that only the operator can fix into the signer's log."""
    log_trouble(session, body)
