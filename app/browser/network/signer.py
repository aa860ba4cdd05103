"""Call the signer: JSON over HTTP."""

import json
from http import HTTPStatus
from typing import TypeVar

import js
from pydantic import BaseModel, ValidationError

from app.browser.interop import js_errors, let_run, optional
from app.contract import (
    AbortUpload,
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    FoldedParts,
    FoldParts,
    InterviewGrant,
    ListParts,
    PartToSign,
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
from app.core.errors import CaptivePortal, NetworkFailed, SignerInvalid, Stalled, UploadError
from app.core.session.ticket import LiveTicket
from app.core.upload.responses import error_of_response

Answer = TypeVar("Answer", bound=BaseModel)

_KINDS: dict[str, type[UploadError]] = {"TimeoutError": Stalled}
MAX_REPLY_CHARACTERS = 8 * 1024 * 1024


class HttpSigner:
    """Call the signer at `base_url` (which ends in "/"), each time with the session's current ticket."""

    def __init__(self, base_url: str, ticket: LiveTicket, device: str) -> None:
        """`device` is this browser's own name."""
        self._base_url = base_url
        self._ticket = ticket
        self._device = device
        self.assignment = ""  # the session's, sent with every call; "": none yet, or there are no variants

    async def interview(self) -> InterviewGrant:
        return await self._call("interview", None, InterviewGrant)

    async def claim(self) -> None:
        await self._request("claim", None, method="POST")

    async def begin_probe(self) -> ConnectionProbe:
        return await self._call("connection", None, ConnectionProbe, method="POST")

    async def end_probe(self, upload: str) -> None:
        await self._request("connection/end", EndProbe(upload=upload))

    async def create(self, request: CreateUpload) -> UploadGrant:
        return await self._call("uploads", request, UploadGrant)

    async def sign(self, upload: str, parts: tuple[PartToSign, ...]) -> SignedParts:
        return await self._call("uploads/sign", SignParts(upload=upload, parts=parts), SignedParts)

    async def sign_stream(self, request: SignStream) -> SignedUrl:
        return await self._call("uploads/stream", request, SignedUrl)

    async def list(self, upload: str, after: int) -> StoredParts:
        return await self._call("uploads/list", ListParts(upload=upload, after=after), StoredParts)

    async def fold(self, request: FoldParts) -> FoldedParts:
        return await self._call("uploads/fold", request, FoldedParts)

    async def complete(self, request: CompleteUpload) -> CompletedObject:
        return await self._call("uploads/complete", request, CompletedObject)

    async def abort(self, upload: str) -> None:
        await self._request("uploads/abort", AbortUpload(upload=upload))

    async def sign_document(self, request: SignDocument) -> SignedDocument:
        return await self._call("documents/sign", request, SignedDocument)

    async def submit(self, submission: Submission) -> SubmissionReceipt:
        return await self._call("submission", submission, SubmissionReceipt)

    async def report(self, trouble: Trouble) -> None:
        await self._request("trouble", trouble)

    async def report_efficiency(self, report: Efficiency) -> None:
        await self._request("efficiency", report)

    def send_off(self, report: Efficiency) -> None:
        # `keepalive`: the browser sends it although the page is gone, if it has at most 64 KiB.
        wanted = ["POST", self._base_url + "efficiency", self._ticket.text, self._device, report.model_dump_json()]
        let_run(js.slipstreamBoot.call(*wanted, self.assignment, True))

    async def _call(self, path: str, request: BaseModel | None, kind: type[Answer], method: str = "GET") -> Answer:
        text = await self._request(path, request, method)
        try:
            return kind.model_validate_json(text)
        except ValidationError:
            # HTML is the page of a captive portal or a proxy, not the signer's answer: a later call may succeed.
            error = CaptivePortal if text.lstrip().startswith("<") else SignerInvalid
            raise error("The signer's answer makes no sense.") from None

    async def _request(self, path: str, request: BaseModel | None, method: str = "GET") -> str:
        ticket = self._ticket.text
        wanted: list[str | None] = [method, self._base_url + path, ticket, self._device]
        if request is not None:
            wanted = ["POST", *wanted[1:], request.model_dump_json(), self.assignment]
        elif self.assignment:
            wanted += [None, self.assignment]
        with js_errors("The signer", _KINDS, otherwise=NetworkFailed):
            # static/boot/signer.mjs: the reply to the first call may have been on its way since the page opened.
            js_response = await js.slipstreamBoot.call(*wanted)
            text = str(await js_response.text())
        if int(js_response.status) == HTTPStatus.UNAUTHORIZED and ticket != self._ticket.text:
            return await self._request(path, request, method)  # the ticket was renewed during the request
        if int(js_response.status) == HTTPStatus.UNAUTHORIZED:
            self._ticket.note_refusal(ticket)
        if not js_response.ok:
            retry_after = optional(js_response.headers.get("Retry-After"))
            raise error_of_response("the signer", int(js_response.status), _problem_type(text), retry_after)
        if len(text) > MAX_REPLY_CHARACTERS:
            raise SignerInvalid("The signer's answer makes no sense.")
        return text


def _problem_type(text: str) -> str:
    """Return the `type` of a problem+json; "" if `text` is no problem."""
    try:
        problem = json.loads(text[:65_536])
    except ValueError:
        return ""
    kind = problem.get("type") if isinstance(problem, dict) else None
    return kind if isinstance(kind, str) and len(kind) < 200 else ""
