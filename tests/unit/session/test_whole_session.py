"""The whole page, but for the browser: random weather, crashes, full disks and forgetful stores lose nothing."""

import os

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from app.contract import UploadMode
from tests.support.fake_store import FakeStore
from tests.support.folding_store import FoldingStore
from tests.support.free_store import FreeStore, StreamedStore
from tests.support.ordered_store import OrderedStore
from tests.support.visits import BOTH, SPOKEN, WRITTEN, Visits
from tests.support.weather import PASSING, STRANGE, Kind

SPOKEN_ONES = st.sampled_from([SPOKEN.id, BOTH.id])
CHUNKS = st.lists(st.sampled_from([1, 9, 10, 11, 35]), min_size=1, max_size=4)  # around the size of a part, which is 10
WAITS = st.sampled_from([0.03, 1, 5, 40])
MOMENTS = st.integers(0, 12).map(lambda hundredths: hundredths / 100)  # a write takes 0.01 s, a round trip 0.02 s
FAULTS = {fault.name: fault for fault in PASSING + STRANGE}
DEEP_EXAMPLES = int(os.environ.get("SLIPSTREAM_DEEP_EXAMPLES", "0"))  # 0: as many as the suite has time for
EXAMPLES = 60
STEPS = 15


def has_whole_store(play: "WholePlay") -> bool:
    """Whether the store has everything that it has acknowledged: a full disk keeps no second copy of that."""
    return not play.has_store_forgotten


def has_healthy_disk(play: "WholePlay") -> bool:
    return play.is_disk_healthy


class WholePlay(RuleBasedStateMachine):
    """Rules are what a candidate, a network, a disk and a store do; `Visits` says what must hold meanwhile."""

    visits_class: type[Visits] = Visits  # a planted bug puts its own here
    store_class: type[FakeStore] = FakeStore

    @initialize(mode=st.sampled_from([UploadMode.PROGRESSIVE, UploadMode.PROGRESSIVE, UploadMode.PER_ANSWER]))
    def sit_down(self, mode):
        self.visits = self.visits_class(mode=mode, store=self.store_class())
        self.is_disk_healthy, self.has_store_forgotten = True, False
        self.visits.record(BOTH.id)
        self.visits.speak(35)

    # The candidate.

    @rule(question=SPOKEN_ONES, sizes=CHUNKS)
    def answer(self, question, sizes):
        """Begin to speak; nobody says that it ends."""
        self.visits.record(question)
        for size in sizes:
            self.visits.speak(size)

    @rule(sizes=CHUNKS)
    def speak(self, sizes):
        self._speak(sizes)

    @rule(pause_s=WAITS)
    def stop(self, pause_s):
        self.visits.stop()
        self.visits.wait(pause_s)

    @rule(question=SPOKEN_ONES)
    def retake(self, question):
        self.visits.retake(question)

    @rule(text=st.sampled_from(["", "a", "Because.", "x" * 20]), pause_s=WAITS)
    def write(self, text, pause_s):
        self.visits.write(WRITTEN.id, text)
        self.visits.wait(pause_s)

    @rule(duration_s=WAITS)
    def pause(self, duration_s):
        self.visits.pause(is_paused=True)
        self.visits.wait(duration_s)
        self.visits.pause(is_paused=False)

    # Time and network.

    @rule(duration_s=WAITS)
    def wait(self, duration_s):
        self.visits.wait(duration_s)

    @rule(kinds=st.lists(st.sampled_from(Kind), min_size=1, max_size=6), name=st.sampled_from(sorted(FAULTS)))
    def bad_luck(self, kinds, name):
        """Have the next requests of these kinds meet a fault each."""
        for kind in {*kinds, Kind.PART}:
            self._announce(kind, name)

    @rule(kind=st.sampled_from(Kind), name=st.sampled_from(sorted(FAULTS)), times=st.integers(1, 3))
    def much_bad_luck(self, kind, name, times):
        for _ in range(times):
            self._announce(kind, name)

    def _announce(self, kind: Kind, name: str) -> None:
        fault = FAULTS[name]
        if kind in fault.kinds and (self.is_disk_healthy or not fault.loses_upload):
            self.visits.weather.announce(kind, fault)

    @rule(is_portal=st.booleans(), is_told=st.booleans(), sizes=CHUNKS, duration_s=WAITS)
    def outage(self, is_portal, is_told, sizes, duration_s):
        weather, browser = self.visits.weather, self.visits.page.network
        weather.is_offline, weather.has_portal = not is_portal, is_portal
        if is_told and not is_portal:
            browser.turn(online=False)
        self._speak(sizes)
        self.visits.wait(duration_s)
        weather.is_offline = weather.has_portal = False
        if is_told:
            browser.turn(online=True)

    # Store and disk. Not after the disk has refused something: the page lets go of what memory alone has as soon as the
    # store has acknowledged it, and a store that forgets it then has the only copy.

    @precondition(lambda self: self.is_disk_healthy and self.visits.store.uploads)
    @rule(data=st.data(), part=st.booleans())
    def store_forgets(self, data, part):
        handle = data.draw(st.sampled_from(sorted(self.visits.store.uploads)))
        losable = self.visits.store.losable(handle)
        self.has_store_forgotten = True
        if part and losable:
            self.visits.lose_part(handle, data.draw(st.sampled_from(losable)))
        else:
            self.visits.lose_upload(handle)

    @precondition(has_whole_store)
    @rule(failing=st.lists(st.booleans(), max_size=5))
    def disk_takes_no_more(self, failing):
        """Some of the next writes fail."""
        self.visits.disk.failing = failing
        if any(failing):
            self._refuse()

    @precondition(has_whole_store)
    @rule(sizes=CHUNKS)
    def disk_is_full(self, sizes):
        self.visits.disk.room = 0
        self._refuse()
        self._speak(sizes)
        self.visits.disk.room = None

    def _refuse(self) -> None:
        self.is_disk_healthy = False
        self.visits.weather.spare_uploads()

    # The page goes down at whatever it is at, and comes back. Not after the disk has refused something: what was in
    # memory alone is lost with the page then, and the stories of test_recovery.py say what becomes of the rest.

    @precondition(has_healthy_disk)
    @rule(turns=st.integers(0, 40), loses_power=st.booleans(), arrives=st.booleans(), is_written=st.booleans())
    def crash(self, turns, loses_power, arrives, is_written):
        self._crash(turns, arrives=arrives, is_written=is_written, loses_power=loses_power)

    @precondition(has_healthy_disk)
    @rule(question=SPOKEN_ONES, sizes=CHUNKS, moment_s=MOMENTS, arrives=st.booleans(), is_written=st.booleans())
    def crash_while_speaking(self, question, sizes, moment_s, arrives, is_written):
        self.visits.record(question)
        for size in sizes:
            self.visits.speak(size)
        self.visits.loop.advance(moment_s)
        self._crash(arrives=arrives, is_written=is_written)

    @precondition(has_healthy_disk)
    @rule(moment_s=MOMENTS, arrives=st.booleans(), is_written=st.booleans())
    def crash_after_stop(self, moment_s, arrives, is_written):
        self.visits.stop()
        self.visits.loop.advance(moment_s)
        self._crash(arrives=arrives, is_written=is_written)

    def _crash(self, turns: int = 0, *, arrives: bool, is_written: bool, loses_power: bool = False) -> None:
        self.visits.network.cut_requests_arrive = arrives
        self.visits.disk.cut_writes_count = is_written
        self.visits.crash(turns=turns, loses_power=loses_power)

    def _speak(self, sizes: list[int]) -> None:
        for size in sizes:
            self.visits.speak(size)
            self.visits.wait(1)

    def teardown(self):
        visits = getattr(self, "visits", None)
        if visits is None:
            return
        try:
            if not visits.has_failed:
                visits.end_well()
        finally:
            visits.close()


def play(machine: type[WholePlay], examples: int, seeded: int = 0) -> None:
    """Run a machine. What fails is not searched for a shorter story: that would take longer than reading this one."""
    run_state_machine_as_test(
        machine if DEEP_EXAMPLES else seed(seeded)(machine),
        settings=settings(
            max_examples=DEEP_EXAMPLES or examples,
            stateful_step_count=STEPS,
            derandomize=False,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def test_whatever_happens_every_recorded_byte_arrives_once():
    play(WholePlay, EXAMPLES)


class FreePlay(WholePlay):
    """The same where parts follow the uplink."""

    store_class = FreeStore


def test_whatever_happens_parts_of_any_size_arrive_once():
    play(FreePlay, EXAMPLES // 2)


class FoldedPlay(WholePlay):
    """The same where the store folds small parts."""

    store_class = FoldingStore


def test_whatever_happens_every_byte_is_folded_once():
    play(FoldedPlay, EXAMPLES // 2)


class StreamedPlay(WholePlay):
    """The same where answers are streamed."""

    store_class = StreamedStore


def test_whatever_happens_every_byte_is_streamed_or_sent_once():
    play(StreamedPlay, EXAMPLES // 2)


class OrderedPlay(WholePlay):
    """The same where the store takes each recording in order."""

    store_class = OrderedStore

    def _announce(self, kind: Kind, name: str) -> None:
        # Damage shows only at the end. By then a page whose disk has refused something may not have the bytes any more.
        if self.is_disk_healthy or not FAULTS[name].is_damaged:
            super()._announce(kind, name)

    def _refuse(self) -> None:
        super()._refuse()
        self.visits.weather.spare_bytes()


def test_whatever_happens_every_byte_is_taken_in_order_once():
    play(OrderedPlay, EXAMPLES // 2)
