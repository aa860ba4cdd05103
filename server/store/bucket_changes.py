"""Merge our rules with those that a bucket has, show the difference, and set them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from functools import partial
from typing import Any

from server.errors import CallNotOffered, StoreMisconfigured
from server.store.bucket_rules import Rule, cors_rules, lifecycle_rules, with_cors_rule, with_lifecycle_rules
from server.store.error_mapping import store_errors
from server.store.storage import Storage

_CONTEXT_LINES = 100  # other rules are shown whole: the operator sees that they stay


@dataclass(frozen=True, slots=True)
class Found:
    """The rules that a bucket has. `obstacle` says why they were not read, and so cannot be changed; "": they were."""

    rules: list[Any]
    obstacle: str = ""
    is_refused: bool = False  # the obstacle is the key's, and not the store's


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of rules. `action` is the permission to set them."""

    name: str
    action: str
    there: Found
    wanted: list[Any]
    put: Callable[[], object]

    def difference(self) -> list[str]:
        """Return the lines that are removed, added, and around them; none if the bucket has all that is wanted."""
        there, wanted = _lines(self.there.rules), _lines(self.wanted)
        return list(unified_diff(there, wanted, "in the bucket", "wanted", n=_CONTEXT_LINES, lineterm=""))

    def apply(self) -> None:
        """Set the rules. Raises StoreError."""
        with store_errors():
            self.put()


def changes(storage: Storage, wanted: Mapping[str, Any], retain_days: Mapping[str, int]) -> Iterator[Change]:
    """Yield what has to be changed of the CORS rules and of the lifecycle rules. Raises StoreUnavailable."""
    client, name, profile = storage.bucket.client, storage.bucket.name, storage.access.profile
    [own] = wanted["CORS"]["CORSRules"]
    found = _read(profile.cors_note, "s3:GetBucketCORS", lambda: cors_rules(storage))
    cors: list[Any] = with_cors_rule(found.rules, own)
    put = partial(client.put_bucket_cors, Bucket=name, CORSConfiguration={"CORSRules": cors})
    yield Change("CORS rules", "s3:PutBucketCORS", found, cors, put)
    found = _read(profile.lifecycle_note, "s3:GetLifecycleConfiguration", lambda: lifecycle_rules(storage))
    lifecycle: list[Any] = with_lifecycle_rules(found.rules, wanted["Lifecycle"]["Rules"], retain_days)
    found.rules.sort(key=_name)  # their order means nothing, and stores change it
    lifecycle.sort(key=_name)
    put_all = partial(_put_lifecycle, storage, lifecycle)
    yield Change("Lifecycle rules", "s3:PutLifecycleConfiguration", found, lifecycle, put_all)


def _read(note: str, action: str, read: Callable[[], list[Any]]) -> Found:
    """Read rules; `note` says how it is done where no call does it. Raises StoreUnavailable."""
    if note:
        return Found([], note)
    try:
        return Found(read())
    except CallNotOffered:
        return Found([], "The store does not offer this call.")
    except StoreMisconfigured as error:
        # What is there would be lost if ours were set in its place.
        advice = f" Allow the key {action}." if error.is_denied else ""
        return Found([], f"Those that are there cannot be read.{advice} {error}", is_refused=True)


def _put_lifecycle(storage: Storage, wanted: list[Any]) -> None:
    client, name = storage.bucket.client, storage.bucket.name
    if wanted:
        client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": wanted})
    else:  # S3 takes no empty list
        client.delete_bucket_lifecycle(Bucket=name)


def _name(rule: Rule) -> str:
    return str(rule.get("ID", ""))


def _lines(rules: list[Rule]) -> list[str]:
    return json.dumps([_canonical(rule) for rule in rules], indent=2, sort_keys=True, default=str).splitlines()


def _canonical(rule: Rule) -> dict[str, Any]:
    """Return a rule in one form: stores return lists in another order, and a prefix with or without a filter."""
    plain: dict[str, Any] = {name: sorted(value) if isinstance(value, list) else value for name, value in rule.items()}
    if "Prefix" in plain:
        plain["Filter"] = {"Prefix": plain.pop("Prefix")}
    return plain
