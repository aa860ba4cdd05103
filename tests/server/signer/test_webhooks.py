"""The operator's application hears of each submitted session: at least once, signed, with an id to tell repeats."""

import base64
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from pydantic import AnyHttpUrl, SecretStr, ValidationError
from standardwebhooks import Webhook

from server.errors import StoreMisconfigured
from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.signer.tickets import Tickets
from server.signer.webhooks import Entry
from server.store.storage import Storage
from tests.support.signer_client import SECRET, Candidate, served

SHARED = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
DONE_S = 20


class Application:
    """The operator's own: takes what is told, or refuses it as often as a test says."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []  # of the next replies; then 204
        self.has_heard = threading.Event()
        application = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                application.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(application.statuses.pop(0) if application.statuses else 204)
                self.end_headers()
                application.has_heard.set()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/told"

    def verified(self, place: int = -1) -> dict[str, Any]:
        headers, body = self.told[place]
        found: dict[str, Any] = Webhook(SHARED).verify(body, headers)
        return found


@pytest.fixture
def application() -> Iterator[Application]:
    made = Application()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@contextmanager
def telling(settings: Settings, storage: Storage, url: str) -> Iterator[httpx.Client]:
    """Serve a signer that tells `url`."""
    changed = settings.model_copy(update={"webhook_url": AnyHttpUrl(url), "webhook_secret": SecretStr(SHARED)})
    signer = make_signer(changed, storage)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with served(create_app(changed, signer), listener), httpx.Client(base_url=base_url, trust_env=False) as client:
            yield client
    assert signer.submissions._webhooks is not None
    signer.submissions._webhooks.close()


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DONE_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def submit(client: httpx.Client) -> Candidate:
    candidate = Candidate(client, Tickets(SECRET), f"w-{secrets.token_hex(6)}")
    candidate.ticket = Tickets(SECRET).mint(
        session=candidate.session, interview="trial", life_s=600, name="Ada", reference="A-17"
    )
    assert candidate.post("/api/submission", {"answers": candidate.answers()}).status_code == 200
    return candidate


def outbox_of(storage: Storage, candidate: Candidate) -> list[str]:
    return storage.objects.keys(f"_outbox/trial/{candidate.session}/")


def test_submission_is_told_once_and_signed(settings: Settings, storage: Storage, application: Application):
    with telling(settings, storage, application.url) as client:
        candidate = submit(client)
        until(lambda: application.told and not outbox_of(storage, candidate), "it is told")

    told = application.verified()
    assert told["type"] == "session.submitted"
    data = told["data"]
    assert (data["interview"], data["session"]) == ("trial", candidate.session)
    assert (data["name"], data["reference"], data["answers"]) == ("Ada", "A-17", 2)
    assert data["submission"] == f"trial/{candidate.session}/submission.json"
    assert [key.rpartition("/")[2] for key in data["recordings"]] == ["video.mp4", "audio.webm"]
    assert len(application.told) == 1
    assert "eyJ" not in json.dumps(told), "a ticket has no place there"


def test_application_that_refuses_is_told_again_with_the_same_id(
    settings: Settings, storage: Storage, application: Application, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("server.signer.webhooks._WAITS_S", (0.1,))
    monkeypatch.setattr("server.signer.webhooks._POLL_S", 0.1)
    application.statuses = [500, 503, 302]
    with telling(settings, storage, application.url) as client:
        candidate = submit(client)
        until(lambda: len(application.told) == 4 and not outbox_of(storage, candidate), "the fourth is taken")

    assert len({headers["webhook-id"] for headers, _ in application.told}) == 1
    assert application.verified(0) == application.verified(3)


def test_what_a_killed_signer_has_not_told_is_told_by_the_next_one(
    settings: Settings, storage: Storage, application: Application, monkeypatch: pytest.MonkeyPatch
):
    with telling(settings, storage, "http://127.0.0.1:9/nobody") as client:
        candidate = submit(client)
    assert outbox_of(storage, candidate)
    monkeypatch.setattr("server.signer.webhooks._OTHERS_S", 0.0)

    with telling(settings, storage, application.url):
        until(lambda: application.told and not outbox_of(storage, candidate), "another signer tells it")

    assert application.verified()["data"]["session"] == candidate.session


def test_session_that_was_not_closed_after_all_is_not_told(
    settings: Settings, storage: Storage, application: Application, monkeypatch: pytest.MonkeyPatch
):
    session = f"w-{secrets.token_hex(6)}"
    key = f"_outbox/trial/{session}/submitted.json"
    entry = Entry(interview="trial", session=session, written_at=time.time() - 7200)
    storage.objects.write(key, entry.model_dump_json().encode(), "application/json")

    with telling(settings, storage, application.url):
        until(lambda: storage.objects.head(key) is None, "the entry is dropped")

    assert application.told == []


def test_entry_that_cannot_be_deleted_is_told_once_and_keeps_no_other_from_being_told(
    settings: Settings, storage: Storage, application: Application, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("server.signer.webhooks._POLL_S", 0.05)
    monkeypatch.setattr("server.signer.webhooks._WAITS_S", (0.1,))

    def refuse(key: str) -> None:
        raise StoreMisconfigured.because("AccessDenied")

    with telling(settings, storage, application.url) as client, pytest.MonkeyPatch.context() as refusing:
        refusing.setattr(storage.objects, "delete", refuse)
        first, second = submit(client), submit(client)
        until(lambda: len(application.told) == 2, "both are told")
        threading.Event().wait(1)

        assert len({headers["webhook-id"] for headers, _ in application.told}) == len(application.told) == 2
        assert outbox_of(storage, first)
        assert outbox_of(storage, second)


def test_failure_that_nobody_thought_of_does_not_end_the_telling(
    settings: Settings, storage: Storage, application: Application, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("server.signer.webhooks._POLL_S", 0.05)
    monkeypatch.setattr("server.signer.webhooks._WAITS_S", (0.1,))
    told, failures = httpx.stream, [OSError(24, "Too many open files")] * 3

    def stream(*arguments: Any, **options: Any) -> Any:
        if failures:
            raise failures.pop()
        return told(*arguments, **options)

    monkeypatch.setattr("server.signer.webhooks.httpx.stream", stream)
    with telling(settings, storage, application.url) as client:
        candidate = submit(client)
        until(lambda: application.told and not outbox_of(storage, candidate), "it is told in the end")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"webhook_url": "https://ats.example/hook"}, "both SLIPSTREAM_WEBHOOK_URL and SLIPSTREAM_WEBHOOK_SECRET"),
        ({"webhook_url": "http://ats.example/hook", "webhook_secret": SHARED}, "use https"),
        ({"webhook_url": "https://ats.example/hook", "webhook_secret": "whsec_c2hvcnQ="}, "24 random bytes"),
        ({"webhook_url": "https://ats.example/hook", "webhook_secret": "a" * 40}, "whsec_"),
    ],
)
def test_webhook_that_could_not_be_trusted_is_refused(given: dict[str, Any], sentence: str):
    with pytest.raises(ValidationError, match=sentence):
        Settings.model_validate(given)
