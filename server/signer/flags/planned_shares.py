"""Find out in which shares a flag splits the sessions, from its own rule."""

from collections.abc import Iterator, Mapping
from typing import Any

from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext

_MARK = "planned shares "  # no variant of an operator is likely to be called so; `PlannedShares` adds a number


class PlannedShares:
    """Evaluate each flag's rule with every `fractional` replaced by a mark: the mark that comes out names the split.

    So any rule is understood that flagd understands: a split for one interview, another for all others.
    """

    def __init__(self, flags: Mapping[str, Any]) -> None:
        self._shares: dict[str, dict[str, float]] = {}  # by mark
        marked = {name: self._marked(flag) for name, flag in flags.items()}
        self._core = FlagdCore()
        self._core.set_flags({"flags": marked})

    def of(self, name: str, context: EvaluationContext) -> dict[str, float]:
        """Return the share of each variant; empty if the rule does not split sessions at random here."""
        variant = self._core.resolve_object_value(name, {}, context).variant
        return self._shares.get(variant, {}) if variant is not None else {}

    def _marked(self, flag: Mapping[str, Any]) -> dict[str, Any]:
        before = len(self._shares)
        targeting = self._replaced(flag.get("targeting"))
        marks: dict[str, Any] = {mark: {} for mark in list(self._shares)[before:]}
        marked = {**flag, "variants": {variant: {} for variant in flag["variants"]} | marks}
        return marked | ({"targeting": targeting} if targeting is not None else {})

    def _replaced(self, rule: Any) -> Any:
        if isinstance(rule, dict):
            if "fractional" in rule and (shares := _shares_of(rule["fractional"])):
                mark = f"{_MARK}{len(self._shares)}"
                self._shares[mark] = shares
                return {"if": [True, mark]}  # flagd wants an object
            return {name: self._replaced(value) for name, value in rule.items()}
        return [self._replaced(one) for one in rule] if isinstance(rule, list) else rule


def _shares_of(arguments: Any) -> dict[str, float]:
    """Return the shares of a `fractional`; empty if a weight or a variant is itself a rule."""
    splits = [one for one in arguments if isinstance(one, list)] if isinstance(arguments, list) else []
    weights = dict[str, float]()
    for variant, weight in _weighed(splits):
        if not isinstance(variant, str) or isinstance(weight, bool) or not isinstance(weight, int | float):
            return {}
        weights[variant] = weights.get(variant, 0.0) + weight
    whole = sum(weights.values())
    return {variant: round(weight / whole, 6) for variant, weight in weights.items()} if whole > 0 else {}


def _weighed(splits: list[list[Any]]) -> Iterator[tuple[Any, Any]]:
    for split in splits:
        if split:
            yield split[0], split[1] if len(split) > 1 else 1  # as flagd: a weight of 1 may be left out
