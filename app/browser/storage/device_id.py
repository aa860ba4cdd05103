"""This browser's own name among the devices that open one link."""

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
    """Return 32 hexadecimal digits, made once and kept on the disk; for this tab alone where the browser keeps nothing.

    Kept beside the journal and not in localStorage, which a browser that is killed loses the last seconds of.
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
    """Return what outlives a reload at least; a new one each time where not even that is kept."""
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
    return str(await js_db.get(_STORE, _KEY))  # another tab's, if that has come a moment later
