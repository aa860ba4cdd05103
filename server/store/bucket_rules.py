"""The CORS rule and the clean-up rule that an operator's bucket needs."""

from typing import Any

from rich.console import Console

from server.errors import ObjectMissing
from server.store.error_mapping import store_errors
from server.store.storage import Storage


def rules(page_origin: str) -> dict[str, Any]:
    """Return both rules in the form that S3 takes."""
    return {
        "CORS": {
            "CORSRules": [
                {
                    "AllowedOrigins": [page_origin],
                    "AllowedMethods": ["PUT"],
                    "AllowedHeaders": ["content-type", "content-md5"],
                    "ExposeHeaders": ["ETag"],  # without it the page cannot verify a part
                    "MaxAgeSeconds": 3000,
                }
            ]
        },
        "Lifecycle": {
            "Rules": [
                {
                    "ID": "slipstream-give-up-abandoned-uploads",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    # A candidate may come back after a weekend, but hardly later, and stored parts cost money.
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                }
            ]
        },
    }


def apply_rules(storage: Storage, wanted: dict[str, Any], console: Console) -> None:
    """Set both rules. Other lifecycle rules are kept; CORS rules are replaced as a whole.

    Raises StoreError if the store refuses.
    """
    name = storage.bucket.name
    with store_errors():
        storage.bucket.client.put_bucket_cors(Bucket=name, CORSConfiguration=wanted["CORS"])
    console.print("CORS rule set.")
    [rule] = wanted["Lifecycle"]["Rules"]
    try:
        with store_errors():
            there = storage.bucket.client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    except ObjectMissing:
        there = []
    others = [other for other in there if other.get("ID") != rule["ID"]]
    with store_errors():
        storage.bucket.client.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": [*others, rule]}
        )
    console.print("Abandoned uploads will be cleaned up after a week.")
