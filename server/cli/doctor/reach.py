"""Whether the bucket answers the signer's key, where we look for it."""

from collections.abc import Iterator

from server.cli.doctor.finding import CannotGoOn, Finding, fault, note
from server.cli.doctor.permission import Action, Denied, advice, needing
from server.cli.doctor.visit import Visit
from server.errors import CallNotOffered, ObjectMissing, StoreMisconfigured, StoreUnavailable, UploadGone
from server.store.error_mapping import store_errors
from server.store.profiles import of_reply

_WRONG_KEY = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurity", "InvalidToken", "no credentials"}


def check_reach(visit: Visit) -> Iterator[Finding]:
    """Find a missing bucket, another region, a wrong key. Raises CannotGoOn, StoreUnavailable."""
    try:
        headers = visit.storage.check()
    except StoreUnavailable:
        raise StoreUnavailable(
            f"The object store cannot be reached at the moment ({visit.storage.bucket.endpoint_url}). Does it run, and "
            "is SLIPSTREAM_S3_ENDPOINT right?"
        ) from None
    except ObjectMissing:
        raise CannotGoOn(_no_bucket(visit)) from None
    except StoreMisconfigured as error:
        if not error.is_denied:
            raise CannotGoOn(_reason(error, visit)) from None
        visit.can_list = False
        yield fault(advice(Action.LIST, visit.bucket, error.code))
        return
    named, found = visit.settings.s3_profile, of_reply(headers)
    if found is not None and named not in (None, "generic", found.name):
        yield note(f"SLIPSTREAM_S3_PROFILE is {named}, but the store says that it is {found.title}: is that right?")


def _reason(error: StoreMisconfigured, visit: Visit) -> str:
    if error.code == "NoSuchBucket":
        return _no_bucket(visit)
    if error.code in _WRONG_KEY:
        return (
            f"The store does not know the signer's key, or its secret is another one ({error.code}). Set "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    if error.code == "RequestTimeTooSkewed":
        return "The store refuses the signer's signatures, because its clock is another. Set the clock (NTP)."
    return str(error)


def _no_bucket(visit: Visit) -> str:
    where = visit.storage.bucket.endpoint_url
    return (
        f"There is no bucket {visit.bucket} at {where}, or the key may not see it. Create it, or set "
        "SLIPSTREAM_S3_BUCKET."
    )


def check_listing(visit: Visit) -> Iterator[Finding]:
    """Find a key that may not list open uploads."""
    try:
        with needing(Action.LIST_UPLOADS, visit.bucket), visit.storage.bucket.calling(store_errors()):
            visit.storage.bucket.client.list_multipart_uploads(Bucket=visit.bucket, MaxUploads=1)
    except Denied as denied:
        yield denied.finding
    except UploadGone:  # how rclone says that there are none
        return
    except CallNotOffered:
        yield note(
            "The store does not list open uploads: two devices may record one session, and the first to finish counts."
        )
