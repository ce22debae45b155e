"""What did the 2021 Census of England and Wales count in each area?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.area import CODE_PATTERNS
from planner.errors import DataError
from planner.layers import HighIs, LayerSpec, PublishedTable
from planner.ledger import Note, Source
from planner.project import LayerEntry, Project
from planner.sources.published import (
    apply_entry,
    build_published,
    build_source,
    note_above_one,
    on_area_codes,
    read_entry,
    refuse_known_keys,
)
from planner.sources.tables import match_column, to_number, to_text, unreadable

LOCKDOWN = "Census day was 21 March 2021, in lockdown."
#: Counts are perturbed to protect people: each may be off by a few.
NOISE_EACH = 3
NOISE_SHARE = 0.02

VALUE_COLUMNS = ("obs_value", "value", "observation", "count")
MEASURE_COLUMNS = ("measures_name", "measure", "measures", "measure_name")
COUNT_WORDS = ("value", "count", "number", "persons", "households")


@dataclass(frozen=True, kw_only=True)
class CensusLayer:
    """One share made of a table's groups of categories: numerator over denominator.

    ``below`` are the groups taken off all people or households to make the denominator.
    """

    id: str
    title: str
    above: tuple[str, ...]
    denominator: str
    below: tuple[str, ...] = ()
    domain: str | None = None
    high_is: HighIs = "worse"
    caveat: str = LOCKDOWN


@dataclass(frozen=True, kw_only=True)
class CensusTable:
    """What a Topic Summary holds: groups of leaf categories, and the layers made of them.

    A pattern is searched in the category's name in lower case, its levels joined by ``": "``.
    """

    code: str
    title: str
    groups: Mapping[str, str]
    layers: tuple[CensusLayer, ...]


_ADULTS = "all residents aged 16 and over"
_NOT_WORKING = ("long_term_sick", "looking_after_home", "other_inactive", "unemployed")
_LESS = ("retired", "student", "active_student")
_WORKING_BASE = "residents aged 16 and over, less retired people and full-time students"


def _part(key: str, title: str, caveat: str = "") -> CensusLayer:
    return CensusLayer(
        id=key,
        title=title,
        above=(key,),
        denominator=_WORKING_BASE,
        below=_LESS,
        high_is="neither",
        caveat=f"{LOCKDOWN} {caveat}".strip(),
    )


TABLES: dict[str, CensusTable] = {
    "ts037": CensusTable(
        code="TS037",
        title="General health",
        groups={
            "very_good": r"^very good health",
            "good": r"^good health",
            "fair": r"^fair health",
            "bad": r"^bad health",
            "very_bad": r"^very bad health",
        },
        layers=(
            CensusLayer(
                id="bad_health",
                title="In bad or very bad health",
                above=("bad", "very_bad"),
                denominator="all residents",
                domain="health",
            ),
        ),
    ),
    "ts038": CensusTable(
        code="TS038",
        title="Disability",
        groups={
            "limited_lot": r"^disabled.*limited a lot",
            "limited_little": r"^disabled.*limited a little",
            "not_limited": r"^not disabled.*(?:not limited|has long.term)",
            "none": r"^not disabled.*no long.term",
        },
        layers=(
            CensusLayer(
                id="disabled",
                title="Disabled, day-to-day activities limited a lot or a little",
                above=("limited_lot", "limited_little"),
                denominator="all residents",
                domain="health",
            ),
        ),
    ),
    "ts045": CensusTable(
        code="TS045",
        title="Car or van availability",
        groups={
            "none": r"^no cars or vans",
            "one": r"^1 car or van",
            "two": r"^2 cars or vans",
            "more": r"^3 or more cars or vans",
        },
        layers=(
            CensusLayer(
                id="no_car",
                title="Households without a car or van",
                above=("none",),
                denominator="all households",
                high_is="neither",
            ),
        ),
    ),
    "ts062": CensusTable(
        code="TS062",
        title="National Statistics Socio-economic Classification (NS-SEC)",
        groups={
            "higher_managerial": r"higher managerial",
            "lower_managerial": r"lower managerial",
            "intermediate": r"intermediate occupations",
            "small_employers": r"small employers",
            "lower_supervisory": r"lower supervisory",
            "semi_routine": r"semi-?\s?routine",
            "routine": r"(?<!semi-)(?<!semi)(?<!semi )routine occupations",
            "never_worked": r"never worked",
            "student": r"full-time student",
        },
        layers=(
            CensusLayer(
                id="routine_jobs",
                title="In semi-routine or routine occupations, excluding full-time students",
                above=("semi_routine", "routine"),
                denominator="residents aged 16 and over, less full-time students",
                below=("student",),
                high_is="neither",
                caveat=f"{LOCKDOWN} By last job for those out of work; this is not inactivity.",
            ),
        ),
    ),
    "ts066": CensusTable(
        code="TS066",
        title="Economic activity status",
        groups={
            "employed": r"^economically active \(excluding full-time students\): in employment",
            "unemployed": r"^economically active \(excluding full-time students\): unemployed",
            "active_student": r"^economically active and a full-time student",
            "retired": r"^economically inactive: retired",
            "student": r"^economically inactive: student",
            "looking_after_home": r"^economically inactive: looking after home",
            "long_term_sick": r"^economically inactive: long-term sick",
            "other_inactive": r"^economically inactive: other",
        },
        layers=(
            CensusLayer(
                id="not_working",
                title="Not working, excluding retired people and full-time students",
                above=_NOT_WORKING,
                denominator=_WORKING_BASE,
                below=_LESS,
                domain="employment",
                caveat=f"{LOCKDOWN} Furloughed people count as working. Long-term sick, looking "
                "after home or family, other inactive and unemployed are shown apart.",
            ),
            _part("long_term_sick", "Long-term sick or disabled"),
            _part(
                "looking_after_home",
                "Looking after home or family",
                "Shown, never ranked: caring for others is no shortcoming.",
            ),
            _part("other_inactive", "Inactive for another reason"),
            _part("unemployed", "Unemployed, excluding full-time students"),
            CensusLayer(
                id="raw_inactive",
                title="Raw economic inactivity rate (includes retired people and students)",
                above=("retired", "student", *_NOT_WORKING[:3]),
                denominator=_ADULTS,
                high_is="neither",
                caveat=f"{LOCKDOWN} Highest where many people are retired or study.",
            ),
        ),
    ),
    "ts067": CensusTable(
        code="TS067",
        title="Highest level of qualification",
        groups={
            "none": r"^no qualifications",
            "level_1": r"^level 1",
            "level_2": r"^level 2",
            "apprenticeship": r"^apprenticeship",
            "level_3": r"^level 3",
            "level_4": r"^level 4",
            "other": r"^other qualifications|^other:",
        },
        layers=(
            CensusLayer(
                id="no_qualifications",
                title="Adults without qualifications",
                above=("none",),
                denominator=_ADULTS,
                domain="education",
            ),
        ),
    ),
}


def read_census(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read a Topic Summary as shares with their counts, in whichever layout it came.

    Known layouts: the Nomis bulk file (a column a category), the Nomis API and other long files
    (a row an area and category, a column of values).

    Raises
    ------
    DataError
        The file is another table, a category is missing or a row stands twice.

    Notes
    -----
    Totals and sub-totals may stand beside their parts. Only leaves are added up: categories of
    which no other is a part. Where the file has the total, it is the base, and the sum of the
    leaves is checked against it; counts are perturbed, so a few people may lie between.
    """
    refuse_known_keys(entry)
    table = TABLES[entry.reader]
    frame = read_entry(
        project,
        entry,
        ["geography code", "GEOGRAPHY_CODE", "area_code"],
    )
    geography = _geography(frame, entry)
    cells, suppressed, notes = _categories(frame, table, entry, geography)
    groups, hidden, total, more = _groups(cells, suppressed, table, entry)
    notes += more
    values, withheld, counts, specs = {}, {}, {}, []
    source = build_source(
        project,
        entry,
        publisher="Office for National Statistics, Census 2021",
        dataset=f"{table.code} {table.title}",
        vintage="21 March 2021",
    )
    for layer in table.layers:
        above = _sum(groups, layer.above)
        below = total - _sum(groups, layer.below) if layer.below else total
        counts[f"{layer.id}.n"], counts[f"{layer.id}.d"] = above, below
        values[layer.id] = (above / below.where(below > 0)).clip(upper=1.0)
        withheld[layer.id] = hidden[[*layer.above, *layer.below]].any(axis=1)
        notes += note_above_one(above, below, layer.id, entry.file)
        specs.append(_spec(layer, geography, source))
    return build_published(
        pd.DataFrame(values),
        pd.DataFrame(withheld),
        apply_entry(specs, entry),
        geography=geography,
        counts=pd.DataFrame(counts),
        notes=notes,
    )


def _spec(layer: CensusLayer, geography: str, source: Source) -> LayerSpec:
    return LayerSpec(
        id=layer.id,
        title=layer.title,
        unit="share",
        kind="share",
        high_is=layer.high_is,
        geography=geography,
        source=source,
        domain=layer.domain,
        denominator=layer.denominator,
        caveat=layer.caveat,
        comparable=("England", "Wales"),
    )


# --- layouts ------------------------------------------------------------------------------


def _geography(frame: pd.DataFrame, entry: LayerEntry) -> str:
    """Return which areas the codes are of; the areas of the 2021 Census."""
    for geography in ("lsoa21", "msoa21", "oa21"):
        for column in frame.columns:
            if to_text(frame[column].iloc[:50]).str.fullmatch(CODE_PATTERNS[geography]).any():
                return geography
    raise DataError(
        f"{entry.file}: no column of codes of census areas.",
        hint="Download the table for Lower layer Super Output Areas.",
    )


def _categories(
    frame: pd.DataFrame, table: CensusTable, entry: LayerEntry, geography: str
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Return counts and marks, area × category in lower case, whatever the layout."""
    value = match_column(frame, VALUE_COLUMNS)
    if value is not None:
        cells, notes = _from_long(frame, value, table, entry, geography)
    else:
        rows, notes = on_area_codes(frame, entry, geography)
        cells = rows.set_axis(_without_table_name(list(rows.columns)), axis=1)
        cells = cells.loc[:, [bool(name) for name in cells.columns]]
        cells = cells.loc[:, ~cells.columns.duplicated()]
    numbers = {name: to_number(cells[name]) for name in cells}
    bad = cells.apply(unreadable)
    if bad.any(axis=None):
        column = next(name for name in numbers if bad[name].any())
        code = bad.index[bad[column]][0]
        raise DataError(
            f"{entry.file}: {cells.loc[code, column]!r} is not a number (area {code}, {column})."
        )
    values = pd.DataFrame({name: numbers[name][0] for name in numbers}, index=cells.index)
    marks = pd.DataFrame({name: numbers[name][1] for name in numbers}, index=cells.index)
    return values, marks, notes


def _from_long(
    frame: pd.DataFrame, value: str, table: CensusTable, entry: LayerEntry, geography: str
) -> tuple[pd.DataFrame, list[Note]]:
    """Return one column a category from a row an area and category."""
    measure = match_column(frame, MEASURE_COLUMNS)
    notes: list[Note] = []
    if measure is not None:
        counted = to_text(frame[measure]).str.casefold().isin(COUNT_WORDS)
        if counted.any():
            frame = frame[counted]
    column = _category_column(frame, table)
    if column is None:
        raise _other_table(set(), frame, table, entry)
    names = to_text(frame[column]).map(category_name)
    parts = []
    for name, rows in frame.groupby(names, sort=False):
        try:
            kept, more = on_area_codes(rows, entry, geography)
        except DataError as err:
            if "more than once" not in err.message:
                raise
            raise DataError(
                f"{entry.file}: {err.message.rpartition(': ')[2].rstrip('.)')} for {name!r}: more "
                "than one row for one area.",
                hint="Pick one date, sex, age and measure with where.",
            ) from err
        parts.append(kept[value].rename(name))
        notes = notes or more
    return pd.concat(parts, axis=1), notes


def _category_column(frame: pd.DataFrame, table: CensusTable) -> str | None:
    """Return the column whose cells are most of the table's categories, at least half of them."""
    best, most = None, len(table.groups) / 2
    for column in frame.columns:
        names = {category_name(text) for text in to_text(frame[column]).unique()[:200]}
        found = sum(any(re.search(p, n) for n in names) for p in table.groups.values())
        if found > most or (found == most and best is None):
            best, most = str(column), found
    return best


def category_name(text: str) -> str:
    """Return a category in lower case, its levels joined by ``": "``.

    Examples
    --------
    >>> category_name("Economically active and a full-time student:In employment:Employee")
    'economically active and a full-time student: in employment: employee'
    """
    text = text.partition("; measures")[0].replace("–", "-").casefold()
    levels = [re.sub(r"\s+", " ", level).strip() for level in text.split(":")]
    return ": ".join(level for level in levels if level)


def _without_table_name(headers: list[str]) -> list[str]:
    """Return the category in each header, "" where there is none (dates, names, codes)."""
    heads = [header.partition(":")[0] for header in headers if ":" in header]
    common = max(sorted(set(heads)), key=heads.count) if heads else ""
    names = []
    for header in headers:
        table, colon, rest = header.partition(":")
        names.append(category_name(rest if colon and table == common else ""))
    return names


def _groups(
    cells: pd.DataFrame, suppressed: pd.DataFrame, table: CensusTable, entry: LayerEntry
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, list[Note]]:
    """Return counts and marks by group, everybody, and what did not add up."""
    names = [n for n in cells if "does not apply" not in n]
    totals = [n for n in names if re.match(r"total\b|all (usual residents|households)", n)]
    leaves = [
        n for n in names if n not in totals and not any(m.startswith(f"{n}: ") for m in names)
    ]
    members = {
        group: [n for n in leaves if re.search(pattern, n)]
        for group, pattern in table.groups.items()
    }
    missing = {group for group, found in members.items() if not found}
    if missing:
        raise _other_table(missing, cells, table, entry)
    used = {n for found in members.values() for n in found}
    groups = pd.DataFrame({g: cells[m].sum(axis=1, skipna=False) for g, m in members.items()})
    hidden = pd.DataFrame({g: suppressed[m].any(axis=1) for g, m in members.items()})
    added = groups.sum(axis=1, skipna=False)
    notes = []
    left = sorted(set(leaves) - used)
    if left:
        text = f"{entry.file}: categories that {table.code} does not have are not used."
        notes.append(_note("census_categories_unknown", pd.Index(left), text))
    if not totals:
        text = f"{entry.file} has no total: its {len(used)} categories are added up instead."
        return groups, hidden, added, [*notes, _note("census_total_added_up", pd.Index([]), text)]
    total = cells[totals[0]]
    allowed = np.maximum(NOISE_EACH * len(used), NOISE_SHARE * total)
    differs = total.index[(added - total).abs() > allowed]
    if len(differs):
        text = (
            f"{entry.file}: in {len(differs)} areas the categories do not add up to the total by "
            "more than the noise that protects people."
        )
        notes.append(_note("census_total_differs", differs, text))
    return groups, hidden, total, notes


def _other_table(
    missing: set[str], frame: pd.DataFrame, table: CensusTable, entry: LayerEntry
) -> DataError:
    """Return the error for a file that is not the table, naming the one it looks like."""
    like = ""
    for other in TABLES.values():
        names = {category_name(str(c)) for c in frame.columns}
        found = sum(any(re.search(p, n) for n in names) for p in other.groups.values())
        if other is not table and (
            found >= 0.8 * len(other.groups) or _category_column(frame, other)
        ):
            like = f"; it looks like {other.code} {other.title}"
    some = (
        ""
        if like or len(missing) == len(table.groups) or not missing
        else (f"; it has no category for {', '.join(sorted(missing)).replace('_', ' ')}")
    )
    return DataError(
        f"{entry.file}: expected the census table {table.code} {table.title}{like}{some}.",
        hint=f'Check the file, or the reader (from = "{entry.reader}").',
    )


def _sum(groups: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    return groups[list(names)].sum(axis=1, skipna=False)


def _note(what: str, items: pd.Index, text: str) -> Note:
    return Note(
        stage="layers",
        what=what,
        count=max(len(items), 1),
        text=text,
        items=tuple(sorted(str(item) for item in items)),
    )
