"""How was the index made, and were its layers fit for it?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.ui import parts, state
from planner.ui.fold import fold
from planner.wording import say_list, say_many, to_label

#: Words of statistics that stand in the method, explained.
_TERMS = {
    "Moran's I": "says whether neighbouring areas have like values: about 0 where values are "
    "scattered at random, near 1 where like lies next to like, below 0 where unlike does. Local "
    "Moran says the same of each area and those round it.",
    "Getis–Ord G*": "compares the mean of an area and those round it with the mean of the whole "
    "place; far above is a hot spot, far below a cold spot.",
    "p": "is how often chance alone would give as much; 0.05 is 1 time in 20.",
    "False discoveries": "are areas that are named though only chance made them stand out; where "
    "many areas are tested some always are, so fewer are named.",
    "Dirichlet distribution": "draws several weights at random that always add up to the whole, "
    "round those of the index.",
}


def show(plan: state.Plan) -> None:
    """Say how the index was made, step by step, with what screening found."""
    need = plan.need
    st.header("How the index was made", anchor=False)
    parts.prose(f"{parts.capital(need.method)}.")
    parts.prose(f"Ranks are {need.reference}.")
    _screening(plan)
    fold("Layers, one by one", "layers", lambda: _layers(plan))
    fold("How closely layers go together", "correlations", lambda: _correlations(plan))
    fold("How much each domain counts", "weights", lambda: _weights(plan))
    if plan.needs is not None:
        fold(
            "How sureness, needs in tandem and clusters were worked out",
            "methods",
            lambda: _methods(plan),
        )


def _screening(plan: state.Plan) -> None:
    found = plan.need.screening
    if found is None:
        return
    if not found.findings:
        parts.prose(
            "Screening found nothing to mind: the layers are known for most areas, vary, are not "
            "ruled by a few extreme areas, and none says the same as another."
        )
        return
    parts.prose(
        f"Screening found {say_many(len(found.findings), 'thing')} to know of the layers"
        + (
            ", those that may make the ranks wrong first:"
            if any(one.serious for one in found.findings)
            else ". None makes the ranks wrong:"
        )
    )
    ordered = sorted(found.findings, key=lambda one: not one.serious)
    st.markdown("\n".join(f"- {parts.escape(one.text)}" for one in ordered))


def _title(plan: state.Plan, layer: str) -> str:
    return plan.layers.specs[layer].title if layer in plan.layers.specs else layer


def _layers(plan: state.Plan) -> None:
    found = plan.need.screening.table
    specs = [plan.layers.specs.get(key) for key in found.index]
    table = pd.DataFrame(
        {
            "Layer": [_title(plan, key) for key in found.index],
            "Domain": found["domain"].map(to_label),
            "Unit": ["" if spec is None else spec.unit for spec in specs],
            "High is": ["" if spec is None else spec.high_is for spec in specs],
            "Areas known (%)": 100 * found["known_share"],
            "Different values": found["distinct"],
            "Mean": found["mean"],
            "Standard deviation": found["sd"],
            "Skewness": found["skew"],
            "Kurtosis": found["kurtosis"],
            "A few areas far out": found["outlying"].map({True: "yes", False: "no"}),
            "Explained by other domains (%)": 100 * found["explained_by_others"],
            "Source": ["" if spec is None else spec.source.dataset for spec in specs],
            "Of": ["" if spec is None else spec.source.vintage for spec in specs],
        }
    )
    parts.table(
        table,
        title="The layers that count, as published",
        name="need_layers",
        key="need_layers",
        decimals={
            "Areas known (%)": 0,
            "Mean": 2,
            "Standard deviation": 2,
            "Skewness": 1,
            "Kurtosis": 1,
            "Explained by other domains (%)": 0,
        },
    )
    treated = plan.need.treatment
    if len(treated) and treated["treatment"].ne("none").any():
        changed = treated[treated["treatment"] != "none"]
        said = {key: parts.capital(to_label(key)) for key in changed.columns}
        parts.table(
            changed.rename(columns=said).assign(Layer=[_title(plan, key) for key in changed.index]),
            title="Layers with extreme areas, before and after treatment",
            name="need_treatment",
            key="need_treatment",
        )


def _correlations(plan: state.Plan) -> None:
    found = plan.need.screening.spearman
    names = [_title(plan, key) for key in found.index]
    table = pd.DataFrame(found.to_numpy(), columns=_once(names))
    table.insert(0, "Layer", names)
    parts.prose(
        "Each figure says how far two layers put the areas in the same order: 1 the same, 0 no "
        "link, −1 the opposite (Spearman's rank correlation; the worse end of both is high)."
    )
    parts.table(
        table,
        title="How closely layers go together",
        name="need_correlations",
        key="need_correlations",
        decimals=dict.fromkeys(table.columns[1:], 2),
    )


def _once(names: list[str]) -> list[str]:
    """Return names that head columns, numbered where they are alike."""
    seen: dict[str, int] = {}
    said = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        said.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return said


def _weights(plan: state.Plan) -> None:
    need = plan.need
    table = pd.DataFrame(
        {
            "Domain": [parts.capital(to_label(domain)) for domain in need.weights.index],
            "Counts for (%)": 100 * need.weights.to_numpy(),
            "Beside access, in gaps and hubs (%)": 100
            * need.weights_access_use.reindex(need.weights.index).fillna(0.0).to_numpy(),
            "Layers": [
                say_list([_title(plan, key) for key in need.domain_layers.get(domain, ())])
                for domain in need.weights.index
            ],
        }
    )
    parts.table(
        table,
        title="How much each domain counts",
        name="need_weights",
        key="need_weights",
        decimals={"Counts for (%)": 1, "Beside access, in gaps and hubs (%)": 1},
    )


def _methods(plan: state.Plan) -> None:
    needs = plan.needs
    settings = needs.robustness.settings
    parts.prose(
        f"How sure: {settings.draws:,} draws, seed {settings.seed}. Weights are drawn from a "
        f"Dirichlet distribution round those of the index (an average weight strays by "
        f"{settings.weight_spread:.0%} of itself); ways of putting figures on one scale: "
        f"{say_list([str(one) for one in settings.normalisations])}; of putting domains "
        f"together: {say_list([str(one) for one in settings.aggregations])}."
    )
    for note in needs.draws.notes:
        parts.prose(note.text)
    if needs.tandem.method:
        parts.prose(f"Needs in tandem: {needs.tandem.method}")
    parts.prose(f"Clusters: {needs.clusters.method}")
    for term, meaning in _TERMS.items():
        st.markdown(f"- **{parts.escape(term)}** {parts.escape(meaning)}")
    found = needs.clusters.summary
    table = pd.DataFrame(
        {
            "What": found["title"],
            "By": found["geography"],
            "Moran's I": found["moran_i"],
            "Expected by chance": found["moran_expected"],
            "p": found["moran_p"],
            "Areas tested": found["areas_tested"],
            "Clusters without control": found["cluster_count_without_control"],
            "Hot or cold without control": found["hotspot_count_without_control"],
        }
    )
    parts.table(
        table,
        title="Clusters in figures",
        name="need_cluster_figures",
        key="need_cluster_figures",
        decimals={"Moran's I": 2, "Expected by chance": 2, "p": 3},
    )
