"""Find or install Chromium and Firefox for the tests, and say how Playwright starts them.

`python -m tests.support.browsers` makes sure of both; a stamp remembers what was found.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STAMP = ROOT / ".build/browsers.json"
NAMES = ("chromium", "firefox")
PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "firefox": ("firefox-esr", "firefox"),
}
DEBIAN = {"chromium": "chromium", "firefox": "firefox-esr"}
PLAYWRIGHTS_OWN = ""  # in the stamp: Playwright finds it by itself
DOWNLOAD_S = 240
ANSWER_S = 8  # a download that has not even begun by then is refused or hangs

# No camera, no question, no traffic but the page's own.
CHROMIUM_FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--no-pings",
)
# A test's page lives for seconds: optimizing the runtime's WebAssembly costs half of a start's time, and never pays.
CHROMIUM_BASELINE = "--js-flags=--liftoff-only"
FIREFOX_BASELINE = {"javascript.options.wasm_optimizingjit": False}
FIREFOX_PREFS: dict[str, str | float | bool] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
}


def launch_options(name: str, *, is_measured: bool = False) -> dict[str, Any]:
    """Return what `playwright.<name>.launch(**…)` takes; a browser that is measured compiles as a candidate's does.

    Raises RuntimeError if that browser is neither here nor can be brought.
    """
    program = _found()[name]
    if name == "chromium":
        args = [
            *CHROMIUM_FLAGS,
            *([] if is_measured else [CHROMIUM_BASELINE]),
            *(["--no-sandbox"] if _is_root() else []),
        ]
        options: dict[str, Any] = {"args": args}
        # Chromium's new headless mode is the very browser; Playwright's own shell has no MediaRecorder for MP4.
        return options | ({"executable_path": program} if program else {"channel": "chromium"})
    options = {"firefox_user_prefs": FIREFOX_PREFS | ({} if is_measured else FIREFOX_BASELINE)}
    # A stock Firefox speaks WebDriver BiDi; Playwright's own is patched to speak another protocol.
    return options | ({"channel": "moz-firefox", "executable_path": program} if program else {})


def _found() -> dict[str, str]:
    """Return name → program, from the stamp where all it names is still there."""
    try:
        found: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        found = {}
    if set(found) == set(NAMES) and all(
        program == PLAYWRIGHTS_OWN or Path(program).exists() for program in found.values()
    ):
        return found
    found = {name: _find(name) for name in NAMES}
    STAMP.parent.mkdir(exist_ok=True)
    STAMP.write_text(json.dumps(found))
    return found


def _find(name: str) -> str:
    if _is_playwrights_own_here(name):
        return PLAYWRIGHTS_OWN
    # What is on PATH comes before a download: it is the browser that candidates of this machine's kind have.
    program = _on_path(name)
    if program:
        return program
    if _download(name) and _is_playwrights_own_here(name):
        return PLAYWRIGHTS_OWN
    _install_from_debian(name)
    program = _on_path(name)
    if program:
        return program
    raise RuntimeError(f"no {name}: install it, or let Playwright download it (`playwright install {name}`)")


def _on_path(name: str) -> str | None:
    return next(filter(None, map(shutil.which, PROGRAMS[name])), None)


def _is_playwrights_own_here(name: str) -> bool:
    from playwright.sync_api import sync_playwright  # slow, and not needed once the stamp is there

    with sync_playwright() as playwright:
        return Path(getattr(playwright, name).executable_path).exists()


def _download(name: str) -> bool:
    """Let Playwright download its own; give up early where nothing answers."""
    print(f"Downloading {name} (playwright install)", flush=True)
    environment = os.environ | {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": str(ANSWER_S * 1000)}
    command = [sys.executable, "-m", "playwright", "install", name]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=DOWNLOAD_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _install_from_debian(name: str) -> None:
    if not (shutil.which("apt-get") and _is_root()):
        return
    print(f"Installing {DEBIAN[name]} (apt-get)", flush=True)
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", DEBIAN[name]]):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, env=quiet, capture_output=True, timeout=600, check=False)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


if __name__ == "__main__":
    try:
        _found()
    except RuntimeError as error:
        sys.exit(str(error))
