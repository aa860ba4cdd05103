"""Follow the flags of a running flagd. While it is away, the flags that it sent last stay in force."""

import logging
import random
from collections.abc import Callable
from concurrent.futures import Future
from threading import Event, Thread

from server.flagd_address import SYNC_PORT, FlagdAddress
from server.signer.flags.flag_rules import FlagsError
from server.signer.flags.flag_set import FlagSet
from server.signer.flags.flagd_stream import FlagdLost, FlagdStream
from server.signer.flags.flags_in_force import FlagsInForce

_log = logging.getLogger("slipstream")
_PATIENCE_S = 10.0  # at the start: flagd may be starting, too, and waits up to 5 s for its own sources
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 60.0


class FlagdFlags:
    is_set = True

    def __init__(
        self, address: FlagdAddress, check: Callable[[FlagSet], None], patience_s: float = _PATIENCE_S
    ) -> None:
        """`check` raises FlagsError for flags that the store cannot serve."""
        self._address = address
        self._patience_s = patience_s
        self._stream = FlagdStream(address)
        self._in_force = FlagsInForce(check)
        self._first: Future[None] = Future()  # done when flags have come, sound or damaged
        self._loss = ""  # why there is no stream; "": there is one, or none was tried yet
        self._closing = Event()
        self._thread = Thread(target=self._follow, name="flagd", daemon=True)

    def read(self) -> None:
        """Wait for the first flags, for 10 s at most. Raises FlagsError if none come, or they are damaged."""
        self._thread.start()
        try:
            self._first.result(self._patience_s)
        except TimeoutError:
            raise FlagsError(
                f"{self._address} has sent no flags within {self._patience_s:g} s ({self._loss or 'no answer'}). "
                f"Start flagd, or correct --flags (SLIPSTREAM_FLAGS): flagd's sync port is usually {SYNC_PORT}."
            ) from None

    def current(self) -> FlagSet:
        """Return the last flags that could be used."""
        return self._in_force.flags

    def close(self) -> None:
        """End the stream and its thread."""
        self._closing.set()
        self._stream.close()
        if self._thread.ident is not None:
            self._thread.join()

    def _follow(self) -> None:
        failures = 0
        while not self._closing.is_set():
            try:
                for text in self._stream.texts():
                    failures = 0
                    self._take(text)
            except FlagdLost as error:
                failures += 1
                self._lose(str(error))
                self._closing.wait(_wait_s(failures, random.random()))  # noqa: S311 - spreads signers, hides nothing

    def _take(self, text: str) -> None:
        if self._loss and self._first.done():
            _log.info("%s sends flags again.", self._address)
        self._loss = ""
        try:
            self._in_force.put(text)
        except FlagsError as error:
            if self._first.done():
                self._in_force.report(error)
            else:
                self._first.set_exception(error)
        else:
            if not self._first.done():
                self._first.set_result(None)

    def _lose(self, reason: str) -> None:
        if not self._loss and not self._closing.is_set():  # once, not for each try
            what = "The flags before stay in force" if self._first.done() else "Waiting for it"
            _log.warning("%s sends no flags (%s). %s.", self._address, reason, what)
        self._loss = reason


def _wait_s(failures: int, jitter: float) -> float:
    """Return the wait before the next try. `jitter`, from 0 to 1, keeps many signers from coming at once."""
    longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(failures - 1, 10))
    return longest * (0.5 + jitter / 2)
