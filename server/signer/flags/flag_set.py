"""One version of the flags, in flagd's JSON format, checked before any session meets it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import OpenFeatureError
from pydantic import JsonValue, ValidationError

from app.contract.efficiency import Assignment
from server.signer.flags.flag_rules import BULK, FlagsError, checked_flags
from server.signer.flags.planned_shares import PlannedShares

_log = logging.getLogger("slipstream")
# What evaluating a rule raises if it makes no sense: flagd's own errors, and those of Python beneath it.
_FAULTS = (
    RecursionError,
    OpenFeatureError,
    ValidationError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)
_TRIALS = 20  # made-up sessions with which a rule is tried before it is put in force


@dataclass(frozen=True, slots=True)
class Assigned:
    """The variant of one flag that a session falls into, and what it sets."""

    assignment: Assignment
    value: Mapping[str, JsonValue] | bool


class FlagSet:
    """Decide, for one session, which variant of each flag it falls into."""

    def __init__(self, text: str) -> None:
        """Read flagd's JSON. Raises FlagsError if it is none, or no session could use it."""
        self._core = FlagdCore()
        try:
            self._flags = checked_flags(text)
            self._core.set_flags({"flags": self._flags})
            self._planned = PlannedShares(self._flags)
        except _FAULTS as error:
            raise FlagsError(f"The flags cannot be read: {error}.") from error
        for name in self._flags:
            self._try(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self._flags if name != BULK)

    def overrides(self) -> Mapping[str, tuple[Mapping[str, JsonValue], ...]]:
        """Return what the variants of each flag may set in the policy."""
        return {name: tuple(self._flags[name]["variants"].values()) for name in self.names}

    def assign(self, name: str, context: EvaluationContext) -> Assigned | None:
        """Return the variant that a session falls into; None if there is no such flag, it is off, or it fails."""
        if name not in self._flags:
            return None
        try:
            return self._assign(name, context)
        except _FAULTS as error:  # the rule was tried, but not with every session that there may be
            _log.error("Flag %r cannot be evaluated: %s", name, error)
            return None

    def _assign(self, name: str, context: EvaluationContext) -> Assigned | None:
        found = (
            self._core.resolve_boolean_value(name, False, context)
            if name == BULK
            else self._core.resolve_object_value(name, {}, context)
        )
        if found.variant is None or not isinstance(found.value, dict | bool):
            return None
        assignment = Assignment(variant=found.variant, planned=self._planned.of(name, context))
        return Assigned(assignment, found.value)

    def _try(self, name: str) -> None:
        """Raise FlagsError if the flag cannot be evaluated."""
        for number in range(_TRIALS):
            try:
                self._assign(name, EvaluationContext(f"trial-{number}", {"interview": "trial", "locale": "en"}))
            except _FAULTS as error:
                raise FlagsError(f"Flag {name!r} cannot be evaluated: {error}.") from error
