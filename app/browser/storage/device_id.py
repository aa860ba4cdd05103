"""This browser's own name, to distinguish the devices that open the same launch URL."""

import secrets
from typing import Any

import js
from pyodide.ffi import JsException, create_once_callable
from pyscript.js_modules import idb

from app.browser.interop import js_object, optional
from app.browser.window.window import has_storage

NAME = "slipstream-device"
_STORE = "device"
_KEY = "name"


async def device_name() -> str:
    """Return this browser's name, 32 hexadecimal digits, created once and kept; without storage, a name for this tab.

    The name is in IndexedDB, as the journal is: a killed browser loses what localStorage got in the last seconds.
    """

    def make_store(js_db: Any, *_: Any) -> None:
        js_db.createObjectStore(_STORE)

    if not has_storage():
        return _of_this_tab()
    try:
        js_db = await idb.openDB(NAME, 1, js_object(upgrade=create_once_callable(make_store)))
    except JsException:
        return _of_this_tab()
    try:
        return await _kept(js_db)
    except JsException:
        return _of_this_tab()
    finally:
        js_db.close()


def _of_this_tab() -> str:
    """Return a name that survives a reload; a new name each time if sessionStorage is not available either."""
    name = secrets.token_hex(16)
    try:
        kept = optional(js.sessionStorage.getItem(NAME))
        if kept is None:
            js.sessionStorage.setItem(NAME, name)
    except JsException:
        return name
    return name if kept is None else str(kept)


async def _kept(js_db: Any) -> str:
    kept = optional(await js_db.get(_STORE, _KEY))
    if kept is not None:
        return str(kept)
    name = secrets.token_hex(16)
    js_transaction = js_db.transaction(_STORE, "readwrite", js_object(durability="strict"))
    js_transaction.store.put(name, _KEY)
    await js_transaction.done
    return str(await js_db.get(_STORE, _KEY))  # another tab may have written its name meanwhile
