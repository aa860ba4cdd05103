"""Map botocore's errors to server.errors, in this one place."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from server.errors import ObjectExists, ObjectMissing, PartsUnfit, StoreMisconfigured, StoreUnavailable, UploadGone

_ABSENT = {"404", "NoSuchKey", "NotFound", "NoSuchLifecycleConfiguration"}
_UNFIT = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}
_BUSY = {
    "ConditionalRequestConflict",  # another request is writing the same key: try again
    "InternalError",  # also with status 200, when a completion fails after its headers were sent
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "TooManyRequests",
}


_KINDS: dict[str, type[Exception]] = (
    {"NoSuchUpload": UploadGone}
    | dict.fromkeys(_ABSENT, ObjectMissing)
    | dict.fromkeys({"412", "PreconditionFailed"}, ObjectExists)
)
# Ceph answers NoSuchKey for an upload that is completed or aborted. A missing bucket has a code of its own.
_KINDS_OF_UPLOAD = _KINDS | dict.fromkeys({"404", "NoSuchKey", "NotFound"}, UploadGone)


@contextmanager
def store_errors(kinds: Mapping[str, type[Exception]] = _KINDS) -> Iterator[None]:
    """Turn botocore's errors into ours. They are not chained: their text quotes URLs and key ids."""
    try:
        yield
    except ClientError as error:
        raise _translated(error, kinds) from None
    except NoCredentialsError:
        raise StoreMisconfigured.because("no credentials") from None
    except BotoCoreError:
        raise StoreUnavailable from None


def upload_errors() -> AbstractContextManager[None]:
    """Do the same for a call that names a multipart upload: "not found" then means the upload."""
    return store_errors(_KINDS_OF_UPLOAD)


def _translated(error: ClientError, kinds: Mapping[str, type[Exception]]) -> Exception:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    if error_class := kinds.get(code):
        return error_class()
    if code in _UNFIT:
        return PartsUnfit()
    if status == HTTPStatus.NOT_IMPLEMENTED or code in {"NotImplemented", "MethodNotAllowed"}:
        return StoreMisconfigured()
    if code in _BUSY or status >= 500 or status == HTTPStatus.TOO_MANY_REQUESTS:
        return StoreUnavailable()
    return StoreMisconfigured.because(code if code.isalnum() else str(status))
