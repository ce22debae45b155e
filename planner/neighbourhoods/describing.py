"""What is to be said of each type: its profile, its name, its portrait, and how sure it is?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from planner.area import StudyArea
from planner.layers import Layers
from planner.ledger import Note
from planner.neighbourhoods.inputs import MOSTLY, TypeInputs
from planner.neighbourhoods.methods import Fit
from planner.neighbourhoods.names import (
    build_names,
    build_words,
    mark_tentative,
    read_own_words,
    take_own_names,
)
from planner.neighbourhoods.portraits import build_portraits
from planner.neighbourhoods.profiles import build_profiles, build_typical
from planner.neighbourhoods.stability import Stability, build_stability
from planner.project import NeighbourhoodSettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Description:
    """Types in words and figures.

    Parameters
    ----------
    types
        Index ``type_id``: ``type_name`` (with "(tentative)" where the type is), ``distinguishing``
        (figures), ``stability`` (mean Jaccard; NaN without bootstraps), ``tentative``,
        ``portrait``, ``medoid`` (typical area), ``doubtful`` (codes, most doubtful first, by
        spaces) and ``own_words`` ("", "name", "portrait" or "name and portrait": what stands in
        the project file).
    details
        The long table of profiles (`planner.neighbourhoods.profiles.build_profiles`).
    stability
        None where the project asks for no bootstraps.
    notes
        Tentative types, and words that are the project's own.
    """

    types: pd.DataFrame
    details: pd.DataFrame
    stability: Stability | None
    notes: tuple[Note, ...] = field(default=())


def describe_types(
    layers: Layers,
    area: StudyArea,
    labels: pd.Series,
    inputs: TypeInputs,
    fit: Fit,
    settings: NeighbourhoodSettings,
    *,
    graph: Any = None,
) -> Description:
    """Work out how stable types are, profile them, and put them in words.

    Parameters
    ----------
    layers, area
        What is known of the place.
    labels
        Every area of the place → ``type_id`` (Int64), <NA> where it has none.
    inputs, fit
        What areas are compared by, and the types, numbered as in ``labels`` less 1.
    settings
        ``bootstraps``, ``stable``, ``method``, ``seed``, ``names`` and ``portraits``.
    graph
        The neighbours that regions were made among.

    Raises
    ------
    ProjectError
        ``names`` or ``portraits`` for a type that there is not.
    """
    own_names = read_own_words(settings.names, fit.k, "names")
    own_portraits = read_own_words(settings.portraits, fit.k, "portraits")
    stability = build_stability(
        inputs, fit, settings, graph=graph, titles={key: s.title for key, s in layers.specs.items()}
    )
    details = build_profiles(layers, labels, used=inputs.layers)
    typical = build_typical(inputs, fit, stability)
    types = pd.DataFrame(index=pd.RangeIndex(1, fit.k + 1, name="type_id"))
    names, figures = _say_names(details, inputs.layers, layers)
    names = take_own_names(names, own_names)
    tentative = pd.Series(False, index=types.index)
    jaccard = pd.Series(float("nan"), index=types.index)
    if stability is not None:
        tentative, jaccard = stability.types["tentative"], stability.types["jaccard"]
    portraits = build_portraits(
        details,
        layers.specs,
        area,
        labels,
        typical["medoid"],
        certainty=None if stability is None else stability.areas["certainty"],
        tentative=tentative,
    )
    types["type_name"] = mark_tentative(names, tentative)
    types["distinguishing"] = figures
    types["stability"] = jaccard
    types["tentative"] = tentative
    types["portrait"] = [own_portraits.get(int(t), text) for t, text in portraits.items()]
    types["medoid"] = typical["medoid"]
    types["doubtful"] = typical["doubtful"].map(" ".join)
    types["own_words"] = [
        " and ".join(
            word
            for word, own in (("name", own_names), ("portrait", own_portraits))
            if int(t) in own
        )
        for t in types.index
    ]
    notes = (*(() if stability is None else stability.notes), *_own_notes(types))
    return Description(types=types, details=details, stability=stability, notes=notes)


def _say_names(
    details: pd.DataFrame, used: tuple[str, ...], layers: Layers
) -> tuple[pd.Series, pd.Series]:
    """Return names, and the figures behind them, by the layers that types were judged by."""
    told = details[details["layer"].isin(used)]
    rows = told.set_index(["type_id", "layer"])
    wide = {column: rows[column].unstack()[list(used)] for column in ("z_place", "effect", "mean")}  # noqa: PD010
    place = told.drop_duplicates("layer").set_index("layer")["place_mean"]
    larger = told.loc[told["inherited"] >= MOSTLY, "layer"].unique()
    # With one type there is nothing to differ from.
    effects = None if wide["effect"].isna().all(axis=None) else wide["effect"]
    names = build_names(wide["z_place"], layers.specs, effects=effects)
    words = {
        t: build_words(
            wide["z_place"].loc[t],
            wide["mean"].loc[t],
            place,
            layers.specs,
            None if effects is None else effects.loc[t],
            inherited=larger,
        )
        for t in names.index
    }
    return names.rename_axis("type_id"), pd.Series(words)


def _own_notes(types: pd.DataFrame) -> list[Note]:
    own = types.index[types["own_words"] != ""]
    if not len(own):
        return []
    each = ", ".join(f"{t} ({types.loc[t, 'own_words']})" for t in own)
    text = (
        f"Words of the project's own stand in place of the planner's for types {each}. They do not "
        "change when the figures do."
    )
    items = tuple(str(t) for t in own)
    return [
        Note(stage="neighbourhoods", what="types_own_words", count=len(own), text=text, items=items)
    ]
