"""What would a scenario change: for each area, type, tenth of need and partner, for how many?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planner.before_after.changes import (
    CHANGE_COLUMNS,
    LEAST_MINUTES,
    NOT_OFFERED,
    build_area_changes,
    to_change,
)
from planner.before_after.equality import EqualityEvidence, build_equality_evidence
from planner.before_after.fairness import build_equity_changes
from planner.before_after.findings import find_changes
from planner.before_after.snapshot import Snapshot
from planner.before_after.sums import PEOPLE_COLUMNS, sum_changes
from planner.ledger import Note, note_items
from planner.travel.times import STATUSES
from planner.wording import say_many

STAGE = "before_after"
#: The one group of `sum_changes` when everyone is summed up.
EVERYONE = "everyone"

CAVEATS = (
    "Areas are not people: counts are of people living in areas where the sentence is true of the "
    "area's middle person, and not everyone there has that journey.",
    f"A journey counts as nearer or further if it changes by at least {LEAST_MINUTES:g} minute; "
    "reached for the first time and no longer reached are within the longest journey searched.",
    "Types of neighbourhood, tenths of need and people are those before the change; people of a "
    "new estate are counted by themselves, for they had no journey before.",
    "Reach is not use: that a service is nearer does not say that anyone is better off.",
)
#: Said where people come to live in the place.
NEW_PEOPLE_CAVEAT = (
    "Where a new estate adds people to an area, the area's minutes afterwards are those of old "
    "and new people together: they can change although nobody who lives there now has another "
    "journey. Shares and indices afterwards are of old and new people, too, and what is shared out "
    "among people (places, appointments) is shared among more."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class BeforeAfter:
    """Two plans side by side.

    Parameters
    ----------
    before, after
        What is compared.
    areas
        One row an area and kind: columns of `planner.before_after.build_area_changes`, with
        ``area_name`` and ``people``.
    summary
        On kinds (``any_kind`` last): columns of `planner.before_after.sum_changes`.
    by_type, by_tenth
        The same on (type of neighbourhood, kind) and (tenth of need, kind).
    by_partner
        On partners: ``venues``, ``offers`` and ``kinds`` before and after, and the people columns
        for the nearest of the partner's own open offers, of whatever kind.
    equity
        See `planner.before_after.build_equity_changes`.
    evidence
        For an equality impact assessment.
    new_people
        Who comes to live there.
    findings, caveats
        Sentences.
    notes
        Who was left out.
    """

    before: Snapshot
    after: Snapshot
    areas: pd.DataFrame
    summary: pd.DataFrame
    by_type: pd.DataFrame
    by_tenth: pd.DataFrame
    by_partner: pd.DataFrame
    equity: pd.DataFrame
    evidence: EqualityEvidence
    new_people: float
    findings: tuple[str, ...]
    caveats: tuple[str, ...]
    notes: tuple[Note, ...]

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.after.name


def build_before_after(before: Snapshot, after: Snapshot) -> BeforeAfter:
    """Set two plans side by side, and say who gains and who loses.

    Parameters
    ----------
    before, after
        Of the same areas: see `planner.before_after.take_snapshot`.

    Raises
    ------
    DataError
        The two are not of the same areas or bundle.

    Notes
    -----
    People are counted where they live before the change. Who moves into a new estate neither gains
    nor loses, since nothing is known of where they came from.
    """
    changes = build_area_changes(before, after)
    people, areas = before.people, before.areas
    everyone = pd.Series(EVERYONE, index=people.index, dtype=object)
    summary = sum_changes(changes, people, everyone).droplevel("group")
    named = areas["type_name"].where(areas["type_name"] != "")
    evidence = build_equality_evidence(changes, people, before.groups)
    gained = (after.people - people).clip(lower=0.0)
    new_people = float(gained.sum())
    equity = build_equity_changes(before.equity, after.equity)
    found = changes.join(areas["area_name"], on="area_code").join(
        people.rename("people"), on="area_code"
    )
    partners = _by_partner(before, after)
    return BeforeAfter(
        before=before,
        after=after,
        areas=found[["area_code", "area_name", "people", *CHANGE_COLUMNS[1:]]],
        summary=summary,
        by_type=sum_changes(changes, people, named).rename_axis(["type_name", "kind"]),
        by_tenth=sum_changes(changes, people, areas["need_tenth"]).rename_axis(
            ["need_tenth", "kind"]
        ),
        by_partner=partners,
        equity=equity,
        evidence=evidence,
        new_people=new_people,
        findings=find_changes(
            after.name,
            summary,
            changes,
            names=areas["area_name"].to_dict(),
            new_people=new_people,
            equity=equity,
            partners=partners,
        ),
        caveats=(*CAVEATS, *((NEW_PEOPLE_CAVEAT,) if new_people > 0 else ())),
        notes=(*_notes(before, gained), *evidence.notes),
    )


def _by_partner(before: Snapshot, after: Snapshot) -> pd.DataFrame:
    """Return what each partner has, and who gains or loses by the nearest of it."""
    names = sorted({*before.partners.index, *after.partners.index})
    supply = pd.DataFrame(index=pd.Index(names, name="partner", dtype=object))
    for side, word in ((before, "before"), (after, "after")):
        for column in ("venues", "offers"):
            supply[f"{column}_{word}"] = (
                side.partners[column].reindex(names).fillna(0).astype("int64")
            )
        supply[f"kinds_{word}"] = side.partners["kinds"].reindex(names).fillna("").astype(object)
    if not names:
        return supply.reindex(columns=[*supply.columns, *_partner_columns()])
    grid = pd.MultiIndex.from_product([names, before.people.index], names=["partner", "area_code"])
    first, last = (_near(side, grid) for side in (before, after))
    # An area off the network is so whoever offers something.
    for one, other in ((first, last), (last, first)):
        off = (one["status"] == NOT_OFFERED) & other["status"].isin(STATUSES[3:])
        one.loc[off, "status"] = other.loc[off, "status"]
    change = to_change(first["minutes"], first["status"], last["minutes"], last["status"])
    rows = pd.DataFrame(
        {
            "minutes_before": first["minutes"],
            "status_before": first["status"],
            "minutes_after": last["minutes"],
            "status_after": last["status"],
            "change": change,
            "gap_change": "not_known",
        },
        index=grid,
    ).reset_index()
    everyone = pd.Series(EVERYONE, index=before.people.index, dtype=object)
    of_partner = rows.rename(columns={"partner": "kind"})
    sums = sum_changes(of_partner, before.people, everyone, medians=False)
    return supply.join(sums.droplevel("group")[_partner_columns()])


def _partner_columns() -> list[str]:
    return [c for c in PEOPLE_COLUMNS if "gap" not in c and c != "people_mixed"]


def _near(side: Snapshot, grid: pd.MultiIndex) -> pd.DataFrame:
    found = side.by_partner.set_index(["partner", "area_code"])[["minutes", "status"]].reindex(grid)
    return pd.DataFrame(
        {
            "minutes": found["minutes"].astype("float64"),
            "status": found["status"].astype(object).where(found["status"].notna(), NOT_OFFERED),
        }
    )


def _notes(before: Snapshot, gained: pd.Series) -> list[Note]:
    notes = []
    unknown = before.people.index[before.people.isna()]
    if len(unknown):
        text = (
            f"Areas whose number of people is not known, left out of every count: {len(unknown)}."
        )
        notes.append(note_items(STAGE, "no_people", unknown, text))
    for column, words, what in (
        ("type_name", "no type of neighbourhood", "no_type"),
        ("need_tenth", "no tenth of need", "no_tenth"),
    ):
        absent = before.areas[column]
        codes = before.areas.index[(absent.isna() | (absent.astype(object) == "")).to_numpy(bool)]
        if len(codes):
            people = before.people[codes].sum()
            text = (
                f"Areas with {words}, left out of these sums: {len(codes)}, with {people:,.0f} "
                "people."
            )
            notes.append(note_items(STAGE, what, codes, text))
    new = gained.index[gained > 0]
    if len(new):
        text = (
            f"{say_many(round(gained.sum()), 'person comes', 'people come')} to live in "
            f"{say_many(len(new), 'area')}, not counted as gaining or losing."
        )
        notes.append(note_items(STAGE, "new_people", new, text))
    return notes
