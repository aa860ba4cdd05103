"""Whatever schemathesis makes up from the signer's OpenAPI document, the replies are what that document says."""

from typing import Any

import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.http import routes
from tests.support.signer_client import Candidate

CALLS = [
    (route.path, method)
    for route in routes.router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 25  # of each call, and of each kind


@pytest.fixture(scope="module")
def schema(origin: str, client: object) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{origin}/api/openapi.json")


def test_schemathesis_tries_every_call(schema: BaseSchema):
    found = [(path, method) for path in schema for method in schema[path]]

    assert sorted((path, method.upper()) for path, method in found) == sorted(CALLS)


@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [
        pytest.param(*call, mode, id=f"{call[0]}-{mode.value}")
        for call in CALLS
        for mode in GenerationMode
        # These take nothing that could be wrong.
        if call[0] not in {"/api/health", "/api/live"} or mode is not GenerationMode.NEGATIVE
    ],
)
def test_every_reply_is_as_documented(
    schema: BaseSchema, candidate: Candidate, path: str, method: str, mode: GenerationMode
):
    """Now and then without a ticket. Some of what is sent is replaced by what is there: calls get further with it."""
    upload = candidate.create().json()["upload"]
    [part] = candidate.send(upload, [b"here"])
    there: dict[str, Any] = {
        "upload": upload,
        "parts": [part if path.endswith("complete") else {"number": 1, "offset": 0, "size": 4}],
        "size": 4,
        "question": "both",
        "take": 2,
        "track": "audio",
        "content_type": "audio/webm",
    }

    @given(
        case=schema[path][method].as_strategy(mode),
        replaced=st.sets(st.sampled_from(sorted(there))) | st.just(set(there)),
        has_ticket=st.sampled_from((True, True, True, False)),
    )
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def call(case: Case[Any], replaced: set[str], has_ticket: bool) -> None:
        if isinstance(case.body, dict):
            case.body |= {name: there[name] for name in replaced & case.body.keys()}
        case.call_and_validate(checks=CHECKS, headers=candidate.headers if has_ticket else {})

    call()
