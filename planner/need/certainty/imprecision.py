"""By how much may a published figure be off, and which areas share the error?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.layers import Layers, LayerSpec
from planner.ledger import Note, note_items, note_named
from planner.project.analysis import RobustnessSettings

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]

#: What is assumed about published figures; each can be switched off.
FIGURES = ("rounding", "intervals", "inheritance")

#: Width of a 95 % interval of a normal distribution, in standard deviations.
_INTERVAL_95 = 3.92
#: A layer is rounded to a digit if this share of its figures are; the rest are means of two.
_ROUNDED_SHARE = 0.95
_MOST_DECIMALS = 6
#: People that a rate may be given per; most first, as whole counts fit all smaller ones, too.
_PER = (100_000.0, 10_000.0, 1_000.0, 100.0, 1.0)
_AS_PUBLISHED = ("published", "inherited", "corrected")


@dataclass(frozen=True, kw_only=True, eq=False)
class Imprecision:
    """How far one layer's figures may be from the truth, for one reason.

    Parameters
    ----------
    assumption
        The reason: ``rounding``, ``intervals`` or ``inheritance``.
    layer
        Layer id.
    size
        One an area: half the step of a rounded figure, or a standard deviation; 0: none.
    group
        One an area: areas with the same number share one error, or, for ``centred``, have errors
        that cancel out.
    form
        ``uniform`` within ±size, ``normal``, or ``centred``: normal for each area, less the
        mean of its group, so that the figure published for the group stays.
    """

    assumption: str
    layer: str
    size: Floats
    group: Groups
    form: Literal["uniform", "normal", "centred"]
    is_shared: bool = field(init=False, default=True)
    width: Floats = field(init=False)

    def __post_init__(self) -> None:
        own = bool((self.group == np.arange(len(self.group))).all())
        object.__setattr__(self, "is_shared", not own)
        object.__setattr__(self, "width", self.size * (2.0 if self.form == "uniform" else 1.0))

    def draw(self, rng: np.random.Generator) -> Floats:
        """Return one error for each area, in the unit of the layer."""
        count = len(self.size)
        if self.form == "centred":
            each = rng.standard_normal(count)
            members = np.bincount(self.group, minlength=count)
            mean = np.bincount(self.group, each, minlength=count) / np.maximum(members, 1)
            return (each - mean[self.group]) * self.size
        # One for each area, whatever the groups, so that they do not hang on each other; the
        # group's first area stands for it.
        if self.form == "uniform":
            drawn = rng.random(count)
            drawn -= 0.5
        else:
            drawn = rng.standard_normal(count)
        shared = drawn[self.group] if self.is_shared else drawn
        shared *= self.width
        return shared


def build_imprecisions(
    layers: Layers,
    codes: pd.Index,
    specs: Sequence[LayerSpec],
    population: pd.Series,
    settings: RobustnessSettings,
) -> tuple[list[Imprecision], list[Note]]:
    """Say how far the figures of layers may be off.

    Parameters
    ----------
    layers
        Values, how they came to their areas, and the larger areas these are in.
    codes
        The areas that are ranked, sorted.
    specs
        The layers that need is made of.
    population
        People in each area, for rates of rounded counts.
    settings
        Which reasons are looked at.

    Returns
    -------
    imprecisions, notes
        In the order of the layers; nothing for a layer that is exact as far as is known. The
        notes say what was found and what had to be assumed.

    Notes
    -----
    *Rounding*: uniform within half the last published digit, or half of what its counts were
    rounded to. *Intervals*: normal, the 95 % interval being 3.92 standard deviations wide; areas
    that inherit one figure share its error. *Inheritance*: a figure published for a larger area
    hides how its small areas differ. How much of a layer's variance lies within larger areas is
    estimated by one-way analysis of variance from the layers that are known for small areas
    (Snedecor and Cochran 1989, chapter 13); the layer is taken to be like the middle one of them.
    """
    found: list[Imprecision] = []
    notes: list[Note] = []
    ranked = [spec for spec in specs if spec.kind != "rank"]
    left = [spec.id for spec in specs if spec.kind == "rank"]
    if left and any(getattr(settings, figure) for figure in FIGURES):
        text = "ranks, whose own rounding and intervals are not known: taken as they are"
        notes.append(note_named("need", "draws_ranks_exact", left, text))
    if settings.rounding:
        found += _roundings(layers, codes, ranked, population, notes)
    if settings.intervals:
        found += _intervals(layers, codes, ranked, notes)
    if settings.inheritance:
        found += _inheritances(layers, codes, ranked, specs, notes)
    return found, notes


def published_step(values: Floats) -> float | None:
    """Return the unit of the last digit that values were rounded to; None: none can be seen.

    Examples
    --------
    >>> published_step(np.array([0.013, 0.4, 0.27]))
    0.001
    >>> published_step(np.array([1 / 3, 2 / 7])) is None
    True
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    for decimals in range(_MOST_DECIMALS + 1):
        if float(np.mean(_on_grid(known, 10.0**-decimals))) >= _ROUNDED_SHARE:
            return float(10.0**-decimals)
    return None


def within_share(values: Floats, group: Groups) -> float | None:
    """Return the share of the variance of values that lies within groups.

    Parameters
    ----------
    values
        One an area; NaN left out.
    group
        The group of each area; below 0: none, left out.

    Returns
    -------
    share
        0: areas of a group are all alike; 1: groups tell nothing. None where there are fewer
        than two groups, no group of two areas, or no variance.

    Notes
    -----
    One minus the intraclass correlation from a one-way analysis of variance with groups of
    unequal size; a variance between groups that comes out below zero is none.
    """
    use = ~np.isnan(values) & (group >= 0)
    numbers, at = np.unique(group[use], return_inverse=True)
    known, groups, total = values[use], len(numbers), int(use.sum())
    if groups < 2 or total <= groups:
        return None
    members = np.bincount(at).astype("float64")
    means = np.bincount(at, known) / members
    within = float(((known - means[at]) ** 2).sum()) / (total - groups)
    between = float((members * (means - known.mean()) ** 2).sum()) / (groups - 1)
    typical = (total - float((members**2).sum()) / total) / (groups - 1)
    across = max(0.0, (between - within) / typical)
    if not within + across > 0:
        return None
    return within / (within + across)


# --- one reason after the other ----------------------------------------------------------------


def _roundings(
    layers: Layers,
    codes: pd.Index,
    specs: Sequence[LayerSpec],
    population: pd.Series,
    notes: list[Note],
) -> list[Imprecision]:
    found, words, unseen = [], [], []
    for spec in specs:
        values = _values(layers, codes, spec.id)
        steps: Floats | None = None
        if spec.kind == "count":
            # Counts of people are whole by nature: only what is said to be rounded is.
            steps = np.full(len(codes), float(spec.rounded_to)) if spec.rounded_to else None
            said = f"to {spec.rounded_to}"
        elif spec.rounded_to:
            people = population.reindex(codes).to_numpy(dtype="float64")
            steps = _steps_of_rate(values, people, float(spec.rounded_to))
            said = f"its counts to {spec.rounded_to}"
            if steps is None:
                unseen.append(spec.id)
        if steps is None and spec.kind != "count" and not spec.rounded_to:
            as_published = layers.status[spec.id].isin(_AS_PUBLISHED).to_numpy(dtype=bool)
            step = published_step(layers.values[spec.id].to_numpy(dtype="float64")[as_published])
            if step is not None:
                steps = np.where(_on_grid(values, step), step, 0.0)
                said = f"to {step:g}"
        if steps is None:
            continue
        size = np.where(np.isnan(values), 0.0, steps / 2)
        group, _ = _sharing(layers, codes, spec)
        if bool((size > 0).any()):
            words.append(f"{spec.id} {said}")
            found.append(
                Imprecision(
                    assumption="rounding", layer=spec.id, size=size, group=group, form="uniform"
                )
            )
    if words:
        text = f"Rounded figures are varied within half of their last digit: {', '.join(words)}."
        items = tuple(one.layer for one in found)
        notes.append(Note(stage="need", what="draws_rounding", count=1, text=text, items=items))
    if unseen:
        text = (
            "made of rounded counts, but what they were divided by is not known here, so their "
            "rounding is not varied"
        )
        notes.append(note_named("need", "draws_rounding_unknown", unseen, text))
    return found


def _steps_of_rate(values: Floats, people: Floats, rounded_to: float) -> Floats | None:
    """Return the steps of a rate of rounded counts, if its counts come out from the population."""
    known = ~np.isnan(values) & (people > 0)
    if not bool((values[known] > 0).any()):
        return None
    for per in _PER:
        counts = values[known] * people[known] / per
        if bool(_on_grid(counts, rounded_to, slack=1e-6).all()):
            return np.where(known, per * rounded_to / np.where(known, people, 1.0), 0.0)
    return None


def _intervals(
    layers: Layers, codes: pd.Index, specs: Sequence[LayerSpec], notes: list[Note]
) -> list[Imprecision]:
    found, without = [], 0
    for spec in specs:
        ends = [f"{spec.id}_lower", f"{spec.id}_upper"]
        if not set(ends) <= set(layers.values.columns):
            continue
        values = _values(layers, codes, spec.id)
        lower, upper = (_values(layers, codes, end) for end in ends)
        spread = (upper - lower) / _INTERVAL_95
        size = np.where(np.isnan(values) | ~(spread > 0), 0.0, spread)
        without += int((~np.isnan(values) & ~(spread > 0)).sum())
        group, _ = _sharing(layers, codes, spec)
        if bool((size > 0).any()):
            found.append(
                Imprecision(
                    assumption="intervals", layer=spec.id, size=size, group=group, form="normal"
                )
            )
    if found:
        ids = tuple(one.layer for one in found)
        text = (
            f"Figures published with a 95% interval are varied within it: {', '.join(ids)}; "
            "areas that take one figure over from a larger area share its error."
        )
        if without:
            text += f" {without} figures have none, and are taken as they are."
        notes.append(Note(stage="need", what="draws_intervals", count=len(ids), text=text))
    return found


def _inheritances(
    layers: Layers,
    codes: pd.Index,
    specs: Sequence[LayerSpec],
    every: Sequence[LayerSpec],
    notes: list[Note],
) -> list[Imprecision]:
    taken_over = [spec for spec in specs if _is_inherited(layers, codes, spec.id)]
    if not taken_over:
        return []
    small = _small_area_layers(layers, codes, every)
    found: list[Imprecision] = []
    by_value: list[str] = []
    shares: list[float] = []
    for spec in taken_over:
        values = _values(layers, codes, spec.id)
        inherited = _inherited(layers, codes, spec.id)
        group, from_values = _sharing(layers, codes, spec)
        inside = np.where(inherited & ~np.isnan(values), group, -1)
        known = [within_share(_values(layers, codes, key), inside) for key in small]
        usable = [share for share in known if share is not None]
        if not usable:
            continue
        size = _hidden_spread(values, inside, float(np.median(usable)))
        if not bool((size > 0).any()):
            continue
        shares.append(float(np.median(usable)))
        by_value += [spec.id] if from_values else []
        found.append(
            Imprecision(
                assumption="inheritance", layer=spec.id, size=size, group=group, form="centred"
            )
        )
    _say_inheritance(found, taken_over, small, shares, by_value, notes)
    return found


def _hidden_spread(values: Floats, inside: Groups, share: float) -> Floats:
    """Return, for each area, the standard deviation that its larger area's figure hides.

    The larger areas' figures are means of their ``m`` small areas, so their variance is
    between + within / m; with within / (between + within) = share, within follows.
    """
    use = inside >= 0
    numbers, first, members = np.unique(inside[use], return_index=True, return_counts=True)
    if len(numbers) < 2:
        return np.zeros(len(values))
    figures = values[use][first]
    typical = 1.0 / float(np.mean(1.0 / members))
    ratio = share / (1.0 - share) if share < 1 else np.inf
    # within = V · ratio / (1 + ratio / m), and V · m where larger areas tell nothing.
    factor = typical if np.isinf(ratio) else ratio / (1.0 + ratio / typical)
    spread = float(np.sqrt(figures.var() * factor))
    shared = np.zeros(len(values), dtype=bool)
    shared[use] = np.isin(inside[use], numbers[members > 1])
    return np.where(shared, spread, 0.0)


def _small_area_layers(layers: Layers, codes: pd.Index, specs: Sequence[LayerSpec]) -> list[str]:
    """Return the layers that tell how alike the small areas of a larger one are."""
    own = [spec.id for spec in specs if not _is_inherited(layers, codes, spec.id)]
    if own:
        return own
    return [
        spec.id
        for spec in layers.specs.values()
        if spec.kind in {"share", "rate", "score"}
        and spec.role == "layer"
        and not _is_inherited(layers, codes, spec.id)
    ]


def _say_inheritance(
    found: list[Imprecision],
    taken_over: list[LayerSpec],
    small: list[str],
    shares: list[float],
    by_value: list[str],
    notes: list[Note],
) -> None:
    left = [spec.id for spec in taken_over if spec.id not in {one.layer for one in found}]
    if found:
        ids = tuple(one.layer for one in found)
        text = (
            f"What the figures of larger areas hide is varied for {', '.join(ids)}: small areas "
            "are taken to differ inside them as they do in the middle one of "
            f"{', '.join(small)} ({np.median(shares):.0%} of the variance lies within larger "
            "areas), and to keep the published figure on average."
        )
        notes.append(note_items("need", "draws_inheritance", ids, text))
    if by_value:
        text = (
            "no lookup says which larger areas these figures are of, so areas with the same "
            "figure are taken to be in one"
        )
        notes.append(note_named("need", "draws_parents_assumed", by_value, text))
    if left:
        text = (
            "published for larger areas, and nothing known for small areas (or no larger area "
            "with two of them) tells how much that hides; it is not varied"
        )
        notes.append(note_named("need", "draws_inheritance_unknown", left, text))


# --- cells and groups --------------------------------------------------------------------------


def _values(layers: Layers, codes: pd.Index, key: str) -> Floats:
    return np.asarray(layers.values.loc[codes, key], dtype="float64")


def _inherited(layers: Layers, codes: pd.Index, key: str) -> NDArray[np.bool_]:
    return np.asarray(layers.status.loc[codes, key] == "inherited", dtype=bool)


def _is_inherited(layers: Layers, codes: pd.Index, key: str) -> bool:
    """Say whether at least half of a layer's known figures are those of larger areas."""
    known = int(layers.values.loc[codes, key].notna().sum())
    return known > 0 and 2 * int(_inherited(layers, codes, key).sum()) >= known


def _sharing(layers: Layers, codes: pd.Index, spec: LayerSpec) -> tuple[Groups, bool]:
    """Give areas that share one published figure the same number.

    The number is the place of the group's first area, so it does not hang on other groups. The
    second answer says that some groups had to be told from equal figures.
    """
    places = np.arange(len(codes), dtype=np.int64)
    inherited = _inherited(layers, codes, spec.id)
    if not inherited.any():
        return places, False
    keys = pd.Series(codes.astype(str), index=codes, dtype=object)
    parents = layers.parents
    values = layers.values.loc[codes, spec.id]
    by_value = "=" + values.map(float.hex)
    if spec.geography in parents.columns:
        known = parents[spec.geography].reindex(codes)
        named = "^" + known.astype(object).where(known.notna(), "").astype(str)
        keys = keys.mask(inherited, named.where(known.notna(), by_value))
        assumed = bool((inherited & known.isna().to_numpy(dtype=bool)).any())
    else:
        keys = keys.mask(inherited, by_value)
        assumed = True
    _, first, at = np.unique(keys.to_numpy(dtype=str), return_index=True, return_inverse=True)
    return first[at].astype(np.int64), assumed


def _on_grid(values: Floats, step: float, slack: float = 0.0) -> NDArray[np.bool_]:
    """Say which values are whole multiples of a step, but for floating-point noise."""
    scaled = values / step
    allowed = np.maximum(max(slack, 1e-9), 1e-15 * 8 * np.abs(scaled))
    near: NDArray[np.bool_] = (np.abs(scaled - np.rint(scaled)) <= allowed) & (
        np.abs(scaled) < 1e12
    )
    return near
