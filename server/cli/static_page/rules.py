"""Which headers a web server sends with the page's files, in the forms that web servers take."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.http.static_files import FOR_EVERYBODY, TO_EVERYBODY, TYPES, cache_control

_REVALIDATED, _FOR_EVER = cache_control("index.html"), cache_control("", is_current=True)
_VERSION = "^/~[0-9a-f]{16}/"
_ELEMENT = "^/(" + "|".join(sorted(FOR_EVERYBODY)).replace(".", r"\.") + ")$"
# Some mail programs write %23 for the # before a ticket. Nothing but a ticket's characters may come into a redirect.
_DAMAGED = r"^/(?:#|%23)(ticket=[A-Za-z0-9._-]+)$"


@dataclass(frozen=True, slots=True)
class HeaderRules:
    security: Mapping[str, str]  # on every reply, but for those that the element for host pages has otherwise
    versions: tuple[str, ...]  # names of the folders whose files never change

    @property
    def always(self) -> dict[str, str]:
        """Return what every reply has."""
        return {name: value for name, value in self.security.items() if name not in TO_EVERYBODY}

    @property
    def usual(self) -> dict[str, str]:
        """Return what every reply has but the element for host pages."""
        return {name: value for name, value in self.security.items() if name in TO_EVERYBODY}


def headers_file(rules: HeaderRules) -> str:
    """Return the file `_headers` of Netlify and Cloudflare Pages. Paths do not overlap: values would be joined."""
    lines = ["/*", *_indented(rules.always)]
    for path in ("/", "/index.html", "/static/host*"):
        lines += [path, f"  Cache-Control: {_REVALIDATED}", *_indented(rules.usual)]
    for version in rules.versions:
        lines += [f"/{version}/*", f"  Cache-Control: {_FOR_EVER}", *_indented(rules.usual)]
    for name in sorted(FOR_EVERYBODY):
        lines += [f"/{name}", f"  Cache-Control: {_REVALIDATED}", *_indented(TO_EVERYBODY)]
    return "\n".join(lines) + "\n"


def nginx_rules(rules: HeaderRules) -> str:
    """Return what belongs into a `server` block of nginx, beside its `root`."""
    types = "".join(f"    {media_type} {ending[1:]};\n" for ending, media_type in sorted(TYPES.items()))
    always = "".join(f'add_header {name} "{value}" always;\n' for name, value in rules.always.items())
    anybody = "".join(f"add_header {name} ${_variable(name)};\n" for name in TO_EVERYBODY)
    unset = "".join(f'set ${_variable(name)} "{rules.usual.get(name, "")}";\n' for name in TO_EVERYBODY)
    to_all = "".join(f'    set ${_variable(name)} "{value}";\n' for name, value in TO_EVERYBODY.items())
    return (
        "# Written by `python serve.py build --static`, for the `server` block that has the folder as `root`.\n"
        "# nginx itself has no type for .mjs, without which browsers run no module.\n"
        f"types {{\n{types}}}\n"
        "default_type application/octet-stream;\n"
        "gzip_static on;\n"
        "gzip on;  # the page and its icons, which are not compressed beforehand\n"
        "gzip_types image/svg+xml;\n"
        "# brotli_static on;  # a fifth less to download, where nginx has that module\n"
        "gzip_vary on;\n"
        f"{always}"
        f'set $slipstream_cache "{_REVALIDATED}";\n{unset}'
        f'if ($uri ~ "{_VERSION}") {{\n    set $slipstream_cache "{_FOR_EVER}";\n}}\n'
        f'if ($uri ~ "{_ELEMENT}") {{\n{to_all}}}\n'
        "add_header Cache-Control $slipstream_cache;  # not `always`: a 404 is not kept\n"
        f"{anybody}"
        f'location ~ "{_DAMAGED}" {{\n    access_log off;  # the path holds a ticket\n    return 307 /#$1;\n}}\n'
        "location ~ ^/_ {\n    return 404;  # this file and its like\n}\n"
    )


def caddy_rules(rules: HeaderRules) -> str:
    """Return what a site block of Caddy imports, beside its `root`."""
    always = "".join(f'    {name} "{value}"\n' for name, value in rules.always.items())
    usual = "".join(f'header @slipstream_usual {name} "{value}"\n' for name, value in rules.usual.items())
    everybody = "".join(f'    {name} "{value}"\n' for name, value in TO_EVERYBODY.items())
    return (
        "# Written by `python serve.py build --static`, for the site block that has the folder as `root`.\n"
        f"header {{\n{always}}}\n"
        f"@slipstream_kept {{\n    path_regexp {_VERSION}\n    file\n}}\n"
        f"@slipstream_asked {{\n    not path_regexp {_VERSION}\n}}\n"
        f'header @slipstream_kept Cache-Control "{_FOR_EVER}"\n'
        f'header @slipstream_asked Cache-Control "{_REVALIDATED}"\n'
        f"@slipstream_element path_regexp {_ELEMENT}\n"
        f"header @slipstream_element {{\n{everybody}}}\n"
        f"@slipstream_usual not path_regexp {_ELEMENT}\n{usual}"
        f'@slipstream_damaged path_regexp damaged "{_DAMAGED}"\n'
        "redir @slipstream_damaged /#{re.damaged.1} 307\n"
        "encode gzip\nfile_server {\n    precompressed br gzip\n    hide _*\n}\n"
    )


def _indented(headers: Mapping[str, str]) -> list[str]:
    return [f"  {name}: {value}" for name, value in headers.items()]


def _variable(header: str) -> str:
    return "slipstream_" + header.lower().replace("-", "_")
