"""What if areas were grouped in another way: by another method, number of types or layers?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from planner.errors import PlannerError
from planner.left_out import fit_settings
from planner.neighbourhoods.choosing import estimate_seconds
from planner.neighbourhoods.inputs import MIN_KNOWN
from planner.project import NeighbourhoodSettings, Project
from planner.ui import parts, state, uploads
from planner.ui.type_choices import any_made, choose_several, put_back
from planner.ui.type_parts.shown import Shown, build_trial
from planner.wording import say_many

NOT_THE_PROJECT = "This is your trial, not the project's types."
METHODS: dict[str, str] = {
    "kmeans": "Around averages (k-means)",
    "gaussian_mixture": "With degrees of belonging (mixture of normal distributions)",
    "ward": "Step by step, the most alike first (Ward)",
    "ward_regions": "In connected regions (Ward among neighbours)",
}
TRANSFORMS: dict[str, str] = {
    "none": "As they are",
    "log": "Logarithms: tames a few very high values",
    "yeo_johnson": "Evened out (Yeo–Johnson)",
    "rank": "Ranks: only the order counts",
}
BY_LAYER = "project"
BY_RULE = "0"
MOST_TYPES = 12
#: What takes longer than so many seconds is worked out when a person asks for it.
AT_ONCE = 20.0
_METHOD, _NUMBER, _SCALE, _LAYERS = "grouping", "types", "scale", "judged"


def choose_types(plan: state.Plan) -> Shown:
    """Show the choices and return the types they lead to; the project's until one is made."""
    own = as_projected(plan)
    defaults, used = _defaults(plan, own.settings)
    changed = any_made(defaults, [_LAYERS])
    with st.expander("Try other ways of grouping", expanded=changed, key="try_types"):
        parts.prose(
            "Types are one way of summing up many areas. Choose another method, number of types "
            "or set of layers and everything on this page follows. The project file stays as it "
            "is."
        )
        asked, layers = _ask(plan, own.settings, defaults, used)
        trial = _to_settings(own.settings, asked, layers, defaults, used)
        st.button(
            "Put back the project's types",
            on_click=put_back,
            args=(defaults, {_LAYERS: used}),
            disabled=trial is None and bool(layers),
            key="reset_types",
        )
        if not layers:
            st.warning("Choose at least one layer. Until then the types are the project's.")
            return own
        return own if trial is None else _work_out(plan, own, trial)


def as_projected(plan: state.Plan) -> Shown:
    """Return the project's types."""
    settings = fit_settings(plan.project.spec, plan.layers)[1]
    return Shown(
        types=plan.neighbourhoods, outcomes=plan.type_outcomes, settings=settings, trial=False
    )


def with_types(project: Project, settings: NeighbourhoodSettings) -> Project:
    """Return the project with other types, and nothing else changed."""
    return project.with_spec(neighbourhoods=settings)


def tell_trial(plan: state.Plan, shown: Shown) -> None:
    """Say that this is a trial, how it differs, and let the project file for it be downloaded."""
    own, now = plan.neighbourhoods.labels, shown.types.labels
    both = own.notna() & now.notna()
    st.warning(
        f"{NOT_THE_PROJECT} {parts.escape(_say_settings(plan, shown))} "
        f"{parts.escape(_say_difference(len(plan.neighbourhoods.types), shown, int(both.sum())))}"
    )
    project, settings = plan.project, shown.settings
    st.download_button(
        "Download the project file with these types",
        data=lambda: with_types(project, settings).to_toml(),
        file_name="planner.types.toml",
        mime="application/toml",
        on_click="ignore",
        key="download_types_trial",
        help="The project file with every setting written out and these choices under "
        "[neighbourhoods]. Names and portraits that the project gave to its own types are left "
        "out. Put it in the project's folder and open it to make these types the project's.",
    )


# ---- the choices ------------------------------------------------------------------------------


def _defaults(
    plan: state.Plan, settings: NeighbourhoodSettings
) -> tuple[dict[str, str], list[str]]:
    """Return what each choice is in the project, and the layers its types are judged by."""
    values = {
        _METHOD: str(settings.method),
        _NUMBER: str(settings.k),
        _SCALE: BY_LAYER if settings.transforms else str(settings.transform),
    }
    options = layer_options(plan)
    return values, [layer for layer in plan.neighbourhoods.layer_ids if layer in options]


def layer_options(plan: state.Plan) -> dict[str, str]:
    """Return the layers that types can be judged by: id → title."""
    values = plan.layers.values.loc[plan.area.codes]
    found = {}
    for key, spec in plan.layers.specs.items():
        column = values[key]
        if spec.kind == "rank" or column.notna().mean() < MIN_KNOWN or column.nunique() < 2:
            continue
        if not key.endswith(("_lower", "_upper")):
            found[str(key)] = str(spec.title)
    return found


def _ask(
    plan: state.Plan, own: NeighbourhoodSettings, defaults: dict[str, str], used: list[str]
) -> tuple[dict[str, str], list[str]]:
    numbers = {BY_RULE: "By the rule"} | {str(k): str(k) for k in range(2, MOST_TYPES + 1)}
    if own.k:
        numbers.setdefault(str(own.k), str(own.k))
    scales = dict(TRANSFORMS)
    if own.transforms:
        scales = {BY_LAYER: "As in the project file, layer by layer"} | scales
    first, second, third = st.columns(3)
    asked = {}
    with first:
        asked[_METHOD] = state.choose(
            "How areas are grouped", _METHOD, METHODS, default=defaults[_METHOD]
        )
    with second:
        asked[_NUMBER] = state.choose(
            "Number of types", _NUMBER, numbers, default=defaults[_NUMBER]
        )
    with third:
        asked[_SCALE] = state.choose(
            "How figures are taken",
            _SCALE,
            scales,
            default=defaults[_SCALE],
            help_text="Before areas are compared, each layer is put on one scale, so that no unit "
            "counts for more. A few extreme areas count for less after logarithms, evening out "
            "or ranking.",
        )
    layers = choose_several(
        "Layers that areas are judged by",
        _LAYERS,
        layer_options(plan),
        default=used,
        help_text="Layers known for at least 95% of areas. Ranks are never averaged.",
    )
    return asked, layers


def _to_settings(
    own: NeighbourhoodSettings,
    asked: dict[str, str],
    layers: list[str],
    defaults: dict[str, str],
    used: list[str],
) -> NeighbourhoodSettings | None:
    """Return the settings asked for, None where they are the project's."""
    changes: dict[str, Any] = {}
    if asked[_METHOD] != defaults[_METHOD]:
        changes["method"] = asked[_METHOD]
    if asked[_NUMBER] != defaults[_NUMBER]:
        changes["k"] = int(asked[_NUMBER])
    if asked[_SCALE] != defaults[_SCALE]:
        changes |= {"transform": asked[_SCALE], "transforms": {}}
    if set(layers) != set(used):
        kept = set(layers)
        changes["layers"] = layers
        changes["weights"] = {key: w for key, w in own.weights.items() if key in kept}
        changes.setdefault("transforms", {k: t for k, t in own.transforms.items() if k in kept})
    if not changes:
        return None
    # The project's own words are about its own types.
    return own.model_copy(update=changes | {"names": {}, "portraits": {}})


def _work_out(plan: state.Plan, own: Shown, trial: NeighbourhoodSettings) -> Shown:
    """Return the types of a trial; the project's, and why, where they cannot be had."""
    layers = len(trial.layers) or len(plan.neighbourhoods.layer_ids)
    seconds = estimate_seconds(len(plan.area.codes), layers, trial)
    if seconds > AT_ONCE:
        parts.prose(f"With {len(plan.area.codes):,} areas this takes about {_time(seconds)}.")
        asked = [state.content_key(plan.project), trial.model_dump_json()]
        if not state.wanted("Work out these types", asked):
            return own
    try:
        with st.spinner("Grouping areas as you ask"):
            return _kept(plan, trial)
    except PlannerError as error:
        st.error(
            f"{parts.escape(error.message)} {parts.escape(error.hint or '')}\n\n"
            "Until then the types are the project's."
        )
        return own


def _kept(plan: state.Plan, trial: NeighbourhoodSettings) -> Shown:
    key = trial.model_dump_json()
    if uploads.is_private(plan.project):
        # Private figures are kept for this visitor alone.
        return state.tried(
            f"types {id(plan.neighbourhoods)} {key}", lambda: build_trial(plan, trial)
        )
    return state.answer(plan, "types", [key], lambda memo: build_trial(plan, trial))


# ---- words ------------------------------------------------------------------------------------


def _say_settings(plan: state.Plan, shown: Shown) -> str:
    settings = shown.settings
    own = fit_settings(plan.project.spec, plan.layers)[1]
    said = []
    if settings.method != own.method:
        said.append(f"method: {METHODS[settings.method]}")
    if settings.k != own.k:
        said.append(f"number of types: {settings.k or 'by the rule'}")
    if (settings.transform, settings.transforms) != (own.transform, own.transforms):
        said.append(f"figures: {TRANSFORMS[settings.transform].split(':')[0].lower()}")
    if set(shown.types.layer_ids) != set(plan.neighbourhoods.layer_ids):
        said.append(say_many(len(shown.types.layer_ids), "layer"))
    return f"Changed: {'; '.join(said)}." if said else ""


def _say_difference(before: int, shown: Shown, typed: int) -> str:
    now = len(shown.types.types)
    return (
        f"The project has {say_many(before, 'type')}, your trial {now} "
        f"({typed:,} areas have a type in both); numbers and names of types are not the same ones."
    )


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{parts.rounded(seconds, 1):.0f} seconds"
    return f"{seconds / 60:.0f} minutes"
