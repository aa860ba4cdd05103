"""One version of the flags, in flagd's JSON format, checked before any session meets it."""

import json
from collections.abc import Mapping
from typing import Any

from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import OpenFeatureError
from pydantic import JsonValue, ValidationError

from app.contract import UploadPolicy
from app.contract.efficiency import Assignment
from server.signer.flags.planned_shares import PlannedShares

BULK = "bulk"  # the one flag whose variants are true and false: true puts new sessions on the fallback


class FlagsError(Exception):
    """An operator must correct the flags; `str()` says where."""


class FlagSet:
    """Decide, for one session, which variant of each flag it falls into."""

    def __init__(self, text: str) -> None:
        """Read flagd's JSON. Raises FlagsError if it is none, or a variant is no valid override of the policy."""
        self._flags = _flags_of(text)
        for name, flag in self._flags.items():
            _check(name, flag)
        self._core = FlagdCore()
        try:
            self._core.set_flags({"flags": self._flags})
            self._planned = PlannedShares(self._flags)
        except (OpenFeatureError, TypeError, ValueError, KeyError) as error:  # flagd's reader raises any of these
            raise FlagsError(f"The flags cannot be read: {error}") from error

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self._flags if name != BULK)

    def overrides(self) -> Mapping[str, tuple[Mapping[str, JsonValue], ...]]:
        """Return what the variants of each flag may set in the policy."""
        return {name: tuple(self._flags[name]["variants"].values()) for name in self.names}

    def is_bulk(self, context: EvaluationContext) -> bool:
        """Return whether the switch to bulk uploads is on for this session."""
        return BULK in self._flags and self._core.resolve_boolean_value(BULK, False, context).value

    def assign(self, name: str, context: EvaluationContext) -> tuple[Assignment, Mapping[str, JsonValue]] | None:
        """Return the variant that a session falls into, and what it sets in the policy; None if the flag is off."""
        found = self._core.resolve_object_value(name, {}, context)
        if found.variant is None or not isinstance(found.value, dict):
            return None
        return Assignment(variant=found.variant, planned=self._planned.of(name, context)), found.value


def _flags_of(text: str) -> dict[str, Any]:
    """Return the flags by name, with flagd's shared rules (`$evaluators`) put in their places."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise FlagsError(f"The flags are no JSON: {error}.") from None
    flags = data.get("flags") if isinstance(data, dict) else None
    if not isinstance(flags, dict) or not all(isinstance(flag, dict) for flag in flags.values()):
        raise FlagsError('The flags need the form {"flags": {"name": {…}}}.')
    shared = data.get("$evaluators", {})
    return {name: _with_shared(flag, shared if isinstance(shared, dict) else {}) for name, flag in flags.items()}


def _with_shared(rule: Any, shared: Mapping[str, Any]) -> Any:
    if isinstance(rule, dict):
        if rule.keys() == {"$ref"} and rule["$ref"] in shared:
            return shared[rule["$ref"]]
        return {name: _with_shared(value, shared) for name, value in rule.items()}
    return [_with_shared(one, shared) for one in rule] if isinstance(rule, list) else rule


def _check(name: str, flag: Mapping[str, Any]) -> None:
    """Raise FlagsError if a variant is not what this flag's variants must be."""
    variants = flag.get("variants")
    if not isinstance(variants, dict) or not variants:
        raise FlagsError(f"Flag {name!r}: it needs `variants`.")
    for variant, value in variants.items():
        where = f"Flag {name!r}, variant {variant!r}"
        if name == BULK:
            if not isinstance(value, bool):
                raise FlagsError(f"{where}: it must be true or false.")
        elif not isinstance(value, dict):
            raise FlagsError(f"{where}: it must be an object with values of the upload policy.")
        else:
            _check_policy(value, where)


def _check_policy(value: dict[str, Any], where: str) -> None:
    try:
        UploadPolicy().overridden_by(value)
    except ValidationError as error:
        [fault, *_] = error.errors(include_input=False, include_url=False)
        raise FlagsError(f"{where}: {'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}.") from None
