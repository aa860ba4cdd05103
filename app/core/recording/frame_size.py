"""The size of a picture on a rung."""


def fitted(full: tuple[int, int], short_side: int) -> tuple[int, int]:
    """Return `full` (width and height in pixels) scaled down to this short side: never up, and always even numbers.

    Encoders of 4:2:0 pictures need even sides.
    """
    width, height = full
    scale = min(1.0, short_side / max(1, min(width, height)))
    return _even(width * scale), _even(height * scale)


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)
