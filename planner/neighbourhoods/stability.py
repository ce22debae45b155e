"""Would the same types come out again, and how surely is each area in its own?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import DataError, ProjectError
from planner.ledger import Note
from planner.neighbourhoods.inputs import TypeInputs
from planner.neighbourhoods.methods import Fit, spread
from planner.neighbourhoods.refits import (
    DRAW_WORDS,
    Floats,
    Ints,
    Refitter,
    adjusted_rand,
    count_both,
    find_nearest,
    jaccard,
    match_types,
)
from planner.project import NeighbourhoodSettings

#: A type that comes back with less than this in a draw is dissolved in it, with this or more
#: recovered (Hennig, 2007).
DISSOLVED, RECOVERED = 0.5, 0.75

CERTAINTY_WORDS = (
    "share of the draws in which the area lands in the type that stands for its own; not the "
    "chance that the type is true"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Stability:
    """What becomes of the types when areas are drawn anew, or a layer is left out.

    Parameters
    ----------
    types
        Index ``type_id``: ``jaccard`` (mean over draws of the likeness, 0 to 1, of the type to
        the one most like it), ``jaccard_low`` and ``jaccard_high`` (least and greatest tenth),
        ``dissolved``, ``recovered`` (share of draws with less than 0.5, 0.75 or more),
        ``tentative``.
    areas
        Index ``area_code``: ``type_id``; ``certainty`` (share of draws in which the area lands in
        the type that stands for its own); ``second_type`` (the other one it lands in most often;
        where it lands in no other, the nearest other one) and ``second_share`` (of draws);
        ``membership`` (probability of its own type; NaN where the method gives none).
    shares
        Area × type_id: share of draws in which it lands there; rows add up to 1.
    draws
        Index ``draw`` from 1: ``adjusted_rand`` against the published types.
    layers
        Index layer left out: ``adjusted_rand`` and ``areas_moved`` (not in the type that stands
        for their own). NaN and <NA> where types cannot be had without it.
    inherited
        Index ``weight`` (0 and 1) given to layers inherited from larger areas: ``adjusted_rand``,
        ``areas_moved``. Empty without such layers.
    method
        How areas were drawn and compared, in words.
    findings
        What this says of the types, in plain sentences.
    notes
        Which types are tentative; what could not be tried.
    """

    types: pd.DataFrame
    areas: pd.DataFrame
    shares: pd.DataFrame
    draws: pd.DataFrame
    layers: pd.DataFrame
    inherited: pd.DataFrame
    method: str
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if not np.allclose(self.shares.sum(axis=1), 1.0):
            raise DataError("Stability: an area's shares of the draws do not add up to 1.")
        if list(self.shares.columns) != list(self.types.index):
            raise DataError("Stability: types and shares are not of the same types.")

    @property
    def adjusted_rand(self) -> float:
        """Return the mean agreement of the draws with the published types."""
        return float(self.draws["adjusted_rand"].mean())


def build_stability(
    inputs: TypeInputs,
    fit: Fit,
    settings: NeighbourhoodSettings,
    *,
    graph: Any = None,
    titles: Mapping[str, str] | None = None,
) -> Stability | None:
    """Draw the areas anew, leave layers out, and compare the types with the published ones.

    Parameters
    ----------
    inputs
        What areas are compared by.
    fit
        The published types of ``inputs.codes``, numbered as they are published (less 1).
    settings
        ``method``, ``bootstraps``, ``stable`` and ``seed``.
    graph
        The neighbours that regions were made among.
    titles
        Layer id → what it is called in the findings (None: by its id).

    Returns
    -------
    stability
        None where the project asks for no bootstraps.

    Raises
    ------
    ProjectError
        No draw has as many areas that differ as there are types.

    Notes
    -----
    Each draw is refitted from cold starts with the same method and number of types
    (`planner.neighbourhoods.refits.Refitter`), and all areas are put into the refitted types.
    Adjusted Rand index: Hubert and Arabie (1985). Per type: for each draw the Jaccard coefficient
    with the refitted type most like it, averaged (Hennig, 2007, "Cluster-wise assessment of
    cluster stability"); Hennig compares the areas drawn, here all are compared. Per area: refitted
    types stand for published ones one to one (`match_types`). A layer is left out by giving it
    weight 0; components are found anew without it.
    """
    if settings.bootstraps == 0:
        return None
    published, k = fit.labels, fit.k
    matrix = inputs.matrix.to_numpy(dtype="float64")
    refitter = Refitter(matrix=matrix, method=settings.method, k=k, seed=settings.seed, graph=graph)
    tried = refitter.draws(settings.bootstraps)
    found = [drawn for drawn in tried if drawn is not None]
    if not found:
        raise ProjectError(
            f"[neighbourhoods] bootstraps: areas drawn anew never hold {k} that differ, so it "
            "cannot be told how stable the types are.",
            hint="Ask for fewer types, or set bootstraps = 0.",
        )
    tables = [count_both(published, drawn, k) for drawn in found]
    landed = np.zeros((len(published), k))
    for drawn, table in zip(found, tables, strict=True):
        landed[np.arange(len(published)), match_types(table)[drawn]] += 1
    types = _judge_types(tables, k, settings.stable)
    types_of = np.arange(1, k + 1)
    shares = pd.DataFrame(
        landed / len(found), index=inputs.codes, columns=pd.Index(types_of, name="type_id")
    )
    layers, inherited = _leave_out(inputs, published, refitter)
    draws = pd.DataFrame(
        {"adjusted_rand": [adjusted_rand(table) for table in tables]},
        index=pd.RangeIndex(1, len(tables) + 1, name="draw"),
    )
    return Stability(
        types=types,
        areas=_judge_areas(matrix, fit, shares),
        shares=shares,
        draws=draws,
        layers=layers,
        inherited=inherited,
        method=_say_method(settings, len(found)),
        findings=(
            *_say_types(types, draws, settings.stable),
            *_say_layers(layers, inherited, titles or {}),
        ),
        notes=tuple(_notes(types, layers, len(tried) - len(found), settings.stable, titles or {})),
    )


# --- types and areas ------------------------------------------------------------------------


def _judge_types(tables: Sequence[Ints], k: int, stable: float) -> pd.DataFrame:
    likeness = np.array([jaccard(table).max(axis=1) for table in tables])
    low, high = np.quantile(likeness, [0.1, 0.9], axis=0)
    mean = likeness.mean(axis=0)
    return pd.DataFrame(
        {
            "jaccard": mean,
            "jaccard_low": low,
            "jaccard_high": high,
            "dissolved": (likeness < DISSOLVED).mean(axis=0),
            "recovered": (likeness >= RECOVERED).mean(axis=0),
            # Rounding in a sum of shares must not make a type tentative.
            "tentative": mean < stable - 1e-12,
        },
        index=pd.RangeIndex(1, k + 1, name="type_id"),
    )


def _judge_areas(matrix: Floats, fit: Fit, shares: pd.DataFrame) -> pd.DataFrame:
    published, k = fit.labels, fit.k
    at = np.arange(len(published))
    landed = shares.to_numpy().copy()
    certainty = landed[at, published]
    landed[at, published] = -1.0
    away = find_nearest(matrix, fit.centres)[1]
    away[at, published] = np.inf
    # Most often, then nearest, then the lower number.
    second = np.lexsort((np.broadcast_to(np.arange(k), away.shape), away, -landed), axis=1)[:, 0]
    second_share = np.maximum(landed[at, second], 0.0)
    numbers = pd.array(second + 1, dtype="Int64")
    if k == 1:
        numbers[:] = pd.NA
    membership = np.full(len(at), np.nan)
    if fit.membership is not None:
        membership = fit.membership[at, published]
    return pd.DataFrame(
        {
            "type_id": pd.array(published + 1, dtype="Int64"),
            "certainty": certainty,
            "second_type": numbers,
            "second_share": second_share,
            "membership": membership,
        },
        index=shares.index,
    )


# --- layers ---------------------------------------------------------------------------------


def _leave_out(
    inputs: TypeInputs, published: Ints, refitter: Refitter
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the agreement without each layer, and with inherited layers at weight 0 and 1."""
    asked, used = inputs.transforms["weight_asked"], inputs.transforms["weight"]
    inherited = [layer for layer in inputs.layers if bool(inputs.transforms["inherited"][layer])]
    changes = [{layer: 0.0} for layer in inputs.layers]
    if inherited:
        changes.append(dict.fromkeys(inherited, 0.0))
        changes.append({layer: float(asked[layer]) for layer in inherited})

    def compare(weights: dict[str, float]) -> tuple[float, float]:
        if all(used[layer] == weight for layer, weight in weights.items()):
            return 1.0, 0.0  # these are the published types
        if not any(weights.get(layer, used[layer]) > 0 for layer in inputs.layers):
            return np.nan, np.nan
        matrix = inputs.with_weights(weights).to_numpy(dtype="float64")
        try:
            labels = refitter.on(matrix).labels()
        except ProjectError:  # fewer areas that differ than types
            return np.nan, np.nan
        table = count_both(published, labels, refitter.k)
        moved = int((match_types(table)[labels] != published).sum())
        return adjusted_rand(table), moved

    results = spread(compare, changes, rows=len(inputs.matrix))
    table = pd.DataFrame(results, columns=["adjusted_rand", "areas_moved"])
    table["areas_moved"] = table["areas_moved"].astype("Int64")
    count = len(inputs.layers)
    layers = table.iloc[:count].set_axis(pd.Index(inputs.layers, name="layer"))
    weights = pd.Index([0.0, 1.0][: len(table) - count], name="weight", dtype="float64")
    return layers, table.iloc[count:].set_axis(weights)


# --- words ----------------------------------------------------------------------------------


def _say_method(settings: NeighbourhoodSettings, draws: int) -> str:
    return (
        f"{draws} draws of the areas ({DRAW_WORDS[settings.method]}; seed {settings.seed}), each "
        "grouped again from new starts into the same number of types, all areas then put into "
        "them. Agreement is the adjusted Rand index (1: the same grouping, 0: what chance gives); "
        "a type's stability is the mean, over draws, of the areas it shares with the type most "
        "like it, as a share of the areas in either (Jaccard). A type below "
        f"{settings.stable:g} is called tentative."
    )


def _say_types(types: pd.DataFrame, draws: pd.DataFrame, stable: float) -> list[str]:
    agreement = float(draws["adjusted_rand"].mean())
    found = [
        f"When areas are drawn anew, the grouping agrees with the published one at "
        f"{agreement:.2f} on average (1 is the same grouping, 0 is chance; {len(draws)} draws)."
    ]
    tentative = types.index[types["tentative"]]
    if not len(tentative):
        return [*found, f"Every type came back at {types['jaccard'].min():.2f} or more."]
    each = ", ".join(f"{t} ({types.loc[t, 'jaccard']:.2f})" for t in tentative)
    one = len(tentative) == 1
    subject, verb = ("Type", "is") if one else ("Types", "are")
    text = f"came back with less than {stable:g} of the areas in common and {verb} called tentative"
    return [*found, f"{subject} {each} {text}."]


def _say_layers(
    layers: pd.DataFrame, inherited: pd.DataFrame, titles: Mapping[str, str]
) -> list[str]:
    found = []
    known = layers.dropna()
    if len(known) > 1:
        layer = known["adjusted_rand"].idxmin()
        found.append(
            f"The layer that the types rest on most is “{titles.get(layer, layer)}”: without it "
            f"{_say_moved(known.loc[layer])}."
        )
    for weight, row in inherited.dropna().iterrows():
        if weight == 0:
            words = _say_moved(row)
            found.append(f"Without the layers inherited from larger areas {words}.")
        elif row["areas_moved"]:
            found.append(f"With layers inherited at full weight {_say_moved(row)}.")
    return found


def _say_moved(row: pd.Series) -> str:
    moved = int(row["areas_moved"])
    areas = "1 area changes" if moved == 1 else f"{moved:,} areas change"
    return f"{areas} type (agreement {row['adjusted_rand']:.2f})"


def _notes(
    types: pd.DataFrame,
    layers: pd.DataFrame,
    failed: int,
    stable: float,
    titles: Mapping[str, str],
) -> list[Note]:
    notes = []
    tentative = tuple(str(t) for t in types.index[types["tentative"]])
    if tentative:
        one = len(tentative) == 1
        text = f"{'Type' if one else 'Types'} {', '.join(tentative)} {'is' if one else 'are'} "
        text += f"tentative: {'its' if one else 'their'} stability when areas are drawn anew is "
        text += f"below {stable:g}."
        notes.append(_note("types_tentative", len(tentative), text, tentative))
    if failed:
        text = (
            f"{failed} draws never held as many areas that differ as there are types, and were "
            "left out of the figures on stability."
        )
        notes.append(_note("types_draws_left_out", failed, text))
    without = tuple(str(layer) for layer in layers.index[layers["adjusted_rand"].isna()])
    if without:
        text = "As many types cannot be found without "
        text += f"{', '.join(f'“{titles.get(layer, layer)}”' for layer in without)}: too few areas "
        text += "would still differ."
        notes.append(_note("types_layer_needed", len(without), text, without))
    return notes


def _note(what: str, count: int, text: str, items: tuple[str, ...] = ()) -> Note:
    return Note(stage="neighbourhoods", what=what, count=count, text=text, items=items)
