"""Pre-signed URLs: each for one part, or one document, of exactly the named size."""

import base64
from typing import Any, Literal
from urllib.parse import urlsplit

from server.store.client import Bucket
from server.store.error_mapping import store_errors
from server.store.part_urls import PartUrls

ENCRYPTION_HEADERS: "dict[Literal['ServerSideEncryption', 'SSEKMSKeyId'], str]" = {
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
}


class PresignedUrls:
    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._parts = PartUrls(bucket.public_client, bucket.name, bucket.credentials)

    def origin(self) -> str:
        """Return the origin of every URL signed here."""
        with store_errors():
            url = urlsplit(
                self._bucket.public_client.generate_presigned_url("get_object", Params=self._bucket.at("origin"))
            )
        return f"{url.scheme}://{url.netloc}"

    def sign_part(
        self, key: str, upload: str, number: int, *, size: int, md5: str | None, life_s: int
    ) -> tuple[str, dict[str, str]]:
        """Return a URL for one part of exactly this size, and the headers to send with it."""
        headers = self._md5_header(md5)
        with store_errors():
            signed = {"content-length": str(size), **headers}
            return self._parts.sign(key, upload, number, signed, life_s), headers

    def sign_stream(self, key: str, upload: str, number: int, *, life_s: int) -> str:
        """Return a URL for one part of any size, as the gateway before the store reaches it."""
        params = {**self._bucket.at(key), "UploadId": upload, "PartNumber": number}
        with store_errors():
            return self._bucket.client.generate_presigned_url("upload_part", params, life_s)

    def sign_document(
        self, key: str, content_type: str, *, size: int, md5: str, life_s: int
    ) -> tuple[str, dict[str, str]]:
        params: dict[str, Any] = {**self._bucket.at(key), "ContentLength": size, "ContentType": content_type}
        params |= self._bucket.access.encryption_params()
        digest = self._md5_header(md5)
        if digest:
            params["ContentMD5"] = digest["content-md5"]
        with store_errors():
            url = self._bucket.public_client.generate_presigned_url("put_object", params, life_s)
        return url, {"content-type": content_type, **self.encryption_headers(), **digest}

    def sign_reading(self, key: str, content_type: str, *, version: str | None, life_s: int) -> str:
        """Return a URL by which a browser plays an object, for `life_s` seconds. `version` None: the newest."""
        params = {**self._bucket.at(key), "ResponseContentType": content_type, "ResponseContentDisposition": "inline"}
        params |= {"VersionId": version} if version is not None else {}
        with store_errors():
            return self._bucket.public_client.generate_presigned_url("get_object", params, life_s)

    def encryption_headers(self) -> dict[str, str]:
        """Return the headers that a page sends with an object of its own; parts need none."""
        params = self._bucket.access.encryption_params()
        return {header: str(params[name]) for name, header in ENCRYPTION_HEADERS.items() if name in params}

    def _md5_header(self, md5: str | None) -> dict[str, str]:
        """Return the header that proves the bytes, where the store checks it."""
        if md5 is None or not self._bucket.access.is_md5_signed:
            return {}
        return {"content-md5": base64.b64encode(bytes.fromhex(md5)).decode()}
