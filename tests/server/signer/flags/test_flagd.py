"""Flags from a flagd: a stand-in (tests/support/flagd.py) that speaks its sync service over a real connection."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from threading import Thread

import grpc
import pytest
import trustme

from server.flagd_address import FlagdAddress
from server.settings import ROOT, Settings, SettingsError
from server.signer.flags.assignments import Assignments, Flags
from server.signer.flags.flag_file import FlagFile
from server.signer.flags.flag_rules import FlagsError
from server.signer.flags.flag_source import FlagSource, flag_source
from server.signer.flags.flagd_flags import FlagdFlags
from server.signer.policy_check import checked_flags
from server.signer.tickets import Tickets
from server.store.embedded import free_port
from server.store.profiles import PROFILES
from tests.support.flagd import Flagd, certificate_of
from tests.support.flags import interview, split, ticket
from tests.support.signer_client import SECRET
from tests.support.waiting import LIMIT_S, eventually

PATIENCE_S = 2.0  # where a start must fail: enough for a refused connection on a busy machine
SESSIONS = [f"s{number}" for number in range(40)]


class Signer:
    """The flags of one signer, which follows a flagd."""

    def __init__(self, source: FlagSource) -> None:
        self._flags = Flags(source, Tickets(SECRET))

    def of(self, session: str, token: str | None = None) -> Assignments:
        return self._flags.of(ticket(session), interview(), token)

    def arm(self, session: str = "s1", token: str | None = None) -> str | None:
        assigned = self.of(session, token).by_flag.get("pace")
        return assigned.variant if assigned else None

    def has_all_in(self, arm: str) -> bool:
        return {self.arm(session) for session in SESSIONS} == {arm}

    def token(self, session: str) -> str:
        return self._flags.token(self.of(session))


@pytest.fixture
def flagd() -> Iterator[Flagd]:
    made = Flagd()
    made.serve(pace=split(0))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def begin() -> Iterator[Callable[..., Signer]]:
    """Return what starts a signer's flags: they have come when it returns."""
    with ExitStack() as ends:

        def start(flagd: Flagd, url: str = "grpc://127.0.0.1:{port}") -> Signer:
            source = flag_source(FlagdAddress.parse(url.format(port=flagd.port)))
            ends.enter_context(closing(source)).read()
            return Signer(source)

        yield start


def lines(caplog: pytest.LogCaptureFixture, part: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if part in record.getMessage()]


def test_session_falls_into_the_same_variants_as_with_the_same_flags_in_a_file(
    flagd: Flagd, begin: Callable[..., Signer], tmp_path: Path
):
    flags = {"pace": split(50), "bulk": {"state": "ENABLED", "variants": {"on": True}, "defaultVariant": None}}
    flagd.serve(**flags)
    path = tmp_path / "flags.json"
    path.write_text(json.dumps({"flags": flags}), encoding="utf-8")
    by_file = Signer(FlagFile(path))
    by_flagd = begin(flagd)

    assert [by_flagd.of(session) for session in SESSIONS] == [by_file.of(session) for session in SESSIONS]
    assert {by_flagd.arm(session) for session in SESSIONS} == {"quick", "control"}
    assert by_flagd.of("s1").by_flag["pace"].planned == {"quick": 0.5, "control": 0.5}


def test_change_holds_from_the_next_new_session_on(flagd: Flagd, begin: Callable[..., Signer]):
    signer = begin(flagd)
    token = signer.token("s1")
    assert signer.arm() == "control"

    flagd.serve(pace=split(100))
    eventually(lambda: signer.arm() == "quick", "the change")

    assert signer.arm("s1", token) == "control", "a session that had begun was moved"


def test_switch_puts_new_sessions_on_bulk(flagd: Flagd, begin: Callable[..., Signer]):
    signer = begin(flagd)
    switch = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "on"}

    flagd.serve(pace=split(100), bulk=switch)

    eventually(lambda: signer.of("s1").is_bulk, "the switch")


def test_damaged_flags_are_reported_once_and_the_flags_before_stay(
    flagd: Flagd, begin: Callable[..., Signer], caplog: pytest.LogCaptureFixture
):
    flagd.serve(pace=split(100))
    signer = begin(flagd)

    for _ in range(3):
        flagd.serve(pace=split(0, variants={"control": {}, "quick": {"timeslice_ms": 1}}))
    eventually(lambda: lines(caplog, "stay in force"), "the report")
    assert signer.arm() == "quick"
    flagd.serve(pace=split(0))
    eventually(lambda: signer.arm() == "control", "the sound flags")

    assert len(lines(caplog, "timeslice_ms")) == 1
    assert len(caplog.records) == 1


def test_flags_stay_while_flagd_is_away_and_new_ones_are_taken_when_it_is_back(
    flagd: Flagd, begin: Callable[..., Signer], caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO", "slipstream")
    flagd.serve(pace=split(100))
    signer = begin(flagd)

    flagd.stop()
    eventually(lambda: lines(caplog, "The flags before stay in force"), "the report")
    assert signer.arm() == "quick"
    flagd.serve(pace=split(0))
    flagd.start()
    eventually(lambda: signer.arm() == "control", "the flags after the return")

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert lines(caplog, f"grpc://127.0.0.1:{flagd.port} sends flags again.")


def test_stream_that_flagd_ends_in_its_time_is_opened_anew_without_a_word(
    flagd: Flagd, begin: Callable[..., Signer], caplog: pytest.LogCaptureFixture
):
    """flagd has `--stream-deadline`, and we end our own streams in the same way."""
    caplog.set_level("INFO", "slipstream")
    signer = begin(flagd)

    for streams in range(2, 5):
        flagd.end_streams(grpc.StatusCode.DEADLINE_EXCEEDED)
        eventually(partial(flagd.has_been_asked, streams), "another stream")
    flagd.serve(pace=split(100))
    eventually(lambda: signer.arm() == "quick", "the change")

    assert caplog.records == []


def test_two_signers_at_one_flagd_agree_about_every_session(flagd: Flagd, begin: Callable[..., Signer]):
    flagd.serve(pace=split(50))
    one, other = begin(flagd), begin(flagd)

    assert [one.of(session) for session in SESSIONS] == [other.of(session) for session in SESSIONS]
    assert {one.arm(session) for session in SESSIONS} == {"quick", "control"}
    flagd.serve(pace=split(100))
    for signer in (one, other):
        eventually(partial(signer.has_all_in, "quick"), "the change")


def test_start_waits_for_a_flagd_that_is_starting(caplog: pytest.LogCaptureFixture):
    flagd = Flagd()
    flagd.port = free_port()
    flagd.serve(pace=split(100))
    with closing(flag_source(FlagdAddress.parse(f"grpc://127.0.0.1:{flagd.port}"))) as source:
        starting = Thread(target=source.read)
        starting.start()
        eventually(lambda: lines(caplog, "Waiting for it."), "a failed try")
        flagd.start()
        starting.join(LIMIT_S)
        arm = Signer(source).arm()
        flagd.stop()

    assert arm == "quick"


@pytest.mark.parametrize("is_listening", [False, True], ids=["nobody there", "somebody who says nothing"])
def test_start_without_flagd_ends_in_time_with_a_sentence(is_listening: bool):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        if not is_listening:
            listener.close()
        began = time.monotonic()
        address = FlagdAddress(host="127.0.0.1", port=port)
        with (
            closing(FlagdFlags(address, lambda _: None, PATIENCE_S)) as flags,
            pytest.raises(FlagsError) as refused,
        ):
            flags.read()

    assert f"grpc://127.0.0.1:{port} has sent no flags within 2 s" in str(refused.value)
    assert ("no answer" if is_listening else "UNAVAILABLE") in str(refused.value)
    assert "Start flagd, or correct --flags (SLIPSTREAM_FLAGS)" in str(refused.value)
    assert time.monotonic() - began < LIMIT_S


def test_damaged_flags_at_the_start_are_an_error(flagd: Flagd, begin: Callable[..., Signer]):
    flagd.serve_text("{")

    with pytest.raises(FlagsError, match="no JSON"):
        begin(flagd)


def test_flags_that_the_store_cannot_serve_are_refused_at_the_start_and_later(
    flagd: Flagd, caplog: pytest.LogCaptureFixture
):
    settings = Settings(flags=FlagdAddress(host="127.0.0.1", port=flagd.port))
    folded = split(100, variants={"control": {}, "quick": {"layout": "folded"}})
    profile = PROFILES["gcs"]
    with checked_flags(settings, profile) as source:
        flagd.serve(pace=folded)
        eventually(lambda: lines(caplog, "stay in force"), "the report")
        assert Signer(source).arm() == "control"
    with pytest.raises(SettingsError, match="does not copy parts"), checked_flags(settings, profile):
        pass


def test_selector_is_sent_where_flagd_of_any_age_finds_it(flagd: Flagd, begin: Callable[..., Signer]):
    begin(flagd, "grpc://127.0.0.1:{port}?selector=flagSetId=slipstream")
    begin(flagd)

    assert flagd.selectors == [("flagSetId=slipstream", "flagSetId=slipstream"), ("", "")]


def test_tls_is_spoken_with_whom_the_operator_trusts_and_with_nobody_else(begin: Callable[..., Signer], tmp_path: Path):
    authority = trustme.CA()
    trusted = certificate_of(authority, tmp_path)
    flagd = Flagd(authority)
    flagd.serve(pace=split(100))
    flagd.start()
    try:
        assert begin(flagd, f"grpcs://127.0.0.1:{{port}}?certPath={trusted}").arm() == "quick"
        strange = FlagdAddress(host="127.0.0.1", port=flagd.port, is_tls=True)
        with (
            closing(FlagdFlags(strange, lambda _: None, PATIENCE_S)) as flags,
            pytest.raises(FlagsError, match=f"grpcs://127.0.0.1:{flagd.port} has sent no flags.*UNAVAILABLE"),
        ):
            flags.read()
    finally:
        flagd.stop()


@pytest.mark.parametrize("missing", ["grpc", "openfeature.schemas"])
def test_without_its_packages_one_sentence_says_what_to_run(monkeypatch: pytest.MonkeyPatch, missing: str):
    for name in [name for name in sys.modules if name == missing or name.startswith(f"{missing}.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("flagd_flags", "flagd_stream"):
        monkeypatch.delitem(sys.modules, f"server.signer.flags.{name}", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(SettingsError, match=rf"not installed \({missing}.*\). Run `make tools`"):
        flag_source(FlagdAddress(host="127.0.0.1"))


def test_nothing_loads_them_without_a_flagd():
    code = "import sys; from server.cli.commands import main; print('grpc' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
