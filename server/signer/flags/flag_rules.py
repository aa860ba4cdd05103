"""What flags must look like: flagd's form, and variants that are overrides of the upload policy."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from app.contract import UploadPolicy

BULK = "bulk"  # the one flag whose variants are true and false: true puts new sessions on the fallback
_MAX_NAME = 64  # characters, of flags and variants: they go into a token and into every report
_MAX_FLAGS = 32
_MAX_VARIANTS = 32


class FlagsError(Exception):
    """An operator must correct the flags; `str()` says where."""


def checked_flags(text: str) -> dict[str, Any]:
    """Return the flags by name, with flagd's shared rules (`$evaluators`) put in their places. Raises FlagsError."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise FlagsError(f"The flags are no JSON: {error}.") from None
    flags = data.get("flags") if isinstance(data, dict) else None
    if not isinstance(flags, dict) or not all(isinstance(flag, dict) for flag in flags.values()):
        raise FlagsError('The flags need the form {"flags": {"name": {…}}}.')
    if len(flags) > _MAX_FLAGS:
        raise FlagsError(f"There are more than {_MAX_FLAGS} flags.")
    shared = data.get("$evaluators", {})
    expanded = {name: _with_shared(flag, shared if isinstance(shared, dict) else {}) for name, flag in flags.items()}
    for name, flag in expanded.items():
        _check(name, flag)
    return expanded


def _with_shared(rule: Any, shared: Mapping[str, Any]) -> Any:
    if isinstance(rule, dict):
        if rule.keys() == {"$ref"} and isinstance(rule["$ref"], str) and rule["$ref"] in shared:
            return shared[rule["$ref"]]
        return {name: _with_shared(value, shared) for name, value in rule.items()}
    return [_with_shared(one, shared) for one in rule] if isinstance(rule, list) else rule


def _check(name: str, flag: Mapping[str, Any]) -> None:
    """Raise FlagsError for the first fault of a flag."""
    variants = flag.get("variants")
    if not isinstance(variants, dict) or not 1 <= len(variants) <= _MAX_VARIANTS:
        raise FlagsError(f"Flag {name!r}: it needs `variants`, from 1 to {_MAX_VARIANTS}.")
    if any(not 1 <= len(one) <= _MAX_NAME for one in (name, *variants)):
        raise FlagsError(f"Flag {name!r}: names of flags and variants have from 1 to {_MAX_NAME} characters.")
    default = flag.get("defaultVariant")
    if default not in (None, "", *variants):  # "": as flagd serves a flag without one
        raise FlagsError(f"Flag {name!r}: `defaultVariant` names none of its variants.")
    if not isinstance(flag.get("targeting", {}), dict):
        raise FlagsError(f"Flag {name!r}: `targeting` must be an object.")
    for fraction in _fractions(flag.get("targeting", {})):
        _check_fraction(name, fraction, variants)
    for variant, value in variants.items():
        _check_value(value, f"Flag {name!r}, variant {variant!r}", is_bulk=name == BULK)


def _fractions(rule: Any) -> Iterator[Any]:
    """Yield each share of each `fractional` in a rule."""
    if isinstance(rule, dict):
        for operator, arguments in rule.items():
            if operator == "fractional" and isinstance(arguments, list):
                yield from (one for one in arguments if isinstance(one, list))
            else:
                yield from _fractions(arguments)
    elif isinstance(rule, list):
        for one in rule:
            yield from _fractions(one)


def _check_fraction(name: str, fraction: list[Any], variants: Mapping[str, Any]) -> None:
    variant, weight = (*fraction, None, None)[:2]
    if isinstance(variant, str) and variant not in variants:
        raise FlagsError(f"Flag {name!r}: `fractional` names {variant!r}, which is none of its variants.")
    if isinstance(weight, int | float) and weight < 0:
        raise FlagsError(f"Flag {name!r}: a weight in `fractional` is below 0.")


def _check_value(value: Any, where: str, *, is_bulk: bool) -> None:
    if is_bulk:
        if not isinstance(value, bool):
            raise FlagsError(f"{where}: it must be true or false.")
        return
    if not isinstance(value, dict):
        raise FlagsError(f"{where}: it must be an object with values of the upload policy.")
    try:
        UploadPolicy().overridden_by(value)
    except ValidationError as error:
        [fault, *_] = error.errors(include_input=False, include_url=False)
        raise FlagsError(f"{where}: {'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}.") from None
