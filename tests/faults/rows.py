"""The list of faults, and which tests prove each: `python -m tests.faults.rows`.

A test stands for a row by its name: `test_row_14_permission_revoked_…`.
"""

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
FAULTS = {
    1: "connection reset in the middle of a part",
    2: "stall: the socket is open and nothing comes",
    3: "the reply to a part, create, complete or submission is lost",
    4: "browsers send PUT and POST again by themselves",
    5: "a busy store says when to come back",
    6: "passing errors of the store",
    7: "a URL has expired, or was signed by a skewed clock",
    8: "offline while recording, for longer than an answer",
    9: "navigator.onLine lies; a captive portal answers",
    10: "bits flipped, bodies truncated, ETags wrong or missing",
    11: "the store has lost an upload",
    12: "complete fails with 200, takes minutes, or is sent twice",
    13: "the tab crashes, is reloaded, left or closed",
    14: "permission revoked, device unplugged, one track of two ends",
    15: "camera and microphone cannot be had",
    16: "the quota is reached; a write of the journal fails",
    17: "no IndexedDB, a private window, a sandboxed frame",
    18: "two tabs on one session",
    19: "the computer sleeps, the page is hidden for long",
    20: "the signer is down, slow, or answers junk",
    21: "chunks of no byte or of far too many, recordings of nothing",
    22: "a file of the page does not arrive, or the browser cannot run it",
    23: "two hours, 10,000 parts",
    24: "many faults at random",
    25: "the first ticket expires in mid-upload; a new one of the same session comes",
    26: "ETags that are no MD5",
    27: "a gateway or a bucket refuses: 413 with and without CORS, 403, 501, 507, a CORS rule",
    28: "a bucket in another region, without a permission, with Object Lock, or that demands encryption",
    29: "getUserMedia never settles; the browser's question stays open",
    30: "the audio graph fails, or the picture cannot be measured",
    31: "a whole answer is silent or black",
    33: "links that mail and chat programs changed",
    35: "one session name used for two interviews",
    36: "large bodies, bodies without a ticket, slow bodies; a store that hangs",
    37: "submissions at the same time; a complete or a document URL that comes after Submit",
    38: "the browser profiles the page's memory while it starts",
    39: "a second click or tap, at any change of phase",
    40: "the picture's size changes while recording",
    41: "two devices on one question",
}


@cache
def proofs(prefix: str = "row") -> dict[int, list[str]]:
    """Return the tests named `test_<prefix>_<number>_…`, by number, each as file::name."""
    found: dict[int, list[str]] = {}
    for file in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if match := re.match(rf"test_{prefix}_(\d+)_", node.name):
                found.setdefault(int(match[1]), []).append(f"{file.relative_to(TESTS.parent)}::{node.name}")
    return found


def print_table(rows: Mapping[int, str], prefix: str = "row") -> None:
    found = proofs(prefix)
    for number, words in rows.items():
        print(f"{number:>2}  {words}")
        print("\n".join(f"      {name}" for name in found.get(number, ["no test"])))


if __name__ == "__main__":
    print_table(FAULTS)
