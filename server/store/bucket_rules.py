"""The CORS rule and the clean-up rules that an operator's bucket needs."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from server.errors import ObjectMissing
from server.store.error_mapping import store_errors
from server.store.profiles import StoreProfile
from server.store.storage import Storage

TAIL_PREFIX = "_tail/"  # what the folded layout works on; nobody reads it again after its upload
_ABORTS = "AbortIncompleteMultipartUpload"


def rules(page_origin: str, profile: StoreProfile, encryption_headers: Mapping[str, str]) -> dict[str, Any]:
    """Return all rules in the form that S3 takes. `encryption_headers` are those that a page sends with documents."""
    return {
        "CORS": {
            "CORSRules": [
                {
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
            ]
        },
        "Lifecycle": {"Rules": [_allowed(rule, profile) for rule in _clean_up_rules(profile)]},
    }


def _clean_up_rules(profile: StoreProfile) -> list[dict[str, Any]]:
    given_up: dict[str, Any] = {
        "ID": "slipstream-give-up-abandoned-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        # A candidate may come back after a weekend, but hardly later, and stored parts cost money.
        _ABORTS: {"DaysAfterInitiation": 7},
    }
    tails: dict[str, Any] = {
        "ID": "slipstream-clear-tails",
        "Status": "Enabled",
        "Filter": {"Prefix": TAIL_PREFIX},
        "Expiration": {"Days": 1},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},  # in a bucket with versions, Expiration only hides
        _ABORTS: {"DaysAfterInitiation": 1},
    }
    return [*([given_up] if profile.aborts_by_rule else []), *([tails] if profile.folds else [])]


def _allowed(rule: dict[str, Any], profile: StoreProfile) -> dict[str, Any]:
    """Return a rule without what the store would refuse the whole rule for."""
    return {name: value for name, value in rule.items() if name != _ABORTS or profile.aborts_by_rule}


def apply_rules(storage: Storage, wanted: dict[str, Any], console: Console) -> None:
    """Set the rules that this store takes. Other lifecycle rules are kept; CORS rules are replaced as a whole.

    Raises StoreError if the store refuses.
    """
    profile = storage.access.profile
    if profile.cors_note:
        console.print(f"CORS rule not set: {profile.cors_note}", markup=False, soft_wrap=True)
    else:
        with store_errors():
            storage.bucket.client.put_bucket_cors(Bucket=storage.bucket.name, CORSConfiguration=wanted["CORS"])
        console.print("CORS rule set.")
    if profile.lifecycle_note:
        console.print(f"Clean-up rules not set: {profile.lifecycle_note}", markup=False, soft_wrap=True)
    elif ours := wanted["Lifecycle"]["Rules"]:
        _merge_lifecycle(storage, ours)
        console.print("Clean-up rules set: " + ", ".join(rule["ID"] for rule in ours) + ".")


def _merge_lifecycle(storage: Storage, ours: list[dict[str, Any]]) -> None:
    name = storage.bucket.name
    try:
        with store_errors():
            there = storage.bucket.client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    except ObjectMissing:
        there = []
    ids = {rule["ID"] for rule in ours}
    merged: list[Any] = [*(other for other in there if other.get("ID") not in ids), *ours]
    with store_errors():
        storage.bucket.client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": merged})
