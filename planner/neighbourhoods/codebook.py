"""How were the types made, so that others can make them again and place new areas in them?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from planner.area import StudyArea
from planner.layers import Layers
from planner.ledger import Source
from planner.neighbourhoods import profiles
from planner.neighbourhoods.choosing import RULE_WORDS, SIZE_RULE
from planner.neighbourhoods.inputs import TypeInputs
from planner.neighbourhoods.methods import (
    AREAS_PER_FIGURE,
    MANY_AREAS,
    THINNEST,
    Fit,
    default_starts,
)
from planner.neighbourhoods.overlap import METHOD_WORDS as OVERLAP_WORDS
from planner.neighbourhoods.portraits import AREAS_NOT_PEOPLE
from planner.neighbourhoods.stability import CERTAINTY_WORDS, Stability
from planner.neighbourhoods.types import Neighbourhoods
from planner.project import NeighbourhoodSettings
from planner.project.analysis import TypeMethod

MISSING_WORDS = {
    "leave_out": "An area without a value in one of the variables has no type.",
    "median": "Where an area has no value, the median of the place's known ones stands in.",
    "refuse": "Every area has a value in every variable; the run stops where one is missing.",
}
#: What one needs to know, beyond starts and seed, to fit the same types by other means.
_FITTING: dict[TypeMethod, str] = {
    "kmeans": "scikit-learn's KMeans with k-means++ starts and Lloyd's steps (in single precision "
    f"above {MANY_AREAS:,} areas); the best start is carried on until no area moves (tol = 0)",
    "gaussian_mixture": "scikit-learn's GaussianMixture on columns divided by their standard "
    "deviations, at most 300 rounds, half of the starts from k-means and half from k-means++; "
    f"{THINNEST:g} is added to every variance; covariances are each type's own, diagonal, or full "
    f"where there are {AREAS_PER_FIGURE} areas for each figure to be estimated and that has the "
    "lower BIC",
    "ward": "scikit-learn's ward_tree, cut at the number of types",
    "ward_regions": "scikit-learn's ward_tree with the neighbours as its connectivity, each part "
    "that touches no other on its own, steps taken by height and cut at the number of types",
}
_REFERENCES: dict[TypeMethod, tuple[str, ...]] = {
    "kmeans": (
        "Lloyd, S. (1982), Least squares quantization in PCM.",
        "Arthur, D. and Vassilvitskii, S. (2007), k-means++: the advantages of careful seeding.",
    ),
    "gaussian_mixture": (
        "Dempster, A., Laird, N. and Rubin, D. (1977), Maximum likelihood from incomplete data "
        "via the EM algorithm.",
    ),
    "ward": ("Ward, J. (1963), Hierarchical grouping to optimize an objective function.",),
    "ward_regions": (
        "Ward, J. (1963), Hierarchical grouping to optimize an objective function.",
        "Murtagh, F. (1985), A survey of algorithms for contiguity-constrained clustering.",
    ),
}
_JUDGED_BY = (
    "Rousseeuw, P. (1987), Silhouettes: a graphical aid to the interpretation and validation of "
    "cluster analysis.",
    "Caliński, T. and Harabasz, J. (1974), A dendrite method for cluster analysis.",
    "Tibshirani, R., Walther, G. and Hastie, T. (2001), Estimating the number of clusters in a "
    "data set via the gap statistic.",
    "Schwarz, G. (1978), Estimating the dimension of a model.",
    "Schonlau, M. (2002), The clustergram: a graph for visualizing hierarchical and "
    "nonhierarchical cluster analyses.",
    "Hubert, L. and Arabie, P. (1985), Comparing partitions.",
    "Hennig, C. (2007), Cluster-wise assessment of cluster stability.",
    "Hedges, L. (1981), Distribution theory for Glass's estimator of effect size and related "
    "estimators.",
)
_YEO_JOHNSON = (
    "Yeo, I.-K. and Johnson, R. (2000), A new family of power transformations to improve "
    "normality or symmetry."
)
LIMITS = (
    AREAS_NOT_PEOPLE,
    "Types are relative to this place and to the variables named here: the same area can be of "
    "another type in another place or beside other variables.",
    "Types sum up areas that differ by degrees. An area near the edge of its type may be as much "
    "like the next one; its certainty and second type say so.",
    "A type says how areas are alike, not why, and not what would help.",
    "Types are made so that they differ in the variables they are made from. Effect sizes and "
    "intervals of those variables describe the types; they are no test that types exist.",
    "Figures published for larger areas are the same for all areas inside one; they hide "
    "differences there and are no independent evidence.",
)


def build_codebook(
    types: Neighbourhoods,
    layers: Layers,
    area: StudyArea,
    settings: NeighbourhoodSettings,
    *,
    versions: Mapping[str, str],
    watermarks: Sequence[str] = (),
    neighbours: str = "",
    outside: Source | None = None,
) -> dict[str, Any]:
    """Say all that another researcher needs to make the types again, or to place new areas.

    Parameters
    ----------
    types
        The types.
    layers, area
        What they were made from.
    settings
        Those that were used.
    versions
        Package → version.
    watermarks
        Sentences that must stand on everything shown.
    neighbours
        Which areas count as neighbours, in words, where the method asks for it.
    outside
        Where an outside classification comes from, where the types are set beside one.

    Returns
    -------
    codebook
        Nothing but dicts, lists, texts, numbers and None (not known or undefined); a number
        without end is the text "infinite". The same for the same types: no clock and no path is in
        it.
    """
    inputs = types.inputs
    book: dict[str, Any] = {
        "title": f"Neighbourhood types of {area.name}: codebook",
        "place": _place(types, area, watermarks),
        "variables": [_variable(layer, types, layers) for layer in inputs.layers],
        "scaling": _scaling(inputs),
        "missing": {
            "setting": settings.missing,
            "words": MISSING_WORDS[settings.missing],
            "medians": None if inputs.medians is None else inputs.medians[list(inputs.layers)],
        },
        "overlap_of_variables": {
            "condition_number": inputs.collinearity.condition,
            "pairs": _rows(inputs.collinearity.pairs),
            "identical": [list(group) for group in inputs.collinearity.identical],
        },
        "areas_far_from_all_others": _rows(inputs.far.reset_index()),
        "method": _method(types, settings, neighbours),
        "number_of_types": {
            "k": types.k,
            "rule": types.rule,
            "rules": {**RULE_WORDS, "size": SIZE_RULE},
            "diagnostics": _rows(types.diagnostics.rename_axis("k").reset_index()),
        },
        "stability": _stability(types.stability, settings),
        "centres": _centres(types.fit, inputs),
        "assigning": _assigning(types.fit, inputs),
        "types": [_type(number, types) for number in types.types.index],
        "profiles": {"interval": profiles.INTERVAL_WORDS, "effect": profiles.EFFECT_WORDS},
        "outside": _outside(types, outside),
        "references": _references(inputs, settings),
        "versions": dict(versions),
        "limits": list(LIMITS),
        "notes": [{"what": n.what, "count": n.count, "text": n.text} for n in types.notes],
    }
    plain: dict[str, Any] = _plain(book)
    return plain


# --- parts ----------------------------------------------------------------------------------


def _place(types: Neighbourhoods, area: StudyArea, watermarks: Sequence[str]) -> dict[str, Any]:
    typed = types.labels.notna()
    return {
        "name": area.name,
        "geography": area.geography,
        "areas": len(typed),
        "areas_with_type": int(typed.sum()),
        "areas_without_type": [str(code) for code in typed.index[~typed]],
        "fictional": area.fictional,
        "watermarks": list(watermarks),
    }


def _variable(layer: str, types: Neighbourhoods, layers: Layers) -> dict[str, Any]:
    spec, inputs = layers.specs[layer], types.inputs
    row, scale = inputs.transforms.loc[layer], inputs.scales[layer]
    overlap = inputs.collinearity.layers.loc[layer]
    found = {
        "id": layer,
        "title": spec.title,
        "unit": spec.unit,
        "kind": spec.kind,
        "high_is": spec.high_is,
        "domain": spec.domain,
        "denominator": spec.denominator,
        "caveat": spec.caveat,
        "publisher": spec.source.publisher,
        "dataset": spec.source.dataset,
        "licence": spec.source.licence,
        "vintage": spec.source.vintage,
        "geography": spec.geography,
        "values": types.status.loc[inputs.codes, layer].value_counts().sort_index(),
        "inherited_areas": row["inherited_areas"],
        "inherited_share": row["inherited_share"],
        "different_values": row["different_values"],
        "transform": {
            "name": scale.transform,
            "words": scale.words,
            "offset": scale.offset if scale.transform == "log" else None,
            "power": scale.power if scale.transform == "yeo_johnson" else None,
            "middle": scale.middle if scale.transform == "yeo_johnson" else None,
            "spread": scale.spread if scale.transform == "yeo_johnson" else None,
            "positions": scale.positions if scale.transform == "rank" else None,
            "mean": scale.mean,
            "sd": scale.sd,
        },
        "weight_asked": row["weight_asked"],
        "weight": row["weight"],
        "distance_share": row["distance_share"],
        "vif": overlap["vif"],
        "closest": overlap["closest"],
        "closest_r": overlap["r"],
        "without_it": None,
    }
    if types.stability is not None:
        found["without_it"] = types.stability.layers.loc[layer].to_dict()
    return found


def _scaling(inputs: TypeInputs) -> dict[str, Any]:
    steps = [
        "Each value is transformed as its variable says.",
        "The variable's mean is taken off and the result divided by its sd (population standard "
        "deviation); this is rounded to 9 decimals.",
        "The result is multiplied by the square root of the variable's weight.",
    ]
    components = None
    if inputs.loadings is not None:
        steps.append("The sums of these by the loadings of each component are the columns.")
        components = {
            "share_asked": inputs.components,
            "shares": inputs.component_shares,
            "loadings": {layer: row.to_dict() for layer, row in inputs.loadings.iterrows()},
        }
    return {
        "steps": steps,
        "columns": [str(column) for column in inputs.matrix.columns],
        "components": components,
    }


def _method(
    types: Neighbourhoods, settings: NeighbourhoodSettings, neighbours: str
) -> dict[str, Any]:
    starts = None
    if settings.method in ("kmeans", "gaussian_mixture"):
        starts = default_starts(len(types.inputs.codes), settings.method)
    asked = settings.model_dump(mode="json", exclude={"outside", "names", "portraits"})
    return {
        "name": settings.method,
        "words": types.method,
        "fitting": _FITTING[settings.method],
        "starts": starts,
        "seed": settings.seed,
        "settled": types.fit.settled,
        "neighbours": neighbours or None,
        "inertia": types.fit.inertia,
        "bic": types.fit.bic,
        "settings": asked,
        "order": "Types are numbered from the greatest mean need down, after they were made.",
    }


def _stability(stability: Stability | None, settings: NeighbourhoodSettings) -> Any:
    if stability is None:
        return None
    draws = stability.draws["adjusted_rand"]
    return {
        "words": stability.method,
        "draws": len(draws),
        "tentative_below": settings.stable,
        "adjusted_rand_mean": float(draws.mean()),
        "adjusted_rand_least": float(draws.min()),
        "adjusted_rand_greatest": float(draws.max()),
        "types": _rows(stability.types.reset_index()),
        "without_layer": _rows(stability.layers.reset_index()),
        "inherited_weight": _rows(stability.inherited.reset_index()),
        "certainty": CERTAINTY_WORDS,
        "findings": list(stability.findings),
    }


def _centres(fit: Fit, inputs: TypeInputs) -> dict[str, Any]:
    mixture = None
    if fit.mixture is not None:
        mixture = {
            "shape": fit.mixture.shape,
            "weights": fit.mixture.weights,
            "means": fit.mixture.means,
            "covariances": fit.mixture.covariances,
        }
    return {
        "columns": [str(column) for column in inputs.matrix.columns],
        "types": [
            {"type_id": number, "centre": centre} for number, centre in enumerate(fit.centres, 1)
        ],
        "mixture": mixture,
    }


def _assigning(fit: Fit, inputs: TypeInputs) -> list[str]:
    steps = ["Scale the new area's values as under scaling, with the figures of this codebook."]
    if inputs.medians is not None:
        steps.insert(0, "Where a value is missing, take the median given here.")
    if fit.mixture is not None:
        steps.append("Take the most probable type of the mixture under centres.")
    else:
        steps.append("Take the type whose centre is nearest (plain distance over the columns).")
    steps.append(
        "An area much further from that centre than the type's own areas are (column distance of "
        "type_membership.parquet) is like none of the types."
    )
    return steps


def _type(number: int, types: Neighbourhoods) -> dict[str, Any]:
    row = types.types.loc[number]
    own = str(row["own_words"])
    return {
        "type_id": number,
        "name": row["type_name"],
        "name_is_the_projects_own": "name" in own,
        "portrait": row["portrait"],
        "portrait_is_the_projects_own": "portrait" in own,
        "areas": row["areas"],
        "population": row["population"],
        "need_score_mean": row["need_score_mean"],
        "sets_it_apart": row["distinguishing"],
        "typical_area": row["medoid"],
        "most_doubtful_areas": str(row["doubtful"]).split(),
        "stability": row["stability"],
        "tentative": bool(row["tentative"]),
    }


def _outside(types: Neighbourhoods, source: Source | None) -> Any:
    overlap = types.overlap
    if overlap is None:
        return None
    return {
        "title": overlap.title,
        "publisher": source.publisher if source else None,
        "licence": source.licence if source else None,
        "vintage": source.vintage if source else None,
        "words": OVERLAP_WORDS,
        "adjusted_mutual_information": overlap.adjusted_mutual_information,
        "adjusted_rand": overlap.adjusted_rand,
        "areas": overlap.areas,
        "only_types": overlap.only_types,
        "only_classes": overlap.only_classes,
        "findings": list(overlap.findings),
    }


def _references(inputs: TypeInputs, settings: NeighbourhoodSettings) -> list[str]:
    found = [*_REFERENCES[settings.method]]
    if bool((inputs.transforms["transform"] == "yeo_johnson").any()):
        found.append(_YEO_JOHNSON)
    return [*found, *_JUDGED_BY]


# --- plain values ---------------------------------------------------------------------------


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.itertuples(index=False)]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: no array, no NaN, nothing infinite."""
    if isinstance(value, pd.Series):
        value = value.to_dict()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value) + 0.0
        if math.isinf(number):
            return "infinite"
        return None if math.isnan(number) else number
    return str(value)
