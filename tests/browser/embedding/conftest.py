"""A company's site, and a stack that lets it embed the interview."""

from collections.abc import Iterator

import pytest

from tests.support.company import Company, running_company
from tests.support.files import INTERVIEWS
from tests.support.settings import QUICK
from tests.support.stack import Stack, running_stack


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with running_company() as running:
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, company: Company) -> Iterator[Stack]:
    with running_stack(
        tmp_path_factory.mktemp("stack"),
        policy=QUICK,
        interviews=INTERVIEWS,
        env={"SLIPSTREAM_FRAME_ANCESTORS": company.origin},
    ) as running:
        yield running
