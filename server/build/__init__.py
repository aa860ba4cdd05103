"""Lay out the browser runtime under static/vendor/: the page's own Python, its packages and our app/."""

from server.build.errors import BuildError
from server.build.layout import app_archive, build

__all__ = ["BuildError", "app_archive", "build"]
