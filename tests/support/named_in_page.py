"""Run inside the page's Python by test_build: compare what the shipped code names with what is shipped.

Reads the compiled code, where the build reads sources: a mistake of the build's own reader shows.
"""

import importlib.util
import json
import marshal
import re
import types
import zipfile

order = json.loads(argument)  # noqa: F821 - set by run.mjs
HEADER = 16  # bytes of a .pyc before its code


def module_of(file):
    return re.sub(r"(/__init__)?\.pyc?$", "", file).replace("/", ".")


def modules(archives, ending):
    found = {}
    for archive in archives:
        with zipfile.ZipFile("/host" + archive) as files:
            for name in files.namelist():
                if name.endswith(ending):
                    found[module_of(name)] = name.endswith(f"/__init__{ending}"), files.read(name)
    return found


def imports(code, package):
    """Yield the modules that a code object names, with those of its functions."""
    import dis

    stack = []
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_CONST", "LOAD_SMALL_INT"):
            stack.append(step.argval)
        elif step.opname == "IMPORT_NAME":
            names, level = stack[-1], stack[-2]
            base = importlib.util.resolve_name("." * level + step.argval, package) if level else step.argval
            yield base
            yield from (f"{base}.{name}" for name in names or ())
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from imports(inner, package)


shipped = modules(order["archives"], ".pyc")
known = modules(order["all"], ".py")
left_out = re.compile(rf"({order['left_out']})(\.|$)")
assert len(shipped) > 300
undecided = {}
for module, (is_package, data) in shipped.items():
    if module == "pydantic":  # names for type checkers; at run time a table, which the build follows from app/'s names
        continue
    package = module if is_package else module.rpartition(".")[0]
    for name in imports(marshal.loads(data[HEADER:]), package):
        if name in known and name not in shipped and not left_out.match(name):
            undecided.setdefault(name, module)
assert not undecided, undecided
