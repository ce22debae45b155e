"""Which sentences must stand on everything that is shown of a place?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.access import Access
    from planner.area import StudyArea
    from planner.need import Need
    from planner.travel.getting_about import Way


def build_marks(
    area: StudyArea,
    *,
    access: Access | None = None,
    way: Way | None = None,
    need: Need | None = None,
) -> tuple[str, ...]:
    """Return the watermarks of what is shown; of what is not there, none."""
    marks = []
    if area.fictional:
        marks.append("Fictional place: no real area, person or service is described.")
    if access is not None and access.approximate:
        marks.append(
            f"Journeys are by {access.method}, not along streets: rivers, railways and "
            "motorways are ignored."
        )
    if way is not None:
        marks += [note.text for note in way.times.notes if note.what == "walk_only"]
    if need is not None:
        marks += [note.text for note in need.notes if note.what == "common_measure"]
    return tuple(marks)
