"""Ask signer and store something small, to learn whether anybody is there."""

import asyncio
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import js_object, optional
from app.core.upload.refusals import Reached

TIMEOUT_MS = 5_000  # a few bytes each way: slower than this, and no part would arrive either


class BrowserEndpoints:
    def __init__(self, signer_url: str, store_origin: str) -> None:
        """`signer_url` ends in "/"."""
        self._signer = signer_url + "live"
        self._store = store_origin + "/"

    async def look(self) -> Reached:
        signer, store = await asyncio.gather(
            _ask(self._signer, redirect="error"),
            # This mode shows a page nothing of an answer but that there was one: no CORS rule can hide that.
            _ask(self._store, method="HEAD", mode="no-cors"),
        )
        is_signer = signer is not None and not _is_page(signer)
        return Reached(signer=is_signer, store=store is not None)


async def _ask(url: str, **options: str) -> Any:
    """Return the response, an error's too; None if there was none."""
    common = {"cache": "no-store", "credentials": "omit", "signal": js.AbortSignal.timeout(TIMEOUT_MS)}
    try:
        return await js.fetch(url, js_object(**common, **options))
    except JsException:
        return None


def _is_page(js_response: Any) -> bool:
    """Whether this is a sign-in page in the signer's place. Errors of gateways are pages, too, but no success."""
    kind = optional(js_response.headers.get("Content-Type"))
    return bool(js_response.ok) and "html" in str(kind).lower()
