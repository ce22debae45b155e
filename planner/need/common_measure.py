"""How deprived are areas of different nations, on one scale made from their employment domains?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from planner.area import StudyArea
from planner.errors import ProjectError
from planner.layers import Layers, LayerSpec
from planner.ledger import Note, Source

BASE = "England"
LABEL = (
    "Common measure across nations, on the scale of the English index of 2019: estimated from each "
    "nation's overall score and employment deprivation (Abel, Barclay and Payne 2016). It is not "
    "an official index: read it in tenths, not as a league table."
)


@dataclass(frozen=True, kw_only=True)
class NationModel:
    """A nation's overall score as a straight line on its employment deprivation.

    ``score = intercept + slope · percent + residual``, the residuals' standard deviation being
    ``residual_sd``. ``vintage`` is the year of the index that it holds for; ``score`` and
    ``employment`` are the ids of the layers it reads.
    """

    nation: str
    vintage: str
    intercept: float
    slope: float
    residual_sd: float
    score: str
    employment: str


#: Least squares over all areas of each nation, as mySociety published them in 2021 (composite UK
#: index). They hold for these editions only: the index of 2025 defines employment deprivation
#: more widely, and its slope is about 1.8.
MODELS: dict[str, NationModel] = {
    model.nation: model
    for model in (
        NationModel(
            nation="England",
            vintage="2019",
            intercept=0.06,
            slope=2.16,
            residual_sd=4.74,
            score="iod_score",
            employment="iod_employment",
        ),
        NationModel(
            nation="Scotland",
            vintage="2020",
            intercept=0.11,
            slope=2.26,
            residual_sd=3.90,
            score="simd_score",
            employment="simd_employment_rate",
        ),
        NationModel(
            nation="Wales",
            vintage="2019",
            intercept=-3.49,
            slope=2.40,
            residual_sd=5.54,
            score="wimd_score",
            employment="wimd_employment_rate",
        ),
        NationModel(
            nation="Northern Ireland",
            vintage="2017",
            intercept=-7.84,
            slope=1.40,
            residual_sd=5.11,
            score="nimdm_score",
            employment="nimdm_employment_rate",
        ),
    )
}


def fit_line(score: pd.Series, percent: pd.Series) -> tuple[float, float, float]:
    """Fit a nation's overall score on its employment deprivation by least squares.

    Parameters
    ----------
    score
        Overall scores of all areas of the nation.
    percent
        People who are employment deprived, in percent, on the same index. Areas without one of
        the two are left out.

    Returns
    -------
    line
        Intercept, slope, and standard deviation of the residuals (n − 1).
    """
    both = pd.DataFrame({"x": percent, "y": score}).astype(float).dropna()
    away = both["x"] - both["x"].mean()
    slope = float((away * both["y"]).sum() / (away**2).sum())
    intercept = float(both["y"].mean() - slope * both["x"].mean())
    residuals = both["y"] - intercept - slope * both["x"]
    return intercept, slope, float(residuals.std(ddof=1))


def to_common_measure(
    score: pd.Series,
    percent: pd.Series,
    nation: pd.Series,
    *,
    base: str = BASE,
    models: Mapping[str, NationModel] = MODELS,
) -> pd.Series:
    """Put overall scores of several nations on the scale of one of them.

    Parameters
    ----------
    score
        Each area's overall score in its own nation's index.
    percent
        People of working age who are employment deprived, in percent.
    nation
        The nation of each area.
    base
        The nation whose scale is used; its own scores stay as they are.
    models
        Nation → line.

    Returns
    -------
    common
        On the index of ``score``; NaN where the score or the percentage is unknown.

    Notes
    -----
    The base nation's line is read at the area's percentage, and the area's own residual, in
    standard deviations of its nation, is added in those of the base: Abel, Barclay and Payne
    (2016), BMJ Open 6:e012750, with employment alone, as Northern Ireland defines income in
    another way.
    """
    own = {name: nation.map({n: getattr(m, name) for n, m in models.items()}).astype(float)
           for name in ("intercept", "slope", "residual_sd")}  # fmt: skip
    target = models[base]
    residual = (score - own["intercept"] - own["slope"] * percent) / own["residual_sd"]
    common = target.intercept + target.slope * percent + residual * target.residual_sd
    return common.where(nation != base, score.where(percent.notna()))


def build_common_layers(layers: Layers, area: StudyArea) -> Layers:
    """Return the one layer by which areas of several nations are ranked together.

    Raises
    ------
    ProjectError
        A nation's overall score or employment deprivation is not among the layers, or is of an
        edition that the published lines do not hold for; or values are to be ranked among other
        areas than the place's own.
    """
    _refuse_reference(layers)
    nations = area.areas["nation"]
    index = layers.values.index
    score = pd.Series(float("nan"), index=index)
    percent, used = score.copy(), []
    for name in sorted(nations[area.areas["in_place"]].unique()):
        model = MODELS[name]
        inside = (nations == name).reindex(index, fill_value=False)
        for key in (model.score, model.employment):
            _check_layer(layers, key, model)
        found = layers.values[model.employment]
        found = found * 100 if layers.specs[model.employment].kind == "share" else found
        score = score.where(~inside, layers.values[model.score])
        percent = percent.where(~inside, found)
        used += [layers.specs[model.score].source, layers.specs[model.employment].source]
    common = to_common_measure(score, percent, nations.reindex(index))
    spec = _spec(tuple(dict.fromkeys(used)), area)
    status = pd.DataFrame({spec.id: "imputed"}, index=index)
    status = status.mask(common.isna().to_frame(spec.id), "missing")
    note = Note(stage="need", what="common_measure", count=len(area.codes), text=LABEL)
    return replace(
        layers,
        values=common.to_frame(spec.id),
        specs={spec.id: spec},
        status=status,
        notes=(note,),
    )


def _refuse_reference(layers: Layers) -> None:
    if layers.reference is not None:
        raise ProjectError(
            "[need] common_measure: it is worked out for the place's own areas only, so these "
            "cannot be ranked among others.",
            hint="Leave out either common_measure or reference.",
        )


def _check_layer(layers: Layers, key: str, model: NationModel) -> None:
    spec = layers.specs.get(key)
    if spec is None:
        raise ProjectError(
            f"[need] common_measure: there is no layer {key!r}, which it needs for areas in "
            f"{model.nation}.",
            hint=f"Add the {model.vintage} index of {model.nation} with its overall score and "
            "employment deprivation.",
        )
    if model.vintage not in spec.source.vintage:
        raise ProjectError(
            f"[need] common_measure: {key!r} is of {spec.source.vintage}; the published line for "
            f"{model.nation} holds for {model.vintage} only.",
            hint=f"Use the index of {model.vintage}.",
        )
    values = layers.values[key].dropna()
    if key == model.employment and spec.kind != "share" and spec.unit != "%":
        raise ProjectError(
            f"[need] common_measure: {key!r} must be a share (0 to 1) or in %.",
            hint='Write kind = "rate" and unit = "%" in its [[layer]].',
        )
    if not len(values):
        raise ProjectError(f"[need] common_measure: {key!r} has no value in the place.")


def _spec(sources: tuple[Source, ...], area: StudyArea) -> LayerSpec:
    return LayerSpec(
        id="common_measure",
        title="Common measure of deprivation across nations, scale of England 2019",
        unit="score",
        kind="score",
        high_is="worse",
        geography=area.geography,
        source=Source(
            publisher="; ".join(dict.fromkeys(source.publisher for source in sources)),
            dataset="Common measure worked out from "
            + "; ".join(dict.fromkeys(source.dataset for source in sources)),
            licence="; ".join(dict.fromkeys(source.licence for source in sources)),
            vintage="; ".join(dict.fromkeys(source.vintage for source in sources)),
        ),
        domain="common_measure",
        caveat=f"{LABEL} It holds each nation's access domain, so beside access it counts "
        "access twice in part.",
        comparable=tuple(sorted(MODELS)),
    )
