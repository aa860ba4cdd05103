"""Keep a host page's colours legible: contrast is judged before anything is shown in them."""

from app.contract.embed.theme import Theme

LABEL = 4.5  # WCAG 2.2, 1.4.3: words on `accent`
TEXT = 7.0  # more than WCAG asks for: softer text is mixed from it
GROUND = 12.0  # to black or to white; on anything between, our own red and green could not be read
_BLACK, _WHITE = "#000000", "#ffffff"


def legible(theme: Theme) -> tuple[Theme, tuple[str, ...]]:
    """Return `theme` with what nobody could read taken out, and the names of the tokens this concerns.

    Text and its two grounds come together or not at all: any one of them alone meets colours it was not chosen for.
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
    """Return whether white reads better on it than black."""
    return contrast(colour, _WHITE) > contrast(colour, _BLACK)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
