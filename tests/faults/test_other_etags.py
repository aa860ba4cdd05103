"""Row 26: a store whose ETags are no MD5. What it has accepted under a signed MD5 is what was sent."""

from collections.abc import Iterator

import pytest

from tests.faults.conftest import IMPATIENT
from tests.support.faults.calls import Kind
from tests.support.faults.faulty_stack import FaultyStack, running_faulty_stack
from tests.support.faults.rules import Change, Corrupt, Rule
from tests.support.faults.speaking import finish, has_parts, speak, tries
from tests.support.files import INTERVIEWS
from tests.support.settings import FAR_STORE, QUICK
from tests.support.stack import Stack


@pytest.fixture(scope="module")
def running_faults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyStack]:
    """Run a store of which the signer says that its ETags are no MD5."""
    with running_faulty_stack(
        tmp_path_factory.mktemp("opaque"),
        policy=QUICK | IMPATIENT,
        interviews=INTERVIEWS,
        store_settings={"SLIPSTREAM_S3_SIGNS_MD5": "true", "SLIPSTREAM_S3_MD5_ETAGS": "false"},
        at_start=[_content_md5_let_through()],
    ) as running:
        yield running


@pytest.fixture(scope="module")
def stack(running_faults: FaultyStack) -> Stack:
    return running_faults.stack


def _content_md5_let_through() -> Rule:
    """Do for the store's preflight what a bucket's CORS rule does."""
    allowed = {"Access-Control-Allow-Headers": "content-md5, content-type"}
    return Rule(Change(headers=allowed), Kind.PREFLIGHT, times=None)


def test_row_26_parts_and_documents_are_proven_by_the_signed_md5(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    faults.store.add(_content_md5_let_through())
    # A hidden ETag is looked up in the signer's list, where it cannot be compared either.
    faults.store.add(Rule(Change(headers={"ETag": None}), Kind.PART, number=3))

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)

    # Nobody but the store can say what it calls a small part, and a page may not ask it: that part is sent twice.
    third = 1 if FAR_STORE is None else 2
    assert [len(tries(faults, number)) for number in (1, 2, 3, 4)] == [1, 1, third, 1]


def test_row_26_damage_on_the_way_is_found_by_the_store(sit_down_with_faults, faults):
    candidate = sit_down_with_faults()
    faults.store.add(_content_md5_let_through())
    faults.store.add(Rule(Corrupt(), Kind.PART, number=2))

    speak(candidate, lambda: has_parts(candidate), "four parts are stored")
    finish(candidate, faults)

    assert not tries(faults, 2)[0].is_acknowledged
