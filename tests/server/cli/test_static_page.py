"""`build --static`: what is in the folder, and what the command refuses."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from server.build import manifest
from server.build.precompress import QUICK
from server.cli.static_page.folder import StaticPage, write_folder
from server.cli.static_page.rules import HeaderRules, caddy_rules, headers_file, nginx_rules
from server.http.static_files import TYPES
from server.settings import ROOT, SettingsError
from tests.support.commands import Run
from tests.support.signer_client import SECRET

SIGNER, STORE, HOST = "https://signer.example", "https://s3.example", "https://company.example"
PAGE = StaticPage(SIGNER, (STORE,), (HOST,))
_ADDRESS = re.compile(r'(?:href|src)="\./([^"]+)"')  # in the page
_RELATIVE = (  # in the files that it loads
    re.compile(r'new URL\("(\.[^"]+)", import\.meta\.url\)'),
    re.compile(r'(?:import|from)\s*\(?"(\.[^"]+)"'),
    re.compile(r'url\("?(\.[^")]+)"?\)'),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("page") / "static"
    write_folder(ROOT, target, PAGE, QUICK)
    return target


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_address_in_the_page_is_a_file_with_a_version(folder: Path):
    addresses = set(_ADDRESS.findall((folder / "index.html").read_text()))

    assert len(addresses) > 30
    assert addresses <= files(folder)
    assert all(address.startswith("~") for address in addresses)


def test_every_address_in_its_files_leads_to_a_file(folder: Path):
    there, followed = files(folder), 0
    for name in sorted(there):
        if name.startswith("~") and name.endswith((".mjs", ".css")) and "/vendor/" not in name:
            text = (folder / name).read_text("utf-8")
            for address in (found for pattern in _RELATIVE for found in pattern.findall(text) if "${" not in found):
                assert urljoin(name, address) in there, f"{name}: {address}"
                followed += 1

    assert followed > 30


def test_all_of_the_built_runtime_is_there(folder: Path):
    built = manifest.read(ROOT / "static/vendor")
    assert built is not None
    placed = {name.split("static/vendor/")[1] for name in files(folder) if "/static/vendor/" in name}

    assert set(built.files) == placed


def test_nothing_is_there_that_no_browser_asks_for(folder: Path):
    names = files(folder)

    assert not [name for name in names if "interviews" in name or name.endswith((".toml", ".po", ".py"))]
    assert {Path(name).suffix for name in names if "/" in name} <= {*TYPES, ".gz", ".br"}
    assert {name for name in names if "/" not in name} == {"index.html", "_headers", "_nginx.conf", "_caddy.conf"}


def test_scripts_and_archives_are_compressed_as_they_are(folder: Path):
    import brotli

    for ending in (".mjs", ".css", ".zip", ".wasm"):
        large = [path for path in folder.rglob(f"~*/**/*{ending}") if path.stat().st_size > 2000]
        assert large
        for path in large:
            assert brotli.decompress(path.with_name(path.name + ".br").read_bytes()) == path.read_bytes()


def test_new_version_leaves_the_files_of_the_one_before_for_pages_that_are_open(tmp_path: Path):
    root = tmp_path / "checkout"
    for name in ("static/boot", "static/vendor"):
        (root / name).mkdir(parents=True)
    (root / "app").mkdir()
    (root / "static/boot/boot.mjs").write_text("1")
    (root / "index.html").write_text('<script src="./static/boot/boot.mjs"></script>')
    write_folder(root, tmp_path / "page", PAGE, QUICK)
    [before] = _ADDRESS.findall((tmp_path / "page/index.html").read_text())
    (root / "static/boot/boot.mjs").write_text("2")
    write_folder(root, tmp_path / "page", PAGE, QUICK)
    [after] = _ADDRESS.findall((tmp_path / "page/index.html").read_text())

    assert [(tmp_path / "page" / address).read_text() for address in (before, after)] == ["1", "2"]
    rules = (tmp_path / "page/_headers").read_text()
    assert all(f"/{address.split('/')[0]}/*\n" in rules for address in (before, after))


def test_folder_with_other_files_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(SettingsError, match="holds other files"):
        write_folder(ROOT, tmp_path, PAGE, QUICK)

    assert files(tmp_path) == {"thesis.txt"}


def test_folder_is_not_copied_into_itself():
    with pytest.raises(SettingsError, match="outside static/"):
        write_folder(ROOT, ROOT / "static/vendor/page", PAGE, QUICK)


@pytest.mark.parametrize("write", [headers_file, nginx_rules, caddy_rules])
def test_element_for_host_pages_is_free_where_the_rest_is_not(write: Callable[[HeaderRules], str]):
    rules = write(HeaderRules({"Cross-Origin-Resource-Policy": "same-origin", "X-Own": "1"}, ("~0",)))

    lines = [line.strip() for line in rules.splitlines() if "Resource-Policy" in line or "resource_policy" in line]
    assert any("same-origin" in line for line in lines)
    assert any("cross-origin" in line for line in lines)
    general = rules.split("/*\n")[1].split("/\n")[0] if write is headers_file else ""
    assert "Cross-Origin" not in general, "some hosts join the values of overlapping rules"


WRONG: dict[str, tuple[list[str], str]] = {
    "no signer": ([], "Say with --signer where the signer answers"),
    "signer with a path": (["--signer", f"{SIGNER}/api/"], "--signer: .* is not an origin"),
    "signer without TLS": (["--signer", "http://signer.example"], "browsers let no https page call"),
    "no store": (["--signer", SIGNER], "Say with --store-origin"),
    "store of any origin": (["--signer", SIGNER, "--store-origin", "*"], "--store-origin: '\\*' is not an origin"),
    "store without TLS": (["--signer", SIGNER, "--store-origin", "http://s3.example"], "browsers let no https page"),
    "host with a policy": (
        ["--signer", SIGNER, "--store-origin", STORE, "--frame-ancestors", "https://a;report-uri"],
        "frame_ancestors",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_could_not_work_is_refused_before_anything_is_written(wrong: str, run: Run, tmp_path: Path):
    arguments, sentence = WRONG[wrong]
    result = run("build", "--static", str(tmp_path / "page"), *arguments)

    assert result.code in (1, 2)
    assert re.search(sentence, result.err)
    assert not (tmp_path / "page").exists()


def test_store_is_found_by_the_signers_settings(run: Run, tmp_path: Path):
    own: dict[str, Any] = {
        "SLIPSTREAM_S3_ENDPOINT": "http://10.0.0.7:9000",
        "SLIPSTREAM_S3_BUCKET": "answers",
        "SLIPSTREAM_S3_PROFILE": "minio",
        "SLIPSTREAM_STORE_URL": STORE,
        "SLIPSTREAM_STREAM_URL": "https://stream.example",
        "SLIPSTREAM_STREAM_SECRET": SECRET,
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
    }
    result = run("build", "--static", str(tmp_path / "page"), "--signer", SIGNER, **own)

    assert result.code == 0, result.err
    assert f"connect-src 'self' {SIGNER} {STORE} https://stream.example;" in (tmp_path / "page/_headers").read_text()


def test_commands_for_s3_send_every_file_once_with_its_type(folder: Path, tmp_path: Path):
    document = (ROOT / "docs/DEPLOYING.md").read_text(encoding="utf-8")
    [commands] = [code for code in re.findall(r"```sh\n(.*?)```", document, re.DOTALL) if "aws s3 cp" in code]
    (tmp_path / "aws").write_text('#!/bin/sh\nprintf "%s|" "$@"; echo\n')
    (tmp_path / "aws").chmod(0o755)
    script = commands.replace("/srv/slipstream", str(folder))
    shell = shutil.which("dash") or "sh"
    said = subprocess.run(
        [shell, "-eu", "-c", f'PATH="{tmp_path}:$PATH"\n{script}'], capture_output=True, text=True, check=True
    ).stdout

    sent = {call.split("|")[3].removeprefix("s3://page-bucket/"): call.split("|") for call in said.splitlines()}
    plain = {name for name in files(folder) if not name.endswith((".gz", ".br")) and not name.startswith("_")}
    assert sent.keys() == plain
    assert list(sent)[-1] == "index.html"
    for name, call in sent.items():
        assert call[call.index("--content-type") + 1] == TYPES[Path(name).suffix], name
        assert ("immutable" in call[call.index("--cache-control") + 1]) == name.startswith("~")
        assert ("--content-encoding" in call) == call[2].endswith(".gz") == (folder / f"{name}.gz").exists()
