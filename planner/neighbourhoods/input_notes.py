"""What is to be said of the layers that areas are compared by?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from planner.layers import LayerSpec
from planner.ledger import Note
from planner.neighbourhoods.collinearity import ILL_CONDITIONED, Collinearity
from planner.neighbourhoods.transforms import Scale
from planner.project import NeighbourhoodSettings


def tell_offsets(scales: Mapping[str, Scale], used: list[str]) -> list[Note]:
    """Say of which layers the logarithm is of more than the value."""
    moved = [layer for layer in used if scales[layer].offset]
    text = "0 in some areas, so half of its smallest value above 0 is added before the logarithm"
    return [tell_of("types_log_offset", moved, text)] if moved else []


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
        f"{layer} ({row['inherited_areas']:,} of {areas:,} areas share "
        f"{row['different_values']:,} values of {specs[layer].geography} areas)"
        for layer, row in taken.iterrows()
    ]
    now, full = taken["distance_share"].sum(), taken["distance_share_full"].sum()
    text = f"Inherited from larger areas: {'; '.join(parts)}. At weight "
    text += f"{settings.inherited_weight:g} this makes up {now:.0%} of the squared distance "
    text += "between areas"
    text += f" ({full:.0%} at full weight)." if settings.inherited_weight < 1 else "."
    return [tell("types_layer_inherited", taken.index, text)]


def tell_overlap(overlap: Collinearity) -> list[Note]:
    """Say which layers repeat each other."""
    notes = []
    same = [layer for group in overlap.identical for layer in group]
    if same:
        text = "the same values as another layer, so they count twice in the types"
        notes.append(tell_of("types_layer_identical", same, text))
    alike = {frozenset((a, b)) for group in overlap.identical for a in group for b in group}
    pairs = [
        (f"{row.first} and {row.second}", f"{row.r:.2f}")
        for row in overlap.pairs.itertuples()
        if frozenset((row.first, row.second)) not in alike
    ]
    if pairs:
        shown = "; ".join(f"{names} (r = {r})" for names, r in pairs[:3])
        more = f"; and {len(pairs) - 3} more pairs" if len(pairs) > 3 else ""
        text = f"Layers that say much the same: {shown}{more}. What they share counts that much "
        text += "more in the types; lower their weights, leave one out, or use components."
        notes.append(tell("types_layer_collinear", [names for names, _ in pairs], text))
    elif overlap.condition > ILL_CONDITIONED and not same:
        worst = overlap.layers["vif"].idxmax()
        text = f"{worst} can be told from the other layers together (variance inflation factor "
        text += f"{overlap.layers.loc[worst, 'vif']:.0f}), so it counts twice in the types."
        notes.append(tell("types_layer_collinear", [worst], text))
    return notes


def tell_components(shares: pd.Series, layers: int) -> list[Note]:
    """Say how many components stand for how many layers."""
    if not len(shares):
        return []
    names = [str(name) for name in shares.index]
    text = f"{len(shares)} principal components stand for {layers} layers and keep "
    text += f"{shares.sum():.1%} of their variance."
    return [tell("types_components", names, text)]


def tell_far(far: pd.DataFrame) -> list[Note]:
    """Name the areas that are far from all others; they were kept."""
    if not len(far):
        return []
    parts = [
        f"{code} ({row['layer']} {abs(row['deviations']):.1f} standard deviations "
        f"{'above' if row['deviations'] > 0 else 'below'} the place's mean; its nearest area is "
        f"{row['nearest']:.1f} away)"
        for code, row in far.iterrows()
    ]
    shown = "; ".join(parts[:3]) + (f"; and {len(parts) - 3} more" if len(parts) > 3 else "")
    text = "Far from every other area, further than two areas drawn at random usually are "
    text += f"({far['usual'].iloc[0]:.1f}): {shown}. Kept, and able to make up a type of its own: "
    text += "check the figure, or transform the layer."
    return [tell("types_area_far", far.index, text)]


def tell(what: str, items: Sequence[str] | pd.Index, text: str) -> Note:
    """Return a note of some items, in a sentence of its own."""
    names = tuple(str(item) for item in items)
    return Note(stage="neighbourhoods", what=what, count=len(names), text=text, items=names)


def tell_of(what: str, items: Sequence[str] | pd.Index, text: str) -> Note:
    """Return a note that names its first items, then says what is so of them."""
    names = tuple(str(item) for item in items)
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return tell(what, names, f"{shown}: {text}.")
