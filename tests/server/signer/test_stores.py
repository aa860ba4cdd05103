"""A whole upload at each vendor's store, as its documents say that it answers."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.contract import MIB
from server.cli.doctor.profile import compare
from server.store.profiles import PROFILES
from tests.support.scripted_s3 import ScriptedS3, Ways, md5_of, opaque
from tests.support.signer_client import NONCE
from tests.support.stub_store import stub_store
from tests.support.vendors import KMS, VENDORS, vendor_desk


def _pieces(grant: dict[str, Any]) -> list[bytes]:
    """Return two of the largest parts and a short last one, which is folded where the grant says so."""
    part_bytes: int = grant["parts"]["max_bytes"]
    return [b"a" * part_bytes, b"b" * part_bytes, b"the end"]


def _in_upload(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the parts as the store lists them: not those that wait to be folded."""
    return [{name: part[name] for name in ("number", "size", "etag")} for part in parts if part["slot"] is None]


def test_every_profile_has_its_script():
    assert set(VENDORS) == set(PROFILES)


@pytest.mark.parametrize("name", VENDORS)
def test_upload_with_a_lost_reply_becomes_one_object_at_each_vendor(interviews: Path, name: str):
    with vendor_desk(interviews, VENDORS[name], PROFILES[name]) as desk:
        grant = desk.create()
        assert grant["parts"]["max_bytes"] == (MIB if name == "embedded" else 5 * MIB)
        assert (grant["parts"]["window_bytes"] is not None) is PROFILES[name].folds
        pieces = _pieces(grant)
        parts = desk.send(grant, pieces)
        assert desk.listed(grant) == {
            "state": "open",
            "parts": _in_upload(parts),
            "next_after": None,
            "stored_bytes": 0,
        }

        replies = [desk.candidate.complete(grant["upload"], parts) for _ in range(2)]

        assert [(reply.status_code, reply.json()["size"]) for reply in replies] == [(200, len(b"".join(pieces)))] * 2
        assert desk.listed(grant)["state"] == "completed"
        assert desk.store.objects[grant["key"]].body == b"".join(pieces)
        assert desk.store.open_uploads == []


@pytest.mark.parametrize("name", VENDORS)
def test_each_vendors_store_is_as_its_profile_says(name: str):
    store = ScriptedS3(VENDORS[name])
    with stub_store(store, PROFILES[name]) as storage:
        found = compare(storage)

    assert (found.faults, found.notes) == ([], [])
    assert store.objects == {}
    assert store.open_uploads == []


def test_r2_gets_equal_parts_even_after_a_smaller_size_was_asked_for(interviews: Path):
    with vendor_desk(interviews, VENDORS["r2"], PROFILES["r2"]) as desk:
        desk.use_multipart()
        grant = desk.candidate.create(nonce=NONCE, part_bytes_at_most=1 * MIB).json()
        assert grant["parts"] == {
            "min_bytes": 5 * MIB,
            "max_bytes": 5 * MIB,
            "window_bytes": None,
            "is_streamed": False,
            "step_bytes": None,
        }
        uneven = [b"a" * 5 * MIB, b"b" * 4 * MIB, b"c"]
        refused = desk.candidate.complete(grant["upload"], desk.send(grant, uneven))

        assert refused.status_code == 422, "before R2 refuses it"


def test_row_26_bucket_with_kms_completes_by_the_stores_own_etags(interviews: Path):
    ways = replace(VENDORS["aws"], etag=opaque, demanded=KMS)
    profile = replace(PROFILES["aws"], has_md5_etags=False)
    with vendor_desk(interviews, ways, profile, encryption="aws:kms") as desk:
        grant = desk.create()
        assert (grant["is_md5_signed"], grant["has_md5_etags"]) == (True, False)
        pieces = _pieces(grant)
        parts = desk.send(grant, pieces)
        assert [part["etag"] for part in parts] == [opaque(piece) for piece in pieces]

        assert desk.candidate.complete(grant["upload"], parts).status_code == 200
        assert desk.store.objects[grant["key"]].body == b"".join(pieces)
        wanted = {"question": "both", "take": 1, "size": 2, "md5": md5_of(b"{}")}
        document = desk.candidate.post("/api/documents/sign", wanted).json()
        assert document["has_md5_etags"] is False
        assert (
            httpx.put(document["url"], content=b"{}", headers=document["headers"], trust_env=False).status_code == 200
        )


def test_row_26_damaged_part_is_found_by_a_store_whose_etags_are_no_md5(interviews: Path):
    ways = replace(VENDORS["aws"], etag=opaque)
    with vendor_desk(interviews, ways, replace(PROFILES["aws"], has_md5_etags=False)) as desk:
        grant = desk.create()
        wanted = {"number": 1, "offset": 0, "size": 4, "md5": md5_of(b"good")}
        [url] = desk.candidate.post("/api/uploads/sign", {"upload": grant["upload"], "parts": [wanted]}).json()["parts"]
        reply = httpx.put(url["url"], content=b"evil", headers=url["headers"], trust_env=False)

        assert (reply.status_code, "BadDigest" in reply.text) == (400, True)
        assert base64.b64decode(url["headers"]["content-md5"]).hex() == md5_of(b"good")


def test_row_26_unexpected_kms_is_named_and_not_mistaken_for_damage(interviews: Path):
    """The profile promises MD5s. Without this, a page would send the same part for ever."""
    with vendor_desk(interviews, replace(VENDORS["aws"], etag=lambda _: "no-md5"), PROFILES["aws"]) as desk:
        desk.use_multipart()
        grant = desk.create()
        [url] = desk.candidate.post(
            "/api/uploads/sign",
            {
                "upload": grant["upload"],
                "parts": [{"number": 1, "offset": 0, "size": 5 * MIB, "md5": md5_of(b"x" * 5 * MIB)}],
            },
        ).json()["parts"]
        httpx.put(url["url"], content=b"x" * 5 * MIB, headers=url["headers"], trust_env=False)
        reply = desk.candidate.post("/api/uploads/list", {"upload": grant["upload"]})

        assert (reply.status_code, reply.json()["type"]) == (502, "urn:slipstream:problem:store-misconfigured")


def test_row_28_bucket_with_object_lock_takes_parts_documents_and_receipts(interviews: Path):
    with vendor_desk(interviews, replace(VENDORS["aws"], has_object_lock=True), PROFILES["aws"]) as desk:
        grant = desk.create()
        parts = desk.send(grant, [b"short"])
        assert desk.candidate.complete(grant["upload"], parts).status_code == 200
        body = b'{"text": ""}'
        wanted = {"question": "both", "take": 1, "size": len(body), "md5": md5_of(body)}
        signed = desk.candidate.post("/api/documents/sign", wanted).json()
        assert httpx.put(signed["url"], content=body, headers=signed["headers"], trust_env=False).status_code == 200
        desk.storage.objects.write_once("s/submission.json", body, "application/json")

        assert len([key for key in desk.store.objects if not key.startswith("_")]) == 3


@pytest.mark.parametrize(
    ("profile", "ways", "fault"),
    [
        ("embedded", Ways(allows_md5=False), "takes no small parts"),
        ("ceph", replace(VENDORS["ceph"], copies_parts=False), "copies no parts"),
        ("minio", replace(VENDORS["minio"], keeps_metadata=False), "loses the metadata"),
    ],
)
def test_store_that_is_less_than_its_profile_says_is_named(profile: str, ways: Ways, fault: str):
    with stub_store(ScriptedS3(ways), PROFILES[profile]) as storage:
        [named] = compare(storage).faults

    assert fault in named


@pytest.mark.parametrize(
    ("profile", "ways", "note"),
    [
        ("generic", Ways(min_part_bytes=1), "takes smaller parts"),
        ("ceph", replace(VENDORS["ceph"], repeats_completion=False), "does not complete an upload twice"),
    ],
)
def test_store_that_differs_harmlessly_is_noted(profile: str, ways: Ways, note: str):
    with stub_store(ScriptedS3(ways), PROFILES[profile]) as storage:
        found = compare(storage)

    assert found.faults == []
    [named] = found.notes
    assert note in named
