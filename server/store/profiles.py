"""What each object store can and cannot do, and how a store is recognised.

A number or a refusal comes from the vendor's own document, whose name stands beside it; what none of them says was
measured or is left at the cautious value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.contract import MIB

_NO_MINIMUM = 1
_S3_MINIMUM = 5 * MIB

# How a signed URL names the bucket. An endpoint that is set is always used with the path, unless the settings differ.
Addressing = Literal["auto", "path", "virtual"]
Encryption = Literal["AES256", "aws:kms", "aws:kms:dsse"]
# What a completion may leave out: parts that are stored ("forgotten"); only numbers of which no part is stored
# ("missing"); nothing up to the highest number ("none": the store refuses, and may forget the whole upload).
LeftOut = Literal["forgotten", "missing", "none"]
_EVERY: frozenset[Encryption] = frozenset({"AES256", "aws:kms", "aws:kms:dsse"})
_NO_ENCRYPTION: frozenset[Encryption] = frozenset()


@dataclass(frozen=True, slots=True)
class StoreProfile:
    """The promises of one kind of store. `doctor` compares them with what the store does."""

    name: str  # as in SLIPSTREAM_S3_PROFILE
    title: str  # for sentences
    min_part_bytes: int = _S3_MINIMUM  # of every part but the last; 1: no minimum
    has_equal_parts: bool = False  # every part but the last must have the same size
    copies_parts: bool = False  # UploadPartCopy with a range
    folds: bool = False  # `folded` is its default layout: a minimum, part copies, no minimum storage duration
    resumes: bool = False  # has resumable sessions (server/store/resumable.py)
    has_md5_etags: bool = True  # of a part that was sent; a copied part's ETag need not be an MD5 anywhere
    signs_md5: bool = True  # Content-MD5 is checked, and a CORS rule can let it through
    left_out: LeftOut = "forgotten"
    repeats_completion: bool = False  # a second CompleteMultipartUpload succeeds again
    keeps_metadata: bool = True
    has_conditions: bool = False  # may support `If-None-Match: *` on writes; the signer tries it before it trusts it
    shows_refusals: bool = True  # the bucket's CORS rule holds for 403 too
    addressing: Addressing = "path"
    encryptions: frozenset[Encryption] = _NO_ENCRYPTION  # that a request may name
    # Answered for an upload that is over. NoSuchKey is Ceph's; no store means anything else by it in such a call.
    missing_upload_codes: frozenset[str] = frozenset({"NoSuchUpload", "NoSuchKey"})
    cors_note: str = ""  # how CORS is set where PutBucketCors does not exist; "": it does
    lifecycle_note: str = ""  # the same for the lifecycle rules
    aborts_by_rule: bool = True  # a lifecycle rule may abort incomplete uploads


GENERIC = StoreProfile(
    "generic",
    "this S3-compatible store",
    left_out="none",
    has_conditions=True,
    encryptions=_EVERY,
)

# `rclone serve s3`, measured with 1.75.2: its preflight lets no Content-MD5 through; metadata is in memory only.
EMBEDDED = StoreProfile(
    "embedded",
    "rclone's S3 server",
    min_part_bytes=_NO_MINIMUM,
    signs_md5=False,
    left_out="none",
    keeps_metadata=False,
    cors_note="rclone takes one origin at its start: --allow-origin.",
    lifecycle_note="rclone has no lifecycle rules; it forgets incomplete uploads when it is restarted.",
)

PROFILES: Mapping[str, StoreProfile] = {
    profile.name: profile
    for profile in (
        # "Amazon S3 multipart upload limits": parts of 5 MiB to 5 GiB, no minimum for the last one. "Object" (API
        # reference): ETags are MD5s unless encrypted with SSE-KMS or SSE-C. "Conditional writes": If-None-Match on
        # PutObject and CompleteMultipartUpload. S3 Standard has no minimum storage duration ("Storage classes").
        StoreProfile(
            "aws",
            "AWS S3",
            copies_parts=True,
            folds=True,
            repeats_completion=True,
            has_conditions=True,
            addressing="virtual",  # "auto" signs for the global host name, which redirects; a page cannot follow that
            encryptions=_EVERY,
        ),
        # "Multipart upload": at least 5 MiB, all but the last of the same size; a part's ETag is its MD5. "S3 API
        # compatibility": UploadPartCopy with a range, Content-MD5; no x-amz-server-side-encryption, because R2 always
        # encrypts. Only its class Infrequent Access has a minimum storage duration.
        StoreProfile(
            "r2",
            "Cloudflare R2",
            has_equal_parts=True,
            copies_parts=True,
            folds=True,
            has_conditions=True,
        ),
        # "Create Large Files": at least 5 MB (5,000,000 bytes). "S3 Upload Part Copy": with a range. "S3 Put Lifecycle
        # Configuration": Expiration hides, NoncurrentVersionExpiration deletes. "Call the S3-Compatible API": path or
        # host. Conditional writes are not documented.
        StoreProfile("b2", "Backblaze B2", copies_parts=True, folds=True, encryptions=frozenset({"AES256"})),
        # "Thresholds and Limits": parts of 5 MiB to 5 GiB. "S3 API Compatibility": no PutBucketCors (the server allows
        # every origin unless MINIO_API_CORS_ALLOW_ORIGIN names some), no AbortIncompleteMultipartUpload (it gives up
        # stale uploads itself).
        StoreProfile(
            "minio",
            "MinIO",
            copies_parts=True,
            folds=True,
            has_conditions=True,
            encryptions=frozenset({"AES256", "aws:kms"}),
            cors_note="MinIO has one rule for the whole server: MINIO_API_CORS_ALLOW_ORIGIN, by default every origin.",
            aborts_by_rule=False,
        ),
        # Measured with RGW 16.2: 5 MiB (`rgw_multipart_min_part_size`), part copies, a second completion succeeds,
        # NoSuchKey for an upload that is over, no CORS headers with 403. "Ceph Object Gateway: Encryption":
        # SSE-S3 and SSE-KMS, over TLS.
        StoreProfile(
            "ceph",
            "Ceph RGW",
            copies_parts=True,
            folds=True,
            repeats_completion=True,
            has_conditions=True,
            shows_refusals=False,
            encryptions=frozenset({"AES256", "aws:kms"}),
            left_out="missing",  # otherwise InvalidPart
        ),
        # "XML API multipart uploads": no preconditions; "Quotas and limits": at least 5 MiB but for the last part.
        # "Upload a part": no copy source, Content-MD5 is checked. CORS and lifecycle have XML of their own.
        # "Resumable uploads": in multiples of 256 KiB, but for the last; nothing is chosen by default that was never
        # run against Google itself.
        StoreProfile(
            "gcs",
            "Google Cloud Storage",
            resumes=True,
            cors_note="Google has a format of its own: gcloud storage buckets update gs://BUCKET --cors-file=FILE.",
            lifecycle_note="Google has a format of its own (AbortIncompleteMultipartUpload, age 7): "
            "gcloud storage buckets update gs://BUCKET --lifecycle-file=FILE.",
        ),
        # "Spaces limits": at least 5 MiB but for the last part. "Spaces S3 Compatibility": UploadPartCopy within a
        # region, lifecycle with expiration and aborting, encryption by SSE-C only. Spaces runs on Ceph.
        StoreProfile(
            "digitalocean",
            "DigitalOcean Spaces",
            copies_parts=True,
            folds=True,
            shows_refusals=False,
        ),
        # "90-Day Storage Policy": what is deleted earlier is billed for 90 days, so every tail would be.
        StoreProfile(
            "wasabi",
            "Wasabi",
            copies_parts=True,
            has_conditions=True,
            encryptions=frozenset({"AES256"}),
        ),
        # Measured with 4.48: 5 MiB, part copies (whose ETag is no MD5), a second completion succeeds, If-None-Match.
        StoreProfile(
            "seaweedfs",
            "SeaweedFS",
            copies_parts=True,
            folds=True,
            repeats_completion=True,
            has_conditions=True,
            encryptions=frozenset({"AES256", "aws:kms"}),
        ),
        EMBEDDED,
        GENERIC,
    )
}

_HOSTS = {
    "amazonaws.com": "aws",
    "amazonaws.com.cn": "aws",
    "r2.cloudflarestorage.com": "r2",
    "backblazeb2.com": "b2",
    "storage.googleapis.com": "gcs",
    "digitaloceanspaces.com": "digitalocean",
    "wasabisys.com": "wasabi",
}
# What the reply's `Server` header begins with.
_SERVERS = {
    "minio": "minio",
    "seaweedfs": "seaweedfs",
    "rclone": "embedded",
    "ceph": "ceph",
}


def of_host(host: str | None) -> StoreProfile | None:
    """Return the profile of a store with this host name; None if the name tells nothing. `host` None: AWS itself."""
    if host is None:
        return PROFILES["aws"]
    known = (name for suffix, name in _HOSTS.items() if host == suffix or host.endswith("." + suffix))
    name = next(known, None)
    return None if name is None else PROFILES[name]


def of_reply(headers: Mapping[str, str]) -> StoreProfile | None:
    """Return the profile of a store that sends these headers (names in small letters); None if they tell nothing."""
    server = headers.get("server", "").lower()
    known = next((name for start, name in _SERVERS.items() if server.startswith(start)), None)
    if known is None and any(name.startswith("x-rgw-") for name in headers):  # Ceph's older versions name no server
        known = "ceph"
    return None if known is None else PROFILES[known]
