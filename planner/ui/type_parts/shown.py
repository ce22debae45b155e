"""Which types does the page show: the project's, or those a visitor tries just now?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from planner.neighbourhoods import Neighbourhoods, build_neighbourhoods
from planner.neighbourhoods.outcomes import build_type_outcomes
from planner.project import NeighbourhoodSettings
from planner.ui import parts, state
from planner.wording import say_many


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """Types as the page shows them.

    ``outcomes`` are access and gaps by type; ``settings`` what the types were made by. Where it is
    a ``trial`` they are a visitor's own and stand nowhere but on the page.
    """

    types: Neighbourhoods
    outcomes: pd.DataFrame
    settings: NeighbourhoodSettings
    trial: bool

    @property
    def names(self) -> dict[object, str]:
        """Return number and name of each type."""
        table = self.types.types
        return {int(t): f"{t}. {name}" for t, name in table["type_name"].items()}

    def say(self, number: int | float) -> str:
        """Return a type as it stands in a sentence: number and name."""
        key = int(number)
        return f"type {key}, “{self.types.types.loc[key, 'type_name']}”"

    @property
    def tentative(self) -> list[int]:
        """Return the numbers of the types that are tentative."""
        table = self.types.types
        return [int(t) for t in table.index[table["tentative"].to_numpy(dtype=bool)]]


def build_trial(plan: state.Plan, settings: NeighbourhoodSettings) -> Shown:
    """Group the areas of a plan by other settings.

    Raises
    ------
    ProjectError
        Types cannot be had that way; the message says why.
    """
    types = build_neighbourhoods(
        plan.layers,
        plan.area,
        plan.need,
        settings,
        neighbours=None if plan.needs is None else plan.needs.neighbours,
        classes=None if plan.outside is None else plan.outside.classes,
    )
    people = plan.area.place["population"]
    outcomes = build_type_outcomes(types.labels, people, plan.access.table, plan.gaps.table)
    return Shown(types=types, outcomes=outcomes, settings=settings, trial=True)


# ---- words ------------------------------------------------------------------------------------


def title_of(plan: state.Plan, layer: object) -> str:
    """Return what a layer is called."""
    specs: Mapping[object, object] = plan.layers.specs
    return str(plan.layers.specs[layer].title) if layer in specs else str(layer)


def area_words(plan: state.Plan, code: object) -> str:
    """Return an area's name, its code behind where others are called the same."""
    names = plan.area.place["area_name"].astype(str)
    name = str(names.get(code, code))
    return f"{name} ({code})" if (names == name).sum() > 1 else name


def say_value(plan: state.Plan, layer: object, value: float) -> str:
    """Return a layer's value with its unit, to three figures."""
    if pd.isna(value):
        return "no figure"
    unit = str(plan.layers.specs[layer].unit)
    if unit == "share":
        return f"{100 * value:.1f}%"
    text = f"{parts.rounded(value):,}".replace("-", "−")
    return text if unit in {"score", ""} else f"{text}{'' if unit == '%' else ' '}{unit}"


def say_untyped(plan: state.Plan, shown: Shown) -> str:
    """Say how many areas have no type, or one by figures filled in; "" where neither."""
    labels = shown.types.labels
    without = labels.index[labels.isna()]
    if not len(without):
        filled = [note.text for note in shown.types.notes if note.what == "types_imputed"]
        return filled[0] if filled else ""
    living = parts.people(plan.area.place["population"].reindex(without).sum())
    return (
        f"{say_many(len(without), 'area')} with {living} "
        f"{'has' if len(without) == 1 else 'have'} no type: a figure is missing in a layer that "
        "types are judged by."
    )
