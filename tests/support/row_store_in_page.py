"""Run inside the page's Python, behind the text of row_store_contract.py: the same promises of IndexedDB."""
# ruff: noqa: BLE001, F704, F821, PLE1142  the contract's names; what goes wrong is told; an `await` may stand alone

import traceback

import js
from pyodide.ffi import to_js

from app.browser.storage.row_store import open_row_store


class IndexedDbDisk:
    def __init__(self, name):
        self._name = name

    async def open(self):
        return await open_row_store("contract", self._name, 3600)

    def media(self, content):
        return js.Blob.new(to_js([content]))

    async def content(self, media):
        return (await media.arrayBuffer()).to_bytes()

    def lose_connection(self, store):
        store._js_db.close()

    def abort_next_write(self):
        js.abortNextTransaction = True


async def broken_promises():
    """Return what went wrong, by promise."""
    broken = {}
    for name, promise in CONTRACT.items():
        try:
            await promise(IndexedDbDisk(name))
        except Exception:
            broken[name] = traceback.format_exc()
    return to_js([len(CONTRACT), "\n".join(f"{name}:\n{trace}" for name, trace in broken.items())])


await broken_promises()
