"""Ask signer and store something small, to learn whether anybody is there."""

import asyncio

import js
from pyodide.ffi import JsException

from app.browser.interop import js_object
from app.core.silence import Reached

TIMEOUT_MS = 5_000  # a few bytes each way: slower than this, and no part would arrive either


class BrowserEnds:
    def __init__(self, signer_url: str, store_origin: str) -> None:
        """`signer_url` ends in "/"."""
        self._signer = signer_url + "live"
        self._store = store_origin + "/"

    async def look(self) -> Reached:
        # "no-cors" shows a page nothing of the store's answer but that there was one: a CORS rule cannot hide that.
        signer, store = await asyncio.gather(_answers("GET", self._signer), _answers("HEAD", self._store))
        return Reached(signer=signer, store=store)


async def _answers(method: str, url: str) -> bool:
    """Whether anything comes back, an error's status too."""
    options = js_object(
        method=method,
        mode="no-cors",
        cache="no-store",
        credentials="omit",
        signal=js.AbortSignal.timeout(TIMEOUT_MS),
    )
    try:
        await js.fetch(url, options)
    except JsException:
        return False
    return True
