"""Whether every recording on a page plays and can be sought in."""

from typing import TYPE_CHECKING

from tests.support.files import script

if TYPE_CHECKING:
    from playwright.sync_api import Page


def faults_of(page: "Page") -> tuple[int, list[str]]:
    """Play each recording and seek in it. Return how many there are, and a sentence for each that does not work."""
    faults = []
    results = page.evaluate(script("plays"))
    for one in results:
        name, duration_s = one["source"], one.get("duration_s")
        if one["fault"]:
            faults.append(f"{name}: {one['fault']}")
        elif duration_s is None or not 0 < duration_s < 36_000:  # JSON has no Infinity
            faults.append(f"{name}: its duration is {duration_s}")
        elif any(abs(there - share) > 0.05 for there, share in zip(one["sought"], (0.7, 0.1), strict=True)):
            faults.append(f"{name}: sought to 0.7 and 0.1, and came to {one['sought']}")
        elif one["width"] == 0:
            faults.append(f"{name}: no picture")
    return len(results), faults
