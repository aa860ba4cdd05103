"""What the page can import by name alone is shipped with it."""

import ast

from server.build.library import ROOTS
from server.build.pageconfig import app_files
from server.settings import ROOT


def test_every_codec_that_the_page_names_is_shipped():
    """A codec is imported by its name when a text is first encoded: no import statement tells of it."""
    named = set()
    for file in app_files(ROOT):
        for node in ast.walk(ast.parse((ROOT / file).read_bytes())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in ("encode", "decode") and node.args:
                assert isinstance(node.args[0], ast.Constant), (
                    f"{file}: a codec that is not known when the page is built"
                )
                named.add(str(node.args[0].value))
    assert named, "the page names no codec: this test looks at the wrong place"
    assert {f"encodings.{name.lower().replace('-', '_')}" for name in named} <= set(ROOTS)
