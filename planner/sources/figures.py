"""Which columns of a table are figures about small areas, and about which areas?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import tomlkit

from planner.area import CODE_PATTERNS
from planner.sources.cells import vintage_in
from planner.sources.columns import choose_columns, figure_columns, quoted
from planner.sources.pasting import build_table, write_section
from planner.sources.published import layer_id
from planner.sources.tables import to_number, to_text
from planner.sources.text import header_words

#: The last codes of the areas of 2011 (England, Wales); later ones are of 2021.
_LAST_2011 = {"E": "E01033768", "W": "W01001958"}


@dataclass(frozen=True, kw_only=True)
class AreaCodes:
    """Which column holds area codes, and of which geography."""

    column: str
    geography: str
    share: float
    repeated: str
    guessed: bool


def find_codes(table: pd.DataFrame) -> AreaCodes | None:
    """Return the column of area codes, the smallest areas first, and what areas they are.

    Codes of the two editions of English and Welsh areas look alike: the header's year tells, else
    a code that was new in 2021; else ``guessed`` is set.
    """
    order = ("lsoa21", "dz11", "dz22", "soa01", "sdz21", "oa21", "msoa21", "iz11", "ward")
    cells = {str(name): to_text(table[name]) for name in table.columns}
    for geography in order:
        shares = {
            name: float(column.str.fullmatch(CODE_PATTERNS[geography]).mean())
            for name, column in cells.items()
        }
        best = max(shares, key=lambda name: shares[name], default="")
        if not best or shares[best] < 0.5:
            continue
        codes = cells[best][cells[best].str.fullmatch(CODE_PATTERNS[geography])]
        told, guessed = _edition(geography, best, codes)
        again = codes[codes.duplicated()]
        return AreaCodes(
            column=best,
            geography=told,
            share=shares[best],
            repeated=str(again.iloc[0]) if len(again) else "",
            guessed=guessed,
        )
    return None


def _edition(geography: str, header: str, codes: pd.Series) -> tuple[str, bool]:
    if geography not in {"lsoa21", "msoa21"}:
        return geography, False
    year = vintage_in(header)
    if year in {"2011", "2021"}:
        return f"{geography[:-2]}{year[2:]}", False
    new = geography == "lsoa21" and any(code > _LAST_2011[code[0]] for code in codes)
    return geography, not new


def find_figures(table: pd.DataFrame, codes: AreaCodes | None) -> dict[str, str]:
    """Return column → suggested layer id of each column of figures; codes, places, dates are none.

    Deciles are left out too: the planner ranks the figures that they were made from.
    """
    placed = choose_columns(table, ("longitude", "latitude", "easting", "northing"))
    own = {one.column for one in placed.values()} | ({codes.column} if codes else set())
    dull = r"decile|quintile|\bdate\b|\byear\b|\bperiod\b"
    found = [n for n in figure_columns(table) if n not in own]
    return _layer_ids([name for name in found if not re.search(dull, header_words(name))])


def say_codes(codes: AreaCodes) -> list[str]:
    """Return what a person should know of the area codes before using them."""
    said = []
    if codes.guessed:
        said.append(
            f"Whether {quoted(codes.column)} holds areas of 2011 or of 2021 its codes do not tell: "
            "check geography in the section."
        )
    if codes.repeated:
        said.append(
            f"The code {codes.repeated} stands more than once: the table has several rows an area. "
            'Say which ones to read, such as where = { year = "2024" }.'
        )
    if codes.share < 1:
        share = f"{1 - codes.share:.0%}" if codes.share <= 0.99 else "Less than 1%"
        said.append(
            f"{share} of the rows have no such code, such as totals or notes; they will be left "
            "out."
        )
    return said


def _layer_ids(figures: Sequence[str]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for name in figures:
        plain = layer_id(name)
        plain = plain if plain[:1].isalpha() else f"figure_{plain}".rstrip("_")[:40]
        unique, again = plain, 2
        while unique in ids.values():
            unique, again = f"{plain[:36]}_{again}", again + 1
        ids[name] = unique
    return ids


def layer_section(
    table: pd.DataFrame, file: str, sheet: str, codes: AreaCodes | None, ids: Mapping[str, str]
) -> str:
    """Return one ``[[layer]]`` section for each sort of figure, as TOML."""
    by_kind: dict[str, dict[str, str]] = {}
    for name, key in ids.items():
        by_kind.setdefault(figure_kind(name, table[name]), {})[key] = name
    tables = []
    last: dict[int, dict[str, dict[str, str]]] = {}
    for kind, columns in by_kind.items() or {"score": {}}.items():
        cells: dict[str, object] = {"from": "table", "file": file, "sheet": sheet, "kind": kind}
        if codes is not None:
            cells |= {"code_column": codes.column, "geography": codes.geography}
        section = build_table(cells)
        section.add(tomlkit.comment('high_is = "worse"   # or "better": needed, and yours to say'))
        first = next(iter(columns), "id")
        section.add(tomlkit.comment(f'domains = {{ {first} = "health" }}   # what it speaks of'))
        tables.append(section)
        last[len(tables) - 1] = {"columns": columns}
    return write_section("layer", tables, file=file, last=last)


def figure_kind(header: str, cells: pd.Series) -> str:
    """Return what sort of figure a column holds, by its header first and its numbers second."""
    words, numbers = header_words(header), to_number(cells)[0].dropna()
    whole = bool(((numbers >= 0) & (numbers % 1 == 0)).all())
    if re.search(r"\brank\b", words):
        return "rank" if whole and bool((numbers >= 1).all()) else "score"
    if re.search(r"\b(?:rate|percent|percentage|per)\b|%", f"{words} {header}"):
        return "rate"
    if re.search(r"\b(?:share|proportion)\b", words) and bool(numbers.between(0, 1).all()):
        return "share"
    return "count" if whole and not re.search(r"\bscore\b", words) else "score"
