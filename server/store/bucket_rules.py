"""The CORS rule and the lifecycle rules that an operator's bucket needs."""

from collections.abc import Iterable, Mapping
from typing import Any

from server.errors import ObjectMissing
from server.store.error_mapping import store_errors
from server.store.profiles import StoreProfile
from server.store.storage import Storage

OUTBOX_PREFIX = "_outbox/"  # what the operator's application is still to be told (server/signer/webhooks.py)
TAIL_PREFIX = "_tail/"  # what the folded layout works on; nobody reads it again after its upload
# A candidate may come back after a weekend, but hardly later, and stored parts cost money.
ABORT_AFTER_DAYS = 7
_ABORTS = "AbortIncompleteMultipartUpload"
_RETAIN = "slipstream-retain-"  # and the interview's id
Rule = Mapping[str, Any]


def rules(
    page_origin: str,
    profile: StoreProfile,
    encryption_headers: Iterable[str],
    retain_days: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return all rules in the form that S3 takes.

    `encryption_headers` are those that a page sends with documents; `retain_days`: by interview, how long to keep it.
    """
    kept = [_retention(interview, days) for interview, days in (retain_days or {}).items() if days]
    return {
        "CORS": {"CORSRules": [_cors_rule(page_origin, profile, encryption_headers)]},
        "Lifecycle": {"Rules": [*(_allowed(rule, profile) for rule in _clean_up_rules(profile)), *kept]},
    }


def _cors_rule(page_origin: str, profile: StoreProfile, encryption_headers: Iterable[str]) -> dict[str, Any]:
    return {
        "AllowedOrigins": [page_origin],
        "AllowedMethods": ["PUT"],
        "AllowedHeaders": [
            *("content-type", "content-md5"),
            *(["content-range"] if profile.resumes else []),
            *encryption_headers,
        ],
        # Without them the page cannot verify a part.
        "ExposeHeaders": ["ETag", *(["Range"] if profile.resumes else [])],
        "MaxAgeSeconds": 3000,
    }


def _clean_up_rules(profile: StoreProfile) -> list[dict[str, Any]]:
    given_up: dict[str, Any] = {
        "ID": "slipstream-give-up-abandoned-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        _ABORTS: {"DaysAfterInitiation": ABORT_AFTER_DAYS},
    }
    tails: dict[str, Any] = {
        "ID": "slipstream-clear-tails",
        "Status": "Enabled",
        "Filter": {"Prefix": TAIL_PREFIX},
        **_expiring(1),
        _ABORTS: {"DaysAfterInitiation": 1},
    }
    return [*([given_up] if profile.aborts_by_rule else []), *([tails] if profile.folds else [])]


def _retention(interview: str, days: int) -> dict[str, Any]:
    return {
        "ID": f"{_RETAIN}{interview}",
        "Status": "Enabled",
        "Filter": {"Prefix": f"{interview}/"},
        **_expiring(days),
    }


def _expiring(days: int) -> dict[str, Any]:
    # In a bucket with versions, Expiration only hides.
    return {"Expiration": {"Days": days}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}


def _allowed(rule: dict[str, Any], profile: StoreProfile) -> dict[str, Any]:
    """Return a rule without what the store would refuse the whole rule for."""
    return {name: value for name, value in rule.items() if name != _ABORTS or profile.aborts_by_rule}


def prefix_of(rule: Rule) -> str | None:
    """Return the prefix of the keys that a lifecycle rule is for; "": of all keys.

    None: it is for objects with tags, or of some sizes, only.
    """
    found = rule.get("Filter") or {"Prefix": rule.get("Prefix", "")}  # stores return either form
    return str(found["Prefix"]) if found.keys() == {"Prefix"} else None


def cors_rules(storage: Storage) -> list[Any]:
    """Return the bucket's own CORS rules. Raises StoreError."""
    try:
        with store_errors():
            return list(storage.bucket.client.get_bucket_cors(Bucket=storage.bucket.name).get("CORSRules", []))
    except ObjectMissing:
        return []


def lifecycle_rules(storage: Storage) -> list[Any]:
    """Return the bucket's own lifecycle rules. Raises StoreError."""
    try:
        with store_errors():
            found = storage.bucket.client.get_bucket_lifecycle_configuration(Bucket=storage.bucket.name)
    except ObjectMissing:
        return []
    return list(found.get("Rules", []))


def with_cors_rule(there: Iterable[Rule], ours: Rule) -> list[Rule]:
    """Return the bucket's rules with ours. It comes first: the store takes the first one that fits a reply's origin.

    An earlier version of ours is the one for the same origin alone.
    """
    return [ours, *(rule for rule in there if rule.get("AllowedOrigins") != ours["AllowedOrigins"])]


def with_lifecycle_rules(there: Iterable[Rule], ours: Iterable[Rule], retain_days: Mapping[str, int]) -> list[Rule]:
    """Return the bucket's rules with ours, which replace those of the same names.

    0 days: the interview's own rule is removed.
    """
    ours = list(ours)
    gone = {rule["ID"] for rule in ours} | {f"{_RETAIN}{interview}" for interview in retain_days}
    return [*(rule for rule in there if rule.get("ID") not in gone), *ours]
