"""What does a comparison say: in a few lines, as a table, and as a page of text?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from planner.layers import LayerSpec
from planner.ledger import Note, Source
from planner.need.comparing.alike import Alike
from planner.need.comparing.compare import Comparison, say_figure
from planner.need.comparing.vintages import VintageComparison
from planner.report.words import say_count, say_number, say_share
from planner.wording import say_many

FICTIONAL = "Fictional place: no real area, person or service is described."
SUMMARY_WORDS = {
    "average_rank": "average rank (turned round, high = greater need)",
    "average_score": "average score",
    "share_worst_tenth": "areas in the worst tenth",
    "extent": "extent",
    "local_concentration": "local concentration (the same)",
    "share_worst_fifth": "people in the worst fifth",
}
_SHARES = {"share_worst_tenth", "extent", "share_worst_fifth"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """A comparison as it is told: lines for a terminal, a table, a page of Markdown."""

    lines: tuple[str, ...]
    table: pd.DataFrame
    markdown: str
    places: tuple[str, ...]
    sources: tuple[Source, ...]
    fictional: bool

    @property
    def about(self) -> dict[str, object]:
        """Return what a manifest says of it."""
        return {
            "places": list(self.places),
            "sources": list(dict.fromkeys(source.cite() for source in self.sources)),
            "licences": sorted({source.licence for source in self.sources}),
            "fictional": self.fictional,
        }


# --- two places ---------------------------------------------------------------------------


def tell_places(found: Comparison) -> Told:
    """Tell how two places stand side by side."""
    sizes = [
        f"{name} ({say_many(int((found.place == name).sum()), 'area')}, "
        f"{say_count(found.people[name])} people)"
        for name in found.names
    ]
    lines = [
        *([FICTIONAL] if found.fictional else []),
        f"{sizes[0]} and {sizes[1]}: {say_many(len(found.measures), 'figure')} compared.",
        *(f"- {text}" for text in found.findings),
        *_summary_lines(found),
        *_left_out_lines(found.left_out),
        found.caveat,
    ]
    return Told(
        lines=tuple(lines),
        table=build_places_table(found),
        markdown=_places_page(found, sizes),
        places=found.names,
        sources=found.sources,
        fictional=found.fictional,
    )


def build_places_table(found: Comparison) -> pd.DataFrame:
    """Return one row a figure, then the summaries of need, then what was left out and why."""
    rows = []
    first_place, second_place = found.names
    places = {"first_place": first_place, "second_place": second_place}
    for key, row in found.measures.iterrows():
        source = found.specs[key].source
        cited = {
            "publisher": source.publisher,
            "dataset": source.dataset,
            "date": source.vintage,
            "licence": source.licence,
            "caveat": found.specs[key].caveat,
        }
        rows.append({"measure": key, **places, **row.to_dict(), **cited})
    for column in found.summaries.columns:
        pair = [float(found.summaries.loc[name, column]) for name in found.names]
        rows.append(
            {
                "measure": f"need_{column}",
                "title": f"Need: {SUMMARY_WORDS.get(column, column)}",
                "how": "among the areas of both places",
                **places,
                "first": pair[0],
                "second": pair[1],
                "difference": pair[0] - pair[1],
            }
        )
    for key, row in found.left_out.iterrows():
        left = {"measure": key, "title": row["title"], "left_out": row["reason"]}
        rows.append({**left, **places})
    order = ["measure", "title", "unit", "how", "first_place", "second_place"]
    order += [column for column in found.measures.columns if column not in order]
    order += ["publisher", "dataset", "date", "licence", "caveat", "left_out"]
    table = pd.DataFrame(rows).reindex(columns=order)
    whole = ["first_areas_without", "second_areas_without"]
    return table.astype(dict.fromkeys(whole, "Int64"))


def _summary_lines(found: Comparison) -> list[str]:
    if not len(found.summaries):
        return []
    lines = [f"Official summaries of need, among the {len(found.place):,} areas of both:"]
    for name, row in found.summaries.iterrows():
        words = [
            f"{SUMMARY_WORDS[key]} {_say_summary(key, row[key])}"
            for key in SUMMARY_WORDS
            if key != "share_worst_fifth"
        ]
        lines.append(f"  {name}: {', '.join(words)}")
    return lines


def _say_summary(key: str, value: float) -> str:
    return say_share(value) if key in _SHARES else say_number(value)


def _left_out_lines(left_out: pd.DataFrame) -> list[str]:
    if not len(left_out):
        return []
    kinds = left_out["reason"].str.replace(r" \(.*\)$", "", regex=True).value_counts(sort=False)
    words = ", ".join(f"{count} {reason}" for reason, count in kinds.items())
    return [f"Left out: {words}."]


def _places_page(found: Comparison, sizes: Sequence[str]) -> str:
    first, second = found.names
    parts = [f"# {_safe(first)} and {_safe(second)}", ""]
    parts += [f"**{FICTIONAL}**", ""] if found.fictional else []
    parts += [f"{_safe(sizes[0])}; {_safe(sizes[1])}.", ""]
    parts += [*(f"- {_safe(text)}" for text in found.findings), "", _safe(found.caveat), ""]
    if len(found.summaries):
        parts += ["## Need, among the areas of both", ""]
        rows = [
            [
                SUMMARY_WORDS[key],
                *(_say_summary(key, found.summaries.loc[name, key]) for name in found.names),
            ]
            for key in SUMMARY_WORDS
        ]
        parts += _grid(["", first, second], rows)
        parts += [
            "Average rank and local concentration are on ranks turned round, so a high value is a "
            "greater need; extent is a share of people.",
            "",
        ]
        assert found.need is not None
        parts += [_safe(f"How need was put together: {found.need.method}."), ""]
    parts += ["## Figure by figure", ""]
    rows = [
        [
            row["title"],
            say_figure(row["first"], found.specs[key]),
            say_figure(row["second"], found.specs[key]),
            f"{_maybe(row['first_share_worst_fifth'])}, {_maybe(row['second_share_worst_fifth'])}",
            say_number(row["effect_size"]) if pd.notna(row["effect_size"]) else "–",
            ", ".join(filter(None, [row["worse_off"], row["size"]])) or "–",
            row["how"],
        ]
        for key, row in found.measures.iterrows()
    ]
    heads = [
        "figure",
        first,
        second,
        "people in the worst fifth of both",
        "difference in standard deviations",
        "worse off",
        "how",
    ]
    parts += _grid(heads, rows)
    parts += [
        "Means are weighted by residents, also those of shares, as the numbers behind a share are "
        "not at hand here; counts are set against residents. A place counts as worse off where "
        "somebody picked at random in it lives in a worse area than somebody picked in the other "
        "at least 56 times in 100 (slightly; clearly from 64, much from 71).",
        "",
    ]
    care = {spec.caveat for spec in found.specs.values()} - {""}
    if care:
        told = {
            text: [spec.title for spec in found.specs.values() if spec.caveat == text]
            for text in sorted(care)
        }
        parts += ["## Read with care", ""]
        parts += [f"- {_safe('; '.join(titles))}: {_safe(text)}" for text, titles in told.items()]
        parts += [""]
    if len(found.left_out):
        parts += ["## Left out", ""]
        parts += [
            f"- {_safe(row['title'])} ({_safe(key)}): {_safe(row['reason'])}."
            for key, row in found.left_out.iterrows()
        ] + [""]
    return _page(parts, found.notes, found.sources)


def _maybe(share: float) -> str:
    return "–" if pd.isna(share) else say_share(share)


def tell_vintages(
    name: str,
    found: Mapping[str, VintageComparison],
    refused: Mapping[str, str],
    *,
    fictional: bool = False,
) -> Told:
    """Tell what changed between two dates, and which figures may not be compared, and why."""
    lines = [FICTIONAL] if fictional else []
    parts = [f"# {_safe(name)}, at two dates", ""]
    parts += [f"**{FICTIONAL}**", ""] if fictional else []
    tables, notes = [], []
    for key, one in found.items():
        lines += [
            f"{name}, {one.first.title}: {one.first.source.vintage} and "
            f"{one.second.source.vintage}.",
            *(f"- {text}" for text in one.findings),
        ]
        parts += [f"## {_safe(one.first.title)}", ""]
        parts += [*(f"- {_safe(text)}" for text in one.findings), ""]
        table = one.table.rename_axis("area_code").reset_index()
        table.insert(0, "layer", key)
        tables.append(
            table.assign(
                first_date=one.first.source.vintage,
                second_date=one.second.source.vintage,
                unit=one.first.unit,
                verdict=one.statement.verdict,
                licence=one.second.source.licence,
            )
        )
        notes += list(one.notes)
    if refused:
        lines.append(
            f"Not compared: {say_many(len(refused), 'figure')}. {next(iter(refused.values()))}"
        )
        parts += ["## Not compared", "", *(f"- {_safe(text)}" for text in refused.values()), ""]
    sources = tuple(dict.fromkeys(s for one in found.values() for s in one.sources))
    return Told(
        lines=tuple(lines),
        table=pd.concat(tables, ignore_index=True),
        markdown=_page(parts, notes, sources),
        places=(name,),
        sources=sources,
        fictional=fictional,
    )


# --- places alike -------------------------------------------------------------------------


def tell_alike(
    found: Alike,
    specs: Mapping[str, LayerSpec],
    names: Mapping[str, str],
    said: str,
    *,
    fictional: bool = False,
) -> Told:
    """Tell which districts are like one place; ``said`` is how districts were summed up."""
    name = names.get(found.place) or found.place
    titles = {key: spec.title for key, spec in specs.items()}
    among = (
        f"{name} among {found.places:,} districts by {say_many(len(found.measures), 'measure')}."
    )
    lines = [
        *([FICTIONAL] if fictional else []),
        among,
        *(f"- {text}" for text in found.findings),
        *(note.text for note in found.notes),
        f"{found.method} {said}",
    ]
    standing = found.standing.rename_axis("measure").reset_index()
    standing.insert(1, "title", standing["measure"].map(titles))
    standing.insert(0, "place", name)
    nearest = pd.DataFrame(
        {
            "place": [names.get(code) or code for code in found.nearest.index],
            "district": found.nearest.index,
            "distance": found.nearest["distance"].to_numpy(),
            "nearest_in": found.nearest["nearest_in"].map(titles).to_numpy(),
            "furthest_in": found.nearest["furthest_in"].map(titles).to_numpy(),
        }
    )
    sources = tuple(dict.fromkeys(specs[key].source for key in found.measures))
    parts = [f"# {_safe(name)} among places like it", ""]
    parts += [f"**{FICTIONAL}**", ""] if fictional else []
    parts += [_safe(among), "", *(f"- {_safe(text)}" for text in found.findings), ""]
    parts += ["## Most like it", ""]
    parts += _grid(
        ["place", "distance", "nearest in", "furthest in"],
        [[r.place, f"{r.distance:.2f}", r.nearest_in, r.furthest_in] for r in nearest.itertuples()],
    )
    parts += ["## Where it stands among them", ""]
    parts += _grid(
        ["measure", name, "mean of the alike", "difference in their standard deviations"],
        [
            [
                row.title,
                say_number(row.value),
                say_number(row.alike_mean),
                say_number(row.difference_sd),
            ]
            for row in standing.itertuples()
        ],
    )
    parts += [_safe(found.method), "", said, ""]
    return Told(
        lines=tuple(lines),
        table=pd.concat([nearest, standing], ignore_index=True),
        markdown=_page(parts, found.notes, sources),
        places=(name, *nearest["place"]),
        sources=sources,
        fictional=fictional,
    )


# --- the page -----------------------------------------------------------------------------


def _page(parts: list[str], notes: Iterable[Note], sources: Iterable[Source]) -> str:
    said = [f"- {_safe(note.text)}" for note in notes]
    cited = list(dict.fromkeys(f"- {_safe(source.cite())}" for source in sources))
    more = ["## What was done on the way", "", *said, ""] if said else []
    return "\n".join([*parts, *more, "## Sources, dates and licences", "", *cited, ""])


def _grid(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [f"| {' | '.join(_safe(head) for head in heads)} |", "|" + " --- |" * len(heads)]
    lines += [f"| {' | '.join(_safe(cell) for cell in row)} |" for row in rows]
    return [*lines, ""]


def _safe(text: object) -> str:
    """Return text from files as Markdown that shows it as it is."""
    plain = re.sub(r"\s+", " ", str(text)).strip()
    plain = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#])", r"\\\1", plain)
