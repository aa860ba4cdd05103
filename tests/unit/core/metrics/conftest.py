"""A session in which nothing has happened yet."""

import pytest

from tests.support.metered import Metered


@pytest.fixture
def desk() -> Metered:
    return Metered()
