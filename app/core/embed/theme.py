"""Keep a host page's colours legible: check their contrast before the page uses them."""

from app.contract.embed.theme import Theme

LABEL = 4.5  # WCAG 2.2, 1.4.3: text on `accent`
TEXT = 7.0  # more than WCAG requires, because softer text colours are mixed from it
GROUND = 12.0  # against black or white; on a medium ground our own red and green would be illegible
_BLACK, _WHITE = "#000000", "#ffffff"


def legible(theme: Theme) -> tuple[Theme, tuple[str, ...]]:
    """Return `theme` without illegible colours, and the names of the tokens that were removed or replaced.

    Text and its two grounds are kept or removed together: each alone would meet colours that it was not chosen for.
    """
    changes: dict[str, str | None] = {}
    grounds = (theme.background, theme.surface)
    if any((*grounds, theme.text)) and not _is_readable(theme.text, grounds):
        changes |= {name: None for name in ("background", "surface", "text") if getattr(theme, name)}
    if theme.accent is None:
        changes |= {"accent_text": None} if theme.accent_text else {}
    elif theme.accent_text is None or contrast(theme.accent_text, theme.accent) < LABEL:
        accent = theme.accent
        changes["accent_text"] = max(_BLACK, _WHITE, key=lambda ink: contrast(ink, accent))
    refused = tuple(name.replace("_", "-") for name in changes if getattr(theme, name) is not None)
    return theme.model_copy(update=changes), refused


def _is_readable(text: str | None, grounds: tuple[str | None, ...]) -> bool:
    if text is None:
        return False
    return all(
        ground is not None
        and contrast(text, ground) >= TEXT
        and max(contrast(ink, ground) for ink in (_BLACK, _WHITE)) >= GROUND
        for ground in grounds
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (#rgb or #rrggbb), 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def is_dark(colour: str) -> bool:
    """Return whether white text is easier to read on `colour` than black text."""
    return contrast(colour, _WHITE) > contrast(colour, _BLACK)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
