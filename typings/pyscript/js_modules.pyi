# What pyscript.toml lists under [js_modules.main].
from typing import Any

idb: Any
