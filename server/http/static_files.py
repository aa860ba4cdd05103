"""Serve the page's files: which ones a browser may fetch, compressed variants, cache headers.

We do not use servestatic: its ETag is made of the second of the last change and the size, so a quick edit gets a 304,
and all encodings have the same ETag.
"""

import hashlib
import mimetypes
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path, PurePosixPath

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from server.build import app_archive
from server.http.versions import Versions

_APP_ARCHIVE = "static/vendor/app.zip"  # made from the current sources if they have changed since the build
FOR_EVERYBODY = {"static/slipstream.js", "static/slipstream.d.ts"}  # host pages load them from their own origins
_HOSTS = '<meta name="slipstream-hosts" content="'
_SIGNER = '<meta name="slipstream-signer" content="'
_HERE = "./api/"
TO_EVERYBODY = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
_SINGLE = {"index.html", "pyscript.toml"}
TYPES = {  # the platform's own table may be wrong or incomplete
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".ts": "text/plain",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",  # browsers stream and cache compilation for this type only
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_HASHED = re.compile(r"^static/vendor/pyscript/[a-z]+-[0-9A-Za-z_-]{8}\.js$")  # as rollup names them


class PageFiles(StaticFiles):
    """Serve the page from `root`, precompressed if a `.br` or `.gz` file is beside it."""

    def __init__(self, root: Path, private: Sequence[Path] = (), hosts: Sequence[str] = ()) -> None:
        """Never serve `private` folders, wherever they are. `hosts` are origins that may embed the page."""
        super().__init__(directory=root)
        self._root = root
        self._private = [path.resolve() for path in private]
        self._hosts = hosts
        self._versions = Versions(root)

    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        name, is_current = await run_in_threadpool(self._versions.split, "index.html" if path == "." else path)
        if not is_public(PurePosixPath(name)):
            raise HTTPException(404)
        file = await run_in_threadpool(self._find, name)
        if file is None:
            raise HTTPException(404)
        if name == _APP_ARCHIVE and (fresh := await run_in_threadpool(app_archive, self._root)) is not None:
            return Response(fresh, headers={"Cache-Control": "no-store"}, media_type=TYPES[".zip"])
        if name == "index.html":
            return await run_in_threadpool(self._page, file, Headers(scope=scope))
        return await run_in_threadpool(self._negotiated, name, file, Headers(scope=scope), is_current=is_current)

    def _page(self, path: Path, request: Headers) -> Response:
        """Return the page with versions in its addresses and the operator's host origins: no URL can name others."""
        page = page_of(path, self._versions, self._hosts)
        tag = hashlib.sha256(page.encode()).hexdigest()
        headers = {"Cache-Control": cache_control("index.html"), "ETag": f'"{tag}"'}
        response = Response(page, headers=headers, media_type="text/html")
        return NotModifiedResponse(response.headers) if self.is_not_modified(response.headers, request) else response

    def _find(self, name: str) -> Path | None:
        try:
            file = Path(self.lookup_path(name)[0])
        except (OSError, ValueError):  # the name is too long, or contains a NUL
            return None
        is_private = any(file.is_relative_to(private) for private in self._private)
        return file if file.is_file() and not is_private else None

    def _negotiated(self, name: str, path: Path, request: Headers, *, is_current: bool) -> Response:
        suffix = PurePosixPath(name).suffix.lower()
        media_type = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {"Vary": "Accept-Encoding", "Cache-Control": cache_control(name, is_current=is_current)}
        if name in FOR_EVERYBODY:
            headers |= TO_EVERYBODY
        chosen = path
        accepted = accepted_encodings(request.get("accept-encoding", ""))
        for encoding, ending in _ENCODINGS:
            variant = path.with_name(path.name + ending)
            if encoding in accepted and variant.is_file():
                headers["Content-Encoding"] = encoding
                chosen = variant
                break
        response = FileResponse(chosen, headers=headers, media_type=media_type, stat_result=chosen.stat())
        if self.is_not_modified(response.headers, request):
            return NotModifiedResponse(response.headers)
        return response


def page_of(file: Path, versions: Versions, hosts: Sequence[str], signer: str | None = None) -> str:
    """Return the page with versions in its addresses, and who may embed it.

    `signer` is its origin, None: that of the page. The browser connects early to another one, which the page asks for
    the interview as soon as it opens.
    """
    page = versions.insert(file.read_text("utf-8")).replace(_HOSTS, _HOSTS + escape(" ".join(hosts)), 1)
    if signer is None:
        return page
    early = f'{_SIGNER}{signer}/api/">\n  <link rel="preconnect" crossorigin href="{signer}">'
    return page.replace(f'{_SIGNER}{_HERE}">', early, 1)


def is_public(path: PurePosixPath) -> bool:
    """Return whether a browser may fetch this file: the page, its Python modules, most of static/."""
    parts = [part.lower() for part in path.parts]  # some file systems ignore case
    if not parts or any(part.startswith(".") or part == "__pycache__" for part in parts):
        return False
    if parts[0] == "app":
        return len(parts) > 1 and path.suffix == ".py"
    if parts[0] == "static":
        return len(parts) > 1 and parts[1] != "interviews"
    return len(parts) == 1 and parts[0] in _SINGLE


def cache_control(name: str, *, is_current: bool = False) -> str:
    """Return the Cache-Control value: immutable if the address has the current version or the name a hash.

    Everything else is revalidated each time.
    """
    return "public, max-age=31536000, immutable" if is_current or _HASHED.match(name) else "no-cache"


def accepted_encodings(header: str) -> set[str]:
    """Return the content codings that a client accepts; `q=0` excludes one."""
    accepted = set()
    for item in header.lower().split(","):
        encoding, _, parameters = item.strip().partition(";")
        if not re.fullmatch(r"\s*q=0(\.0*)?\s*", parameters):
            accepted.add(encoding.strip())
    return accepted
