"""The report's page in a browser: nothing that axe finds, no request, nothing that stands out on a phone."""

from pathlib import Path
from typing import Literal

import pytest

from server.reports.page import page_of
from server.reports.report import Report
from server.reports.run import ReportOptions, run_report
from server.settings import Settings
from server.store.embedded import BUCKET
from tests.conftest import Browsers
from tests.support.states.looks import AXE, axe
from tests.support.synthetic_sessions import Plan, sessions, write_sessions


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    data = tmp_path_factory.mktemp("data")
    bucket = data / BUCKET
    write_sessions(bucket, sessions(600, Plan(wait_factor={"small": 0.5})))
    skewed = Plan(
        interviews=("backend",),
        flag="<codec>",
        planned={"control": 0.5, "<new>": 0.5},
        actual={"control": 0.8, "<new>": 0.2},
    )
    write_sessions(bucket, sessions(200, skewed, seed=2))
    (bucket / "backend/s-9").mkdir()
    (bucket / "backend/s-9/efficiency.json").write_text("[]", encoding="utf-8")
    return run_report(Settings(data=data), ReportOptions(), lambda count: None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_axe_finds_nothing_and_nothing_is_asked_of_the_network(
    browsers: Browsers, report: Report, tmp_path: Path, width: int, scheme: Literal["light", "dark"]
):
    path = tmp_path / "report.html"
    path.write_text(page_of(report), encoding="utf-8")
    context = browsers.get("chromium").new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        bypass_csp=True,  # for axe
    )
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    page.evaluate("() => document.querySelectorAll('details').forEach((details) => details.open = true)")
    page.add_script_tag(path=str(AXE))

    assert axe(page) == []
    assert requests == [path.as_uri()]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert page.get_by_role("table", name="small compared with control").first.is_visible()
    assert page.get_by_role("img", name="Wait after Stop").count() > 0
    context.close()


def test_the_page_runs_no_script_and_trusts_no_name(report: Report):
    page = page_of(report)

    assert "<script" not in page
    assert "&lt;codec&gt;" in page
    assert "<codec>" not in page
    assert "<new>" not in page
    assert "Arms are not split as planned" in page
    assert "backend/s-9/efficiency.json" in page
