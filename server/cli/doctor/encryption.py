"""How the bucket encrypts and locks objects by itself."""

from collections.abc import Iterator

from app.contract import Layout
from server.cli.doctor.finding import Finding, fault, note
from server.cli.doctor.recordings import layouts_of
from server.cli.doctor.visit import Visit
from server.errors import StoreError, StoreMisconfigured
from server.store.error_mapping import store_errors


def check_encryption(visit: Visit) -> Iterator[Finding]:
    """Find a bucket whose ETags are no MD5, because it encrypts with KMS by itself. Raises StoreUnavailable."""
    try:
        visit.storage.check_proof()
    except StoreMisconfigured as error:
        yield fault(str(error))


def check_object_lock(visit: Visit) -> Iterator[Finding]:
    """Find a bucket with Object Lock to which no Content-MD5 would be sent, or which keeps what is folded."""
    try:
        with visit.storage.bucket.calling(store_errors()):
            found = visit.storage.bucket.client.get_object_lock_configuration(Bucket=visit.bucket)
    except StoreError:  # not set, not offered, or not permitted: then the requests themselves tell
        return
    lock = found.get("ObjectLockConfiguration", {})
    if lock.get("ObjectLockEnabled") != "Enabled":
        return
    if not visit.storage.access.is_md5_signed:
        yield fault(
            "The bucket has Object Lock, and takes no object without Content-MD5: set SLIPSTREAM_S3_SIGNS_MD5=true, "
            "and let its CORS rule allow content-md5."
        )
    kept = lock.get("Rule", {}).get("DefaultRetention", {})
    if kept and Layout.FOLDED in layouts_of(visit.settings, visit.profile):
        length = f"{kept['Days']} days" if "Days" in kept else f"{kept.get('Years', '?')} years"
        yield note(
            f"Object Lock keeps every object for {length}, the intermediate ones under _tail/ too: about sixty times "
            'what was recorded. Set SLIPSTREAM_POLICY=\'{"layout": "multipart"}\', or drop the default retention.'
        )
