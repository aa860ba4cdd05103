"""This browser's own name among the devices that open one link."""

import secrets
from typing import Any

from pyodide.ffi import JsException, create_once_callable
from pyscript.js_modules import idb

from app.browser.interop import js_object, optional

NAME = "slipstream-device"
_STORE = "device"
_KEY = "name"


async def device_name() -> str | None:
    """Return 32 hexadecimal digits, made once and kept on the disk; None where the browser keeps nothing.

    Kept beside the journal and not in localStorage, which a browser that is killed loses the last seconds of.
    """

    def make_store(js_db: Any, *_: Any) -> None:
        js_db.createObjectStore(_STORE)

    try:
        js_db = await idb.openDB(NAME, 1, js_object(upgrade=create_once_callable(make_store)))
    except JsException:
        return None
    try:
        return await _kept(js_db)
    except JsException:
        return None
    finally:
        js_db.close()


async def _kept(js_db: Any) -> str:
    kept = optional(await js_db.get(_STORE, _KEY))
    if kept is not None:
        return str(kept)
    name = secrets.token_hex(16)
    js_transaction = js_db.transaction(_STORE, "readwrite", js_object(durability="strict"))
    js_transaction.store.put(name, _KEY)
    await js_transaction.done
    return str(await js_db.get(_STORE, _KEY))  # another tab's, if that has come a moment later
