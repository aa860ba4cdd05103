"""What the browser tests share: a policy that makes many small parts in seconds, and a synthetic recorder."""

import json
from typing import Any

import pytest

from tests.support.files import script

# A few seconds of sound make many chunks and some parts. Smaller parts the signer does not give: 10,000 of them must
# hold the 256 MiB that it grants every recording.
PART_BYTES = 27 * 1024
QUICK: dict[str, Any] = {"timeslice_ms": 250, "part_bytes": PART_BYTES, "audio_bits_per_second": 510_000}

CHROMIUM = pytest.mark.parametrize("browser_name", ["chromium"], indirect=True)  # where Firefox adds only time


def synthetic(**plan: Any) -> str:
    """Return the script that puts noise in place of camera and recorder."""
    return f"globalThis.synthetic = {json.dumps(plan)};\n{script('synthetic')}"
