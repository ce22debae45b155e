"""How is the evidence to be judged? The sections on need, how sure it is, and types of area."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.project.base import Identifier, NotNegative, Positive, Section, Share

Treatment = Literal["none", "winsorise", "log"]
Normalisation = Literal["official", "rank", "zscore", "minmax", "target"]
Weighting = Literal["", "project", "publisher", "equal", "first_component"]
Aggregation = Literal["arithmetic", "geometric"]
Reference = Literal["place", "districts", "nation"]
Transform = Literal["none", "log", "yeo_johnson", "rank"]
TypeMethod = Literal["kmeans", "gaussian_mixture", "ward", "ward_regions"]
KRule = Literal["silhouette", "calinski_harabasz", "gap", "bic"]

#: What random numbers begin with.
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class NeedSettings(Section):
    """How layers become one score, a key for each step of the OECD and JRC handbook.

    ``weighting`` "" is the project's ``weights`` where it gives any, else the publisher's where
    every domain has one, else equal. ``targets`` (domain → value, in the unit of its layer) go
    with ``normalisation = "target"``. ``reference`` is among whom values are normalised: the
    place's own areas, those of ``districts`` (codes of councils), or the nation's.
    ``common_measure = "employment"`` is the one way to rank areas of several nations together.
    """

    common_measure: Literal["", "employment"] = ""
    treatment: Treatment = "none"
    normalisation: Normalisation = "official"
    targets: dict[Identifier, float] = {}
    weighting: Weighting = ""
    weights: dict[Identifier, NotNegative] = {}
    aggregation: Aggregation = "arithmetic"
    reference: Reference = "place"
    districts: list[str] = []
    access_domains: list[str] = ["access", "barriers"]

    @model_validator(mode="after")
    def _choices_agree(self) -> NeedSettings:
        if self.weighting == "project" and not self.weights:
            raise ValueError('weighting = "project" needs weights, such as { income = 2 }')
        if self.weights and self.weighting not in {"", "project"}:
            raise ValueError(
                f'weights are given, but weighting is "{self.weighting}"; leave one of them out'
            )
        if (self.normalisation == "target") != bool(self.targets):
            raise ValueError('targets go with normalisation = "target"; give both or neither')
        if self.targets and self.treatment == "log":
            raise ValueError(
                'a target is in the unit of its layer, and treatment = "log" changes that unit; '
                "leave one of them out"
            )
        if (self.reference == "districts") != bool(self.districts):
            raise ValueError('districts go with reference = "districts"; give both or neither')
        if self.aggregation == "geometric" and self.normalisation == "zscore":
            raise ValueError(
                "a geometric mean needs scores above zero, and z-scores lie on both sides of it; "
                'use another normalisation, such as "official"'
            )
        return self


class RobustnessSettings(Section):
    """What is varied to see how sure the ranks are, and how often.

    Weights are drawn round those of the index; ``weight_spread`` is how far an average weight
    strays, as a share of itself (standard deviation). ``interval`` is the share of draws that a
    rank interval holds; ``worst`` the part of the areas that "the worst" means; an area is in it
    (or not) whatever is assumed where it is (or is not) in at least ``sure`` of the draws.
    """

    draws: Annotated[int, Field(ge=0, le=20_000)] = 500
    weight_spread: Annotated[float, Field(ge=0, le=2)] = 0.25
    normalisations: list[Literal["official", "rank", "zscore", "minmax"]] = [
        "official",
        "rank",
        "minmax",
    ]
    aggregations: list[Aggregation] = ["arithmetic", "geometric"]
    rounding: bool = True
    intervals: bool = True
    inheritance: bool = True
    interval: Annotated[float, Field(ge=0.5, lt=1)] = 0.9
    worst: Annotated[float, Field(gt=0, lt=1)] = 0.1
    sure: Annotated[float, Field(gt=0.5, le=1)] = 0.9
    seed: Seed = 7

    @model_validator(mode="after")
    def _something_to_draw_from(self) -> RobustnessSettings:
        if not self.normalisations or not self.aggregations:
            raise ValueError("name at least one normalisation and one aggregation")
        if set(self.normalisations) == {"zscore"} and set(self.aggregations) == {"geometric"}:
            raise ValueError("a geometric mean cannot be taken of z-scores; add another of either")
        return self


class TandemSettings(Section):
    """Which needs are looked at together, without one making up for another.

    ``domains`` [] is employment, education and health, as far as the place has them. ``part`` is
    the one that findings are worded for; the other is counted, too.
    """

    domains: list[Identifier] = []
    part: Literal["tenth", "fifth"] = "fifth"
    permutations: Annotated[int, Field(ge=99, le=9_999)] = 999
    seed: Seed = 7


class SpatialSettings(Section):
    """Which areas count as neighbours, and when a cluster is more than chance.

    ``false_discovery`` is the share of the areas called clusters that may be so by chance.
    """

    neighbours: Literal["contiguity", "travel_time"] = "contiguity"
    within_minutes: Positive = 20.0
    permutations: Annotated[int, Field(ge=99, le=99_999)] = 999
    false_discovery: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    seed: Seed = 7


class OutsideClasses(Section):
    """Somebody else's classification of areas, to set the types beside."""

    file: str
    code_column: str = ""
    class_column: str = ""
    publisher: str = ""
    dataset: str = "Outside classification"
    licence: str = ""
    vintage: str = ""


class NeighbourhoodSettings(Section):
    """How alike areas are grouped. ``k = 0`` chooses the number of types by the stated rule.

    ``missing`` says what becomes of an area without a value in a chosen layer: it gets no type
    ("leave_out"), the place's median stands in and is marked imputed ("median"), or the run stops
    ("refuse"). ``weights`` and ``transforms`` are by layer and win over ``transform``.
    ``inherited_weight`` is that of layers published for larger areas. ``components`` is the share
    of variance that principal components must keep (0: the layers themselves are used).
    ``bootstraps`` is how often areas are drawn anew to see whether the types come back; a type
    that does so with less than ``stable`` (mean Jaccard) is called tentative. ``names`` and
    ``portraits`` (type number → words) take the place of the planner's own.
    """

    layers: list[Identifier] = []
    weights: dict[Identifier, NotNegative] = {}
    transform: Transform = "none"
    transforms: dict[Identifier, Transform] = {}
    inherited_weight: Share = 1.0
    components: Annotated[float, Field(ge=0, lt=1)] = 0.0
    missing: Literal["leave_out", "median", "refuse"] = "leave_out"
    method: TypeMethod = "kmeans"
    rule: KRule = "silhouette"
    k: Annotated[int, Field(ge=0, le=20)] = 0
    k_min: Annotated[int, Field(ge=2, le=20)] = 3
    k_max: Annotated[int, Field(ge=2, le=20)] = 8
    bootstraps: Annotated[int, Field(ge=0, le=500)] = 20
    stable: Annotated[float, Field(gt=0, le=1)] = 0.6
    names: dict[str, str] = {}
    portraits: dict[str, str] = {}
    outside: OutsideClasses | None = None
    seed: Seed = 7
