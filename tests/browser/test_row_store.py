"""IndexedDB keeps the contract of RowStore: the one that the fake disk keeps, run by the page's own Python."""

from pathlib import Path

from tests.support import row_store_contract
from tests.support.files import ROOT
from tests.support.page_driver import BOOT_TIMEOUT_MS, WELCOME

SCRIPT = "".join(
    path.read_text(encoding="utf-8")
    for path in (Path(row_store_contract.__file__), ROOT / "tests/support/row_store_in_page.py")
)
ABORTING = """
const { transaction } = IDBDatabase.prototype;
IDBDatabase.prototype.transaction = function (...asked) {
  const begun = transaction.apply(this, asked);
  if (globalThis.abortNextTransaction) {
    globalThis.abortNextTransaction = false;
    queueMicrotask(() => begun.abort()); // once Python has made its requests
  }
  return begun;
};
"""


def hand_out_python(route):
    """Serve the loader as it is, but for its last line: the test gets the interpreter too."""
    reply = route.fetch()
    body = reply.text()
    assert body.count("  return python;") == 1
    kept = "  globalThis.slipstreamPython = python;\n  return python;"
    route.fulfill(response=reply, body=body.replace("  return python;", kept))


def test_indexeddb_keeps_the_contract_and_no_refusal_reaches_the_console(sit_down, stack):
    candidate = sit_down(link="about:blank", script=ABORTING)
    candidate.page.route("**/static/boot/interpreter.mjs", hand_out_python)
    candidate.page.goto(stack.ticket_link(session=candidate.session, interview="spoken"))
    candidate.page.locator(WELCOME).wait_for(timeout=BOOT_TIMEOUT_MS)

    promises, broken = candidate.page.evaluate("(script) => slipstreamPython.runPythonAsync(script)", SCRIPT)

    assert not broken, broken
    assert promises == len(row_store_contract.CONTRACT)
