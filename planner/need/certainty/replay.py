"""What would the index say if something else were assumed?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.area import StudyArea
from planner.cores import build_spans, run_all
from planner.layers import Layers
from planner.ledger import Note
from planner.need.aggregation import aggregate
from planner.need.certainty.imprecision import Floats, Imprecision, build_imprecisions
from planner.need.certainty.sorting import (
    Ranks,
    doubled_ranks,
    rank_type,
    rank_weighted,
)
from planner.need.common_measure import build_common_layers
from planner.need.domains import BY_ORDER, DomainValues, build_domain_values
from planner.need.normalisation import is_constant, normalise
from planner.need.ranking import official_transform
from planner.need.treatment import Treated
from planner.need.weighting import build_weights, without_access
from planner.project import NeedSettings
from planner.project.analysis import Aggregation, Normalisation, RobustnessSettings

Ints = NDArray[np.int64]
Choice = TypeVar("Choice", bound=str)

#: Scores of so many areas × draws are worked on at a time, in each thread.
_BLOCK_CELLS = 2**21
_FEWEST_DRAWS = 16
#: A stream of random numbers for each thing that is drawn, so that none moves another.
STREAMS = {
    "weights": 1,
    "normalisation": 2,
    "aggregation": 3,
    "rounding": 4,
    "intervals": 5,
    "inheritance": 6,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Cases:
    """What is assumed, case by case.

    Parameters
    ----------
    weights
        Cases × domains, each row adding up to 1.
    normalisation, aggregation
        One a case: places in `Replay.normalisations` and `Replay.aggregations`.
    errors
        Assumption about figures → one a case: which error of the figures is drawn (its number),
        -1: none, the figures are taken as published.
    """

    weights: Floats
    normalisation: Ints
    aggregation: Ints
    errors: Mapping[str, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.weights)

    def part(self, which: slice) -> Cases:
        """Return some of the cases."""
        return Cases(
            weights=self.weights[which],
            normalisation=self.normalisation[which],
            aggregation=self.aggregation[which],
            errors={key: numbers[which] for key, numbers in self.errors.items()},
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Replay:
    """An index that can be worked out again under other assumptions.

    Parameters
    ----------
    codes
        The place's areas, sorted.
    names, access
        The domains, and which of them are about access.
    weights
        The index's own, in the order of ``names``, adding up to 1.
    normalisations, aggregations
        What may be chosen from; the index's own comes first. A geometric mean of z-scores does
        not exist, so z-scores are always added up.
    imprecisions
        How far figures may be off.
    figures
        Normalisation → `Figures` that it is applied to.
    targets
        One a domain, for the normalisation ``target``.
    notes
        What is varied, and what had to be assumed for it.
    """

    codes: pd.Index
    names: tuple[str, ...]
    access: NDArray[np.bool_]
    weights: Floats
    normalisations: tuple[Normalisation, ...]
    aggregations: tuple[Aggregation, ...]
    imprecisions: tuple[Imprecision, ...]
    figures: Mapping[str, Figures]
    targets: Floats | None
    seed: int
    notes: tuple[Note, ...]

    @property
    def varied_figures(self) -> tuple[str, ...]:
        """The assumptions about figures that there is something to draw for."""
        there = {one.assumption for one in self.imprecisions}
        return tuple(key for key in STREAMS if key in there)

    def stated(self, count: int = 1) -> Cases:
        """Return the index as it stands, so many times."""
        none = np.zeros(count, dtype=np.int64)
        return Cases(
            weights=np.tile(self.weights, (count, 1)),
            normalisation=none,
            aggregation=none,
            errors=dict.fromkeys(self.varied_figures, none - 1),
        )

    def ranks(self, cases: Cases) -> tuple[Ranks, Ranks]:
        """Rank the areas in every case.

        Returns
        -------
        ranks, ranks_access_use
            Areas × cases: of all domains, and without those about access (the same array where
            there is none).
        """
        areas = len(self.codes)
        ranks: Ranks = np.empty((areas, len(cases)), dtype=rank_type(areas))
        apart = bool(self.access.any())
        ranks_use: Ranks = np.empty_like(ranks) if apart else ranks
        blocks = self._blocks(cases)

        def work(first: int, last: int) -> None:
            for at in blocks[first:last]:
                found, without = self._rank(cases, at)
                ranks[:, at] = found.T
                if apart:
                    ranks_use[:, at] = without.T

        run_all(work, build_spans(len(blocks), 1))
        return ranks, ranks_use

    def domain_scores(self, cases: Cases, at: int) -> Floats:
        """Return areas × domains, normalised, in one case."""
        how = self.normalisations[int(cases.normalisation[at])]
        figures = self.figures[how]
        off = self._errors(cases, at)
        if not off:
            return figures.scores[how]
        scores = figures.scores[how].copy(order="F")
        for place, name in enumerate(self.names):
            if any(layer.key in off for layer in figures.layers[name]):
                target = None if self.targets is None else float(self.targets[place])
                scores[:, place] = figures.normalised(name, off, how, target)
        return scores

    def aggregation(self, cases: Cases, at: int) -> Aggregation:
        """Return how scores are put together in one case."""
        if self.normalisations[int(cases.normalisation[at])] == "zscore":
            return "arithmetic"
        return self.aggregations[int(cases.aggregation[at])]

    # --- inside ---------------------------------------------------------------------------------

    def _blocks(self, cases: Cases) -> list[Ints]:
        """Cut cases into blocks; those with the figures as published are alike in each block."""
        size = max(_FEWEST_DRAWS, _BLOCK_CELLS // max(1, len(self.codes)))
        plain = np.ones(len(cases), dtype=bool)
        for numbers in cases.errors.values():
            plain &= numbers < 0
        groups = [np.flatnonzero(~plain)]
        for how, put in product(range(len(self.normalisations)), range(len(self.aggregations))):
            same = (cases.normalisation == how) & (cases.aggregation == put)
            groups += [np.flatnonzero(plain & same)]
        return [
            group[first:last] for group in groups for first, last in build_spans(len(group), size)
        ]

    def _rank(self, cases: Cases, at: Ints) -> tuple[Ranks, Ranks]:
        """Return cases × areas for one block: of all domains, and without those about access."""
        apart = bool(self.access.any())
        weights = cases.weights[at]
        if apart:
            # A domain without weight counts for nothing: both rankings in one go.
            weights = np.stack([weights, np.where(self.access, 0.0, weights)])
        else:
            weights = weights[None]
        published = all(int(numbers[at[0]]) < 0 for numbers in cases.errors.values())
        parts = [slice(None)] if published else [slice(row, row + 1) for row in range(len(at))]
        found: list[Ranks] = []
        for part in parts:
            case = int(at[part][0])
            own = weights[:, part].reshape(-1, weights.shape[-1])
            ranks = rank_weighted(
                self.domain_scores(cases, case), own, self.aggregation(cases, case)
            )
            found.append(ranks.reshape(len(weights), -1, len(self.codes)))
        both = np.concatenate(found, axis=1)
        return both[0], both[-1]

    def _errors(self, cases: Cases, at: int) -> dict[str, Floats]:
        """Return, for one case, layer → how far each area's figure is off."""
        off: dict[str, Floats] = {}
        for assumption, numbers in cases.errors.items():
            number = int(numbers[at])
            if number < 0:
                continue
            rng = generator(self.seed, assumption, number)
            for one in self.imprecisions:
                if one.assumption == assumption:
                    error = one.draw(rng)
                    off[one.layer] = off[one.layer] + error if one.layer in off else error
        return off


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerFigures:
    """One layer of a domain: its figures as published, and what is done to them.

    ``scale`` is its mean and standard deviation over a reference wider than the place, None where
    these are worked out anew; ``above_zero`` says that no figure is below zero.
    """

    key: str
    values: Floats
    sign: float
    weight: float
    treatment: Treated
    scale: tuple[float, float] | None
    above_zero: bool

    def worse(self, error: Floats | None) -> Floats:
        """Return treated figures, high = worse, if they are off by so much."""
        values = self.values if error is None else self.values + error
        if error is not None and self.above_zero:
            # What cannot be below zero is turned back there: an error of -0.2 on 0 is one of 0.2.
            values = np.abs(values)
        return self.treatment.apply(self.sign * values)


@dataclass(frozen=True, kw_only=True, eq=False)
class Figures:
    """The figures of the layers, and all it takes to bring them together again.

    ``layers`` is domain → its layers; ``others`` is domain → the values of the reference outside
    the place, ascending; ``scores`` is normalisation → areas × domains of the figures as
    published.
    """

    layers: Mapping[str, tuple[LayerFigures, ...]]
    others: Mapping[str, Floats]
    scores: Mapping[str, Floats]

    def normalised(
        self, name: str, off: Mapping[str, Floats], how: Normalisation, target: float | None
    ) -> Floats:
        """Return one domain's scores, the figures of its layers being off by so much."""
        values, others = self._domain(name, off), self.others[name]
        if how == "official" or how == "rank":
            doubled, known = doubled_ranks(values, others)
            spread: Floats = _score_of_rank(how, known)[doubled]
            return spread
        among = np.concatenate([values, others]) if len(others) else values
        return normalise(values, among, how, target)

    def _domain(self, name: str, off: Mapping[str, Floats]) -> Floats:
        layers = self.layers[name]
        if len(layers) == 1:
            return layers[0].worse(off.get(layers[0].key))
        columns = np.column_stack([layer.worse(off.get(layer.key)) for layer in layers])
        scales = [layer.scale for layer in layers if layer.scale is not None]
        if scales:
            mean, spread = np.array(scales).T
            columns = (columns - mean) * np.divide(1.0, spread, where=spread > 0, out=0 * spread)
        else:
            columns = normalise(columns, columns, "zscore")
        return aggregate(columns, np.array([layer.weight for layer in layers]), "arithmetic")


def generator(seed: int, stream: str, number: int = 0) -> np.random.Generator:
    """Return the random numbers of one stream; the same for the same seed and number."""
    return np.random.default_rng([seed % 2**32, STREAMS[stream], number])


def build_replay(
    layers: Layers, area: StudyArea, need_settings: NeedSettings, settings: RobustnessSettings
) -> Replay:
    """Take an index apart so that it can be worked out again under other assumptions.

    Parameters
    ----------
    layers, area, need_settings
        As in `planner.need.build_need`, which gives the same ranks as `Replay.stated`.
    settings
        What may be assumed, and the seed.

    Notes
    -----
    Where values are compared with areas outside the place, those are taken as published. Figures
    that are the same everywhere tell no areas apart, so nothing is taken to be off in them: the
    errors alone would rank the areas.
    """
    if need_settings.common_measure:
        layers = build_common_layers(layers, area)
    codes = area.codes
    hows = _choices(need_settings.normalisation, settings.normalisations)
    puts = _choices(need_settings.aggregation, settings.aggregations)
    domains = build_domain_values(layers, codes, need_settings)
    names = tuple(str(name) for name in domains.values.columns)
    weights = build_weights(layers, domains, need_settings).weights
    without_access(weights, need_settings.access_domains)  # refuses access domains alone
    specs = [layers.specs[key] for key in _varied_layers(layers, domains)]
    population = area.areas["population"]
    imprecisions, notes = build_imprecisions(layers, codes, specs, population, settings)
    targets = _targets(layers, domains, need_settings)
    figures: dict[str, Figures] = {}
    for by_order in (True, False):
        # Only values that count as such are treated, so each kind has figures of its own.
        alike = [how for how in hows if (how in BY_ORDER) == by_order]
        if alike:
            own = need_settings.model_copy(update={"normalisation": alike[0]})
            values = build_domain_values(layers, codes, own)
            figures |= dict.fromkeys(alike, _figures(layers, values, alike, targets))
    return Replay(
        codes=codes,
        names=names,
        access=np.array([name in need_settings.access_domains for name in names], dtype=bool),
        weights=weights.to_numpy(dtype="float64"),
        normalisations=hows,
        aggregations=puts,
        imprecisions=tuple(imprecisions),
        figures=figures,
        targets=targets,
        seed=settings.seed,
        notes=(*notes, *_others_note(domains, imprecisions)),
    )


def _choices(stated: Choice, listed: Sequence[Choice]) -> tuple[Choice, ...]:
    """Return what is chosen from, the index's own choice first."""
    return tuple(dict.fromkeys([stated, *listed]))


def _varied_layers(layers: Layers, domains: DomainValues) -> list[str]:
    """Return the layers that tell areas apart, in domains that do, in the domains' order."""
    codes = domains.values.index
    outside = domains.reference.index.difference(codes)

    def varies(key: str) -> bool:
        return not is_constant(_place_and_further(layers, key, codes, outside))

    return [
        key
        for name in domains.values.columns
        if not is_constant(domains.reference[name].to_numpy(dtype="float64"))
        for key in domains.layers[str(name)]
        if varies(key)
    ]


def _place_and_further(layers: Layers, key: str, codes: pd.Index, outside: pd.Index) -> Floats:
    """Return a layer's figures in the place, then those of the reference outside it."""
    values: Floats = layers.values.loc[codes, key].to_numpy(dtype="float64")
    if not len(outside) or layers.reference is None:
        return values
    further = layers.reference.loc[outside, key].to_numpy(dtype="float64")
    return np.concatenate([values, further])


def _targets(layers: Layers, domains: DomainValues, settings: NeedSettings) -> Floats | None:
    if settings.normalisation != "target":
        return None
    first = {name: layers.specs[keys[0]] for name, keys in domains.layers.items()}
    return np.array(
        [
            settings.targets[str(name)] * (-1.0 if first[str(name)].high_is == "better" else 1.0)
            for name in domains.values.columns
        ]
    )


def _figures(
    layers: Layers,
    domains: DomainValues,
    hows: Sequence[Normalisation],
    targets: Floats | None,
) -> Figures:
    codes, outside = domains.values.index, domains.reference.index.difference(domains.values.index)
    others = {}
    for name in domains.values.columns:
        values = domains.reference.loc[outside, name].to_numpy(dtype="float64")
        others[str(name)] = np.sort(values[~np.isnan(values)])
    place = domains.values.to_numpy(dtype="float64")
    among = domains.reference.to_numpy(dtype="float64")
    return Figures(
        layers={
            name: tuple(_layer(layers, domains, key, codes, outside) for key in keys)
            for name, keys in domains.layers.items()
        },
        others=others,
        # Domain by domain in memory, as they are replaced and added up.
        scores={how: np.asfortranarray(normalise(place, among, how, targets)) for how in hows},
    )


def _layer(
    layers: Layers, domains: DomainValues, key: str, codes: pd.Index, outside: pd.Index
) -> LayerFigures:
    spec, treatment = layers.specs[key], domains.treatments[key]
    sign = -1.0 if spec.high_is == "better" else 1.0
    values = layers.values.loc[codes, key].to_numpy(dtype="float64")
    scale = None
    if len(outside) and layers.reference is not None:
        every = treatment.apply(sign * _place_and_further(layers, key, codes, outside))
        spread = 0.0 if is_constant(every) else float(np.nanstd(every))
        scale = (float(np.nanmean(every)), spread)
    return LayerFigures(
        key=key,
        values=values,
        sign=sign,
        weight=spec.weight,
        treatment=treatment,
        scale=scale,
        above_zero=float(np.nanmin(values)) >= 0,
    )


def _others_note(domains: DomainValues, imprecisions: Sequence[Imprecision]) -> list[Note]:
    outside = len(domains.reference) - len(domains.values)
    if not outside or not imprecisions:
        return []
    text = (
        f"The figures of the {outside:,} areas outside the place that it is compared with are "
        "taken as published in every draw."
    )
    return [Note(stage="need", what="draws_others_fixed", count=outside, text=text)]


@lru_cache(maxsize=64)
def _score_of_rank(how: str, known: int) -> Floats:
    """Return the score of each doubled rank among so many known values; 0 is unknown."""
    rank = np.arange(2 * known + 2) / 2
    if how == "rank":
        scores = 100.0 * (known - rank + 1.0) / max(1, known)
    else:
        rank[:2] = 1.0  # no such ranks
        scores = np.asarray(official_transform(rank, float(max(1, known))))
    scores[0] = np.nan
    return scores
