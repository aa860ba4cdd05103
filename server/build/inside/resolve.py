"""Run inside the page's Python: let micropip resolve what the page loads, and freeze the result."""

import importlib.metadata
import json
import sys

order = json.loads(argument)  # noqa: F821 - set by run.mjs
sys.path.append("/host" + order["micropip"])

import micropip  # noqa: E402 - only now can it be found

await micropip.install(order["packages"], index_urls=order["index"], reinstall=True)  # noqa: F704, PLE1142
found = {package.name.replace("_", "-").lower(): package.version for package in micropip.list().values()}
found["micropip"] = importlib.metadata.version("micropip")  # imported from its wheel, so it has not installed itself
with open("/host" + order["target"], "w") as file:  # noqa: PTH123
    json.dump(found, file)
