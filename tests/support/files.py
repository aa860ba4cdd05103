"""Where the tests find what they need beside Python: scripts for the page, interviews."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
INTERVIEWS = ROOT / "tests/support/interviews"
_SCRIPTS = ROOT / "tests/support/scripts"


def script(name: str) -> str:
    """Return the text of `tests/support/scripts/<name>.js`, for the page to run."""
    return (_SCRIPTS / f"{name}.js").read_text(encoding="utf-8")
