"""Stories that the machine has told, kept short; and that what they are told with is what it says."""

import pytest

from tests.support.fake_store import key_of, video
from tests.support.visits import SPOKEN, Visits
from tests.support.weather import PASSING, Kind

Q1 = video(SPOKEN.id)


@pytest.fixture
def visits():
    made = Visits(SPOKEN)
    yield made
    made.close()


def test_beginning_that_the_disk_did_not_take_is_kept_with_the_next_chunk(visits):
    visits.disk.failing = [True]
    visits.record(SPOKEN.id)
    for _ in range(2):
        visits.speak(25)
        visits.wait(1)
    visits.crash()
    visits.end_well()
    assert visits.store.objects == {key_of(Q1): list(visits.recordings.given.values())[-1]}


def test_recording_of_a_page_that_went_before_its_beginning_was_kept_does_not_mix_with_the_next(visits):
    visits.disk.failing = [True]
    visits.record(SPOKEN.id)
    visits.speak(25)
    visits.loop.advance(0.03)  # the chunk is on the disk, its beginning is not
    visits.crash()
    visits.record(SPOKEN.id)
    visits.speak(15)
    visits.wait(1)
    visits.crash()
    visits.end_well()
    assert visits.store.objects == {key_of(Q1): list(visits.recordings.given.values())[-1]}


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_every_passing_fault_passes_without_a_hand(visits, fault):
    for kind in Kind:
        if kind in fault.kinds:
            visits.weather.announce(kind, fault)
    visits.record(SPOKEN.id)
    visits.speak(25)
    visits.wait(150, size=1)
    visits.stop()
    visits.wait(250)
    assert visits.page.view.figures.is_safe
    met = {passed.request.kind for passed in visits.network.passed if passed.fault == fault}
    assert Kind.PART in met
    visits.end_well()
