"""What are the sections of a project file made of?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
#: Ways of getting about, walking first.
Mode = Literal["walk", "cycle", "drive", "transit"]


class Section(BaseModel):
    """One table of the project file; unknown keys, and numbers without end, are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
