"""The proxy before the real store: signed URLs go through it, and what it does to bytes is found."""

import hashlib
import socket
import urllib.error
import urllib.request

import pytest

from server.store.embedded import BUCKET, EmbeddedStore
from tests.support.faults.calls import Kind
from tests.support.faults.proxy import Proxy
from tests.support.faults.rules import Corrupt, LoseReply, Reset, Rule, Truncate
from tests.support.stack import s3_client

KEY = "i/s/q/take-1/audio.webm"
BODY = bytes(range(256)) * 256


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    with EmbeddedStore(tmp_path_factory.mktemp("store"), page_origin="http://127.0.0.1:1") as store:
        yield store


@pytest.fixture
def proxy(embedded):
    with Proxy(embedded.port) as running:
        yield running
        running.assert_all_fired()


@pytest.fixture
def s3(embedded, proxy):
    client = s3_client(proxy.origin, embedded.key_id, embedded.key_secret)
    yield client
    client.close()


@pytest.fixture
def part_url(s3):
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=KEY)["UploadId"]
    params = {"Bucket": BUCKET, "Key": KEY, "UploadId": upload, "PartNumber": 1, "ContentLength": len(BODY)}
    yield s3.generate_presigned_url("upload_part", Params=params)
    s3.abort_multipart_upload(Bucket=BUCKET, Key=KEY, UploadId=upload)


def put(url, body=BODY):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, body, method="PUT"), timeout=10) as reply:
            return reply.status, reply.headers["ETag"].strip('"')
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""


def test_signed_url_goes_through_and_its_etag_is_the_md5(proxy, part_url):
    assert put(part_url) == (200, hashlib.md5(BODY).hexdigest())

    [passed] = proxy.passed(Kind.PART)
    assert passed.is_acknowledged
    assert passed.call.path == f"/{BUCKET}/{KEY}"


def test_signature_still_binds_the_size(proxy, part_url):
    assert put(part_url, BODY[:-1])[0] == 403


def test_flipped_bit_shows_in_the_etag(proxy, part_url):
    proxy.add(Rule(Corrupt(), Kind.PART))
    status, etag = put(part_url)

    assert status == 200
    assert etag != hashlib.md5(BODY).hexdigest()


def test_truncated_part_is_not_stored(proxy, part_url, s3):
    proxy.add(Rule(Truncate(), Kind.PART))
    try:
        status, _ = put(part_url)
    except (ConnectionError, urllib.error.URLError):
        status = None

    assert status != 200
    assert put(part_url)[0] == 200


def test_reset_and_lost_reply_are_told_apart_by_the_store_alone(proxy, part_url, s3):
    upload = proxy.passed(Kind.STORE_CREATE)
    proxy.add(Rule(Reset(0.5), Kind.PART), Rule(LoseReply(), Kind.PART))
    for stored in (0, 1):
        with pytest.raises((ConnectionError, urllib.error.URLError)):
            put(part_url)
        [open_upload] = s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
        parts = s3.list_parts(Bucket=BUCKET, Key=KEY, UploadId=open_upload["UploadId"]).get("Parts", [])
        assert len(parts) == stored
    assert len(upload) == 1


def test_whole_upload_by_boto_passes(s3):
    s3.put_object(Bucket=BUCKET, Key="whole", Body=BODY)

    assert s3.head_object(Bucket=BUCKET, Key="whole")["ContentLength"] == len(BODY)
    assert s3.get_object(Bucket=BUCKET, Key="whole")["Body"].read() == BODY


def test_port_stays_ours_while_nobody_answers(proxy):
    proxy.down()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", proxy.port))
    proxy.up()
