"""Where figures go: one JSON file a benchmark, under .build/benchmarks."""

import json
from pathlib import Path
from typing import Any

from server.settings import ROOT

FOLDER = ROOT / ".build/benchmarks"


def keep(path: Path, figures: Any) -> None:
    """Write figures as JSON; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1), encoding="utf-8")
