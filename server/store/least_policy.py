"""The least that the signer's key must be allowed in the bucket: an AWS policy, and what each of its actions is for."""

from typing import Any

from server.store.bucket_rules import OUTBOX_PREFIX, TAIL_PREFIX
from server.store.profiles import Encryption, StoreProfile

# By the action's name in a policy: what the signer, or a page by a URL that it has signed, does with it.
IN_BUCKET = {
    "s3:ListBucket": "tell what is stored from what is missing, and find earlier answers",
    "s3:ListBucketMultipartUploads": "tell which of two devices has a session, and end what was left open",
}
IN_OBJECTS = {
    "s3:PutObject": "begin, send and complete uploads; write answer.json, submission.json and efficiency.json",
    "s3:GetObject": "look at sizes and metadata; read answer.json and submission.json; copy parts",
    "s3:ListMultipartUploadParts": "go on with an upload, and compare it before it is completed",
    "s3:AbortMultipartUpload": "give up retakes, device checks and claims",
}
OF_OUTBOX = {"s3:DeleteObject": "clear what the operator's application has been told"}
OF_TAILS = {"s3:DeleteObject": "clear what the layout `folded` has put together"}
WITH_KMS = {"kms:GenerateDataKey": "encrypt parts", "kms:Decrypt": "complete uploads, read and copy"}


def least_policy(
    bucket: str, profile: StoreProfile, encryption: Encryption | None, kms_key: str | None, *, tells: bool = False
) -> dict[str, Any]:
    """Return the policy for one bucket in AWS's form. It deletes no recording, and reads no other bucket.

    `tells`: submissions are told by a webhook.
    """
    arn = f"arn:aws:s3:::{bucket}"
    statements = [_allow("SlipstreamBucket", IN_BUCKET, arn), _allow("SlipstreamObjects", IN_OBJECTS, f"{arn}/*")]
    if profile.folds:
        statements.append(_allow("SlipstreamTails", OF_TAILS, f"{arn}/{TAIL_PREFIX}*"))
    if tells:
        statements.append(_allow("SlipstreamOutbox", OF_OUTBOX, f"{arn}/{OUTBOX_PREFIX}*"))
    if encryption is not None and encryption.startswith("aws:kms"):
        statements.append(_allow("SlipstreamKey", WITH_KMS, kms_key or "*"))
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(name: str, actions: dict[str, str], resource: str) -> dict[str, Any]:
    return {"Sid": name, "Effect": "Allow", "Action": sorted(actions), "Resource": resource}
