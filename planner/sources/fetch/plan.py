"""Which place is meant, and what is to be fetched for it? Decides; touches nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from planner.area import Geography
from planner.errors import ProjectError
from planner.sources.registry import Registry, RegistryEntry
from planner.sources.text import comparable

CONTEXT_METRES = 3000.0
#: Streets are fetched this far around the place.
STREETS_METRES = 3000.0
#: Rows of national tables of points are kept this far around the place.
NEAR_METRES = 20_000.0

DISTRICT_CODE = re.compile(r"[EWSN]\d{8}")
_NATION = {"E": "England", "W": "Wales", "S": "Scotland", "N": "Northern Ireland"}
_GEOGRAPHY: dict[str, Geography] = {
    "England": "lsoa21",
    "Wales": "lsoa21",
    "Scotland": "dz11",
    "Northern Ireland": "soa01",
}

#: What says where the areas of a district are, and what shape they have, by nation.
DISTRICTS = {
    "England": "lsoa21_districts",
    "Wales": "lsoa21_districts",
    "Scotland": "simd2020_ranks",
    "Northern Ireland": "nimdm2017",
}
BOUNDARIES = {
    "England": "lsoa21_boundaries",
    "Wales": "lsoa21_boundaries",
    "Scotland": "dz11_boundaries",
    "Northern Ireland": "soa01_boundaries",
}
POINTS = {"England": "lsoa21_points", "Wales": "lsoa21_points", "Scotland": "dz11_points"}
#: Sources that are fetched before all others, in their own steps.
_FIRST = {"district_names", "district_regions", "population_census"}


@dataclass(frozen=True, kw_only=True)
class District:
    """One local authority district."""

    code: str
    name: str

    @property
    def nation(self) -> str:
        """The nation it is in."""
        return _NATION[self.code[0]]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The place that was asked for."""

    districts: tuple[District, ...]

    def __post_init__(self) -> None:
        nations = sorted({district.nation for district in self.districts})
        if len(nations) > 1:
            raise ProjectError(
                f"{' and '.join(nations)} have different indices and small areas, so one place "
                "cannot lie in both.",
                hint="Fetch the districts of each nation into a folder of their own.",
            )

    @property
    def nation(self) -> str:
        """The nation it is in."""
        return self.districts[0].nation

    @property
    def geography(self) -> Geography:
        """The small areas that figures are published for."""
        return _GEOGRAPHY[self.nation]

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the districts, sorted."""
        return tuple(sorted(district.code for district in self.districts))

    @property
    def name(self) -> str:
        """What the place is called."""
        names = [district.name for district in sorted(self.districts, key=lambda d: d.code)]
        if len(names) > 3:
            return f"{names[0]} and {len(names) - 1} more districts"[:120]
        return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)[:120]

    def named(self, names: Mapping[str, str]) -> Wanted:
        """Return the same place with names from code → name where they were not known."""
        return Wanted(
            districts=tuple(
                District(
                    code=d.code, name=names.get(d.code, d.name) if d.name == d.code else d.name
                )
                for d in self.districts
            )
        )


def is_code(name: str) -> bool:
    """Return whether a name is the official code of a district."""
    return DISTRICT_CODE.fullmatch(name.strip().upper()) is not None


def resolve_names(names: Sequence[str], districts: pd.DataFrame | None) -> Wanted:
    """Return the districts that names or codes mean, whatever their case.

    Parameters
    ----------
    names
        Names or nine-character codes.
    districts
        Columns ``code`` and ``name`` of all districts; None if only codes are to be taken.

    Raises
    ------
    ProjectError
        A name is not one of a district (near ones are proposed), or several have it.
    """
    asked = [name.strip() for name in names if name.strip()]
    if not asked:
        raise ProjectError("No place was named.", hint='For example: planner fetch "Trafford".')
    found = [_resolve_one(name, districts) for name in asked]
    unique = {district.code: district for district in found}
    return Wanted(districts=tuple(unique[code] for code in sorted(unique)))


def choose_sources(registry: Registry, wanted: Wanted) -> tuple[RegistryEntry, ...]:
    """Return the sources of the place's nation that are fetched one by one, in order.

    The areas and boundaries come first and are not among these.
    """
    ids = {BOUNDARIES[wanted.nation], *_FIRST}
    if registry[DISTRICTS[wanted.nation]].kind == "arcgis":
        ids.add(DISTRICTS[wanted.nation])
    return tuple(
        entry for entry in registry if wanted.nation in entry.nations and entry.id not in ids
    )


def find_region(wanted: Wanted, regions: Mapping[str, str], known: Mapping[str, str]) -> str:
    """Return the timetable region of the place, "" if it is not known.

    Parameters
    ----------
    wanted
        The place.
    regions
        District code → region of England.
    known
        Region or nation → what the timetable's publisher calls it.

    Notes
    -----
    A place over two regions gets the region of most of its districts, of these the first by name.
    """
    if wanted.nation != "England":
        return known.get(wanted.nation, "")
    names = [regions[code] for code in wanted.codes if code in regions]
    if not names:
        return ""
    return known.get(min(names, key=lambda name: (-names.count(name), name)), "")


# --- parts ---------------------------------------------------------------------------------


def _resolve_one(name: str, districts: pd.DataFrame | None) -> District:
    if is_code(name):
        code = name.upper()
        if districts is None:
            return District(code=code, name=code)
        same = districts[districts["code"] == code]
        if len(same):
            return District(code=code, name=str(same["name"].iloc[0]))
        raise ProjectError(
            f"{code} is not the code of a district of today.",
            hint="Districts are merged now and then: give the name of the new one.",
        )
    assert districts is not None
    asked = _plain(name)
    plain = districts["name"].map(_plain)
    same = districts[plain == asked]
    if not len(same):
        same = districts[plain.map(_short) == _short(asked)]
    if len(same) == 1:
        return District(code=str(same["code"].iloc[0]), name=str(same["name"].iloc[0]))
    if len(same):
        options = ", ".join(f"{row['name']} ({row['code']})" for _, row in same.iterrows())
        raise ProjectError(f"{name!r} may be {options}.", hint="Give the code.")
    raise ProjectError(f"There is no district {name[:60]!r}.", hint=_near(asked, districts, plain))


def _plain(name: str) -> str:
    """Return a name as it is compared: without case, punctuation, and "and" in any form."""
    words = re.sub(r"[^\w\s]", " ", comparable(name).replace("&", " and ").replace("'", ""))
    return " ".join(words.split())


def _short(plain: str) -> str:
    """Return a name without the words that are often left out."""
    left_out = {"city", "of", "county", "royal", "borough", "the", "council", "upon"}
    return " ".join(word for word in plain.split() if word not in left_out)


def _near(asked: str, districts: pd.DataFrame, plain: pd.Series) -> str:
    names = dict(zip(plain, districts["name"], strict=True))
    near = [names[key] for key in difflib.get_close_matches(asked, list(names), n=3, cutoff=0.6)]
    within = [name for key, name in sorted(names.items()) if asked in key][:3]
    shown = list(dict.fromkeys([*within, *near]))
    if shown:
        return f"Did you mean {' or '.join(repr(str(name)) for name in shown)}?"
    return "Give the name or the code of a local authority district, such as Trafford or E08000009."
