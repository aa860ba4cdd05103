"""Every dialogue runs in one fresh event loop, and derandomized: what fails once fails every time."""

import pytest
from hypothesis import settings

settings.register_profile("core", settings.get_profile("untimed"), derandomize=True, max_examples=60)
settings.load_profile("core")


@pytest.fixture
def anyio_backend():
    return "asyncio"
