"""A known vulnerability fails the check, and a registry that does not tell does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import audit

VULNERABLE = {"dependencies": [{"name": "left-pad", "version": "1", "vulns": [{"id": "CVE-2026-1"}]}]}
UNKNOWN = {"dependencies": [{"name": "left-pad", "skip_reason": "not found"}]}


def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: dict[str, Any]) -> int:
    def output(command: list[Any]) -> str:
        program = Path(command[0]).name
        return json.dumps({"components": []} if program == "cyclonedx-py" else told if program == "pip-audit" else {})

    monkeypatch.setattr(audit, "_output", output)
    monkeypatch.setattr(audit, "SBOM", tmp_path)
    return audit.main()


def test_known_vulnerability_fails_and_is_named(monkeypatch, tmp_path, capsys):
    assert run(monkeypatch, tmp_path, VULNERABLE) == 1
    assert "left-pad 1: CVE-2026-1" in capsys.readouterr().out


def test_index_that_does_not_tell_fails_nothing_and_is_said(monkeypatch, tmp_path, capsys):
    assert run(monkeypatch, tmp_path, UNKNOWN) == 0
    assert "0 packages looked up, 1 unknown" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} >= {"runtime.cdx.json", "browser.cdx.json", "page.cdx.json"}
