"""What `make bench` compares: one line a mode. A new layout, or another store, is one more line here."""

from dataclasses import dataclass, field

from pydantic import JsonValue

from app.contract import Layout, UploadMode

BULK = "bulk"


@dataclass(frozen=True)
class Mode:
    name: str
    store: str  # a name in STORES (stores.py)
    policy: dict[str, JsonValue] = field(default_factory=dict)  # overrides of UploadPolicy
    upload_mode: UploadMode = UploadMode.PROGRESSIVE
    goal_s: float | None = None  # longest wait after the last Stop at 5 Mbit/s, without a round trip


MODES = {
    mode.name: mode
    for mode in (
        Mode("stream", "nginx", goal_s=0.3),
        Mode("embedded", "embedded", goal_s=0.3),
        Mode("ceph-multipart", "ceph", {"layout": Layout.MULTIPART}),
        Mode("ceph-folded", "ceph", {"layout": Layout.FOLDED}, goal_s=0.6),
        Mode(BULK, "embedded", upload_mode=UploadMode.BULK),
    )
}
