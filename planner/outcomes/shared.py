"""Whom does each option bring within reach of help towards the outcomes partners share?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.errors import DataError, ProjectError
from planner.ledger import Note, note_items
from planner.outcomes.contributions import check_contributions
from planner.wording import say_few, say_many, to_label

OFFER_COLUMNS = ["venue_id", "kind", "partner", "sessions", "hours", "share"]

#: What every ledger says of itself.
REACH_IS_NOT_IMPACT = (
    "Reach is not impact. These figures say how many people in areas with a need could get to help "
    "that is meant to meet it. They do not say how many will come, whether it works for them, or "
    "that anybody's health, income or work will change. Areas are not people: not everybody in "
    "an area has its need. How strongly each service helps towards an outcome is the planner's "
    "own assumption unless the table says where it comes from."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Option:
    """One choice of open venues with what is offered in them.

    Parameters
    ----------
    name
        As people call it; the first option of a ledger is the one before.
    offers
        A row for each service at an open venue: ``venue_id``, ``kind``, ``partner``,
        ``sessions`` and ``hours`` a week (NaN not known) and ``share`` (0-1: part of permanent
        presence, 1 for a permanent service; see `planner.rota`).
    hosts
        Venue → the partner whose building it is, "" where not known.
    """

    name: str
    offers: pd.DataFrame
    hosts: pd.Series

    def __post_init__(self) -> None:
        absent = [column for column in OFFER_COLUMNS if column not in self.offers]
        if absent:
            raise DataError(f"Option {self.name!r}: its offers have no column {absent[0]!r}.")
        shares = self.offers["share"].to_numpy(dtype="float64")
        if not bool(((shares >= 0) & (shares <= 1)).all()):
            raise DataError(f"Option {self.name!r}: share must be from 0 to 1 in every row.")
        spent = self.offers[["sessions", "hours"]].to_numpy(dtype="float64")
        if bool((spent < 0).any()) or bool(np.isinf(spent).any()):
            raise DataError(
                f"Option {self.name!r}: sessions or hours are below zero or without end."
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class OutcomeLedger:
    """What each option brings within reach, by outcome and by partner.

    Parameters
    ----------
    outcomes
        Index ``option, outcome``: ``need_domain``, ``need`` (people × percentile of that domain),
        ``reach_score`` (need × share of the help within reach), ``share`` (of the need),
        ``people_within_reach`` (in areas with some of that help in reach) and ``change`` of the
        score against the first option.
    areas
        Index ``option, outcome, area_code``: ``share`` of the help within reach (0-1; NaN where
        people or need are not known) and ``reach_score``.
    partners
        Index ``option, partner``: ``venues``, ``people_within_reach``, ``clients_within_reach``
        (need-weighted people), ``sessions_given``, ``sessions_hosted`` (other partners' sessions
        in its buildings), ``hours_spent`` (all a week, over what is known; NaN where nothing is),
        ``offers_without_sessions`` and ``offers_without_hours`` (how many are not known), and for
        each figure ``*_change`` against the first option.
    contributions
        The table that was used, with the basis of each weight.
    statement
        What the figures are not; shown with them wherever they are shown.
    """

    outcomes: pd.DataFrame
    areas: pd.DataFrame
    partners: pd.DataFrame
    contributions: pd.DataFrame
    statement: str = REACH_IS_NOT_IMPACT
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        assert "Reach is not impact" in self.statement
        shares = self.areas["share"].dropna()
        assert bool(((shares >= 0) & (shares <= 1 + 1e-12)).all())


@dataclass(frozen=True, kw_only=True, eq=False)
class LedgerInputs:
    """Who lives where with which need, and how far they have to go.

    Parameters
    ----------
    minutes
        Areas × venues of all options, door to door; NaN: no way within the longest journey.
    within_minutes
        Kind → longest journey that counts as within reach; ``""`` for all other kinds.
    people
        On the areas.
    percentiles
        Areas × domains of need, share 0-1, 1 = greatest need; NaN not known.
    demand
        On the areas: need-weighted people (need without access domains), for partners' clients.
    access_domains
        Domains about access, which take no part.
    minutes_by_kind
        Kind → minutes of the same areas to venues that offer it, where it is judged by another way
        of getting about than ``minutes``.
    """

    minutes: pd.DataFrame
    within_minutes: Mapping[str, float]
    people: pd.Series
    percentiles: pd.DataFrame
    demand: pd.Series
    access_domains: tuple[str, ...] = ("access", "barriers")
    minutes_by_kind: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        areas = self.minutes.index
        if not areas.is_unique or not areas.is_monotonic_increasing:
            raise DataError("Outcomes: the areas of minutes must be unique and sorted.")
        for name in ("people", "percentiles", "demand"):
            if not getattr(self, name).index.equals(areas):
                raise DataError(f"Outcomes: {name} and minutes are not of the same areas.")
        values = self.percentiles.to_numpy(dtype="float64")
        if bool((values < 0).any()) or bool((values > 1).any()):
            raise DataError("Outcomes: a percentile of need must be from 0 to 1.")
        for name in ("people", "demand", "minutes"):
            if bool((np.asarray(getattr(self, name), dtype="float64") < 0).any()):
                raise DataError(f"Outcomes: {name} holds a figure below zero.")
        for kind, table in self.minutes_by_kind.items():
            if not table.index.equals(areas) or bool((table.to_numpy() < 0).any()):
                raise DataError(f"Outcomes: the minutes to {to_label(kind)} are of other areas.")

    def limit(self, kind: str) -> float:
        """Return the longest journey to a kind of service."""
        found = self.within_minutes.get(kind, self.within_minutes.get(""))
        if found is None:
            raise ProjectError(
                f"Outcomes: no longest journey is given for {to_label(kind)}.",
                hint='Give within_minutes for the kind, or for "" (all other kinds).',
            )
        return float(found)


def build_ledger(
    inputs: LedgerInputs, options: Sequence[Option], contributions: pd.DataFrame
) -> OutcomeLedger:
    """Score options by whom they bring within reach of help towards each outcome.

    Parameters
    ----------
    inputs
        People, needs and journeys.
    options
        The first is the one before; the others are held against it.
    contributions
        Which kinds help towards which outcome (`planner.outcomes.default_contributions`).

    Notes
    -----
    In an area, the share of help towards an outcome that is within reach is the sum of the
    weights of the kinds in reach, each times its best presence there, over the sum of all its
    weights. The score is people × percentile of the matching need × that share, summed.

    Raises
    ------
    ProjectError
        There is no option, two have one name, or no outcome can be scored.
    DataError
        An option names a venue without minutes, or the table of outcomes cannot be read.
    """
    _check_options(inputs, options)
    domains = [str(domain) for domain in inputs.percentiles.columns]
    rows, notes = check_contributions(contributions, domains, inputs.access_domains)
    kinds = sorted(set(rows["kind"]))
    areas = pd.concat(
        [_score_areas(inputs, option, rows, _reached(inputs, option, kinds)) for option in options],
        ignore_index=True,
    )
    order = list(dict.fromkeys(rows["outcome"]))
    names = [option.name for option in options]
    partners = [_score_partners(inputs, option) for option in options]
    return OutcomeLedger(
        outcomes=_sum_up(areas, names, order),
        areas=areas[["option", "outcome", "area_code", "share", "reach_score"]].set_index(
            ["option", "outcome", "area_code"]
        ),
        partners=_partner_changes(partners, names),
        contributions=rows,
        notes=(*notes, *_notes(inputs, options, rows, kinds)),
    )


def _check_options(inputs: LedgerInputs, options: Sequence[Option]) -> None:
    names = [option.name for option in options]
    if not names or len(set(names)) < len(names):
        raise ProjectError(
            "Outcomes: there is no option, or two have one name.",
            hint="Give each option a name of its own, the one before first.",
        )
    for option in options:
        absent = sorted(set(option.offers["venue_id"]) - set(inputs.minutes.columns))
        if absent:
            raise DataError(
                f"Option {option.name!r}: there are no minutes to {say_few(absent)}.",
                hint="Give a column of minutes for each venue of each option.",
            )


def _near(inputs: LedgerInputs, venues: Sequence[str], kind: str) -> pd.DataFrame:
    """Say which areas reach which venues in time for a kind."""
    minutes = inputs.minutes_by_kind.get(kind, inputs.minutes)
    return minutes[list(venues)] <= inputs.limit(kind)


def _reached(inputs: LedgerInputs, option: Option, kinds: Sequence[str]) -> pd.DataFrame:
    """Return areas × kinds: the best presence of a service among the venues in reach."""
    found = pd.DataFrame(0.0, index=inputs.minutes.index, columns=list(kinds))
    for kind in kinds:
        there = option.offers[option.offers["kind"] == kind]
        best = there.groupby("venue_id")["share"].max().sort_index()
        if len(best):
            near = _near(inputs, list(best.index), kind).to_numpy()
            found[kind] = np.where(near, best.to_numpy(dtype="float64"), 0.0).max(axis=1)
    return found


def _score_areas(
    inputs: LedgerInputs, option: Option, rows: pd.DataFrame, reached: pd.DataFrame
) -> pd.DataFrame:
    """Return a row for each outcome and area."""
    people = inputs.people.to_numpy(dtype="float64")
    parts = []
    for outcome, own in rows.groupby("outcome", sort=False):
        weights = own["weight"].to_numpy(dtype="float64")
        domain = str(own["need_domain"].iloc[0])
        need = people * inputs.percentiles[domain].to_numpy(dtype="float64")
        share = reached[list(own["kind"])].to_numpy() @ weights / weights.sum()
        share = np.where(np.isnan(need), np.nan, share)
        parts.append(
            pd.DataFrame(
                {
                    "option": option.name,
                    "outcome": outcome,
                    "area_code": inputs.minutes.index.astype(str),
                    "need_domain": domain,
                    "need": need,
                    "share": share,
                    "reach_score": need * share,
                    "people_within_reach": np.where(share > 0, people, 0.0),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _sum_up(areas: pd.DataFrame, names: Sequence[str], outcomes: Sequence[str]) -> pd.DataFrame:
    sums = areas.groupby(["option", "outcome"]).agg(
        need_domain=("need_domain", "first"),
        need=("need", "sum"),
        reach_score=("reach_score", "sum"),
        people_within_reach=("people_within_reach", "sum"),
    )
    sums = sums.reindex(pd.MultiIndex.from_product([names, outcomes], names=["option", "outcome"]))
    sums["share"] = sums["reach_score"] / sums["need"].where(sums["need"] > 0)
    first = sums.loc[names[0], "reach_score"]
    before = sums.index.get_level_values("outcome").map(first)
    sums["change"] = sums["reach_score"] - before.to_numpy(dtype="float64")
    columns = ["need_domain", "need", "reach_score", "share", "people_within_reach", "change"]
    return sums[columns]


def _score_partners(inputs: LedgerInputs, option: Option) -> pd.DataFrame:
    """Return a row for each partner: whom it could reach, and what it gives."""
    offers = option.offers.assign(host=option.offers["venue_id"].map(option.hosts).fillna(""))
    partners = sorted({*offers["partner"].astype(str), *offers["host"].astype(str)} - {""})
    people, demand = (values.to_numpy(dtype="float64") for values in (inputs.people, inputs.demand))
    rows = []
    for partner in partners:
        own = offers[offers["partner"] == partner]
        guests = offers[(offers["host"] == partner) & (offers["partner"] != partner)]
        near = np.zeros(len(people), dtype=bool)
        for kind, there in own.groupby("kind"):
            venues = sorted(set(there["venue_id"]))
            near |= _near(inputs, venues, str(kind)).to_numpy().any(axis=1)
        rows.append(
            {
                "partner": partner,
                "venues": float(own["venue_id"].nunique()),
                "people_within_reach": float(np.nansum(people[near])),
                "clients_within_reach": float(np.nansum(demand[near])),
                "sessions_given": _sum_known(own["sessions"]),
                "sessions_hosted": _sum_known(guests["sessions"]),
                "hours_spent": _sum_known(own["hours"]),
                "offers_without_sessions": float(
                    own["sessions"].isna().sum() + guests["sessions"].isna().sum()
                ),
                "offers_without_hours": float(own["hours"].isna().sum()),
            }
        )
    return pd.DataFrame(rows, columns=["partner", *_FIGURES]).set_index("partner")


_FIGURES = [
    "venues",
    "people_within_reach",
    "clients_within_reach",
    "sessions_given",
    "sessions_hosted",
    "hours_spent",
    "offers_without_sessions",
    "offers_without_hours",
]


def _sum_known(values: pd.Series) -> float:
    """Return the sum of what is known: 0 of nothing, NaN where there is some but none is known."""
    return float(values.sum(min_count=1)) if len(values) else 0.0


def _partner_changes(tables: Sequence[pd.DataFrame], names: Sequence[str]) -> pd.DataFrame:
    """Put options one under another, with what changes; a partner that is not in one has 0."""
    every = sorted({str(partner) for table in tables for partner in table.index})
    filled = [table.reindex(every, fill_value=0.0) for table in tables]
    told = _FIGURES[:6]
    parts = [table.join((table[told] - filled[0][told]).add_suffix("_change")) for table in filled]
    return pd.concat(parts, keys=list(names), names=["option", "partner"])


def _notes(
    inputs: LedgerInputs, options: Sequence[Option], rows: pd.DataFrame, kinds: Sequence[str]
) -> list[Note]:
    notes = []
    offered = {str(kind) for option in options for kind in option.offers["kind"]}
    never = [kind for kind in kinds if kind not in offered]
    if never:
        text = f"No option offers {say_few([to_label(k) for k in never])}: counted as out of reach."
        notes.append(note_items("outcomes", "kind_not_offered", never, text))
    idle = sorted(offered - set(kinds))
    if idle:
        text = (
            f"The table of outcomes does not name {say_few([to_label(k) for k in idle])}: these "
            "services add nothing to any score."
        )
        notes.append(note_items("outcomes", "kind_without_outcome", idle, text))
    used = sorted(set(rows["need_domain"]))
    unknown = inputs.percentiles[used].isna().any(axis=1) | inputs.people.isna()
    codes = [str(code) for code in inputs.minutes.index[unknown.to_numpy()]]
    if codes:
        text = (
            f"{say_many(len(codes), 'area')} without known people or need in some domain take no "
            f"part in the outcomes of that domain: {say_few(codes)}."
        )
        notes.append(note_items("outcomes", "need_not_known", codes, text))
    if "wellbeing" in set(rows["outcome"]):
        domain = rows.loc[rows["outcome"] == "wellbeing", "need_domain"].iloc[0]
        text = f"No index has a domain of wellbeing: need of {to_label(domain)} stands in for it."
        notes.append(note_items("outcomes", "domain_stands_in", ["wellbeing"], text))
    return notes


def percentiles_of(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the percentile of each area in each domain, 1 = greatest need.

    Parameters
    ----------
    scores
        Areas × domains, high = worse; NaN not known.

    Returns
    -------
    percentiles
        ``(n − rank + 1) / n`` among the areas with a value; areas that tie share their mean rank.

    Examples
    --------
    >>> percentiles_of(pd.DataFrame({"income": [3.0, 1.0, 2.0, 2.0]}))["income"].tolist()
    [1.0, 0.25, 0.625, 0.625]
    """
    ranks = scores.rank(ascending=False, method="average")
    many = scores.notna().sum()
    return (many - ranks + 1) / many
