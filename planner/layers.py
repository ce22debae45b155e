"""What is known of each small area, in which unit, from whom, and how it came there?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from planner.errors import DataError
from planner.ledger import Note, Source

#: ``count`` adds up over areas; ``share`` and ``rate`` are rebuilt from counts where these are
#: known; ``score`` and ``years`` can only be inherited or averaged by people; ``rank`` can be
#: neither crosswalked nor averaged.
LayerKind = Literal["count", "share", "rate", "score", "years", "rank"]
HighIs = Literal["worse", "better", "neither"]

#: How a value came to stand for its area.
ValueStatus = Literal[
    "published",
    "inherited",
    "apportioned",
    "merged",
    "imputed",
    "corrected",
    "suppressed",
    "missing",
]

#: Weights of the domains in the overall index, as each publisher states them. England's sum to
#: .999 and Scotland's are the rounded ones: both reproduce the published ranks as they stand.
#: England's "barriers" (to housing and services) measures access in part, hence its name here.
OFFICIAL_WEIGHTS: dict[str, dict[str, float]] = {
    "iod2025": {
        "income": 0.225,
        "employment": 0.225,
        "education": 0.135,
        "health": 0.135,
        "crime": 0.093,
        "barriers": 0.093,
        "environment": 0.093,
    },
    "iod2019": {
        "income": 0.225,
        "employment": 0.225,
        "education": 0.135,
        "health": 0.135,
        "crime": 0.093,
        "barriers": 0.093,
        "environment": 0.093,
    },
    "wimd2019": {
        "income": 0.22,
        "employment": 0.22,
        "health": 0.15,
        "education": 0.14,
        "access": 0.10,
        "housing": 0.07,
        "community_safety": 0.05,
        "environment": 0.05,
    },
    "wimd2025": {
        "income": 0.22,
        "employment": 0.20,
        "health": 0.15,
        "education": 0.14,
        "access": 0.10,
        "housing": 0.09,
        "community_safety": 0.05,
        "environment": 0.05,
    },
    "simd2020": {
        "income": 0.28,
        "employment": 0.28,
        "health": 0.14,
        "education": 0.14,
        "access": 0.09,
        "crime": 0.05,
        "housing": 0.02,
    },
    "nimdm2017": {
        "income": 0.25,
        "employment": 0.25,
        "health": 0.15,
        "education": 0.15,
        "access": 0.10,
        "environment": 0.05,
        "crime": 0.05,
    },
}


@dataclass(frozen=True, kw_only=True)
class LayerSpec:
    """What one layer means.

    ``high_is`` says whether a high value is worse, better, or neither (shown, never ranked).
    ``domain`` is the part of need it speaks for (None: shown only); ``weight`` its weight within
    that domain. ``geography`` is the one it was published for, ``denominator`` what a share is a
    share of, in words. ``role`` is ``published_rank`` for a publisher's own overall rank, which
    is shown beside the planner's and never enters it. ``domain_weight`` is the weight the
    publisher gives the whole domain in its own index (None: the publisher gives none); weights
    in the project win over it. ``among`` is how many areas a published rank is among.
    ``comparable`` names the nations among which areas may be compared by it (none given: within
    one nation only). ``rounded_to`` is what its counts were rounded to before they came here, by
    the publisher or for privacy (None: not rounded, or not known to be).
    """

    id: str
    title: str
    unit: str
    kind: LayerKind
    high_is: HighIs
    geography: str
    source: Source
    domain: str | None = None
    weight: float = 1.0
    denominator: str | None = None
    decimals: int = 1
    role: Literal["layer", "published_rank"] = "layer"
    caveat: str = ""
    domain_weight: float | None = None
    among: int | None = None
    comparable: tuple[str, ...] = ()
    rounded_to: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class PublishedTable:
    """What a reader hands over: values on the geography they were published for.

    ``values`` is indexed by the publisher's area codes (unique), one column a layer id (float,
    NaN where the publisher gives none); ``specs`` has the same ids. ``suppressed`` is True where
    the publisher withheld the value. ``counts`` holds, for a share, its numerator and
    denominator columns, named ``<id>.n`` and ``<id>.d``, so that a crosswalk can rebuild the
    share from counts.
    """

    values: pd.DataFrame
    specs: Mapping[str, LayerSpec]
    geography: str
    suppressed: pd.DataFrame | None = None
    counts: pd.DataFrame | None = None
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        if not self.values.index.is_unique:
            repeated = self.values.index[self.values.index.duplicated()].unique().tolist()
            raise DataError(
                f"An area code stands more than once ({len(repeated)} codes, first: {repeated[0]})."
            )
        if list(self.values.columns) != list(self.specs):
            raise DataError("A reader's columns and their descriptions differ.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Layers:
    """Values of every layer for every area of the place and its context.

    Parameters
    ----------
    values
        Floats on the study area's ``area_code`` index, one column a layer id; NaN where unknown.
    specs
        Layer id → `LayerSpec`, in the order of the columns.
    status
        A `ValueStatus` for each cell, on the same index and columns.
    notes
        What was inherited, apportioned, suppressed or is absent.
    parents
        The larger areas (one column a geography, such as ``msoa11``; the best known first) that
        each area is in, on the index of ``values``; missing where no lookup says. No column where
        the project has no lookup.
    reference
        The same layers (those it could be had for) of every area that values are normalised
        among, index ``area_code``; None: the place itself.
    """

    values: pd.DataFrame
    specs: Mapping[str, LayerSpec]
    status: pd.DataFrame
    notes: tuple[Note, ...] = field(default=())
    parents: pd.DataFrame = field(default_factory=pd.DataFrame)
    reference: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        if list(self.values.columns) != list(self.specs):
            raise DataError("Layers: columns and descriptions differ.")
        if not self.values.index.equals(self.status.index) or list(self.status.columns) != list(
            self.values.columns
        ):
            raise DataError("Layers: values and their status differ in shape.")
        known = self.values.notna().to_numpy(dtype=bool)
        missing = self.status.isin(["missing", "suppressed"]).to_numpy(dtype=bool)
        if bool((known & missing).any()) or bool((~known & ~missing).any()):
            raise DataError("Layers: a value and its status disagree.")

    def coverage(self, codes: pd.Index) -> pd.DataFrame:
        """Count, for each layer, how its values came to the areas ``codes``.

        Returns
        -------
        coverage
            Index layer id; integer columns ``areas, published, inherited, apportioned, merged,
            imputed, corrected, suppressed, missing``.
        """
        kinds = [
            "published",
            "inherited",
            "apportioned",
            "merged",
            "imputed",
            "corrected",
            "suppressed",
            "missing",
        ]
        status = self.status.loc[codes].to_numpy(dtype=object)
        table = pd.DataFrame(
            {kind: (status == kind).sum(axis=0) for kind in kinds}, index=list(self.specs)
        ).astype(int)
        table.insert(0, "areas", len(codes))
        table.index.name = "layer"
        return table

    def reweighted(self, weights: Mapping[str, float]) -> Layers:
        """Return the same layers with other weights within their domains."""
        specs = {
            key: replace(spec, weight=weights[key]) if key in weights else spec
            for key, spec in self.specs.items()
        }
        return replace(self, specs=specs)
