"""Every check in its order, and how what it finds is told."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from rich.console import Console

from server.cli.doctor.addresses import check_addresses, check_page_address
from server.cli.doctor.clock import check_clock
from server.cli.doctor.documents import check_documents
from server.cli.doctor.encryption import check_encryption, check_object_lock
from server.cli.doctor.finding import Finding, fault
from server.cli.doctor.lifecycle import check_lifecycle
from server.cli.doctor.preflights import check_preflights
from server.cli.doctor.profile import check_profile
from server.cli.doctor.reach import check_listing, check_reach
from server.cli.doctor.recordings import check_giving_up, check_recordings
from server.cli.doctor.report import Report
from server.cli.doctor.resumable import check_sessions, wants_sessions
from server.cli.doctor.signer_bodies import check_signer_bodies
from server.cli.doctor.streams import check_streams
from server.cli.doctor.visit import Visit, open_visit
from server.errors import StoreError
from server.flagd_address import FlagdAddress
from server.settings import Settings, SettingsError
from server.signer.flags.flag_rules import FlagsError
from server.signer.flags.flag_source import flag_source
from server.signer.interview_file import InterviewError, read_interview
from server.signer.interviews import Interviews
from server.signer.policy_check import check_policies
from server.store.access import open_storage

_Check = Callable[[Visit], Iterable[Finding]]
# Those before the bucket need no answer of it. Each of the others may fail without keeping the next from being run.
_BEFORE: tuple[tuple[str, _Check], ...] = (
    ("addresses", check_addresses),
    ("address of the page", check_page_address),
    ("body limit before the signer", check_signer_bodies),
    ("clock", check_clock),
)
_BUCKET: tuple[tuple[str, _Check], ...] = (
    ("open uploads", check_listing),
    ("CORS preflights", check_preflights),
    ("encryption", check_encryption),
    ("Object Lock", check_object_lock),
    ("recordings", check_recordings),
    ("giving up", check_giving_up),
    ("documents", check_documents),
    ("profile", check_profile),
    ("lifecycle rules", check_lifecycle),
)


def examine(settings: Settings, console: Console) -> bool:
    """Run every check; return whether none has found a fault. Nothing is left in a bucket that lets the key delete."""
    report = Report(console)
    for name, check in _of_settings(settings):
        report.tell(name, check)
    page_origin = settings.page_origin()
    try:
        with (
            open_storage(settings, page_origin, store_port=0) as storage,
            open_visit(settings, storage, page_origin) as visit,
        ):
            _examine_store(visit, report)
    except (SettingsError, StoreError) as error:
        found = [fault(str(error))]
        report.tell("store", lambda: found)
    return not report.has_faults


def _examine_store(visit: Visit, report: Report) -> None:
    access = visit.storage.access
    report.say(
        f"Bucket {access.bucket} at {visit.storage.bucket.endpoint_url}: {access.profile.title} (profile "
        f"{access.profile.name}). Pages of {visit.page.origin} send to {visit.store_origin}."
    )
    for name, check in _BEFORE:
        report.tell(name, partial(check, visit))
    report.tell("policies", lambda: _policies(visit))
    if report.tell("store", partial(check_reach, visit)):
        for name, check in _of_bucket(visit):
            report.tell(name, partial(check, visit))
    else:
        report.say(f"Not checked, as the store does not answer: {', '.join(name for name, _ in _of_bucket(visit))}.")


def _of_bucket(visit: Visit) -> Iterator[tuple[str, _Check]]:
    yield from _BUCKET
    if visit.profile.resumes and wants_sessions(visit.settings):
        yield "resumable sessions", check_sessions
    if visit.settings.stream_url is not None:
        yield "stream gateway", check_streams
    yield "cleaning up", Visit.clean_up


def _of_settings(settings: Settings) -> Iterator[tuple[str, Callable[[], Iterable[Finding]]]]:
    yield "ticket secret", lambda: _found(settings.ticket_secrets)
    interviews = Interviews(settings.interviews)
    if not interviews.files():
        advice = fault("There is none. Copy static/interviews/demo.toml there.")
        yield f"interviews in {settings.interviews}", lambda: [advice]
    for path in interviews.files():
        yield f"interview {path.stem}", partial(_found, partial(read_interview, path))
    if settings.flags is not None:
        yield f"flags in {settings.flags}", partial(_found, partial(_read_flags, settings.flags))


def _found(check: Callable[[], object]) -> Iterator[Finding]:
    """Yield what is wrong by the error that `check` ends with. Its result is never told: one of them is the secret."""
    try:
        check()
    except (SettingsError, InterviewError, FlagsError) as error:
        yield fault(str(error))


def _read_flags(place: Path | FlagdAddress) -> None:
    with closing(flag_source(place)) as source:
        source.read()


def _policies(visit: Visit) -> Iterator[Finding]:
    return _found(lambda: check_policies(visit.settings, visit.profile))
