# The page's JavaScript globals, as Pyodide shows them. Adapters turn what they get into our own words at once.
from typing import Any

def __getattr__(name: str) -> Any: ...
