"""`make audit`: known vulnerabilities of all that is pinned, and a bill of materials (CycloneDX) of it in .build/sbom/.

A vulnerability that is known fails. Where a registry does not tell, because there is no internet or only a mirror, that
is said, and fails nothing: checks must run anywhere.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SBOM = ROOT / ".build/sbom"
BIN = Path(sys.executable).parent
_PATIENCE_S = 120
_NOT_SERVED = {"dev", "node"}  # they never run where candidates' answers are


def main() -> int:
    """Return how many vulnerabilities are known, at most 1."""
    SBOM.mkdir(parents=True, exist_ok=True)
    pins = [path for path in sorted((ROOT / "requirements").glob("*.txt")) if path.stem not in _NOT_SERVED]
    for one in pins:
        _write_bill(one)
    found = [*_of_python(pins), *_of_npm()]
    for line in found:
        print(f"  vulnerable: {line}")
    return 1 if found else 0


def _write_bill(pins: Path) -> None:
    command = [BIN / "cyclonedx-py", "requirements", pins, "--output-reproducible", "--of", "JSON"]
    bill = json.loads(_output(command))
    for component in bill["components"]:
        component.pop("externalReferences", None)  # they would name whatever index the machine uses
        component.pop("description", None)
    (SBOM / f"{pins.stem}.cdx.json").write_text(json.dumps(bill, indent=1), encoding="utf-8")


def _of_python(pins: list[Path]) -> list[str]:
    found: list[str] = []
    for one in pins:
        command = [BIN / "pip-audit", "-r", one, "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        told = _json([*command, "--format", "json"])
        packages = told.get("dependencies", [])
        untold = sum("skip_reason" in package for package in packages)
        print(f"  {one.name}: {len(packages) - untold} packages looked up, {untold} unknown to this index")
        found += [f"{package['name']} {package['version']}: {id_}" for package in packages for id_ in _ids(package)]
    return found


def _ids(package: dict[str, Any]) -> list[str]:
    return [one["id"] for one in package.get("vulns", [])]


def _of_npm() -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        print("  package-lock.json: not looked up, there is no npm")
        return []
    bill = _json([npm, "sbom", "--sbom-format", "cyclonedx", "--package-lock-only", "--omit", "dev"])
    (SBOM / "page.cdx.json").write_text(json.dumps(bill, indent=1), encoding="utf-8")
    told = _json([npm, "audit", "--json", "--omit", "dev"])
    if "vulnerabilities" not in told:
        print("  package-lock.json: not looked up, this registry does not tell")
        return []
    return [f"{name}: {one['severity']}" for name, one in told["vulnerabilities"].items()]


def _json(command: list[Any]) -> dict[str, Any]:
    """Return what a program prints as JSON, whatever its exit code; an empty object if it prints none."""
    try:
        printed = json.loads(_output(command) or "{}")
    except ValueError:
        return {}
    return printed if isinstance(printed, dict) else {}


def _output(command: list[Any]) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
