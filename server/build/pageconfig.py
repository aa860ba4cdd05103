"""pyscript.toml, and the form of it that the browser gets."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from server.build.errors import BuildError

VENDOR = "static/vendor"


class JsModules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    main: dict[str, str] = Field(default_factory=dict)


class PageConfig(BaseModel):
    """pyscript.toml, as far as we use it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    interpreter: str
    packages: tuple[str, ...]
    plugins: tuple[str, ...]
    js_modules: JsModules
    files: dict[str, str]

    def frozen(self) -> dict[str, Any]:
        """Return what PyScript gets: no packages or files, which the interpreter module loads from archives."""
        return self.model_dump(mode="json", exclude={"packages", "files"})


def read(root: Path) -> PageConfig:
    """Read pyscript.toml. Raises BuildError if it holds something unknown."""
    try:
        return PageConfig.model_validate(tomllib.loads((root / "pyscript.toml").read_text("utf-8")))
    except (OSError, ValidationError, tomllib.TOMLDecodeError) as error:
        raise BuildError(f"pyscript.toml: {error}") from error


def app_files(root: Path) -> list[str]:
    """Return the paths of app/**/*.py from `root`, in a stable order."""
    return sorted(path.relative_to(root).as_posix() for path in (root / "app").rglob("*.py"))


def write_files(root: Path) -> None:
    """Rewrite [files], the last table of pyscript.toml."""
    path = root / "pyscript.toml"
    head, _, _ = path.read_text("utf-8").partition("[files]\n")
    lines = "".join(f'"./{file}" = "./{file}"\n' for file in app_files(root))
    path.write_text(f"{head}[files]\n{lines}", "utf-8")


def pins(requirements: str) -> dict[str, str]:
    """Return name → version of a requirements file's pins."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", requirements, re.MULTILINE))
