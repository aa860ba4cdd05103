"""Signed links to recordings in the bucket, for an export that holds none."""

from dataclasses import dataclass

from server.archive.export.plan import PlannedTrack
from server.settings import SettingsError
from server.store.storage import Storage

_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Links:
    storage: Storage
    life_s: int

    @classmethod
    def for_hours(cls, storage: Storage, hours: float) -> "Links":
        """Return links that are good for so long. Raises SettingsError if the signer's credentials end before that."""
        life_s = int(hours * _HOUR_S)
        left_s = storage.bucket.credentials_life_s()
        if left_s < life_s:
            raise SettingsError(
                f"The store's temporary credentials end in {left_s / _HOUR_S:.1f} hours, and links with them. "
                "Ask for fewer hours, or use a key that lasts."
            )
        return cls(storage, life_s)

    def link(self, planned: PlannedTrack) -> str:
        """Return a link that plays the recording in a browser. It is never logged: whoever has it can watch."""
        content_type = planned.record.content_type.partition(";")[0]
        return self.storage.urls.sign_reading(
            planned.record.key, content_type, version=planned.version, life_s=self.life_s
        )
