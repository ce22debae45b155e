"""Which neighbourhoods are alike, and what sets each type apart?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.on_demand import offer

if TYPE_CHECKING:
    from planner.neighbourhoods.choosing import K_RULE
    from planner.neighbourhoods.inputs import LAYER_RULE
    from planner.neighbourhoods.names import AVERAGE_NAME
    from planner.neighbourhoods.types import (
        NOT_TYPED,
        Neighbourhoods,
        build_neighbourhoods,
        name_types,
    )

__all__ = [
    "AVERAGE_NAME",
    "K_RULE",
    "LAYER_RULE",
    "NOT_TYPED",
    "Neighbourhoods",
    "build_neighbourhoods",
    "name_types",
]

__getattr__ = offer(__name__, __file__)
