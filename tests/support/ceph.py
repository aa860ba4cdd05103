"""A single-node Ceph with its S3 gateway (RGW), from Debian's packages: a real store with the minimum of 5 MiB a part.

Everything listens on 127.0.0.1, keeps its data in memory, and is gone with the context.
"""

import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from server.store.bucket_rules import rules
from server.store.embedded import BUCKET, free_port
from server.store.profiles import PROFILES
from tests.support.stack import s3_client

KEY_ID, KEY_SECRET = "ceph-key", "ceph-secret-ceph-secret"
PACKAGES = {"ceph-mon": "ceph-mon", "ceph-osd": "ceph-osd", "radosgw": "radosgw", "ceph": "ceph-common"}
STORE_BYTES = 8 << 30
START_S = 60
STOP_S = 10

_CONFIG = """\
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon},v1:127.0.0.1:{mon_v1}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
keyring = {folder}/keyring
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
mon data = {folder}/mon
mon data avail warn = 1
mon data avail crit = 1
mon pg warn min per osd = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
auth allow insecure global id reclaim = true
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = {store_bytes}
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
[client.rgw]
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw gc obj min wait = 3
rgw gc processor period = 3
"""


@dataclass(frozen=True)
class Ceph:
    url: str
    gateway: "Gateway"
    config: Path
    bucket: str = BUCKET

    def add_user(self, name: str, key_id: str, key_secret: str) -> None:
        """Add a user who may do nothing but what a bucket's policy allows."""
        _add_user(self.config, name, key_id, key_secret)

    def settings(self) -> dict[str, str]:
        """Return the environment that points Slipstream at this store."""
        return {
            "SLIPSTREAM_S3_ENDPOINT": self.url,
            "SLIPSTREAM_S3_BUCKET": self.bucket,
            "SLIPSTREAM_S3_PROFILE": "ceph",
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": KEY_SECRET,
            "NO_PROXY": "127.0.0.1",
        }


class Gateway:
    """The radosgw process, which a test may restart while the cluster behind it goes on."""

    def __init__(self, config: Path, url: str) -> None:
        self._config = config
        self._url = url
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return once it answers."""
        self._process = _daemon(self._config, "radosgw", "-n", "client.rgw")
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "radosgw has ended"
            with suppress(httpx.HTTPError):
                httpx.get(self._url, trust_env=False)
                return
            time.sleep(0.1)
        raise AssertionError("radosgw does not answer")

    def stop(self) -> None:
        if self._process is not None:
            _end(self._process)
            self._process = None


def missing_packages() -> list[str]:
    """Return the Debian packages that would have to be installed first."""
    return sorted(package for program, package in PACKAGES.items() if shutil.which(program) is None)


@contextmanager
def running_ceph(folder: Path, page_origins: Sequence[str], port: int = 0) -> Iterator[Ceph]:
    """Run the store with one bucket; its CORS rule lets pages of these origins in. 0: any free port."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    url, config = f"http://127.0.0.1:{port}", folder / "ceph.conf"
    fsid = str(uuid.uuid4())
    config.write_text(
        _CONFIG.format(
            fsid=fsid, folder=folder, port=port, mon=free_port(), mon_v1=free_port(), store_bytes=STORE_BYTES
        )
    )
    _make_keys(folder)
    gateway = Gateway(config, url)
    with ExitStack() as ends:
        ends.callback(_end, _start_monitor(config, folder, fsid))
        ends.callback(_end, _start_osd(config, folder))
        ends.callback(gateway.stop)
        gateway.start()
        _add_user(config, "signer", KEY_ID, KEY_SECRET)
        _make_bucket(url, page_origins)
        yield Ceph(url, gateway, config)


def _add_user(config: Path, name: str, key_id: str, key_secret: str) -> None:
    user = [f"--uid={name}", f"--display-name={name}", f"--access-key={key_id}", f"--secret={key_secret}"]
    _run("radosgw-admin", "-c", config, "-n", "client.rgw", "user", "create", *user)


def _make_keys(folder: Path) -> None:
    keyring = folder / "keyring"
    _run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
    for name in ("client.admin", "client.rgw", "osd.0"):
        caps = [word for daemon in ("mon", "osd", "mgr") for word in ("--cap", daemon, "allow *")]
        _run("ceph-authtool", keyring, "--gen-key", "-n", name, *caps)


def _start_monitor(config: Path, folder: Path, fsid: str) -> "subprocess.Popen[bytes]":
    place = next(line for line in config.read_text().splitlines() if line.startswith("mon host")).partition("= ")[2]
    _run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", place, folder / "monmap")
    (folder / "mon").mkdir()
    _run("ceph-mon", "-c", config, "--mkfs", "-i", "a", "--monmap", folder / "monmap", "--keyring", folder / "keyring")
    monitor = _daemon(config, "ceph-mon", "-i", "a")
    _run("ceph", "-c", config, "--connect-timeout", "30", "status")
    return monitor


def _start_osd(config: Path, folder: Path) -> "subprocess.Popen[bytes]":
    name = str(uuid.uuid4())
    (folder / "osd").mkdir()
    _run("ceph", "-c", config, "osd", "new", name)
    _run("ceph-osd", "-c", config, "-i", "0", "--mkfs", "--osd-uuid", name)
    return _daemon(config, "ceph-osd", "-i", "0")


def _make_bucket(url: str, page_origins: Sequence[str]) -> None:
    s3 = s3_client(url, KEY_ID, KEY_SECRET)
    s3.create_bucket(Bucket=BUCKET)
    wanted = [rules(origin, PROFILES["ceph"], {})["CORS"]["CORSRules"][0] for origin in page_origins]
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": wanted})
    # The first objects and uploads make pools, which takes seconds.
    s3.put_object(Bucket=BUCKET, Key="first", Body=b"first")
    s3.delete_object(Bucket=BUCKET, Key="first")
    made = s3.create_multipart_upload(Bucket=BUCKET, Key="first")
    s3.abort_multipart_upload(Bucket=BUCKET, Key="first", UploadId=made["UploadId"])
    s3.close()


def _daemon(config: Path, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [program, "-f", "-c", str(config), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _run(*command: str | Path) -> None:
    """Raises AssertionError with what the program said."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=START_S, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stderr.strip()[-500:]}"
