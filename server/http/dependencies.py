"""Build the objects that the routes need, once per application."""

from dataclasses import dataclass
from functools import partial

from server.http.bodies_in_flight import BodiesInFlight
from server.http.health import Health
from server.http.launch_url import launch_url
from server.http.operators import Operators
from server.http.worker_threads import OneThread, WorkerThreads
from server.settings import Settings
from server.signer.budgets import Budgets
from server.signer.connection_checks import ConnectionChecks
from server.signer.devices import Devices
from server.signer.efficiency_reports import EfficiencyReports
from server.signer.flags.assignments import Flags
from server.signer.flags.flag_file import FlagFile
from server.signer.flags.flag_source import FlagSource
from server.signer.interviews import Interviews
from server.signer.issuing import Issuer
from server.signer.revocations import Revocations
from server.signer.session_records import SessionRecords
from server.signer.sessions import Sessions
from server.signer.submissions import Submissions
from server.signer.tickets import Tickets
from server.signer.uploads import Uploads
from server.signer.webhooks import Webhooks
from server.store.storage import Storage
from server.store.stream_gateway import StreamGateway

_CALLS_AT_ONCE = 32  # a store that hangs blocks no more threads than this
_WAIT_S = 2.0  # for a free thread; after that, the page tries again by itself


@dataclass(frozen=True, slots=True)
class Signer:
    storage: Storage
    sessions: Sessions
    uploads: Uploads
    submissions: Submissions
    devices: Devices
    session_records: SessionRecords
    efficiency_reports: EfficiencyReports
    connection_checks: ConnectionChecks
    store_origin: str  # of every URL handed out, but for streams
    stream_origin: str | None  # of the gateway; None: there is none
    budgets: Budgets
    bodies: BodiesInFlight
    issuer: Issuer
    operators: Operators
    threads: WorkerThreads
    large_bodies: OneThread  # where they are parsed
    health: Health


def make_signer(
    settings: Settings, storage: Storage, *, page_origin: str | None = None, flags: FlagSource | None = None
) -> Signer:
    """Return the signer of one store. `page_origin`: None means as the settings say; `flags`: there are none.

    Raises SettingsError if the ticket secret can be neither read nor written, RevocationError.
    """
    secrets = settings.ticket_secrets()
    tickets, devices, gateway = Tickets(*secrets), Devices(storage), StreamGateway.of(settings)
    revocations = Revocations(settings.revoked_file)
    revocations.load()
    interviews, page_url = Interviews(settings.interviews), page_origin or settings.page_origin()
    budgets = Budgets(settings.ticket_rate, settings.address_rate, settings.rate_store)
    return Signer(
        storage=storage,
        sessions=Sessions(
            tickets=tickets,
            revocations=revocations,
            budgets=budgets,
            interviews=interviews,
            flags=Flags(flags or FlagFile(None), tickets),
            storage=storage,
            base=settings.base_policy(),
        ),
        uploads=Uploads(
            storage,
            tickets,
            devices,
            budgets,
            secret=secrets[0],
            gateway=gateway,
            page_origin=page_url,
        ),
        submissions=Submissions(storage, devices, _webhooks(settings, storage)),
        devices=devices,
        session_records=SessionRecords(storage),
        efficiency_reports=EfficiencyReports(storage, devices),
        connection_checks=ConnectionChecks(storage),
        store_origin=storage.urls.origin(),
        stream_origin=gateway.origin if gateway is not None else None,
        budgets=budgets,
        bodies=BodiesInFlight(),
        issuer=Issuer(tickets, interviews, partial(launch_url, page_url)),
        operators=Operators(settings.operator_keys),
        threads=WorkerThreads(_CALLS_AT_ONCE, _WAIT_S),
        large_bodies=OneThread("large-body"),
        health=Health(storage),
    )


def _webhooks(settings: Settings, storage: Storage) -> Webhooks | None:
    if settings.webhook_url is None or settings.webhook_secret is None:
        return None
    webhooks = Webhooks(storage, str(settings.webhook_url), settings.webhook_secret.get_secret_value())
    webhooks.start()
    return webhooks
