"""May these figures be set side by side: areas of several nations, or two editions of an index?"""

from __future__ import annotations

from collections.abc import Iterable

from planner.errors import DataError, ProjectError
from planner.layers import LayerSpec

#: What differs between the nations' indices, said wherever they may not be combined.
NATIONS_DIFFER = (
    "each nation's index measures other things, in other years and on areas of other sizes, and "
    "ranks its own areas only"
)


def refuse_mixed_nations(nations: Iterable[str], specs: Iterable[LayerSpec]) -> None:
    """Refuse to rank areas of several nations together by figures that are not comparable.

    Parameters
    ----------
    nations
        The nation of each area that is ranked.
    specs
        The layers that are put together. Layers that say they are comparable among all these
        nations (`LayerSpec.comparable`), such as a census of England and Wales, are allowed.

    Raises
    ------
    ProjectError
        There are several nations, and a layer is not comparable among them.
    """
    found = sorted(set(nations))
    if len(found) < 2:
        return
    for spec in specs:
        if not set(found) <= set(spec.comparable):
            words = f"{', '.join(found[:-1])} and {found[-1]}"
            raise ProjectError(
                f"The place has areas of {words}, and {spec.id!r} ({spec.source.dataset}) cannot "
                f"rank them together: {NATIONS_DIFFER}.",
                hint="Make a project for each nation, put the other nation's areas in "
                "[place.context], or ask for the documented common measure: [need] "
                'common_measure = "employment".',
            )


def trend_reason(first: LayerSpec, second: LayerSpec) -> str:
    """Return why the difference between two layers is no change over time, or "" if it may be.

    Ranks and deciles say how an area stands among others of one edition; scores of an index have
    no unit that lasts. Counts, shares and rates may be compared where they are the same figure
    of the same areas.
    """
    relative = {"rank", "score"}
    if first.source.vintage == second.source.vintage and first.geography == second.geography:
        return ""
    if {first.kind, second.kind} & relative:
        reason = (
            "ranks and scores say how areas stand among those of one edition, not how much changed"
        )
        if {first.source.vintage[:4], second.source.vintage[:4]} == {"2019", "2025"}:
            reason += (
                "; in England income is measured after housing costs since 2025, and 34 of the "
                "55 indicators are new or changed"
            )
        return reason
    if _is_index(first) and _is_index(second):
        return "the indices define who is deprived in another way in each edition"
    if first.geography != second.geography:
        return "they were published for other areas"
    return ""


def refuse_trend(first: LayerSpec, second: LayerSpec) -> None:
    """Refuse to read two editions as a change over time.

    Raises
    ------
    DataError
        The two may not be compared; the message says why.
    """
    reason = trend_reason(first, second)
    if reason:
        raise DataError(
            f"{first.id} ({first.source.dataset}, {first.source.vintage}) and {second.id} "
            f"({second.source.dataset}, {second.source.vintage}) are not a trend: {reason}.",
            hint="Show one edition, or use a figure that is counted alike in both years.",
        )


def _is_index(spec: LayerSpec) -> bool:
    words = spec.source.dataset.casefold()
    return "deprivation" in words and "census" not in words
