"""The flags that new sessions get: the last ones that could be used. A damaged set changes nothing."""

import logging
from collections.abc import Callable

from server.signer.flags.flag_rules import FlagsError
from server.signer.flags.flag_set import FlagSet

_log = logging.getLogger("slipstream")
NO_FLAGS = FlagSet('{"flags": {}}')


class FlagsInForce:
    def __init__(self, check: Callable[[FlagSet], None]) -> None:
        """`check` raises FlagsError for flags that the store cannot serve."""
        self._check = check
        self._fault = ""  # the last one that was reported; "": none since the flags could be used
        self.flags = NO_FLAGS

    def put(self, text: str) -> None:
        """Put flags in force. Raises FlagsError if they are damaged; those before then stay."""
        flags = FlagSet(text)
        self._check(flags)
        self.flags, self._fault = flags, ""

    def report(self, error: FlagsError) -> None:
        """Tell the operator of a fault, once: not again for each session, or for each time that flagd sends it."""
        if str(error) != self._fault:
            self._fault = str(error)
            _log.error("%s The flags before stay in force.", error)
