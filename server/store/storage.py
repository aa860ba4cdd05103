"""One bucket as the signer uses it: objects, multipart uploads, and pre-signed URLs. Callers see our own types only."""

from collections.abc import Mapping

from server.errors import ObjectMissing, StoreError, StoreMisconfigured
from server.store.beginnings import Beginnings
from server.store.client import Bucket, StoreAccess
from server.store.error_mapping import store_errors
from server.store.inventory import Inventory
from server.store.multipart import MultipartUploads
from server.store.objects import Objects
from server.store.presigned import PresignedUrls
from server.store.resumable import ResumableSessions


class Storage:
    def __init__(self, access: StoreAccess) -> None:
        self.access = access
        self.bucket = Bucket(access)
        self.objects = Objects(self.bucket)
        self.inventory = Inventory(self.bucket)
        self.multipart = MultipartUploads(self.bucket)
        self.beginnings = Beginnings(self.bucket, self.multipart)
        self.sessions = ResumableSessions(self.bucket)
        self.urls = PresignedUrls(self.bucket)

    def check(self) -> Mapping[str, str]:
        """Raise StoreError unless the bucket answers us, where we look for it. Return the reply's headers."""
        self.bucket.credentials_life_s()
        try:
            with self.bucket.calling(store_errors()):
                reply = self.bucket.client.head_bucket(Bucket=self.bucket.name)
        except ObjectMissing:
            raise
        except StoreMisconfigured:
            with self.bucket.calling(store_errors()):  # the reply to HEAD has no body, and so names no reason
                self.bucket.client.list_objects_v2(Bucket=self.bucket.name, MaxKeys=1)
            raise
        headers = reply["ResponseMetadata"]["HTTPHeaders"]
        # Some endpoints of AWS answer from every region; the signed URL of a page is for one.
        region = headers.get("x-amz-bucket-region")
        if self.access.profile.name == "aws" and region not in (None, self.access.region):
            raise StoreMisconfigured.in_region(region)
        return headers

    def check_proof(self) -> None:
        """Raise StoreMisconfigured if the bucket encrypts with KMS by itself, and ETags are believed to be MD5s.

        A page would take every part for damaged. Where the bucket does not tell, `doctor` finds it by trying.
        """
        if self.access.has_md5_etags and self.access.encryption is None and self._encrypts_with_kms():
            raise StoreMisconfigured(
                "The bucket encrypts with KMS by itself, so that ETags are no MD5: set SLIPSTREAM_S3_MD5_ETAGS=false, "
                "or name the encryption in SLIPSTREAM_S3_ENCRYPTION."
            )

    def _encrypts_with_kms(self) -> bool:
        try:
            with self.bucket.calling(store_errors()):
                found = self.bucket.client.get_bucket_encryption(Bucket=self.bucket.name)
        except StoreError:  # not set, not offered, or not permitted
            return False
        rules = found.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
        defaults = (rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules)
        return any(default.get("SSEAlgorithm", "").startswith("aws:kms") for default in defaults)
