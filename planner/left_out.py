"""What still holds of a project file that was written without its private layers?"""

from __future__ import annotations

from planner.layers import Layers
from planner.ledger import Note
from planner.private import STAGE
from planner.project import NeedSettings, NeighbourhoodSettings, ProjectSpec, TandemSettings


def build_left_out_note(spec: ProjectSpec) -> Note | None:
    """Say that the project file was written without its private layers, if it was."""
    if spec.left_out is None or not spec.left_out.private:
        return None
    count = spec.left_out.private
    words = "1 private layer was" if count == 1 else f"{count} private layers were"
    return Note(
        stage=STAGE,
        what="private_left_out",
        count=count,
        text=f"{words} left out of this project file when it was written; these results are "
        "without.",
        items=tuple(spec.left_out.layers),
    )


def fit_settings(spec: ProjectSpec, layers: Layers) -> tuple[NeedSettings, NeighbourhoodSettings]:
    """Return the settings without what they say of private layers that were left out."""
    left = spec.left_out
    if left is None:
        return spec.need, spec.neighbourhoods
    gone = set(left.domains) - {known.domain for known in layers.specs.values()}
    need: dict[str, object] = {
        "weights": {key: weight for key, weight in spec.need.weights.items() if key not in gone},
        "targets": {key: value for key, value in spec.need.targets.items() if key not in gone},
    }
    if spec.need.targets and not need["targets"]:
        need["normalisation"] = "official"
    absent = set(left.layers) - set(layers.specs)
    types = spec.neighbourhoods
    kept = {
        "layers": [key for key in types.layers if key not in absent],
        "weights": {key: weight for key, weight in types.weights.items() if key not in absent},
        "transforms": {key: how for key, how in types.transforms.items() if key not in absent},
    }
    return spec.need.model_copy(update=need), types.model_copy(update=kept)


def fit_tandem(spec: ProjectSpec, layers: Layers) -> TandemSettings:
    """Return which needs are looked at together, without those of private layers left out."""
    if spec.left_out is None:
        return spec.tandem
    gone = set(spec.left_out.domains) - {known.domain for known in layers.specs.values()}
    kept = [domain for domain in spec.tandem.domains if domain not in gone]
    return spec.tandem.model_copy(update={"domains": kept})
