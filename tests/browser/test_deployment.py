"""The page as static files at one origin, its signers behind nginx at a second, the company's site at a third.

Each candidate's watch fails on an error in the console, and on what the page's policy forbids (support/scripts/taps.js)
"""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.support.company import Company, assert_nobody_else_was_asked, element, heard, running_company
from tests.support.deployment import Deployment, running_deployment
from tests.support.files import INTERVIEWS
from tests.support.framed import inside
from tests.support.page_driver import Candidate
from tests.support.settings import QUICK


def has_four_chunks(candidate: Candidate, question: str) -> bool:
    return len(candidate.recording(question).sizes) >= 4


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with running_company() as running:
        yield running


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory, company: Company) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployment")
    with running_deployment(folder, policy=QUICK, interviews=INTERVIEWS, hosts=company.origin) as running:
        yield running
        for signers in running.signers:
            said = signers.log.read_text(encoding="utf-8")
            assert "X-Amz-Signature" not in said
            assert "eyJ" not in said
        assert "eyJ" not in (running.folder / "access.log").read_text()


@pytest.fixture
def stack(deployment):
    return deployment.stack


def test_whole_interview_over_three_origins(sit_down, deployment, company, stack, browser_name):
    session = f"t-three-origins-{browser_name}"
    ticket = stack.ticket(session=session, interview="spoken")
    link = company.page(f"/{session}", element(stack, f'ticket="{ticket}"'))
    candidate = sit_down(link="about:blank", session=session, trusts_all=True)
    page, framed = candidate.page, inside(candidate)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(link)

    framed.begin()
    for question in ("first", "second"):
        framed.record(question)
        framed.until(partial(has_four_chunks, framed, question), "four chunks")
        framed.stop(question)
    framed.wait_until_safe()
    framed.submit()

    answers = {answer["question"]: answer for answer in framed.read_json("submission.json")["answers"]}
    for question in ("first", "second"):
        framed.assert_object_is(framed.recording(question), answers[question]["tracks"]["audio"])
    assert framed.open_uploads() == {}
    framed.last_report()
    framed.until(lambda: heard(page, "submitted"), "the company is told")
    ports = deployment.ports
    assert_nobody_else_was_asked(asked, {company.origin, ports.page_origin, ports.signer_origin, ports.store_origin})
    calls = [line for line in (deployment.folder / "access.log").read_text().splitlines() if "/api/uploads" in line]
    assert {line.split()[4] for line in calls} == {"HTTP/2.0"}
    assert {line.split()[-1] for line in calls} == {f"127.0.0.1:{port}" for port in (ports.first, ports.second)}


def test_page_that_is_left_still_reports_to_its_signer(sit_down, stack):
    candidate = sit_down("spoken", trusts_all=True)
    candidate.begin()
    candidate.record("first")
    candidate.until(partial(has_four_chunks, candidate, "first"), "four chunks")
    candidate.stop("first")
    candidate.wait_until_safe()

    candidate.page.goto("about:blank")

    report = candidate.until(candidate.report, "a report that was sent while the page was closed")
    assert (report.answered, report.is_submitted) == (1, False)
