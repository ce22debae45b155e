"""How far is too far? The minutes, and by which way, beyond which a service is out of reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from planner.errors import ProjectError
from planner.project import Mode, StandardEntry

#: By which way a standard is meant; "" is the way that gaps go by, whichever that is.
StandardMode = Mode | Literal[""]

#: What is said where nobody has published a standard.
NO_STANDARD = "No published standard: the planner's own default"
PROJECT_STANDARD = "Set by this project"

DEFAULT_MINUTES = 30.0

_LIBRARY = (
    "Department for Culture, Media and Sport, Public Library Standards, 2001 (withdrawn 2008): "
    "most households in towns within 1 mile of a library, a 20-minute walk"
)
_GP = (
    "No official standard; benchmark of a 20-minute walk from Todd and others, BMJ Open, 2015 "
    "(access to general practice and community pharmacy in England)"
)
_JOBCENTRE = (
    "Department for Work and Pensions, criteria for moving a jobcentre, 2017: 3 miles or "
    "20 minutes by public transport; judged here by the 3 miles, a 60-minute walk"
)
_POST_OFFICE = (
    "UK Government, Post Office access criteria, 2007: 90% of people within 1 mile of a post "
    "office, a 20-minute walk"
)
_SCHOOL = (
    "Education Act 1996, section 444(5): walking distance is 2 miles under the age of 8, "
    "a 40-minute walk"
)
_SECONDARY = (
    "Education Act 1996, section 444(5): walking distance is 3 miles from the age of 8, "
    "a 60-minute walk"
)

#: Kind → minutes, by which way they were published, and where the figure comes from. Distances
#: are turned into minutes on foot at 4.8 km/h: 1 mile = 20 minutes.
DEFAULTS: Mapping[str, tuple[float, StandardMode, str]] = {
    "gp": (20.0, "walk", _GP),
    "jobcentre": (60.0, "walk", _JOBCENTRE),
    "library": (20.0, "walk", _LIBRARY),
    "pharmacy": (20.0, "walk", _GP),
    "post_office": (20.0, "walk", _POST_OFFICE),
    "primary_school": (40.0, "walk", _SCHOOL),
    "school": (40.0, "walk", _SCHOOL),
    "secondary_school": (60.0, "walk", _SECONDARY),
}

_KIND_WORDS: Mapping[str, tuple[str, str]] = {
    "adult_learning": ("adult learning", "places of adult learning"),
    "childrens_centre": ("children's centre", "children's centres"),
    "citizens_advice": ("Citizens Advice office", "Citizens Advice offices"),
    "gp": ("GP practice", "GP practices"),
    "library": ("library", "libraries"),
    "pharmacy": ("pharmacy", "pharmacies"),
}


@dataclass(frozen=True, kw_only=True)
class Standard:
    """The longest journey to one kind of service that still counts as within reach.

    ``by`` is the way it is meant for, "" for the way that gaps go by. ``source`` names the
    publisher and year, or says that there is none; ``is_default`` is False where the project file
    set the minutes.
    """

    kind: str
    minutes: float
    source: str
    is_default: bool
    by: StandardMode = ""

    def __post_init__(self) -> None:
        if not self.minutes > 0:
            raise ProjectError(f"[standards] {self.kind}: minutes must be above zero.")


def build_standards(
    overrides: Mapping[str, float | StandardEntry], kinds: Iterable[str]
) -> dict[str, Standard]:
    """Return a standard for each kind: the project's, else a published one, else 30 minutes.

    Parameters
    ----------
    overrides
        Kind → minutes, or minutes and the way they are meant for, from the project file.
    kinds
        Kinds that need a standard; kinds in ``overrides`` are added.

    Returns
    -------
    standards
        Kind → `Standard`, sorted by kind.

    Examples
    --------
    >>> build_standards({"gp": 15}, ["food_bank"])["food_bank"].source
    "No published standard: the planner's own default"
    """
    standards: dict[str, Standard] = {}
    for kind in sorted({*kinds, *overrides}):
        given = overrides.get(kind)
        by: StandardMode = ""
        if given is None:
            minutes, by, source = DEFAULTS.get(kind, (DEFAULT_MINUTES, "", NO_STANDARD))
        elif isinstance(given, StandardEntry):
            minutes, by, source = given.minutes, given.by, PROJECT_STANDARD
        else:
            minutes, source = float(given), PROJECT_STANDARD
        standards[kind] = Standard(
            kind=kind, minutes=minutes, source=source, is_default=given is None, by=by
        )
    return standards


def kind_words(kind: str, *, plural: bool = False) -> str:
    """Return a kind of service as people say it: ``childrens_centre`` → ``children's centre``."""
    one = kind.replace("_", " ")
    return _KIND_WORDS.get(kind, (one, f"{one}s"))[int(plural)]
