"""Send a small request to the signer and to the store, to learn whether they can be reached."""

import asyncio
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import js_object, optional
from app.core.upload.refusals import Reached

TIMEOUT_MS = 5_000  # a few bytes each way: on a slower connection no part would arrive either


class BrowserEndpoints:
    def __init__(self, signer_url: str, store_origin: str) -> None:
        """`signer_url` ends in "/"."""
        self._signer = signer_url + "live"
        self._store = store_origin + "/"

    async def look(self) -> Reached:
        signer, store = await asyncio.gather(
            _ask(self._signer, redirect="error"),
            # In this mode the page learns only that there was a response; no CORS rule can hide that.
            _ask(self._store, method="HEAD", mode="no-cors"),
        )
        is_signer = signer is not None and not _is_page(signer)
        return Reached(signer=is_signer, store=store is not None)


async def _ask(url: str, **options: str) -> Any:
    """Return the response, whatever its status; None if there was none."""
    common = {"cache": "no-store", "credentials": "omit", "signal": js.AbortSignal.timeout(TIMEOUT_MS)}
    try:
        return await js.fetch(url, js_object(**common, **options))
    except JsException:
        return None


def _is_page(js_response: Any) -> bool:
    """Return whether a sign-in page answered instead of the signer. A gateway's error page has no success status."""
    kind = optional(js_response.headers.get("Content-Type"))
    return bool(js_response.ok) and "html" in str(kind).lower()
