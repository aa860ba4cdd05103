"""What left the recorder and what the journal took, seen from outside a page that is about to be killed."""

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.support.files import script
from tests.support.settings import synthetic

_READ = """
async (sitting) => {
  const kept = await indexedDB.databases();
  if (!kept.some(({ name }) => name === `slipstream-${sitting}`)) return { chunks: 0, facts: [] };
  const open = indexedDB.open(`slipstream-${sitting}`);
  const database = await new Promise((resolve, reject) => {
    open.onsuccess = () => resolve(open.result);
    open.onerror = () => reject(open.error);
  });
  const ask = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const chunks = await ask(database.transaction("chunks").objectStore("chunks").count());
  const facts = await ask(database.transaction("facts").objectStore("facts").getAll());
  database.close();
  return { chunks, facts };
}
"""


@dataclass
class Witness:
    """Times are Unix seconds. What was said in the very moment of the kill may be missing."""

    started_at: float | None = None  # None: nothing is being recorded
    stopped_at: float | None = None
    given_at: list[float] = field(default_factory=list)  # by chunk: the recorder gave it
    committed: int = 0  # chunks

    def watch(self, page: Page, **plan: Any) -> None:
        """Put the made-up recorder in place, and listen to it and to the journal."""
        page.expose_binding("slipstreamWitness", lambda _source, told: self._note(told))
        page.add_init_script(
            synthetic(type="audio/webm;codecs=opus", **plan) + script("commits") + script("witness") + script("watch")
        )

    def _note(self, told: dict[str, Any]) -> None:
        match told["kind"]:
            case "started":
                self.started_at = told["at"]
            case "stopped":
                self.stopped_at = told["at"]
            case "given":
                self.given_at.append(told["at"])
            case "committed":
                self.committed += 1


@dataclass(frozen=True)
class JournalLeft:
    """What a kill has left of one recording."""

    chunks: int
    has_upload: bool
    acknowledged: frozenset[int]  # part numbers


def read_journal(page: Page, sitting: str) -> JournalLeft:
    """Look into the journal from a page of the same origin that is not ours to run."""
    found = page.evaluate(_READ, sitting)
    facts = [(fact["kind"], fact["json"]) for fact in found["facts"]]
    numbers = (re.search(r'"number":(\d+)', text) for kind, text in facts if kind == "PartAcknowledged")
    return JournalLeft(
        chunks=found["chunks"],
        has_upload=any(kind == "UploadCreated" for kind, _ in facts),
        acknowledged=frozenset(int(number[1]) for number in numbers if number),
    )
