"""What is to be said of the layers that areas are compared by?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from planner.layers import LayerSpec
from planner.ledger import Note, note_items, note_named
from planner.neighbourhoods.collinearity import ILL_CONDITIONED, Collinearity
from planner.neighbourhoods.transforms import Scale
from planner.project import NeighbourhoodSettings


def tell_offsets(
    scales: Mapping[str, Scale], used: list[str], specs: Mapping[str, LayerSpec]
) -> list[Note]:
    """Say of which layers the logarithm is of more than the value."""
    moved = [layer for layer in used if scales[layer].offset]
    text = "0 in some areas, so half of its smallest value above 0 is added before the logarithm"
    return [tell_layers("types_log_offset", moved, text, specs)] if moved else []


def tell_inherited(
    table: pd.DataFrame,
    specs: Mapping[str, LayerSpec],
    areas: int,
    settings: NeighbourhoodSettings,
) -> list[Note]:
    """Say which layers are those of larger areas, and how much of what areas differ by they are."""
    taken = table[table["inherited"]]
    if not len(taken):
        return []
    parts = [
        f"{say_layer(layer, specs)} ({row['inherited_areas']:,} of {areas:,} areas share "
        f"{row['different_values']:,} values of {specs[layer].geography} areas)"
        for layer, row in taken.iterrows()
    ]
    now, full = taken["distance_share"].sum(), taken["distance_share_full"].sum()
    text = f"Inherited from larger areas: {'; '.join(parts)}. At weight "
    text += f"{settings.inherited_weight:g} this makes up {now:.0%} of the squared distance "
    text += "between areas"
    text += f" ({full:.0%} at full weight)." if settings.inherited_weight < 1 else "."
    return [tell("types_layer_inherited", taken.index, text)]


def tell_overlap(overlap: Collinearity, specs: Mapping[str, LayerSpec]) -> list[Note]:
    """Say which layers repeat each other."""
    notes = []
    same = [layer for group in overlap.identical for layer in group]
    if same:
        text = "the same values as another layer, so they count twice in the types"
        notes.append(tell_layers("types_layer_identical", same, text, specs))
    alike = {frozenset((a, b)) for group in overlap.identical for a in group for b in group}
    pairs = [
        (str(row.first), str(row.second), f"{row.r:.2f}")
        for row in overlap.pairs.itertuples()
        if frozenset((row.first, row.second)) not in alike
    ]
    if pairs:
        shown = "; ".join(
            f"{say_layer(first, specs)} and {say_layer(second, specs)} (r = {r})"
            for first, second, r in pairs[:3]
        )
        left = len(pairs) - 3
        more = f"; and {left} more pair{'s' if left > 1 else ''}" if left > 0 else ""
        text = f"Layers that say much the same: {shown}{more}. What they share counts that much "
        text += "more in the types; lower their weights, leave one out, or use components."
        items = [f"{first} and {second}" for first, second, _ in pairs]
        notes.append(tell("types_layer_collinear", items, text))
    elif overlap.condition > ILL_CONDITIONED and not same:
        worst = str(overlap.layers["vif"].idxmax())
        text = f"{say_layer(worst, specs)} can be told from the other layers together (variance "
        text += f"inflation factor {overlap.layers.loc[worst, 'vif']:.0f}), so it counts twice in "
        text += "the types."
        notes.append(tell("types_layer_collinear", [worst], text))
    return notes


def tell_components(shares: pd.Series, layers: int) -> list[Note]:
    """Say how many components stand for how many layers."""
    if not len(shares):
        return []
    names = [str(name) for name in shares.index]
    one = len(shares) == 1
    text = "1 principal component stands" if one else f"{len(shares)} principal components stand"
    text += f" for {layers} layers and {'keeps' if one else 'keep'} {shares.sum():.1%} of their "
    text += "variance."
    return [tell("types_components", names, text)]


def tell_far(far: pd.DataFrame, specs: Mapping[str, LayerSpec]) -> list[Note]:
    """Name the areas that are far from all others; they were kept."""
    if not len(far):
        return []
    parts = [
        f"{code} ({say_layer(row['layer'], specs)} {abs(row['deviations']):.1f} standard "
        f"deviations {'above' if row['deviations'] > 0 else 'below'} the place's mean; "
        f"its nearest area is {row['nearest']:.1f} away)"
        for code, row in far.iterrows()
    ]
    shown = "; ".join(parts[:3]) + (f"; and {len(parts) - 3} more" if len(parts) > 3 else "")
    text = "Far from every other area, further than two areas drawn at random usually are "
    text += f"({far['usual'].iloc[0]:.1f}): {shown}. Kept, and able to make up a type of its own: "
    text += "check the figure, or transform the layer."
    return [tell("types_area_far", far.index, text)]


def say_layer(layer: str, specs: Mapping[str, LayerSpec]) -> str:
    """Return what a layer is called, as it is put in a sentence."""
    return f"“{specs[layer].title}”"


def tell_layers(
    what: str, layers: Sequence[str], text: str, specs: Mapping[str, LayerSpec]
) -> Note:
    """Do as `tell_of` for layers: called by their titles, listed by their ids."""
    note = tell_of(what, [say_layer(layer, specs) for layer in layers], text)
    return replace(note, items=tuple(layers))


def tell(what: str, items: Sequence[str] | pd.Index, text: str) -> Note:
    """Return a note of some items, in a sentence of its own."""
    return note_items("neighbourhoods", what, items, text)


def tell_of(what: str, items: Sequence[str] | pd.Index, text: str) -> Note:
    """Return a note that names its first items, then says what is so of them."""
    return note_named("neighbourhoods", what, items, text)
