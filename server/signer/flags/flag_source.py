"""The places that flags come from: a file, or a running flagd for many signers."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from server.flagd_address import FlagdAddress
from server.settings import SettingsError
from server.signer.flags.flag_file import FlagFile
from server.signer.flags.flag_set import FlagSet

_PACKAGES = {"grpc", "google", "openfeature"}


class FlagSource(Protocol):
    @property
    def is_set(self) -> bool:
        """Return whether there may be flags at all."""

    def read(self) -> None:
        """Get the flags at the start; call it once. Raises FlagsError if there are none, or they are damaged."""

    def current(self) -> FlagSet:
        """Return the flags for a session that begins: the last ones that could be used."""

    def close(self) -> None:
        """Let go of what is open."""


def flag_source(place: Path | FlagdAddress | None, check: Callable[[FlagSet], None] = lambda _: None) -> FlagSource:
    """Return the source; it has read nothing yet. `place`: None means no flags. `check` raises FlagsError.

    Raises SettingsError if flagd is wanted and its packages are not installed.
    """
    if not isinstance(place, FlagdAddress):
        return FlagFile(place, check)
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it would write into our log; what it says is in its errors, too
    try:
        from server.signer.flags.flagd_flags import FlagdFlags  # noqa: PLC0415 - its packages are optional
    except ModuleNotFoundError as error:
        raise _without_packages(error) from None
    return FlagdFlags(place, check)


def _without_packages(error: ModuleNotFoundError) -> Exception:
    if (error.name or "").partition(".")[0] not in _PACKAGES:
        return error
    return SettingsError(
        f"Flags from flagd need a package that is not installed ({error.name}). Run `make tools`, or: "
        "python -m pip install --require-hashes -r requirements/flagd.txt"
    )
