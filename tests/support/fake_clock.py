"""A clock and a randomness that the test moves."""

from collections import Counter
from random import Random

from tests.support.held import TURNS, Held, settle, until


class Sleep(Held[None]):
    def __init__(self, clock: "FakeClock", duration_s: float) -> None:
        super().__init__()
        self._clock = clock
        self.duration_s = duration_s
        self.due = clock.now() + duration_s

    def wake(self) -> None:
        """Let its time have passed."""
        self._clock.time = max(self._clock.time, self.due)
        self._answer(None)


class FakeClock:
    """Stand still until the test moves it."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept_s = 0.0  # that `now` knows nothing of
        self._sleeps: list[Sleep] = []

    def now(self) -> float:
        return self.time

    def wall_now(self) -> float:
        return 1_800_000_000 + self.time + self.slept_s

    async def sleep(self, duration_s: float) -> None:
        sleep = Sleep(self, duration_s)
        self._sleeps.append(sleep)
        await sleep.wait()

    async def next_sleep(self) -> Sleep:
        """Return the sleep that ends first, once everything has run that can: a look at the figures ends with it."""
        await settle()
        return await until(self._first, "sleep")

    async def advance(self, duration_s: float) -> None:
        """Let time pass, and everything happen that it brings."""
        end = self.time + duration_s
        await settle()
        while (sleep := self._first()) is not None and sleep.due <= end:
            sleep.wake()
            await settle(TURNS // 5)
        self.time = end
        await settle()

    def _first(self) -> Sleep | None:
        self._sleeps = [sleep for sleep in self._sleeps if sleep.is_open]
        return min(self._sleeps, key=lambda sleep: sleep.due, default=None)


class FakeRandomness:
    """Draw what the test has laid down."""

    def __init__(self, jitter: float = 0.5, keys: Counter[str] | None = None) -> None:
        """`keys` counts each question's recordings on earlier visits."""
        self.next_jitter = jitter
        self._nonces = 0
        self._keys = keys if keys is not None else Counter[str]()

    def recording_key(self, question: str) -> str:
        self._keys[question] += 1
        return str(self._keys[question])

    def jitter(self) -> float:
        return self.next_jitter

    def nonce(self) -> str:
        self._nonces += 1
        return f"{self._nonces:032x}"


class SeededRandomness(FakeRandomness):
    """Draw from one seed, over all visits."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)
        self.last_key: dict[str, str] = {}  # of each question's last recording

    def jitter(self) -> float:
        return self._random.random()

    def nonce(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def recording_key(self, question: str) -> str:
        self.last_key[question] = self.nonce()
        return self.last_key[question]
