"""How would each fetched file be named in a project file, if its reader takes it?"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from planner.area import CODE_PATTERNS
from planner.errors import DataError
from planner.sources.fetch.fingertips import read_indicator
from planner.sources.fetch.folder import Record, StudyFolder
from planner.sources.fetch.plan import BOUNDARIES, POINTS
from planner.sources.fetch.steps import Here
from planner.sources.registry import Registry, RegistryEntry

Table = dict[str, Any]
Has = Callable[[str], bool]

BUNDLE = ("jobcentre", "gp", "library", "food_bank", "childrens_centre")
HUB_KINDS = ("library", "community_centre", "childrens_centre")
#: Kinds that are looked for on the map, in the order of a project file.
OSM_KINDS = (
    *("jobcentre", "gp", "pharmacy", "library", "community_centre", "school", "food_bank"),
    *("childrens_centre", "childcare", "money_advice", "post_office"),
)
PARTNERS = {"jobcentre": "Department for Work and Pensions", "gp": "NHS"}

#: Layer id → beginning of its header in File 7 of the English indices.
IOD_HEADERS = {
    "income": "Income Score",
    "employment": "Employment Score",
    "education": "Education, Skills and Training Score",
    "health": "Health Deprivation and Disability Score",
    "crime": "Crime Score",
    "barriers": "Barriers to Housing and Services Score",
    "environment": "Living Environment Score",
}
IOD_RANK = "Index of Multiple Deprivation (IMD) Rank"
#: Layer id → its part of the header in the Scottish workbook of ranks.
SIMD_DOMAINS = ("income", "employment", "health", "education", "access", "crime", "housing")
TITLES = {
    "income": "Income deprivation",
    "employment": "Employment deprivation",
    "education": "Education, skills and training deprivation",
    "health": "Health deprivation and disability",
    "crime": "Crime",
    "barriers": "Barriers to housing and services",
    "environment": "Living environment deprivation",
    "access": "Poor access to services",
    "housing": "Housing deprivation",
}
#: Layers of the census that an index holds in part already: shown, or counted by half.
CENSUS_WEIGHTS: dict[str, dict[str, float]] = {
    "ts037": {"bad_health": 0.0},
    "ts038": {"disabled": 0.5},
    "ts067": {"no_qualifications": 0.0},
}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One section that may stand in the project file, from source ``key``."""

    key: str
    table: Table
    kind: str = ""
    index: str = ""

    @property
    def published_rank(self) -> bool:
        """Whether it names the publisher's overall rank."""
        return bool(self.table.get("published_rank"))

    def without_rank(self) -> Draft:
        """Return the same section without the publisher's overall rank."""
        table = {name: value for name, value in self.table.items() if name != "published_rank"}
        return replace(self, table=table)


def boundaries_id(here: Here) -> str:
    """Return the source of the place's boundaries."""
    return BOUNDARIES[here.wanted.nation]


def draft_points(here: Here, has: Has, registry: Registry) -> Iterator[tuple[str, Table]]:
    """Yield ways to say where people set out from, the best first."""
    key = POINTS.get(here.wanted.nation, "")
    if key and has(key):
        entry = registry[key]
        table: Table = {"file": entry.file}
        if "code" in entry.columns:
            table["code_column"] = entry.columns["code"]
        yield key, table


def draft_populations(
    here: Here, has: Has, registry: Registry, records: Mapping[str, Record]
) -> Iterator[tuple[str, Table]]:
    """Yield ways to say how many people live there, the best first."""
    for key in ("population", "population_census"):
        if has(key):
            entry = registry[key]
            yield (
                key,
                {
                    "file": entry.file,
                    "code_column": entry.columns["code"],
                    "column": entry.columns["value"],
                    "publisher": entry.publisher,
                    "dataset": entry.what,
                    "licence": entry.licence,
                    "vintage": records[key].period or entry.vintage,
                },
            )
    if here.wanted.nation == "Scotland" and has("simd2020_ranks"):
        entry = registry["simd2020_ranks"]
        yield (
            entry.id,
            {
                "file": entry.file,
                "sheet": entry.columns["sheet"],
                "code_column": entry.columns["area"],
                "column": entry.columns["population"],
                "publisher": entry.publisher,
                "dataset": "Population as in SIMD 2020v2",
                "licence": entry.licence,
                "vintage": "2017",
            },
        )


def draft_layers(here: Here, has: Has, registry: Registry, folder: StudyFolder) -> Iterator[Draft]:
    """Yield every layer that the fetched files may give, in the order of a project file."""
    if has("iod2025_file1"):
        yield Draft(
            key="iod2025_file1",
            table={"from": "iod2025_file1", "file": registry["iod2025_file1"].file},
        )
    for key, build in (("iod2025_file7", _iod), ("simd2020_ranks", _simd)):
        if has(key):
            yield build(registry[key], folder)
    if has("wimd2019"):
        yield Draft(
            key="wimd2019",
            table={"from": "wimd2019", "file": registry["wimd2019"].file},
            index="wimd2019",
        )
    for key in ("ts066", "ts037", "ts038", "ts045", "ts062", "ts067"):
        if has(key):
            table: Table = {"from": key, "file": registry[key].file}
            if key in CENSUS_WEIGHTS:
                table["weights"] = dict(CENSUS_WEIGHTS[key])
            yield Draft(key=key, table=table)
    if has("life_expectancy"):
        yield from _life_expectancy(registry["life_expectancy"], folder)
    if has("claimants"):
        entry = registry["claimants"]
        table = {
            **_plain(entry, folder.records[entry.id]),
            "columns": {"claimants": entry.columns["value"]},
            "titles": {"claimants": "People claiming unemployment-related benefits"},
            "kind": "count",
            "unit": "people, rounded to 5",
        }
        yield Draft(key=entry.id, table=table)


def draft_services(has: Has, registry: Registry, folder: StudyFolder) -> Iterator[Draft]:
    """Yield every kind of service that the fetched files may give; of one kind the best first."""
    if has("schools"):
        entry = registry["schools"]
        columns = entry.columns
        table: Table = {
            "kind": "school",
            "file": entry.file,
            "where": {columns["status"]: "Open*"},
            "id_column": columns["id"],
            "name_column": columns["name"],
            "x_column": columns["x"],
            "y_column": columns["y"],
            "publisher": entry.publisher,
            "dataset": entry.what,
            "licence": entry.licence,
            "vintage": folder.records[entry.id].fetched[:10],
        }
        yield Draft(key=entry.id, table=table, kind="school")
        # Readers of services compare whole cells; "Open, but proposed to close" is then left out.
        whole = {**table, "where": {columns["status"]: "Open"}}
        yield Draft(key=entry.id, table=whole, kind="school")
    if has("openstreetmap"):
        for kind in OSM_KINDS:
            table = {"kind": kind, "from": "osm", "file": registry["openstreetmap"].file}
            if kind in PARTNERS:
                table["partner"] = PARTNERS[kind]
            table["vintage"] = folder.records["openstreetmap"].period
            yield Draft(key="openstreetmap", table=table, kind=kind)


# --- parts ---------------------------------------------------------------------------------


def _plain(entry: RegistryEntry, record: Record) -> Table:
    """Return the keys that every plain table has."""
    code = entry.columns.get("code", "")
    return {
        "from": "table",
        "file": entry.file,
        **({"code_column": code} if code else {}),
        "geography": entry.geography,
        "publisher": entry.publisher,
        "dataset": entry.what,
        "licence": entry.licence,
        "vintage": record.period or entry.vintage,
        "page": entry.documentation,
    }


def _header(entry: RegistryEntry, folder: StudyFolder) -> list[str]:
    path = folder.root / entry.file
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as handle:
        return [name.strip() for name in next(csv.reader(handle), [])]


def _begins(headers: list[str], start: str) -> str:
    """Return the header that begins so, whatever its spaces and commas; "" if there is none."""

    def plain(text: str) -> str:
        return re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()

    return next((name for name in headers if plain(name).startswith(plain(start))), "")


def _iod(entry: RegistryEntry, folder: StudyFolder) -> Draft:
    headers = _header(entry, folder)
    found = {key: _begins(headers, start) or start for key, start in IOD_HEADERS.items()}
    table = {
        **_plain(entry, folder.records[entry.id]),
        "columns": found,
        "titles": {key: f"{TITLES[key]} (IoD 2025)" for key in found},
        "domains": {key: key for key in found},
        "high_is": "worse",
        "kind": "score",
        "unit": "score",
        "published_rank": _begins(headers, IOD_RANK) or IOD_RANK,
    }
    return Draft(key=entry.id, table=table, index="iod2025")


def _simd(entry: RegistryEntry, folder: StudyFolder) -> Draft:
    found = {
        key: f"SIMD2020{'v2' if key == 'income' else ''}_{key.capitalize()}_Domain_Rank"
        for key in SIMD_DOMAINS
    }
    table = {
        **_plain(entry, folder.records[entry.id]),
        "sheet": entry.columns["sheet"],
        "code_column": entry.columns["area"],
        "columns": found,
        "titles": {key: f"{TITLES[key]} (SIMD 2020v2, rank)" for key in found},
        "domains": {key: key for key in found},
        "high_is": "better",
        "kind": "rank",
        "unit": "rank among 6,976 data zones of Scotland, 1 = most deprived",
        "published_rank": entry.columns["rank"],
    }
    return Draft(key=entry.id, table=table, index="simd2020")


def _life_expectancy(entry: RegistryEntry, folder: StudyFolder) -> Iterator[Draft]:
    path = folder.root / entry.file
    try:
        found = read_indicator(path, pattern=CODE_PATTERNS[entry.geography])
    except DataError:
        return
    words = {"female": ("_women", "women"), "male": ("_men", "men"), "persons": ("", "all people")}
    sexes = {sex: words[sex.casefold()] for sex in found.sexes if sex.casefold() in words}
    together = [sex for sex, (suffix, _) in sexes.items() if not suffix]
    chosen = together or sorted(sexes)
    for sex in chosen:
        suffix, who = sexes[sex]
        key = f"life_expectancy{suffix}"
        table = {
            **_plain(entry, folder.records[entry.id]),
            "code_column": "Area Code",
            "columns": {key: "Value"},
            "titles": {key: f"Life expectancy at birth, {who}"},
            "domains": {key: "health"},
            "weights": {key: 0.5 / len(chosen)},
            "where": {"Sex": sex, "Time period": found.period},
            "high_is": "better",
            "kind": "years",
            "unit": "years",
        }
        yield Draft(key=entry.id, table=table)
