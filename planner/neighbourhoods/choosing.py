"""How many types are there, and how was that come to?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import ProjectError
from planner.ledger import Note
from planner.neighbourhoods.inputs import TypeInputs
from planner.neighbourhoods.methods import Fit, count_distinct, find_parts, fit_range
from planner.neighbourhoods.quality import REFERENCES, gap_statistic, tabulate
from planner.project import NeighbourhoodSettings
from planner.project.analysis import KRule, TypeMethod

#: Silhouettes closer than this are equally good: the simpler answer is taken.
_SILHOUETTE_TOLERANCE = 0.01
#: The same for Caliński–Harabasz, as a share of the highest.
_RATIO_TOLERANCE = 0.01
#: A type of fewer areas, or a smaller share of them, is avoided where that can be had.
_LEAST_AREAS, _LEAST_SHARE = 3, 0.02

SIZE_RULE = "no type of fewer than 3 areas or 2% of areas where that can be had"
RULE_WORDS: dict[KRule, str] = {
    "silhouette": "highest mean silhouette; the smaller number of types where within 0.01",
    "calinski_harabasz": "highest Caliński–Harabasz ratio; the smaller number of types where "
    "within 1%",
    "gap": f"gap statistic ({REFERENCES} references): the smallest number of types whose gap is "
    "within one standard error of the next number's, else the one of the widest gap",
    "bic": "lowest Bayesian information criterion",
}
K_RULE = f"{RULE_WORDS['silhouette']}; {SIZE_RULE}"

#: Up to this many areas the gap statistic comes without being asked for.
_GAP_UPTO: dict[TypeMethod, int] = {
    "kmeans": 50_000,
    "gaussian_mixture": 1_000,
    "ward": 2_000,
    "ward_regions": 5_000,
}


#: What takes longer is not done without saying so.
_SLOW_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """Types for every number of them that was tried, and the number chosen.

    Parameters
    ----------
    fits
        Number of types → the types.
    diagnostics
        Index ``k``: ``inertia``, ``silhouette``, ``calinski_harabasz``, ``gap``, ``gap_se``,
        ``bic`` (low = better), NaN where undefined or not worked out, and ``smallest`` (areas in
        the smallest type).
    k, rule
        How many types, and how that number was come to, in words.
    notes
        What could not be tried or had.
    """

    fits: Mapping[int, Fit]
    diagnostics: pd.DataFrame
    k: int
    rule: str
    notes: tuple[Note, ...] = field(default=())

    @property
    def fit(self) -> Fit:
        """Return the types chosen."""
        return self.fits[self.k]


def build_choice(
    inputs: TypeInputs, place: str, settings: NeighbourhoodSettings, *, graph: Any = None
) -> Choice:
    """Try every number of types in the project's range and choose one.

    Parameters
    ----------
    inputs
        What areas are compared by.
    place
        Its name.
    settings
        Method, rule, range or number of types, seed.
    graph
        Areas × areas in the order of ``inputs.codes``, sparse: which are neighbours. For regions.

    Raises
    ------
    ProjectError
        More types than areas that differ, or fewer regions than parts of the place; a mixture that
        leaves the number of types asked for unfilled.
    """
    matrix = inputs.matrix.to_numpy(dtype="float64")
    ks, notes = _candidates(inputs, place, settings, graph)
    fits = fit_range(matrix, settings.method, ks, settings.seed, graph=graph)
    gap = None
    if (settings.rule == "gap" and not settings.k) or len(matrix) <= _GAP_UPTO[settings.method]:
        inertias = {k: fit.inertia for k, fit in fits.items()}
        gap = gap_statistic(matrix, settings.method, inertias, settings.seed, graph=graph)
        notes += _structure_notes(gap)
    else:
        notes.append(_gap_note(len(matrix), settings.method))
    table = tabulate(matrix, fits, gap, settings.seed)
    k, rule, more = choose_k(table, len(matrix), settings)
    notes += more + _unsettled_notes(fits[k]) + tell_slow(len(matrix), len(inputs.layers), settings)
    return Choice(fits=fits, diagnostics=table, k=k, rule=rule, notes=tuple(notes))


def choose_k(
    diagnostics: pd.DataFrame, areas: int, settings: NeighbourhoodSettings
) -> tuple[int, str, list[Note]]:
    """Return the number of types, the rule in words, and what it could not keep to.

    Parameters
    ----------
    diagnostics
        As in `Choice`.
    areas
        How many areas have a type.
    settings
        The number asked for, or the rule.
    """
    if settings.k:
        if diagnostics.loc[settings.k, "smallest"] == 0:
            raise ProjectError(
                f"[neighbourhoods] k = {settings.k}: a mixture leaves one of the types without any "
                "area.",
                hint="Ask for fewer types, or leave k out.",
            )
        return settings.k, "set in the project file, [neighbourhoods] k", []
    filled = diagnostics[diagnostics["smallest"] > 0]
    if filled.empty:
        raise ProjectError(
            "[neighbourhoods] a mixture leaves types without any area at every number tried.",
            hint="Set k_min lower, or use another method.",
        )
    notes: list[Note] = []
    allowed = filled[filled["smallest"] >= max(_LEAST_AREAS, _LEAST_SHARE * areas)]
    if allowed.empty:
        allowed = filled
        text = "No number of types tried keeps every type at 3 areas and 2% of areas or more."
        notes.append(_note("types_small", text))
    k = _by_rule(settings.rule, allowed, diagnostics)
    tried = f"{diagnostics.index.min()} to {diagnostics.index.max()} types tried"
    return k, f"{RULE_WORDS[settings.rule]}; {SIZE_RULE} ({tried})", notes


def estimate_seconds(areas: int, layers: int, settings: NeighbourhoodSettings) -> float:
    """Return about how long types take, in seconds of one core as in the benchmarks' machine.

    The first fit, those of areas drawn anew (of half the areas, where the method is Ward's) and
    those without each layer; references of the gap statistic where it is the rule.
    """
    draws = settings.bootstraps
    gaps = REFERENCES if settings.rule == "gap" and not settings.k else 0
    if settings.method == "ward":
        return 7e-8 * areas**2 * (1 + draws / 4 + layers + gaps)
    if settings.method == "ward_regions":
        return 1.4e-4 * areas * (1 + draws / 2 + layers + gaps)
    ks = max(settings.k_max - settings.k_min + 1, 1)
    each = 3.2e-4 if settings.method == "gaussian_mixture" else 2e-5
    return each * areas * (ks * (1 + gaps / 6) + (draws + layers) / 3)


def tell_slow(areas: int, layers: int, settings: NeighbourhoodSettings) -> list[Note]:
    """Say so where types take more than a minute."""
    seconds = estimate_seconds(areas, layers, settings)
    if seconds <= _SLOW_SECONDS:
        return []
    text = f"With {areas:,} areas this method takes about {seconds / 60:.0f} minutes, most of them "
    text += "to see whether the types come back. k-means is quicker; so are fewer bootstraps."
    return [_note("types_slow", text)]


# --- parts ----------------------------------------------------------------------------------


def _by_rule(rule: KRule, allowed: pd.DataFrame, every: pd.DataFrame) -> int:
    """Return the number of types by a rule, among those allowed."""
    if rule == "gap":
        following = every["gap"].shift(-1) - every["gap_se"].shift(-1)
        good = allowed.index[(allowed["gap"] >= following.reindex(allowed.index)).to_numpy()]
        if len(good):
            return int(good.min())
    column = allowed[rule].dropna()
    if column.empty:
        return int(allowed.index.min())
    if rule == "bic":
        return int(column.idxmin())
    slack = {
        "silhouette": _SILHOUETTE_TOLERANCE,
        "calinski_harabasz": _RATIO_TOLERANCE * abs(float(column.max())),
    }
    return int(column.index[column >= column.max() - slack.get(rule, 0.0)].min())


def _candidates(
    inputs: TypeInputs, place: str, settings: NeighbourhoodSettings, graph: Any
) -> tuple[list[int], list[Note]]:
    """Return the numbers of types to try: the range, and the one asked for."""
    areas = len(inputs.matrix)
    # Regions tell areas apart by where they are, too.
    regions = settings.method == "ward_regions"
    distinct = areas if regions else count_distinct(inputs.matrix.to_numpy())
    if settings.k > distinct:
        what = f"{areas} areas" if distinct == areas else f"{distinct} areas that differ"
        raise ProjectError(
            f"[neighbourhoods] k = {settings.k}, but {place} has only {what}.",
            hint="Ask for fewer types, or leave k out.",
        )
    if settings.k_min > settings.k_max:
        raise ProjectError(
            f"[neighbourhoods] k_min = {settings.k_min} is above k_max = {settings.k_max}."
        )
    # A silhouette needs at least two types and one type of two areas.
    most = min(settings.k_max, distinct, areas - 1)
    if settings.k == 0 and settings.k_min > most:
        raise ProjectError(
            f"[neighbourhoods] k_min = {settings.k_min}, but {place} has only {areas} areas "
            f"({distinct} that differ).",
            hint="Set k_min lower, or set k.",
        )
    notes: list[Note] = []
    least = settings.k_min
    if regions:
        parts, notes = _check_parts(inputs, place, settings, graph)
        least = max(least, parts)
    asked = {settings.k} if settings.k else set()
    if not settings.k and most < settings.k_max:
        text = (
            f"Only up to {most} types were tried: {place} has too few areas that differ for more."
        )
        notes.append(_note("types_range_cut", text))
    ks = sorted(asked | set(range(least, most + 1)))
    if not ks:
        raise ProjectError(
            f"{place}: there is nothing to join, as hardly any areas touch each other.",
            hint="Use a method without neighbours.",
        )
    return ks, notes


def _check_parts(
    inputs: TypeInputs, place: str, settings: NeighbourhoodSettings, graph: Any
) -> tuple[int, list[Note]]:
    """Return how many parts the place is in that do not touch; refuse where that is too many."""
    parts, part_of = find_parts(graph)
    if parts == 1:
        return 1, []
    sizes = np.bincount(part_of)
    main = int(sizes.argmax())
    apart = [str(code) for code in inputs.codes[part_of != main]]
    shown = ", ".join(apart[:3]) + (f" and {len(apart) - 3} more" if len(apart) > 3 else "")
    words = (
        f"{place} is in {parts} parts that do not touch: one of {sizes[main]} areas, and {shown}"
    )
    most = settings.k or settings.k_max
    if parts > most:
        name = "k" if settings.k else "k_max"
        raise ProjectError(
            f"[neighbourhoods] {name} = {most}, but types are to be connected regions, and "
            f"{words}.",
            hint=f"Ask for at least {parts} types, leave the islands out of the place, or use "
            "another method.",
        )
    text = f"{words}. Regions do not reach from one part to another"
    if settings.k_min < parts and not settings.k:
        text += f", so no fewer than {parts} types were tried"
    return parts, [
        Note(
            stage="neighbourhoods",
            what="types_parts",
            count=parts,
            text=f"{text}.",
            items=tuple(apart),
        )
    ]


def _structure_notes(gap: pd.DataFrame) -> list[Note]:
    """Say so where one type would do as well: areas then differ by degrees, not by kind."""
    types = gap.drop(index=1).dropna()
    if types.empty or gap.loc[1, "gap"] < (types["gap"] - types["gap_se"]).max():
        return []
    text = "By the gap statistic no number of types tried groups these areas more clearly than "
    text += "areas scattered evenly would be: they differ by degrees, and types sum that up "
    text += "rather than find separate kinds."
    return [_note("types_no_clear_groups", text)]


def _gap_note(areas: int, method: TypeMethod) -> Note:
    text = f"The gap statistic was not worked out: with this method and {areas:,} areas it takes "
    text += 'long. [neighbourhoods] rule = "gap" has it worked out.'
    return _note("types_gap_left_out", text)


def _unsettled_notes(fit: Fit) -> list[Note]:
    if fit.settled:
        return []
    text = "The mixture was still changing a little when it was stopped after 300 rounds."
    return [_note("types_unsettled", text)]


def _note(what: str, text: str) -> Note:
    return Note(stage="neighbourhoods", what=what, count=1, text=text)
