"""What the machine had when a test in a browser failed, and why Chromium says that a page of it ended."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_MIB = 1024 * 1024


class Crashes:
    """Collect the pages of a Chromium that ended without having been closed."""

    def __init__(self, browser: "Browser") -> None:
        self._reasons: list[str] = []
        devtools = browser.new_browser_cdp_session()
        devtools.on("Target.targetCrashed", self._note)
        devtools.send("Target.setDiscoverTargets", {"discover": True})

    def take(self) -> list[str]:
        """Return the reasons since the last call, in Chromium's words."""
        taken, self._reasons = self._reasons, []
        return taken

    def _note(self, told: dict[str, Any]) -> None:
        self._reasons.append(f"a page ended: {told.get('status')}, error code {told.get('errorCode')}")


def state() -> str:
    """Return load, memory and room on the disk in one line."""
    told = [f"load {os.getloadavg()[0]:.1f}"]
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        kib = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
        told.append(f"{kib // 1024} MiB of memory free")
    except OSError:
        pass  # only Linux has it
    told.append(f"{shutil.disk_usage(tempfile.gettempdir()).free // _MIB} MiB of disk free")
    return ", ".join(told)
