"""Requests as a page sends them to the store, and what to do if one fails."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from server.cli.doctor.finding import Finding, fault

_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,60})</Code>")
PATIENCE_S = 60.0  # without a byte; a gateway may first take in a part of full size


@dataclass(frozen=True, slots=True)
class Page:
    """Send requests as a page of this origin does. `cors_fix` is what lets the page in and shows it what it needs."""

    client: httpx.Client
    origin: str
    cors_fix: str

    def preflight(self, url: str, names: Iterable[str]) -> httpx.Response:
        """Ask as a browser does before it sends PUT with headers of these names."""
        asked = ", ".join(names)
        headers = {"Origin": self.origin, "Access-Control-Request-Method": "PUT"}
        return self.client.options(url, headers=headers | ({"Access-Control-Request-Headers": asked} if asked else {}))

    def put(self, url: str, headers: Mapping[str, str], body: bytes | Iterable[bytes]) -> httpx.Response:
        """Send `body`; without its length if it is no `bytes`."""
        return self.client.put(url, content=body, headers={"Origin": self.origin, **headers})

    def lets_in(self, answer: httpx.Response) -> bool:
        """Return whether a browser would show this reply to the page."""
        return answer.headers.get("access-control-allow-origin") in {"*", self.origin}

    def shows(self, answer: httpx.Response, name: str) -> bool:
        """Return whether a browser would show the page this header of the reply."""
        return bool({name.lower(), "*"} & _listed(answer, "access-control-expose-headers"))

    def may_send(self, preflight: httpx.Response, names: Iterable[str]) -> bool:
        """Return whether a browser would now send PUT with headers of these names."""
        methods = _listed(preflight, "access-control-allow-methods")
        allowed = _listed(preflight, "access-control-allow-headers")
        is_allowed = "*" in allowed or allowed.issuperset(name.lower() for name in names)
        return preflight.is_success and self.lets_in(preflight) and bool({"put", "*"} & methods) and is_allowed

    def check(self, answer: httpx.Response, what: str, size: int, shown: Iterable[str] = ()) -> Iterator[Finding]:
        """Yield what is wrong if the store has not accepted the request, or lets the page read too little of its reply.

        `shown` are the headers that the page has to read.
        """
        if not answer.is_success:
            yield fault(refusal(answer, what, size))
        elif not self.lets_in(answer):
            yield fault(self._origin_advice(answer))
        elif hidden := [name for name in shown if not self.shows(answer, name)]:
            yield fault(f"The reply hides {', '.join(hidden)} from pages. Expose it: {self.cors_fix}")

    def cors_advice(self, names: Iterable[str] = ()) -> str:
        asked = ", ".join(names)
        what = f" with the headers {asked}" if asked else ""
        return f"Let PUT from {self.origin}{what} through: {self.cors_fix}"

    def _origin_advice(self, answer: httpx.Response) -> str:
        if len(answer.headers.get_list("access-control-allow-origin", split_commas=True)) > 1:
            return (
                "Replies carry Access-Control-Allow-Origin twice, and browsers then show none: both the store and "
                "something before it set it. Let one of them do so (nginx: `proxy_hide_header "
                "Access-Control-Allow-Origin`)."
            )
        return f"Replies of the store are hidden from the page. {self.cors_advice()}"


def _listed(answer: httpx.Response, header: str) -> set[str]:
    return {name.strip() for name in answer.headers.get(header, "").lower().split(",")}


def refusal(answer: httpx.Response, what: str, size: int) -> str:
    """Return why `what`, of `size` bytes, was refused, and what to do. The reply's text is never quoted."""
    status = answer.status_code
    found = _CODE.search(answer.content)
    code = found[1].decode() if found else str(status)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or code == "EntityTooLarge":
        return (
            f"Something before the store refuses {what} of {size} bytes as too large (413). Let bodies of that "
            "size through (nginx: `client_max_body_size`), or have smaller parts: `part_bytes` of the policy."
        )
    if status == HTTPStatus.INSUFFICIENT_STORAGE:
        return f"The store has no room for {what} of {size} bytes (507). Make room, or raise the bucket's quota."
    if 300 <= status < 400:
        return (
            f"The store redirects {what} ({status}), and browsers do not follow that. Check SLIPSTREAM_S3_REGION, "
            "SLIPSTREAM_S3_ENDPOINT and SLIPSTREAM_STORE_URL."
        )
    return f"The store refused {what} by its signed URL ({code}). {_REMEDIES.get(code, _UNKNOWN)}"


_UNKNOWN = "Look the code up in the store's manual; does something before the store change requests?"
_REMEDIES = {
    "SignatureDoesNotMatch": (
        "Something between page and store changes what was signed. Pass requests on as they are, with their Host "
        "(nginx: `proxy_set_header Host $http_host`), and let SLIPSTREAM_STORE_URL be what the page calls."
    ),
    "AccessDenied": (
        "Allow the signer's key s3:PutObject. If the bucket demands encryption, set SLIPSTREAM_S3_ENCRYPTION."
    ),
    "InvalidRequest": (
        "A bucket with Object Lock demands Content-MD5: set SLIPSTREAM_S3_SIGNS_MD5=true, and let the CORS rule allow "
        "content-md5."
    ),
    "RequestTimeTooSkewed": "Set the signer's clock (NTP).",
    "AccessForbidden": "The bucket's CORS rule does not let this page in: `python serve.py bucket --apply`.",
}
_REMEDIES |= {"403": _REMEDIES["AccessDenied"], "MissingContentMD5": _REMEDIES["InvalidRequest"]}


def unreachable(error: httpx.HTTPError) -> str:
    """Return what to do about a store that did not answer as a page would reach it."""
    if "CERTIFICATE" in str(error):
        return "The store has no certificate that a browser would accept. Get one that is signed for its name."
    return (
        f"The store cannot be reached as a page would reach it ({type(error).__name__}). Check SLIPSTREAM_STORE_URL, "
        "or SLIPSTREAM_S3_ENDPOINT if pages use the same address."
    )


def page_client(*, trust_env: bool, patience_s: float = PATIENCE_S) -> httpx.Client:
    """Return a client that opens a connection for each request.

    Ceph closes some after a reply. A browser then sends again by itself, and httpx would fail.
    """
    return httpx.Client(timeout=patience_s, trust_env=trust_env, limits=httpx.Limits(max_keepalive_connections=0))
