"""Misconfigurations, each planted alone between a page and a real store: each is found, and its fix is named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from time import time
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import AnyHttpUrl

from app.contract import MIB
from server.settings import Settings
from server.store.embedded import BUCKET
from tests.support.doctor import doctor
from tests.support.faults.calls import Call, Kind
from tests.support.faults.proxy import Proxy
from tests.support.faults.rules import Answer, Change, Fault, Reset, Rule
from tests.support.signer_client import SECRET

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PAGE = "http://127.0.0.1:8000"
SET_CORS = f"`python serve.py bucket --apply --url {PAGE}`"
ALLOWED, METHODS, ORIGIN = (f"Access-Control-Allow-{what}" for what in ("Headers", "Methods", "Origin"))
KMS = (
    b"<R><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
    b"</ApplyServerSideEncryptionByDefault></Rule></R>"
)
LOCKED = b"<R><ObjectLockEnabled>Enabled</ObjectLockEnabled></R>"
KEPT = LOCKED.replace(
    b"</R>", b"<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>30</Days></DefaultRetention></Rule></R>"
)
ABORT: Mapping[str, Any] = {
    "ID": "abort",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}
TAILS = {"ID": "tails", "Status": "Enabled", "Filter": {"Prefix": "_tail/"}, "Expiration": {"Days": 1}}


@dataclass(frozen=True)
class Planted:
    """One misconfiguration. `says`: what the operator has to read; `faults`: how many lines, 0: it is a note."""

    says: tuple[str, ...]
    faults: int = 1
    rules: Callable[[], list[Rule]] = list
    settings: Mapping[str, object] = field(default_factory=dict)
    lifecycle: list[Mapping[str, Any]] | None = None  # None: as it should be
    is_clean: bool = True  # the doctor may delete what it has written


def _refused(code: str, status: int = 403, more: str = "") -> Answer:
    body = f"<Error><Code>{code}</Code>{more}</Error>".encode()
    return Answer(status, {"Content-Type": "application/xml"}, body, has_cors=False)


def _xml(body: bytes) -> Answer:
    return Answer(200, {"Content-Type": "application/xml"}, body)


def always(fault: Fault, kind: Kind | None = None, when: Callable[[Call], bool] = lambda _: True):
    return lambda: [Rule(fault, kind, when=when, times=None)]


def denied(when: Callable[[Call], bool]):
    return always(_refused("AccessDenied"), when=when)


def asking(name: str) -> Callable[[Call], bool]:
    return lambda call: name in call.names


def on_objects(call: Call) -> bool:
    return call.path.count("/") > 1 and not call.names & {"uploadId", "uploads"}


def is_full(call: Call) -> bool:
    return call.kind is Kind.PART and call.size > MIB


def is_another_size(call: Call) -> bool:
    return call.kind is Kind.PART and call.size == len(b"another size")


def is_of_bucket(call: Call) -> bool:
    """Return whether a call looks at the bucket itself, or lists its objects."""
    is_of_rules = bool(call.names & {"lifecycle", "encryption", "object-lock", "uploads"})
    return call.method in ("GET", "HEAD") and call.path == "/slipstream" and not is_of_rules


def is_of_root(call: Call) -> bool:
    return call.method == "HEAD" and call.path == "/"


def is_copy(call: Call) -> bool:
    return call.method == "PUT" and "partNumber" in call.names and call.size == 0


def lists_recording(call: Call) -> bool:
    return call.kind is Kind.STORE_LIST and call.path.endswith("/video.webm") and "given-up" not in call.path


PLANTED = {
    # What the bucket's CORS rule lacks.
    "no CORS rule": Planted(
        ("No CORS rule lets the page in (OPTIONS answered 403)", f"Let PUT from {PAGE} through: {SET_CORS}"),
        2,
        rules=lambda: [
            Rule(_refused("AccessForbidden"), Kind.PREFLIGHT, times=None),
            Rule(Change(headers={ORIGIN: None}), Kind.PART, times=None),
            Rule(Change(headers={ORIGIN: None}), Kind.DOCUMENT, times=None),
        ],
    ),
    "CORS for another page": Planted(
        (f"Let PUT from {PAGE} through: {SET_CORS}",),
        2,
        rules=always(Change(headers={ORIGIN: "https://other.example"})),
    ),
    "CORS without Content-Type": Planted(
        ("lacks headers", f"Let PUT from {PAGE} with the headers content-type through: {SET_CORS}"),
        rules=always(Change(headers={ALLOWED: "content-md5"}), Kind.PREFLIGHT),
    ),
    "CORS without Content-MD5": Planted(
        ("lacks headers", f"Let PUT from {PAGE} with the headers content-md5 through: {SET_CORS}"),
        rules=always(Change(headers={ALLOWED: "content-type"}), Kind.PREFLIGHT),
    ),
    "CORS without PUT": Planted(
        ("No CORS rule lets the page in", SET_CORS),
        rules=always(Change(headers={METHODS: "GET"}), Kind.PREFLIGHT),
    ),
    "CORS that hides ETag": Planted(
        (f"The reply hides ETag from pages. Expose it: {SET_CORS}",),
        rules=always(Change(headers={"Access-Control-Expose-Headers": None})),
    ),
    "gateway that answers OPTIONS itself": Planted(
        ("No CORS rule lets the page in (OPTIONS answered 405)", SET_CORS),
        rules=always(Answer(405, has_cors=False), Kind.PREFLIGHT),
    ),
    "gateway that adds the origin a second time": Planted(
        ("Access-Control-Allow-Origin twice", "proxy_hide_header Access-Control-Allow-Origin"),
        rules=always(Change(headers={ORIGIN: f"{PAGE}, {PAGE}"}), Kind.PART),
    ),
    "gateway that adds the origin to successes alone": Planted(
        ("Refusals (403) come without Access-Control-Allow-Origin", "add_header … always"),
        0,
        rules=always(Change(headers={ORIGIN: None}), when=is_another_size),
    ),
    # What the key may not do.
    "no s3:ListBucket": Planted(
        ("Allow it s3:ListBucket on arn:aws:s3:::slipstream,",),
        # Without it, S3 answers 403 where an object is missing.
        rules=denied(is_of_bucket),
    ),
    "no s3:ListBucketMultipartUploads": Planted(
        ("Allow it s3:ListBucketMultipartUploads on arn:aws:s3:::slipstream,",),
        rules=denied(lambda call: call.method == "GET" and "uploads" in call.names),
    ),
    "no s3:ListMultipartUploadParts": Planted(
        ("Allow it s3:ListMultipartUploadParts on arn:aws:s3:::slipstream/*",),
        rules=denied(lambda call: call.method == "GET" and "uploadId" in call.names),
    ),
    "no s3:PutObject": Planted(
        ("Allow it s3:PutObject on arn:aws:s3:::slipstream/*", "SLIPSTREAM_S3_ENCRYPTION"),
        3,
        rules=denied(lambda call: call.method in ("PUT", "POST") and call.path.count("/") > 1),
    ),
    "no s3:GetObject": Planted(
        ("Allow it s3:GetObject on arn:aws:s3:::slipstream/*",),
        2,
        rules=denied(lambda call: call.method in ("GET", "HEAD") and on_objects(call)),
    ),
    "no s3:AbortMultipartUpload": Planted(
        ("Allow it s3:AbortMultipartUpload on arn:aws:s3:::slipstream/*",),
        rules=denied(lambda call: call.method == "DELETE" and "uploadId" in call.names),
        is_clean=False,
    ),
    "no s3:DeleteObject": Planted(
        ("s3:DeleteObject on arn:aws:s3:::slipstream/slipstream-doctor/*", "slipstream/_tail/*"),
        0,
        rules=denied(lambda call: call.method == "DELETE" and on_objects(call)),
        is_clean=False,
    ),
    "wrong secret": Planted(
        ("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "Not checked"),
        rules=always(_refused("SignatureDoesNotMatch"), when=lambda call: call.path.startswith("/slipstream")),
    ),
    # Where the bucket is.
    "another region": Planted(
        ("in region eu-west-3: set SLIPSTREAM_S3_REGION=eu-west-3",),
        rules=always(
            _refused("AuthorizationHeaderMalformed", 400, "<Region>eu-west-3</Region>"),
            when=lambda call: call.path.startswith("/slipstream"),
        ),
    ),
    "another bucket": Planted(
        ("There is no bucket answers at", "SLIPSTREAM_S3_BUCKET"), settings={"s3_bucket": "answers"}
    ),
    "https page, http store": Planted(
        ("mixed content", "Serve the store over https", "SLIPSTREAM_STORE_URL"),
        settings={"url": AnyHttpUrl("https://jobs.example.org")},
        faults=3,  # and the CORS rule is for another page
    ),
    "http page": Planted(
        ("cameras and microphones to https pages only", "--url https://…"),
        settings={"url": AnyHttpUrl("http://jobs.example.org")},
        faults=4,
    ),
    "store on the candidate's machine": Planted(
        ("on the candidate's own machine", "SLIPSTREAM_STORE_URL"),
        settings={"url": AnyHttpUrl("http://jobs.example.org")},
        faults=4,
    ),
    "address for pages where nobody is": Planted(
        ("cannot be reached as a page would reach it (ConnectError)", "SLIPSTREAM_STORE_URL"),
        settings={"store_url": AnyHttpUrl("http://127.0.0.1:9")},
    ),
    "store that redirects pages": Planted(
        ("redirects a part (307)", "SLIPSTREAM_S3_REGION"),
        2,
        rules=always(Answer(307, {"Location": "http://127.0.0.1:9/"}), Kind.PART),
    ),
    "gateway that changes the host": Planted(
        ("(SignatureDoesNotMatch)", "proxy_set_header Host $http_host"),
        2,
        rules=always(
            _refused("SignatureDoesNotMatch"),
            when=lambda call: call.method == "PUT" and call.size in (5 * MIB, 64 * 1024, 32),
        ),
    ),
    # How large bodies may be.
    "bodies of 1 MiB": Planted(
        (f"refuses a part of {5 * MIB} bytes as too large (413)", "client_max_body_size"),
        rules=always(Answer(413, has_cors=False), when=is_full),
    ),
    "connections that break in large bodies": Planted(
        (f"while a part of {5 * MIB} bytes was sent", "client_max_body_size"), rules=always(Reset(0.3), when=is_full)
    ),
    "no room": Planted(("has no room", "quota"), rules=always(Answer(507), when=is_full)),
    # What is cleared, and what must not be.
    "no lifecycle rule": Planted(
        ("aborts incomplete uploads", "clears _tail/", SET_CORS),
        2,
        lifecycle=[{**TAILS, "Filter": {"Prefix": "logs/"}}],
    ),
    "no rule for abandoned uploads": Planted(("aborts incomplete uploads", SET_CORS), lifecycle=[TAILS]),
    "no rule for _tail/": Planted(("clears _tail/", SET_CORS), lifecycle=[ABORT]),
    "rule that is off": Planted(("clears _tail/", SET_CORS), lifecycle=[ABORT, {**TAILS, "Status": "Disabled"}]),
    "rule that deletes everything": Planted(
        ("The rule all deletes everything in the bucket within a day", "limit it to _tail/"),
        lifecycle=[ABORT, {**TAILS, "ID": "all", "Filter": {"Prefix": ""}}],
    ),
    "rule that deletes an interview": Planted(
        ("The rule old deletes what is under demo/, recordings too, after 90 days",),
        0,
        lifecycle=[ABORT, TAILS, {**TAILS, "ID": "old", "Filter": {"Prefix": "demo/"}, "Expiration": {"Days": 90}}],
    ),
    "rule that gives up within a day": Planted(
        ("gives up uploads after 1 days",),
        0,
        lifecycle=[TAILS, {**ABORT, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}],
    ),
    "rules that nobody may read": Planted(
        ("Allow s3:GetLifecycleConfiguration on arn:aws:s3:::slipstream",), 0, rules=denied(asking("lifecycle"))
    ),
    # What proves that the bytes have arrived.
    "bucket that encrypts with KMS": Planted(
        ("set SLIPSTREAM_S3_MD5_ETAGS=false",), rules=always(_xml(KMS), when=asking("encryption"))
    ),
    "ETag that is no MD5": Planted(
        ("The ETag of a part is not its MD5", "SLIPSTREAM_S3_MD5_ETAGS=false"),
        rules=always(Change(headers={"ETag": f'"{"f" * 32}"'}), when=is_full),
    ),
    "gateway that drops ETag": Planted(
        ("The reply to a part has no ETag that is one", "pass that header on"),
        rules=always(Change(headers={"ETag": None}), when=is_full),
    ),
    "store that does not check signatures": Planted(
        ("took another size than was signed", "SigV4"), rules=always(Change(status=200), when=is_another_size)
    ),
    "Object Lock without Content-MD5": Planted(
        ("The bucket has Object Lock", "SLIPSTREAM_S3_SIGNS_MD5=true"),
        rules=always(_xml(LOCKED), when=asking("object-lock")),
        settings={"s3_signs_md5": False},
    ),
    "Object Lock that keeps what is folded": Planted(
        ("Object Lock keeps every object for 30 days", '{"layout": "multipart"}'),
        0,
        rules=always(_xml(KEPT), when=asking("object-lock")),
    ),
    # What the profile promises.
    "store that copies no parts": Planted(
        ("does not copy parts", "SLIPSTREAM_S3_PROFILE=generic"),
        2,
        rules=always(_refused("NotImplemented", 501), when=is_copy),
    ),
    "gateway that drops metadata": Planted(
        ("loses the metadata", "x-amz-meta-"),
        rules=always(Change(headers={"x-amz-meta-slipstream-token": None}), Kind.STORE_HEAD),
    ),
    "gateway that drops Content-Type": Planted(
        ("stored under another type", "Let Content-Type through"),
        rules=always(
            Change(headers={"Content-Type": "binary/octet-stream"}),
            when=lambda call: call.method == "GET" and call.path.endswith("answer.json"),
        ),
    ),
    "store that forgets what it has completed": Planted(
        ("A second completion has another error", "SLIPSTREAM_S3_PROFILE"),
        rules=lambda: [
            Rule(_refused("InvalidRequest", 400), when=lists_recording, nth=3, times=None),
        ],
    ),
    "store that forgets open uploads": Planted(
        ("The store forgets an upload that is open", "lifecycle rule"),
        rules=lambda: [Rule(_refused("NoSuchUpload", 404), when=lists_recording)],
    ),
    # Clocks.
    "clock that is wrong by 20 minutes": Planted(
        ("The signer's clock is 20 minutes ahead of the store's", "NTP"),
        rules=lambda: [Rule(Change(headers={"Date": formatdate(time() - 1200, usegmt=True)}), when=is_of_root)],
    ),
    "clock that is wrong by 5 minutes": Planted(
        ("The signer's clock is 5 minutes behind the store's", "NTP"),
        0,
        rules=lambda: [Rule(Change(headers={"Date": formatdate(time() + 300, usegmt=True)}), when=is_of_root)],
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found_and_its_fix_is_named(
    name: str, settings: Settings, gateway: Proxy, s3: "S3Client", left_behind: Callable[[], list[str]]
):
    planted = PLANTED[name]
    gateway.add(*planted.rules())
    if planted.lifecycle is not None:
        wanted: Any = {"Rules": planted.lifecycle}
        s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration=wanted)

    told = doctor(settings.model_copy(update=dict(planted.settings)))

    gateway.assert_all_fired()
    assert [words for words in planted.says if words not in told.text] == [], told.text
    assert len(told.faults) == planted.faults, told.text
    assert told.has_passed is (planted.faults == 0)
    assert (left_behind() == []) is planted.is_clean


def test_a_bucket_as_it_should_be_passes_without_a_word_and_is_left_empty(
    settings: Settings, left_behind: Callable[[], list[str]]
):
    told = doctor(settings)

    assert told.has_passed, told.text
    assert (told.faults, told.notes, left_behind()) == ([], [], [])


def test_several_faults_are_told_in_one_run(settings: Settings, gateway: Proxy):
    for planted in ("CORS without Content-Type", "no s3:ListBucketMultipartUploads", "bodies of 1 MiB"):
        gateway.add(*PLANTED[planted].rules())

    assert len(doctor(settings).faults) == 3


def test_no_signature_ticket_or_key_is_told(settings: Settings, gateway: Proxy):
    gateway.add(*PLANTED["gateway that changes the host"].rules(), *PLANTED["no s3:AbortMultipartUpload"].rules())

    told = doctor(settings).text

    assert not [secret for secret in ("X-Amz", "seaweed-key", "seaweed-secret", SECRET) if secret in told]
