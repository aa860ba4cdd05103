"""Which modules the page can come to import: what the statements in its sources name, step by step. Pure."""

import ast
from collections.abc import Iterator, Mapping


def reachable(sources: Mapping[str, tuple[bool, bytes]], roots: list[str]) -> set[str]:
    """Return the modules that importing `roots` can load now or later; `sources` is name → (is a package, source).

    A name that is no module of `sources` is somebody else's: built in, or left out.
    """
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name in sources:
            found.add(name)
            waiting += [name.rpartition(".")[0], *named(name, sources)]
        else:
            waiting += _lazy(*name.rpartition(".")[::2], sources)
    return found


def named(module: str, sources: Mapping[str, tuple[bool, bytes]]) -> Iterator[str]:
    """Yield what a module's import statements name, those in functions too; some names may be no modules."""
    is_package, source = sources[module]
    package = module if is_package else module.rpartition(".")[0]
    for node in _run(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            yield base
            for alias in node.names:
                yield f"{base}.{alias.name}"


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of code that can run: what is for type checkers alone is not followed."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from _run(ast.Module(node.orelse, []))
        else:
            yield from _run(node)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    return ".".join([*parts, *([node.module] if node.module else [])])


def _lazy(package: str, name: str, sources: Mapping[str, tuple[bool, bytes]]) -> Iterator[str]:
    """Yield the module from which pydantic brings a name when it is first asked for: a table says so."""
    if package not in sources or b"_dynamic_imports" not in sources[package][1]:
        return
    for node in ast.parse(sources[package][1]).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_dynamic_imports":
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if ast.literal_eval(key) == name:  # type: ignore[arg-type]
                    yield package + ast.literal_eval(value.elts[1])  # type: ignore[attr-defined]
