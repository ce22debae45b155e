"""How do the publishers lay out their files about small areas? The same, with made-up figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from planner.demo.areas import Area
from planner.demo.dice import Dice
from planner.demo.files import Cell, write_csv, write_text, write_xlsx
from planner.demo.people import (
    ACTIVITY,
    CARS,
    CLASSES,
    DISABILITY,
    QUALIFICATIONS,
    Ints,
    People,
)
from planner.demo.town import NEIGHBOUR, PLACE, bend

_DISTRICT = {True: ("E07900001", PLACE), False: ("E07900002", NEIGHBOUR)}
_FICTION = "Fictional data made by the planner; no such place exists."
#: Domain → header, in the publisher's order.
DOMAIN_HEADERS = {
    "income": "Income Score (rate)",
    "employment": "Employment Score (rate)",
    "education": "Education, Skills and Training Score",
    "health": "Health Deprivation and Disability Score",
    "crime": "Crime Score",
    "barriers": "Barriers to Housing and Services Score",
    "environment": "Living Environment Score",
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """How one area of 2021 relates to one of 2011: unchanged U, split S, merged M or other X."""

    old: str
    old_name: str
    kind: str
    area: int  # position among the areas
    people: float  # share of the area's people who lived in the old area


# --- where -----------------------------------------------------------------------------------


def write_boundaries(path: Path, areas: Sequence[Area]) -> None:
    """Write outlines as GeoJSON in degrees, with the publisher's property names."""
    x, y = bend(np.array([a.u for a in areas]), np.array([a.v for a in areas]), _scale(areas))
    features = []
    for area, east, north in zip(areas, x, y, strict=True):
        ring = ",".join(f"[{lon:.6f},{lat:.6f}]" for lon, lat in area.outline)
        features.append(
            f'{{"type":"Feature","properties":{{"LSOA21CD":"{area.code}","LSOA21NM":"{area.name}",'
            f'"BNG_E":{east:.0f},"BNG_N":{north:.0f}}},"geometry":{{"type":"Polygon",'
            f'"coordinates":[[{ring}]]}}}}'
        )
    body = ",\n".join(features)
    write_text(
        path, f'{{"type":"FeatureCollection","name":"{path.stem}","features":[\n{body}\n]}}\n'
    )


def _scale(areas: Sequence[Area]) -> float:
    return areas[0].scale


def build_points(areas: Sequence[Area], seed: int) -> list[tuple[str, int, float, float, float]]:
    """Return population-weighted points on the plan: (id, area, u, v, weight in percent).

    Most areas have one; about one in four has two to four, spread around the middle. In Corranby
    a farm lies far from any street.
    """
    dice = Dice(seed, "points")
    luck = dice.uniform(len(areas))
    points = []
    for at, area in enumerate(areas):
        number = 1 if luck[at] > 0.26 else 2 + int(luck[at] / 0.26 * 2.999)
        number = {"marshend": 3, "corran": 2}.get(area.district.key, number)
        weight = np.round(60 + 80 * dice.uniform(number)).astype(int)
        turn = 2.0 * np.pi * dice.uniform(1)[0]
        for k in range(number):
            angle = turn + 2.0 * np.pi * k / number
            away = 0.0 if number == 1 else 0.4 * area.room
            if area.district.key == "corran":
                away = (0.05, 0.9)[k] * area.room
                weight[k] = (80, 20)[k]
            u, v = area.u + away * np.cos(angle), area.v + away * np.sin(angle)
            share = 1.0 if number == 1 else int(weight[k])
            points.append((f"{area.code}-{k + 1}", at, float(u), float(v), float(share)))
    return points


def write_points(
    path: Path, areas: Sequence[Area], points: Sequence[tuple[str, int, float, float, float]]
) -> None:
    """Write population-weighted points as eastings and northings."""
    x, y = bend(np.array([p[2] for p in points]), np.array([p[3] for p in points]), _scale(areas))
    write_csv(
        path,
        ["point_id", "LSOA21CD", "easting", "northing", "weight"],
        (
            [name, areas[at].code, f"{east:.1f}", f"{north:.1f}", f"{weight:.0f}"]
            for (name, at, _, _, weight), east, north in zip(points, x, y, strict=True)
        ),
    )


# --- people ----------------------------------------------------------------------------------


def write_population(path: Path, areas: Sequence[Area], people: People) -> None:
    """Write the number of residents."""
    write_csv(
        path,
        ["LSOA21CD", "LSOA21NM", "Population"],
        ([a.code, a.name, int(n)] for a, n in zip(areas, people.population, strict=True)),
    )


def write_index(path: Path, areas: Sequence[Area], people: People) -> None:
    """Write the overall rank in the layout of the Indices of Deprivation 2025, File 1."""

    def rows() -> Iterator[Sequence[Cell]]:
        yield [
            "LSOA code (2021)",
            "LSOA name (2021)",
            "Local Authority District code (2024)",
            "Local Authority District name (2024)",
            "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)",
            # Cut short in the published file too.
            "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOA",
        ]
        for area, rank in zip(areas, people.rank, strict=True):
            if rank:
                # Ten times the rank, divided by the number of areas, rounded up.
                decile = -(-10 * int(rank) // 33_755)
                yield [area.code, area.name, *_DISTRICT[area.in_place], int(rank), decile]

    notes = [[_FICTION], ["Laid out like File 1 of the Indices of Deprivation 2025."]]
    write_xlsx(path, {"Notes": notes, "IMD25": rows()})


def write_domains(path: Path, areas: Sequence[Area], people: People) -> None:
    """Write the domain scores as a plain table."""
    write_csv(
        path,
        ["LSOA code (2021)", "LSOA name (2021)", *DOMAIN_HEADERS.values()],
        (
            [a.code, a.name, *(f"{people.scores[d][at]:.3f}" for d in DOMAIN_HEADERS)]
            for at, a in enumerate(areas)
        ),
    )


def write_census(folder: Path, areas: Sequence[Area], people: People) -> None:
    """Write five census tables in the layout of the bulk files."""
    adults = "All usual residents aged 16 years and over"
    tables: Mapping[str, tuple[str, str, Sequence[str], Ints]] = {
        "ts038": ("Disability", "All usual residents", DISABILITY, people.disability),
        "ts045": ("Number of cars or vans", "All households", CARS, people.cars),
        "ts062": (
            "National Statistics Socio-economic Classification (NS-SEC)",
            adults,
            CLASSES,
            people.classes,
        ),
        "ts066": ("Economic activity status", adults, ACTIVITY, people.activity),
        "ts067": ("Highest level of qualification", adults, QUALIFICATIONS, people.qualifications),
    }
    for code, (topic, everyone, leaves, counts) in tables.items():
        columns, table = _with_subtotals(leaves, counts)
        write_csv(
            folder / f"census2021-{code}-lsoa.csv",
            [
                "date",
                "geography",
                "geography code",
                f"{topic}: Total: {everyone}",
                *(f"{topic}: {column}" for column in columns),
            ],
            (
                [2021, a.name, a.code, int(counts[at].sum()), *(int(n) for n in table[at])]
                for at, a in enumerate(areas)
            ),
        )


def _with_subtotals(leaves: Sequence[str], counts: Ints) -> tuple[list[str], Ints]:
    """Put a subtotal before the categories it adds up, as the bulk files do.

    There, the levels of a subtotal are joined by a colon alone, those of a category by a colon
    and a space.
    """
    columns: list[str] = []
    parts: list[Ints] = []
    for at, leaf in enumerate(leaves):
        levels = leaf.split(": ")
        for depth in range(1, len(levels)):
            stem = ": ".join(levels[:depth])
            inside = [k for k, other in enumerate(leaves) if other.startswith(f"{stem}: ")]
            if inside[0] == at:
                columns.append(":".join(levels[:depth]))
                parts.append(counts[:, inside].sum(axis=1))
        columns.append(leaf)
        parts.append(counts[:, at])
    return columns, np.column_stack(parts)


def write_life_expectancy(path: Path, areas: Sequence[Area], people: People) -> None:
    """Write life expectancy in the layout of the release REQ3292, by middle layer area of 2011."""
    names = {a.msoa_code: a.msoa_name for a in areas}

    def rows() -> Iterator[Sequence[Cell]]:
        yield [
            "Period",
            "Analysis",
            "Geography Type",
            "Code",
            "Code Name",
            "Sex",
            "No of Deaths",
            "Population",
            "Life Expectancy at birth (in years)",
            "Lower 95% confidence interval",
            "Upper 95% confidence interval",
        ]
        for code in sorted(people.life):
            for sex, row in zip(("Males", "Females", "Persons"), people.life[code], strict=True):
                kind = "Life Expectancy data (fictional)"
                yield ["2016 to 2020", kind, "2011MSOAs", code, names[code], sex, *row]

    write_xlsx(path, {"Data": rows()})


# --- 2011 and 2021 ---------------------------------------------------------------------------


def build_changes(areas: Sequence[Area]) -> list[Change]:
    """Return how areas changed since 2011: a few splits and merges, one beyond description."""
    groups: dict[str, list[int]] = {}
    for at, area in enumerate(areas):
        if area.in_place:
            groups.setdefault(area.msoa_code, []).append(at)
    large = [cells for cells in groups.values() if len(cells) >= 2]
    kinds = ["S", "M", "S", "X", "M"]
    kind_of: dict[int, tuple[str, int]] = {}
    # One change in every third group, as far as they go.
    for number, (kind, cells) in enumerate(zip(kinds, large[::3] or large, strict=False)):
        for cell in cells[: 1 if kind == "M" else 2]:
            kind_of[cell] = (kind, number)
    changes: list[Change] = []
    for at, area in enumerate(areas):
        kind, number = kind_of.get(at, ("U", 0))
        olds = {"U": [area.code], "S": [f"E0198{number:02d}01"]}.get(
            kind, [f"E0198{number:02d}01", f"E0198{number:02d}02"]
        )
        for k, old in enumerate(olds):
            name = area.name if kind == "U" else f"{area.msoa_name}{chr(80 + k)}"
            share = 1.0 if len(olds) == 1 else (0.55, 0.45)[k]
            changes.append(Change(old=old, old_name=name, kind=kind, area=at, people=share))
    return changes


def write_lookups(folder: Path, areas: Sequence[Area], changes: Sequence[Change]) -> None:
    """Write the lookups from 2011 areas to 2021 areas and to 2011 middle layer areas."""
    write_csv(
        folder / "lookup_lsoa11_lsoa21.csv",
        ["LSOA11CD", "LSOA11NM", "LSOA21CD", "LSOA21NM", "CHGIND", "LAD22CD", "LAD22NM"],
        (
            [c.old, c.old_name, a.code, a.name, c.kind, *_DISTRICT[a.in_place]]
            for c in changes
            for a in [areas[c.area]]
        ),
    )
    upper = {c.old: (c.old_name, areas[c.area]) for c in changes}
    write_csv(
        folder / "lookup_lsoa11_msoa11.csv",
        ["LSOA11CD", "LSOA11NM", "MSOA11CD", "MSOA11NM"],
        ([old, name, a.msoa_code, a.msoa_name] for old, (name, a) in upper.items()),
    )


def write_claimants(path: Path, people: People, changes: Sequence[Change]) -> None:
    """Write benefit claimants by area of 2011, rounded to 5 as such counts are."""
    count: dict[str, float] = {}
    name: dict[str, str] = {}
    for change in changes:
        count.setdefault(change.old, 0.0)
        count[change.old] += change.people * float(people.claimants[change.area])
        name[change.old] = change.old_name
    write_csv(
        path,
        ["LSOA11CD", "LSOA11NM", "Claimants"],
        ([old, name[old], 5 * round(number / 5.0)] for old, number in count.items()),
    )
