"""Compare what the operator has set with what the store can hold, before a candidate meets the difference."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress

from pydantic import JsonValue

from app.contract import Layout
from server.settings import Settings, SettingsError
from server.signer.flags.flag_rules import FlagsError
from server.signer.flags.flag_set import FlagSet
from server.signer.flags.flag_source import FlagSource, flag_source
from server.signer.interview_file import InterviewError, line_in, read_interview
from server.signer.interviews import Interviews
from server.store.profiles import StoreProfile


def check_policies(settings: Settings, profile: StoreProfile) -> None:
    """Raise SettingsError with a line for each policy of settings and interview files that the store cannot hold."""
    if faults := [*_faults(settings, profile)]:
        raise SettingsError("\n".join(faults))


def check_policy(settings: Settings, policy: Mapping[str, JsonValue], profile: StoreProfile, where: str) -> None:
    """Raise SettingsError if the store cannot hold this policy. `where` names its source."""
    if (fault := _fault(settings, policy, profile, where)) is not None:
        raise SettingsError(fault)


@contextmanager
def checked_flags(settings: Settings, profile: StoreProfile) -> Iterator[FlagSource]:
    """Keep the flags, and compare them with the store whenever they change. Raises SettingsError."""

    def check(flags: FlagSet) -> None:
        for name, variants in flags.overrides().items():
            for policy in variants:
                if (fault := _fault(settings, policy, profile, f"Flag {name!r}")) is not None:
                    raise FlagsError(fault)

    with closing(flag_source(settings.flags, check)) as source:
        try:
            source.read()
        except FlagsError as error:
            raise SettingsError(str(error)) from error
        yield source


def _faults(settings: Settings, profile: StoreProfile) -> Iterator[str]:
    if (fault := _fault(settings, settings.policy, profile, "SLIPSTREAM_POLICY")) is not None:
        yield fault
    for path in Interviews(settings.interviews).files():
        with suppress(InterviewError):  # whoever reads the file reports it
            policy = read_interview(path).policy
            where = f"{path}:{line_in(path, ('policy', 'part_bytes'))}"
            if (fault := _fault(settings, policy, profile, where)) is not None:
                yield fault


def _fault(settings: Settings, policy: Mapping[str, JsonValue], profile: StoreProfile, where: str) -> str | None:
    if policy.get("layout") == Layout.STREAM and settings.stream_url is None:
        return f"{where}: `layout` is stream, but there is no gateway: set SLIPSTREAM_STREAM_URL."
    if policy.get("layout") == Layout.STREAM and not profile.has_md5_etags:
        return f"{where}: `layout` is stream, but ETags are no MD5 here: nothing would prove what has arrived."
    if policy.get("layout") == Layout.FOLDED and not profile.copies_parts:
        return f"{where}: `layout` is folded, but {profile.title} does not copy parts. Leave it out, or set multipart."
    if policy.get("layout") == Layout.RESUMABLE and not profile.resumes:
        return f"{where}: `layout` is resumable, but {profile.title} has no resumable sessions. Leave it out."
    wanted = policy.get("part_bytes")
    is_free = policy.get("layout") == Layout.RESUMABLE  # there it is only rounded up
    if not isinstance(wanted, int) or wanted >= profile.min_part_bytes or is_free:
        return None
    return (
        f"{where}: `part_bytes` is {wanted}, but {profile.title} takes no part below {profile.min_part_bytes} bytes "
        f"except the last. Leave `part_bytes` out, or set at least {profile.min_part_bytes}. If this store has another "
        "minimum, set SLIPSTREAM_S3_MIN_PART_BYTES (1: none)."
    )
