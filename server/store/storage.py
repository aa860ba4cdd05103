"""One bucket as the signer uses it: objects, multipart uploads, and pre-signed URLs. Callers see our own types only."""

from server.store.client import Bucket, StoreAccess
from server.store.error_mapping import store_errors
from server.store.multipart import MultipartUploads
from server.store.objects import Objects
from server.store.presigned import PresignedUrls


class Storage:
    def __init__(self, access: StoreAccess) -> None:
        self.access = access
        self.bucket = Bucket(access)
        self.objects = Objects(self.bucket)
        self.multipart = MultipartUploads(self.bucket)
        self.urls = PresignedUrls(self.bucket)

    def check(self) -> None:
        """Raise StoreError unless the bucket answers us."""
        with self.bucket.calling(store_errors()):
            self.bucket.client.head_bucket(Bucket=self.bucket.name)
