"""A company's web site that embeds the interview: another site than the one that serves it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from playwright.sync_api import Page

from app.contract.embed.outbound import PAGE_MESSAGES
from tests.support.stack import Stack

EVENTS = sorted(one.model_fields["type"].default for one in PAGE_MESSAGES)
HEARD = f"""
<script>
  globalThis.heard = [];
  for (const name of {EVENTS}) {{
    const hear = ({{ type, detail }}) => heard.push({{ type, ...detail }});
    document.querySelector("slipstream-interview").addEventListener(name, hear);
  }}
</script>
"""


class Company:
    """Pages by path. `localhost` and 127.0.0.1 are different sites to a browser, and both may use cameras."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://localhost:{port}"
        self.pages: dict[str, str] = {}

    def page(self, path: str, body: str) -> str:
        """Put a page up and return its address."""
        self.pages[path] = f"<!doctype html><meta charset=utf-8><title>Jobs</title><link rel=icon href=data:,>{body}"
        return self.origin + path


@contextmanager
def running_company() -> Iterator[Company]:
    """Serve a company's pages on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = company.pages.get(self.path)
            self.send_response(200 if page is not None else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        company = Company(server.server_port)
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield company
        finally:
            server.shutdown()
            thread.join()


def element(stack: Stack, attributes: str) -> str:
    return (
        f'<script type="module" src="{stack.base_url}/static/slipstream.js"></script>'
        f"<slipstream-interview {attributes}></slipstream-interview>{HEARD}"
    )


def heard(page: Page, *types: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = page.evaluate("globalThis.heard")
    return [message for message in told if message["type"] in types] if types else told


def assert_nobody_else_was_asked(asked: set[str], allowed: set[str]) -> None:
    strangers = {url for url in asked if not url.startswith((*(f"{origin}/" for origin in allowed), "blob:", "data:"))}
    assert strangers == set()
