from typing import Any

window: Any
document: Any
config: dict[str, Any]
js_modules: Any
