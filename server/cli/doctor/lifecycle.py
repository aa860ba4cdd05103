"""The bucket's lifecycle rules: what has to be cleared, and what must not be."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.contract import Layout
from server.cli.doctor.finding import Finding, fault, note
from server.cli.doctor.recordings import layouts_of
from server.cli.doctor.visit import Visit
from server.errors import CallNotOffered, StoreMisconfigured
from server.signer.interviews import Interviews
from server.store.bucket_rules import ABORT_AFTER_DAYS, TAIL_PREFIX, lifecycle_rules, prefix_of

_Rule = Mapping[str, Any]


def check_lifecycle(visit: Visit) -> Iterator[Finding]:
    """Find rules that are missing, and those that delete what was recorded. Raises StoreError."""
    if visit.profile.lifecycle_note:
        return
    try:
        found = [rule for rule in lifecycle_rules(visit.storage) if rule.get("Status") == "Enabled"]
    except CallNotOffered:
        yield note(
            "The store has no lifecycle rules: clear abandoned uploads, and what is under _tail/, by other means."
        )
        return
    except StoreMisconfigured as error:
        if not error.is_denied:
            raise
        yield note(
            f"The key may not read the bucket's lifecycle rules ({error.code}), so that nobody has checked them. Allow "
            f"s3:GetLifecycleConfiguration on arn:aws:s3:::{visit.bucket}, or look at them yourself."
        )
        return
    yield from _missing(visit, found)
    for rule in found:
        yield from _harmful(visit, rule)


def _missing(visit: Visit, found: list[_Rule]) -> Iterator[Finding]:
    fix = f"`python serve.py bucket --apply --url {visit.page.origin}` sets it."
    aborts = [rule for rule in found if "AbortIncompleteMultipartUpload" in rule and prefix_of(rule) == ""]
    if visit.profile.aborts_by_rule and not aborts:
        yield fault(
            "No lifecycle rule aborts incomplete uploads of the whole bucket: parts of answers that were given up are "
            f"kept, and billed for, for ever. {fix}"
        )
    clears = [rule for rule in found if "Expiration" in rule and _covers(prefix_of(rule), TAIL_PREFIX)]
    if Layout.FOLDED in layouts_of(visit.settings, visit.profile) and not clears:
        yield fault(f"No lifecycle rule clears {TAIL_PREFIX}, where small parts are put together. {fix}")


def _harmful(visit: Visit, rule: _Rule) -> Iterator[Finding]:
    name, prefix = rule.get("ID") or "without a name", prefix_of(rule)
    days = rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation", ABORT_AFTER_DAYS)
    if prefix == "" and days < ABORT_AFTER_DAYS:
        yield note(
            f"The rule {name} gives up uploads after {days} days: a candidate who comes back later sends the whole "
            f"answer again. {ABORT_AFTER_DAYS} days are usual."
        )
    expiry = rule.get("Expiration", {})
    if prefix is None or not expiry.keys() & {"Days", "Date"} or not _holds_recordings(visit, prefix):
        return
    where = f"what is under {prefix}" if prefix else "everything in the bucket"
    if "Date" in expiry:
        yield note(
            f"The rule {name} deletes {where}, recordings too, from {expiry['Date']:%Y-%m-%d} on. Is that meant?"
        )
    elif expiry["Days"] <= 1:
        yield fault(
            f"The rule {name} deletes {where} within a day, recordings too. Remove it, or limit it to {TAIL_PREFIX}."
        )
    else:
        yield note(f"The rule {name} deletes {where}, recordings too, after {expiry['Days']} days. Is that meant?")


def _covers(prefix: str | None, key: str) -> bool:
    return prefix is not None and key.startswith(prefix)


def _holds_recordings(visit: Visit, prefix: str) -> bool:
    own = (f"{interview}/" for interview in Interviews(visit.settings.interviews).ids())
    return prefix == "" or any(name.startswith(prefix) or prefix.startswith(name) for name in own)
