"""`bucket`: print the rules that a bucket needs, show how its own differ, and set them."""

import json
import re
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console

from server.errors import CallNotOffered, StoreError, StoreMisconfigured
from server.settings import Settings, SettingsError, origin_of
from server.signer.interviews import Interviews
from server.store.access import own_bucket
from server.store.bucket_changes import Change, changes
from server.store.bucket_rules import rules
from server.store.least_policy import least_policy

_RETENTION = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,63})=(\d{1,5})")


def bucket(settings: Settings, retain: Sequence[str], console: Console, *, is_applied: bool) -> bool:
    """Print the rules as JSON, or set them; show the difference. Return whether all that should be is set.

    Raises SettingsError, StoreError.
    """
    if settings.url is None:
        raise SettingsError("Say with --url where the page is served; the bucket lets that origin in.")
    if is_applied and settings.is_embedded:
        raise SettingsError("Set SLIPSTREAM_S3_BUCKET first. The embedded store needs no rules.")
    retain_days = _retentions(retain)
    _warn_of_unknown(settings, retain_days, console)
    storage = own_bucket(settings)
    headers = storage.urls.encryption_headers()
    wanted = rules(origin_of(settings.url), storage.access.profile, headers, retain_days)
    if not is_applied:
        typer.echo(json.dumps(wanted, indent=2))
        if settings.s3_bucket is None:
            return True
    done = [_go_through(change, console, is_applied=is_applied) for change in changes(storage, wanted, retain_days)]
    return all(done) or not is_applied


def key_policy(settings: Settings) -> dict[str, Any]:
    """Return the least policy of the signer's key, in AWS's form. Raises SettingsError."""
    if settings.s3_bucket is None:
        raise SettingsError(
            "Set SLIPSTREAM_S3_BUCKET first: the policy is for one bucket. The embedded store needs none."
        )
    profile = own_bucket(settings).access.profile
    tells = settings.webhook_url is not None
    return least_policy(settings.s3_bucket, profile, settings.s3_encryption, settings.s3_kms_key, tells=tells)


def _retentions(retain: Sequence[str]) -> dict[str, int]:
    found = {}
    for one in retain:
        if (match := _RETENTION.fullmatch(one)) is None:
            raise SettingsError(f"{one!r} is not INTERVIEW=DAYS, such as demo=180. 0 days: keep it for ever again.")
        found[match[1]] = int(match[2])
    return found


def _warn_of_unknown(settings: Settings, retain_days: dict[str, int], console: Console) -> None:
    known = Interviews(settings.interviews).ids()
    for interview in retain_days.keys() - set(known):
        _say(console, f"There is no interview {interview!r} here. There are: {', '.join(known) or 'none'}.")


def _go_through(change: Change, console: Console, *, is_applied: bool) -> bool:
    """Show one kind of rules, and set it. Return whether nothing is left to do; what no call can set is not ours."""
    if change.there.obstacle:
        _say(console, f"{change.name} not {'set' if is_applied else 'compared'}: {change.there.obstacle}")
        return not change.there.is_refused
    if not (lines := change.difference()):
        _say(console, f"{change.name}: the bucket has all that is wanted.")
        return True
    for line in (f"{change.name}:", *lines):
        _say(console, line)
    if not is_applied:
        _say(console, "Set them with --apply.")
        return True
    return _set(change, console)


def _set(change: Change, console: Console) -> bool:
    try:
        change.apply()
    except CallNotOffered:
        _say(console, f"{change.name} not set: the store does not offer this call. Set them by its own means.")
        return True
    except StoreError as error:
        is_denied = isinstance(error, StoreMisconfigured) and error.is_denied
        _say(console, f"{change.name} not set.{f' Allow the key {change.action}.' if is_denied else ''} {error}")
        return False
    _say(console, f"{change.name} set.")
    return True


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
