"""How would each fetched file be named in a project file, if its reader takes it?"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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
#: Registers of services, by their source.
REGISTERS = {"schools": "school", "gp_practices": "gp", "libraries": "library"}
PARTNERS = {"jobcentre": "Department for Work and Pensions", "gp": "NHS"}

#: Sources of the national indices, the newest edition of each nation first.
INDICES = ("iod2025_file7", "iod2019_file7", "simd2020_ranks", "wimd2025", "wimd2019", "nimdm2017")
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
    """One section that may stand in the project file, from source ``key``.

    ``index`` names the official weights that the project must state, because the reader does not.
    """

    key: str
    table: Table
    kind: str = ""
    index: str = ""


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


def draft_layers(
    here: Here, has: Has, registry: Registry, folder: StudyFolder
) -> Iterator[list[Draft]]:
    """Yield, for every layer the fetched files may give, the ways to have it, the best first.

    Of one list only one is taken: the newest edition of an index, and the reader that knows most.
    """
    yield [draft for key in INDICES if has(key) for draft in _index(registry[key], folder)]
    if has("iod2025_file1"):
        yield [_known("iod2025_file1", registry["iod2025_file1"])]
    for key in ("ts066", "ts037", "ts038", "ts045", "ts062", "ts067"):
        if has(key):
            draft = _known(key, registry[key])
            if key in CENSUS_WEIGHTS:
                draft.table["weights"] = dict(CENSUS_WEIGHTS[key])
            yield [draft]
    if has("life_expectancy"):
        for draft in _life_expectancy(registry["life_expectancy"], folder):
            yield [draft]
    if has("claimants"):
        entry = registry["claimants"]
        table = {
            **_plain(entry, folder.records[entry.id]),
            "columns": {"claimants": entry.columns["value"]},
            "titles": {"claimants": "People claiming unemployment-related benefits"},
            "kind": "count",
            "unit": "people, rounded to 5",
        }
        yield [_known("claimant_count", entry), Draft(key=entry.id, table=table)]


def draft_services(has: Has, registry: Registry, folder: StudyFolder) -> Iterator[Draft]:
    """Yield every kind of service that the fetched files may give; of one kind the best first.

    A register comes before the map, which knows some places and not others.
    """
    for key, kind in REGISTERS.items():
        if has(key):
            entry = registry[key]
            table = {"kind": kind, "from": entry.reader, "file": entry.file}
            table["vintage"] = folder.records[key].fetched[:10]
            yield Draft(key=key, table=table | _partner(kind), kind=kind)
    if has("openstreetmap"):
        for kind in OSM_KINDS:
            table = {"kind": kind, "from": "osm", "file": registry["openstreetmap"].file}
            table["vintage"] = folder.records["openstreetmap"].period
            yield Draft(key="openstreetmap", table=table | _partner(kind), kind=kind)


def _partner(kind: str) -> Table:
    return {"partner": PARTNERS[kind]} if kind in PARTNERS else {}


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


def _known(reader: str, entry: RegistryEntry, **more: Any) -> Draft:
    """Return the section for a reader that knows the publisher's file."""
    return Draft(key=entry.id, table={"from": reader, "file": entry.file, **more})


def _index(entry: RegistryEntry, folder: StudyFolder) -> list[Draft]:
    """Return the ways to have an index: its own reader, or the plain one with named columns."""
    keep = {"only": [*(f"iod_{key}" for key in IOD_HEADERS), "published_rank"]}
    if entry.id == "iod2025_file7":
        return [_known("iod2025", entry, **keep), _iod(entry, folder)]
    if entry.id == "iod2019_file7":
        return [_known("iod2019", entry, **keep)]
    if entry.id == "simd2020_ranks":
        return [_known("simd2020", entry), _simd(entry, folder)]
    return [_known(entry.reader, entry)]


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
        # Ranks of domains have ties (4,691.5), and only their order counts within a place.
        "high_is": "better",
        "kind": "score",
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
