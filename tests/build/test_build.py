"""What the browser gets: complete, as listed, as pinned, and no more than it needs."""

import ast
import hashlib
import io
import json
import re
import shutil
import sys
import zipfile

import pytest

from app.contract import ASSIGNMENT_HEADER, DEVICE_HEADER
from server.build import app_archive, appcode, build, fetch, library, pageconfig
from server.build.errors import BuildError
from server.build.layout import ROOT
from server.build.manifest import Manifest
from server.build.pagepython import Archive, PagePython

VENDOR = ROOT / pageconfig.VENDOR
PAGE = (ROOT / "index.html").read_text("utf-8")


@pytest.fixture(scope="module", autouse=True)
def _built():
    build()


def test_pyscript_toml_lists_app_as_it_is():
    listed = pageconfig.read(ROOT).files

    assert listed == {f"./{name}": f"./{name}" for name in pageconfig.app_files(ROOT)}, "run `make files`"


def test_manifest_tells_what_stands_there():
    manifest = Manifest.model_validate_json((VENDOR / "manifest.json").read_bytes())

    there = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    del there["manifest.json"]
    assert manifest.files == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}


def test_second_build_does_nothing(capsys):
    build()
    capsys.readouterr()

    build()

    assert capsys.readouterr().out == ""


def test_page_and_server_give_a_device_s_header_one_name():
    assert f'ASSIGNMENT_HEADER = "{ASSIGNMENT_HEADER}"' in (ROOT / "static/boot/signer.mjs").read_text("utf-8")
    assert f'DEVICE_HEADER = "{DEVICE_HEADER}"' in (ROOT / "static/boot/signer.mjs").read_text("utf-8")


LATER = {"mediabunny.mjs"}  # loaded when a chosen video is made smaller


def test_page_names_only_files_of_ours_that_are_there():
    for address in re.findall(r'(?:href|src)="([^"]+)"', PAGE):
        assert address.startswith("./static/"), address
        assert (ROOT / address).is_file(), address


def test_page_asks_at_once_for_all_that_boot_needs():
    preloaded = set(re.findall(r'preload"[^>]* href="\./static/vendor/([^"]+)"', PAGE))
    big = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.stat().st_size > 100_000}
    compiled = {name for name in big if name.endswith(".wasm")}

    assert {name for name in big - compiled - LATER if not name.endswith((".br", ".gz"))} <= preloaded
    assert big - preloaded >= LATER, "few candidates need it"
    assert not compiled & preloaded, "Chromium compiles what a preload has brought anew at each visit"
    assert set(re.findall(r'"([^"]+\.wasm)"', (ROOT / "static/boot/webassembly.mjs").read_text("utf-8"))) == compiled
    assert 'async src="./static/boot/webassembly.mjs"' in PAGE


def test_page_says_what_it_needs_where_scripts_are_off():
    # Neither Chromium's nor Firefox's automation can switch scripting off as a person does.
    assert re.search(r"<noscript>\s*<p>[^<]*needs JavaScript", PAGE)


def test_boot_counts_every_step_of_its_progress_line():
    totals = {int(total) for name in ("boot.mjs", "interpreter.mjs") for total in _totals(name)}

    assert totals == {int(total) for total in re.findall(r'<progress max="(\d+)"', PAGE)}


def _totals(name):
    return re.findall(r"step\(.*, (\d+)\);", (ROOT / "static/boot" / name).read_text("utf-8"))


def test_every_pin_has_a_digest_and_no_address():
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")
        pins = re.findall(r"^[a-z0-9-]+==.*(?:\n +--hash=sha256:[0-9a-f]{64}.*)+", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[a-z0-9-]+==", text, re.MULTILINE)), path.name
        assert "://" not in text, path.name
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert all("integrity" in package and "resolved" not in package for name, package in locked.items() if name)


def test_page_and_server_have_the_same_pydantic():
    pins = [pageconfig.pins((ROOT / f"requirements/{name}.txt").read_text()) for name in ("runtime", "browser")]

    assert pins[0]["pydantic"] == pins[1]["pydantic"]


def test_page_can_import_all_that_app_names_and_says_so_where_something_is_left_out(page_python):
    core = [name for name in pageconfig.app_files(ROOT) if name.startswith(("app/core/", "app/contract"))]
    ours = [name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in core]
    order = {
        "archives": [VENDOR / "site.zip", VENDOR / "app.zip"],
        "extension": VENDOR / "pydantic_core.wasm",
        "modules": [*sorted(_standard_modules()), "pydantic", "traceback", *ours],
        "left_out": ["pydantic.v1", "statistics"],
    }

    page_python.run(ROOT / "tests/support/imports_in_page.py", order, stdlib=VENDOR / "stdlib.zip")


def test_every_import_in_the_page_leads_to_a_module_that_is_there_or_left_out_by_name(page_python):
    """Whatever is shipped, in functions too, names no module of the library that nobody has decided on."""
    order = {
        "archives": [VENDOR / name for name in ("stdlib.zip", "site.zip", "app.zip")],
        "all": [ROOT / "node_modules/pyodide/python_stdlib.zip", *fetch.wheels(ROOT, print)],
        "left_out": library.LEFT_OUT,
    }

    page_python.run(ROOT / "tests/support/named_in_page.py", order)


def test_root_that_is_left_out_fails_the_build(page_python, tmp_path):
    archive = Archive((ROOT / "node_modules/pyodide/python_stdlib.zip",), tmp_path / "stdlib.zip")

    with pytest.raises(BuildError, match="imports statistics, which"):
        page_python.compile([archive], ["statistics"], library.LEFT_OUT)


def test_methods_of_every_dataclass_come_compiled(page_python):
    order = {"archives": [VENDOR / "site.zip", VENDOR / "app.zip"], "extension": VENDOR / "pydantic_core.wasm"}

    page_python.run(ROOT / "tests/support/dataclasses_in_page.py", order, stdlib=VENDOR / "stdlib.zip")


@pytest.fixture
def page_python():
    return PagePython(fetch.node(ROOT, print)[0], ROOT / "node_modules/pyodide")


def _standard_modules():
    """Return the modules of the standard library that app/ imports, wherever."""
    found = set()
    for name in pageconfig.app_files(ROOT):
        for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return {module for module in found if module.split(".")[0] in sys.stdlib_module_names}


def test_script_that_fails_inside_says_why(tmp_path, page_python):
    (tmp_path / "wrong.py").write_text("import no_such_module")

    with pytest.raises(BuildError, match="no_such_module"):
        page_python.run(tmp_path / "wrong.py", {})


@pytest.fixture
def copy(tmp_path):
    """A project as built, of which only app/ and the manifest are there."""
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / pageconfig.VENDOR).mkdir(parents=True)
    built = Manifest.model_validate_json((VENDOR / "manifest.json").read_bytes())
    same = built.model_copy(update={"app": appcode.digest(tmp_path)})  # whoever edits app/ just now
    (tmp_path / pageconfig.VENDOR / "manifest.json").write_text(same.model_dump_json())
    return tmp_path


def test_unchanged_app_is_sent_as_built(copy):
    assert app_archive(copy) is None


def test_changed_app_is_sent_as_sources(copy):
    (copy / "app/core/upload/parts.py").write_text("changed = True")
    (copy / "app/new.py").write_text("")

    sent = app_archive(copy)

    assert sent is not None
    with zipfile.ZipFile(io.BytesIO(sent)) as archive:
        assert archive.read("app/core/upload/parts.py") == b"changed = True"
        assert set(archive.namelist()) == set(pageconfig.app_files(copy))


def test_unknown_key_in_pyscript_toml_is_named(tmp_path):
    (tmp_path / "pyscript.toml").write_text('interpretr = "x"')

    with pytest.raises(BuildError, match="interpretr"):
        pageconfig.read(tmp_path)


def test_list_of_files_is_written_anew(copy):
    shutil.copy(ROOT / "pyscript.toml", copy)
    (copy / "app/new.py").write_text("")

    pageconfig.write_files(copy)

    assert pageconfig.read(copy).files == {f"./{name}": f"./{name}" for name in pageconfig.app_files(copy)}
