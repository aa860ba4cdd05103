"""Build the browser runtime in static/vendor/: the page's own Python, its packages and our app/."""

from server.build.appcode import app_archive
from server.build.errors import BuildError
from server.build.layout import build

__all__ = ["BuildError", "app_archive", "build"]
