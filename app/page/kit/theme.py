"""Show the page in a host's colours, as far as they are legible."""

from typing import Any

import js

from app.contract.embed.theme import Theme
from app.core.embed.theme import is_dark, legible


def wear(js_document: Any, theme: Theme) -> None:
    """Set the theme's tokens as custom properties of the page, and remove those that the theme leaves out."""
    worn, refused = legible(theme)
    js_root = js_document.documentElement
    for name, value in worn.model_dump(by_alias=True, exclude={"scheme"}).items():
        if value is None:
            js_root.style.removeProperty(f"--slipstream-{name}")
        else:
            js_root.style.setProperty(f"--slipstream-{name}", value)
    colours = {"accent": worn.accent, "ground": worn.background}
    js_root.dataset.worn = " ".join(name for name, colour in colours.items() if colour is not None)
    scheme = worn.scheme
    if worn.background is not None:  # our other colours must suit the host's background
        scheme = "dark" if is_dark(worn.background) else "light"
    if scheme == "auto":
        js_root.removeAttribute("data-theme")
    else:
        js_root.setAttribute("data-theme", scheme)
    if refused:
        js.console.warn(f"Slipstream leaves out what could not be read: {', '.join(refused)} (contrast too low)")
