"""A company's site, and a stack that lets it embed the interview."""

from collections.abc import Iterator

import pytest

from tests.company import Company, running_company
from tests.conftest import BROWSER_TESTS, QUICK
from tests.stack import Stack, running_stack


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with running_company() as running:
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, company: Company) -> Iterator[Stack]:
    with running_stack(
        tmp_path_factory.mktemp("stack"),
        policy=QUICK,
        interviews=BROWSER_TESTS / "interviews",
        env={"SLIPSTREAM_FRAME_ANCESTORS": company.origin},
    ) as running:
        yield running
