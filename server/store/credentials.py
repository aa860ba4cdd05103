"""Temporary credentials (STS, instance roles): how much longer they are good."""

import math
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from botocore.credentials import Credentials

from server.errors import StoreMisconfigured


def life_s(credentials: Credentials | None, errors: AbstractContextManager[None]) -> float:
    """Return how long the credentials are good, in seconds; infinity if they do not end, or do not say when.

    Refresh them first where they are about to end. `errors` maps botocore's errors to ours. Raises StoreError.
    """
    if credentials is None:
        return math.inf
    with errors:
        credentials.get_frozen_credentials()
    ends: datetime | None = getattr(credentials, "_expiry_time", None)  # botocore has no public name for it
    if ends is None:
        return math.inf
    left_s = (ends - datetime.now(UTC)).total_seconds()
    if left_s <= 1:
        raise StoreMisconfigured.expired_credentials()
    return left_s
