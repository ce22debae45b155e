"""What is an area's need made of, and what sets it apart, in plain words?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.layers import Layers, LayerSpec
from planner.need.index import Need
from planner.wording import say_list, say_ordinal, to_label

#: At most so many domains are named as those that set an area apart.
NAMED = 3
#: Domains that move the score by less than this share of all that sets it apart go unnamed.
_SMALL = 0.05

CAVEAT = (
    "These figures describe the area as a whole. They say nothing of any one person in it, nor of "
    "why things are as they are."
)


def say_drivers(need: Need, layers: Layers, code: str) -> list[str]:
    """Say what drives need in one area: rank, parts, what sets it apart, what is not known.

    Parameters
    ----------
    need
        Need in the place.
    layers
        The layers it was built from, for their own figures and units.
    code
        The area.

    Returns
    -------
    sentences
        Plain sentences in reading order, without the area's name. The middle area of the place
        is the median of each domain; how far a domain is from it counts by its weight.
    """
    row = need.scores.loc[code]
    if pd.isna(row["need_score"]):
        return [
            "Nothing is known here of any domain of need, so the area has no score; it stands "
            f"last ({need.reference})."
        ]
    counted = need.weights.index[need.weights > 0]
    sentences = [_say_rank(need, row), _say_parts(need, code, counted)]
    sentences += _say_apart(need, layers, code, counted)
    sentences += _say_unknown(need, layers, code, counted)
    return [*sentences, CAVEAT]


def _say_rank(need: Need, row: pd.Series) -> str:
    return (
        f"It ranks {int(row['need_rank']):,} {need.reference}, where 1 is the greatest need, and "
        f"is in the {say_ordinal(int(row['need_decile']))} tenth (the 1st has the greatest need). "
        f"Its score is {row['need_score']:.{2 if need.settings.normalisation == 'zscore' else 1}f}."
    )


def _say_parts(need: Need, code: str, counted: pd.Index) -> str:
    adds = need.parts.loc[code, counted].dropna().sort_values(ascending=False, kind="stable")
    whole = float(adds.sum())
    if bool((adds >= 0).all()) and whole > 0:
        words = [f"{to_label(d)} {v:.1f} ({v / whole:.0%})" for d, v in adds.items()]
        return f"The score adds up from {say_list(words)}."
    # Scores on both sides of zero have no shares.
    words = [f"{to_label(d)} {v:+.2f}" for d, v in adds.items()]
    return f"The score adds up from {say_list(words)}; 0 is the average of the reference."


def _say_apart(need: Need, layers: Layers, code: str, counted: pd.Index) -> list[str]:
    away = _away_from_middle(need, code, counted)
    above = away[away > 0].sort_values(ascending=False, kind="stable")
    below = away[away < 0].sort_values(kind="stable")
    if above.empty and below.empty:
        return ["In every domain that is known it is like the middle area of the place."]
    least = _SMALL * float(away.abs().sum())
    found = []
    for side, lead in (
        (above, "Need is higher than in the middle area of the place, most of all in"),
        (below, "Need is lower than in the middle area of the place, most of all in"),
    ):
        named = side[side.abs() >= least].index[:NAMED]
        if len(named):
            found.append(f"{lead} {say_list([_figure(need, layers, code, d) for d in named])}.")
    if above.empty:
        found.insert(0, "In no domain is need higher than in the middle area of the place.")
    return found


def _away_from_middle(need: Need, code: str, counted: pd.Index) -> pd.Series:
    """Return how much more each domain pulls the score up than in the middle area."""
    scores = need.domain_scores[counted]
    if need.settings.aggregation == "geometric":
        scores = np.log1p(scores)
    away = (scores.loc[code] - scores.median()) * need.weights[counted]
    return away.dropna().where(away.abs() > 1e-9, 0.0)


def _figure(need: Need, layers: Layers, code: str, domain: str) -> str:
    """Name a domain, with the figure of its layer here and in the middle where it has one."""
    ids = [key for key in need.domain_layers.get(domain, ()) if key in layers.specs]
    if len(ids) != 1:
        many = f" (made of {len(ids)} figures)" if ids else ""
        return f"{to_label(domain)}{many}"
    spec = layers.specs[ids[0]]
    values = layers.values[spec.id].reindex(need.scores.index)
    here, middle = float(values[code]), float(values.median())
    return (
        f"{to_label(domain)} ({spec.title}: {_amount(here, spec)} here, "
        f"{_amount(middle, spec)} in the middle area)"
    )


def _say_unknown(need: Need, layers: Layers, code: str, counted: pd.Index) -> list[str]:
    found = []
    absent = [d for d in counted if pd.isna(need.domain_scores.loc[code, d])]
    if absent:
        found.append(
            f"Nothing is known here of {say_list([to_label(d) for d in absent])}; the score comes "
            "from what is known, as if the rest were like it."
        )
    used = [key for d in counted for key in need.domain_layers.get(d, ()) if key in layers.specs]
    status = layers.status.loc[code, used] if used else pd.Series(dtype="object")
    for what, words in _STATUS_WORDS.items():
        names = [layers.specs[key].title for key in used if status[key] == what]
        if names:
            found.append(
                words.format(names=say_list(names), verb="is" if len(names) == 1 else "are")
            )
    return found


_STATUS_WORDS = {
    "inherited": "{names} {verb} known only for a larger area around this one, and taken from it.",
    "imputed": "{names} {verb} estimated here, not published.",
    "corrected": "{names} {verb} corrected from local knowledge.",
}


def _amount(value: float, spec: LayerSpec) -> str:
    if np.isnan(value):
        return "not known"
    if spec.kind == "share":
        return f"{value:.1%}"
    if spec.kind == "rank":
        return f"{value:,.0f} of {spec.among:,}" if spec.among else f"rank {value:,.0f}"
    number = f"{value:,.{_decimals(value, spec)}f}"
    # "score, 0–100" says how to read it; "12.3 score" says nothing.
    if spec.unit.split(",")[0].strip() in {"", "score", "z", "number"}:
        return number
    return f"{number}{spec.unit}" if spec.unit == "%" else f"{number} {spec.unit}"


def _decimals(value: float, spec: LayerSpec) -> int:
    """Return the layer's own decimals, or as many as two significant figures take."""
    size = abs(value)
    return (
        spec.decimals if size >= 1 or size < 1e-4 else max(spec.decimals, int(2 - np.log10(size)))
    )
