"""How a host page may colour the interview: a few tokens, each of a form that can hold nothing else."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# Opaque, so that contrast can be judged; no functions, so that nothing can be fetched.
Colour = Annotated[str, StringConstraints(pattern=r"^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$")]
Radius = Annotated[str, StringConstraints(pattern=r"^([0-9]|[12][0-9]|3[0-2])(\.[0-9]{1,3})?px$")]
FontFamilies = Annotated[str, StringConstraints(max_length=200, pattern=r"""^[\w "',-]+$""")]


class Theme(BaseModel):
    """Every token may be left out: the page's own design then stands. Names are those of the CSS properties."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
    )

    scheme: Literal["light", "dark", "auto"] = "auto"  # auto: as the candidate's device wishes
    accent: Colour | None = None
    accent_text: Colour | None = Field(default=None, description="on `accent`")
    background: Colour | None = None
    surface: Colour | None = None
    text: Colour | None = None
    radius: Radius | None = None
    font: FontFamilies | None = None
