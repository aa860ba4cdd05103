"""All that the signer's calls are made of, put together once."""

from dataclasses import dataclass

from server.devices import Devices
from server.health import Health
from server.interviews import Interviews
from server.session import Sessions
from server.settings import Settings
from server.storage import Storage
from server.submissions import Submissions
from server.tickets import Tickets
from server.turns import Turns
from server.uploads import Uploads

_CALLS_AT_ONCE = 32  # worked on; a store that hangs holds no more threads than these
_TURN_S = 2.0  # waited for a turn; then the page comes again by itself


@dataclass(frozen=True, slots=True)
class Signer:
    storage: Storage
    sessions: Sessions
    uploads: Uploads
    submissions: Submissions
    devices: Devices
    store_origin: str  # of every URL handed out
    turns: Turns
    health: Health


def make_signer(settings: Settings, storage: Storage) -> Signer:
    """Raises SettingsError if the secret can be neither read nor kept."""
    secret = settings.ticket_secret()
    tickets, devices = Tickets(secret), Devices(storage)
    return Signer(
        storage=storage,
        sessions=Sessions(tickets, Interviews(settings.interviews), storage, settings.base_policy()),
        uploads=Uploads(storage, tickets, devices, secret),
        submissions=Submissions(storage, devices),
        devices=devices,
        store_origin=storage.public_origin(),
        turns=Turns(_CALLS_AT_ONCE, _TURN_S),
        health=Health(storage),
    )
