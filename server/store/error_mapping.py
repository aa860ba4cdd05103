"""Map botocore's errors to server.errors, in this one place."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus

from botocore.exceptions import BotoCoreError, ClientError, CredentialRetrievalError, NoCredentialsError

from server.errors import (
    CallNotOffered,
    ObjectExists,
    ObjectMissing,
    PartsUnfit,
    StoreFailed,
    StoreMisconfigured,
    StoreUnavailable,
    UploadGone,
)

_ABSENT = {
    "404",
    "NoSuchCORSConfiguration",
    "NoSuchKey",
    "NoSuchLifecycleConfiguration",
    "NoSuchVersion",
    "NotFound",
}
_UNFIT = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}
_BUSY = {
    "ConditionalRequestConflict",  # another request is writing the same key: try again
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "TooManyRequests",
}


_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
_ELSEWHERE = {
    "301",
    "307",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "PermanentRedirect",
    "TemporaryRedirect",
}

_KINDS: dict[str, type[Exception]] = (
    {"NoSuchUpload": UploadGone}
    | dict.fromkeys(_ABSENT, ObjectMissing)
    | dict.fromkeys({"412", "PreconditionFailed"}, ObjectExists)
)


@contextmanager
def store_errors(kinds: Mapping[str, type[Exception]] = _KINDS) -> Iterator[None]:
    """Turn botocore's errors into ours. They are not chained: their text quotes URLs and key ids."""
    try:
        yield
    except ClientError as error:
        raise _translated(error, kinds) from None
    except NoCredentialsError:
        raise StoreMisconfigured.because("no credentials") from None
    except CredentialRetrievalError:
        raise StoreMisconfigured.expired_credentials() from None
    except RuntimeError as error:
        if "expired" not in str(error):  # botocore's way to say that what it was given has ended already
            raise
        raise StoreMisconfigured.expired_credentials() from None
    except BotoCoreError:
        raise StoreUnavailable from None


def upload_errors(missing: Iterable[str]) -> AbstractContextManager[None]:
    """Do the same for a call that names a multipart upload: "not found" then means the upload.

    `missing` are the profile's codes for an upload that is over. A missing bucket has a code of its own.
    """
    kinds = {code: kind for code, kind in _KINDS.items() if kind is not ObjectMissing}  # it would mean the bucket
    return store_errors(kinds | dict.fromkeys({"404", "NotFound", *missing}, UploadGone))


def _translated(error: ClientError, kinds: Mapping[str, type[Exception]]) -> Exception:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    if error_class := kinds.get(code):
        return error_class()
    if code in _UNFIT:
        return PartsUnfit()
    if status == HTTPStatus.NOT_IMPLEMENTED or code in {"NotImplemented", "MethodNotAllowed"}:
        return CallNotOffered()
    if code in _BUSY or status > 500 or status == HTTPStatus.TOO_MANY_REQUESTS:
        return StoreUnavailable()
    if code == "InternalError" or status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return StoreFailed()  # also with status 200, when a completion fails after its headers were sent
    return _for_the_operator(error, code, status)


def _for_the_operator(error: ClientError, code: str, status: int) -> StoreMisconfigured:
    """Return an error that names what to change, or else the store's own code."""
    if code in _EXPIRED:
        return StoreMisconfigured.expired_credentials()
    if code in _ELSEWHERE:
        return _elsewhere(error, code)
    return StoreMisconfigured.because(code if code.isalnum() else str(status))


def _elsewhere(error: ClientError, code: str) -> StoreMisconfigured:
    """Return an error that names the bucket's region, if the store does."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    named: object = error.response.get("Error", {}).get("Region") or headers.get("x-amz-bucket-region") or ""
    region = str(named)
    if re.fullmatch(r"[a-z0-9-]{1,40}", region):
        return StoreMisconfigured.in_region(region)
    return StoreMisconfigured(
        f"The store says that the bucket is elsewhere ({code}): check SLIPSTREAM_S3_ENDPOINT and SLIPSTREAM_S3_REGION."
    )
