"""What the browser tests share: a policy that makes many small parts in seconds, and a synthetic recorder."""

import json
import os
from typing import Any

import pytest

from tests.support.files import script

# A few seconds of sound make many chunks and some parts. Smaller parts the signer does not give: 10,000 of them must
# hold the 256 MiB that it grants every recording.
EMBEDDED_PART_BYTES = 27 * 1024
# The same tests on a store with S3's minimum, where parts are folded (tests/support/faults/stores.py).
FAR_STORE = os.environ.get("SLIPSTREAM_FAULTS_STORE")
PART_BYTES = 128 * 1024 if FAR_STORE is not None else EMBEDDED_PART_BYTES
QUICK: dict[str, Any] = {
    "timeslice_ms": 250,
    "audio_bits_per_second": 510_000,
    **({"layout": "folded"} if FAR_STORE is not None else {"part_bytes": PART_BYTES}),
}

CHROMIUM = pytest.mark.parametrize("browser_name", ["chromium"], indirect=True)  # where Firefox adds only time


def synthetic(**plan: Any) -> str:
    """Return the script that puts noise in place of camera and recorder."""
    return f"globalThis.synthetic = {json.dumps(plan)};\n{script('synthetic')}"
