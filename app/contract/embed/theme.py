"""The design tokens that a host page may set for the interview. Each pattern allows one kind of value only."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# Opaque, so that the page can compute the contrast; no CSS functions, so that a value cannot fetch anything.
Colour = Annotated[str, StringConstraints(pattern=r"^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$")]
Radius = Annotated[str, StringConstraints(pattern=r"^([0-9]|[12][0-9]|3[0-2])(\.[0-9]{1,3})?px$")]
FontFamilies = Annotated[str, StringConstraints(max_length=200, pattern=r"""^[\w "',-]+$""")]


class Theme(BaseModel):
    """Design tokens, named like the CSS properties. Without a token, the page's own design applies."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
    )

    scheme: Literal["light", "dark", "auto"] = "auto"  # auto: as set on the candidate's device
    accent: Colour | None = None
    accent_text: Colour | None = Field(default=None, description="on `accent`")
    background: Colour | None = None
    surface: Colour | None = None
    text: Colour | None = None
    radius: Radius | None = None
    font: FontFamilies | None = None
