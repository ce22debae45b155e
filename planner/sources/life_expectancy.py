"""How long can a person born in each area expect to live?"""

from __future__ import annotations

import pandas as pd

from planner.errors import DataError
from planner.layers import LayerSpec, PublishedTable
from planner.ledger import Note, Source
from planner.project import LayerEntry, Project
from planner.sources.deprivation import wrong_file
from planner.sources.published import (
    apply_entry,
    build_published,
    build_source,
    note_unreadable,
    on_area_codes,
    refuse_known_keys,
)
from planner.sources.tables import match_column, read_table, to_number, to_text, unreadable

VALUE = ("Life Expectancy at birth (in years)", "Life expectancy at birth", "Life expectancy")
LOWER = ("Lower 95% confidence interval", "Lower CI 95.0 limit", "Lower 95% CI")
UPPER = ("Upper 95% confidence interval", "Upper CI 95.0 limit", "Upper 95% CI")
#: What a file calls each sex → id suffix and words.
SEXES: dict[str, tuple[str, str]] = {
    "persons": ("", "all people"),
    "person": ("", "all people"),
    "females": ("_women", "women"),
    "female": ("_women", "women"),
    "males": ("_men", "men"),
    "male": ("_men", "men"),
}


def read_life_expectancy_msoa(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read life expectancy at birth for Middle layer Super Output Areas (2011).

    The file has a row for men, for women and for all people of each area. All people are taken;
    a file (or a ``where``) without them gives women and men as two layers, never their average.

    Raises
    ------
    DataError
        The columns of the release are not there, or the values are no life expectancies.
    """
    refuse_known_keys(entry)
    table = read_table(
        project.path(entry.file),
        sheet=entry.sheet,
        where=entry.where,
        what=entry.file,
        wanted=VALUE,
    )
    expected = "life expectancy by 2011 MSOA (columns Sex, Life Expectancy at birth, 95% interval)"
    headers = [match_column(table, names) for names in (VALUE, LOWER, UPPER)]
    sex = match_column(table, ["Sex", "Gender"])
    if sex is None or any(header is None for header in headers):
        raise wrong_file(table, entry, expected)
    sexes = to_text(table[sex]).str.casefold().map({key: pair[0] for key, pair in SEXES.items()})
    present = [s for s in ("", "_women", "_men") if bool((sexes == s).any())]
    if not present:
        raise wrong_file(table, entry, expected)
    chosen = [""] if "" in present else present
    source = _source(project, entry, table)
    cells, notes = [], []
    for suffix in chosen:
        rows, more = on_area_codes(table[sexes == suffix], entry, "msoa11")
        named = zip(_ids(suffix), headers, strict=True)
        cells.append(pd.DataFrame({key: rows[header] for key, header in named}))
        notes += more
    together = pd.concat(cells, axis=1)
    numbers = {key: to_number(together[key]) for key in together}
    values = pd.DataFrame({key: pair[0] for key, pair in numbers.items()})
    _check(values, entry)
    notes += note_unreadable(together.apply(unreadable), entry.file)
    if "" not in chosen:
        words = " and ".join(pair[1] for pair in dict.fromkeys(SEXES.values()) if pair[0] in chosen)
        text = f"{entry.file} has no figure for all people: {words} are given apart, not averaged."
        notes.append(Note(stage="layers", what="persons_absent", count=1, text=text))
    specs = [spec for suffix in chosen for spec in _specs(suffix, source)]
    return build_published(
        values,
        pd.DataFrame({key: pair[1] for key, pair in numbers.items()}),
        apply_entry(specs, entry),
        geography="msoa11",
        notes=notes,
    )


def _ids(suffix: str) -> tuple[str, str, str]:
    stem = f"life_expectancy{suffix}"
    return stem, f"{stem}_lower", f"{stem}_upper"


def _source(project: Project, entry: LayerEntry, table: pd.DataFrame) -> Source:
    period = match_column(table, ["Period", "Time period"])
    periods = sorted(set(to_text(table[period]))) if period else []
    if len(periods) > 1:
        raise DataError(
            f"{entry.file}: has {len(periods)} periods ({periods[0]}, {periods[-1]}).",
            hint=f"Pick one with where = {{ {period} = {periods[-1]!r} }}.",
        )
    return build_source(
        project,
        entry,
        publisher="Office for Health Improvement and Disparities",
        dataset="Life expectancy at birth by 2011 MSOA (REQ3292)",
        vintage=periods[0] if periods else "",
    )


def _check(values: pd.DataFrame, entry: LayerEntry) -> None:
    lowest, highest = values.min().min(), values.max().max()
    if not (lowest >= 40 and highest <= 130):
        raise DataError(
            f"{entry.file}: the values are not life expectancies in years.",
            hint="Check that this is the right file.",
        )
    for stem in [key for key in values if not key.endswith(("_lower", "_upper"))]:
        wrong = (values[f"{stem}_lower"] > values[stem]) | (values[f"{stem}_upper"] < values[stem])
        if wrong.any():
            raise DataError(
                f"{entry.file}: the interval of {int(wrong.sum())} areas does not hold the value "
                f"(first: {values.index[wrong][0]}).",
                hint="Download it again.",
            )


def _specs(suffix: str, source: Source) -> list[LayerSpec]:
    who = next(words for ending, words in SEXES.values() if ending == suffix)
    title = f"Life expectancy at birth, {who}"
    endings = ["", ", lower end of the 95% interval", ", upper end of the 95% interval"]
    return [
        LayerSpec(
            id=key,
            title=title + ending,
            unit="years",
            kind="years",
            high_is="neither" if ending else "better",
            geography="msoa11",
            source=source,
            domain=None if ending else "health",
            caveat="Published for Middle layer Super Output Areas (2011), about 8,000 people each; "
            "smaller areas inherit it, so neighbours often share one value.",
        )
        for key, ending in zip(_ids(suffix), endings, strict=True)
    ]
