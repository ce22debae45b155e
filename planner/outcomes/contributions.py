"""Which kinds of service help towards which shared outcome, and how strongly?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planner.errors import DataError, ProjectError
from planner.ledger import Note, note_items
from planner.wording import say_few, to_label

COLUMNS = ["outcome", "need_domain", "kind", "weight", "basis"]

#: What is said where nobody has measured how strongly a service helps.
OWN_ASSUMPTION = "The planner's own assumption"

#: Outcome → the domain that says who has that need. No index has a domain of wellbeing.
_DOMAINS = {
    "into work": "employment",
    "better health": "health",
    "more income": "income",
    "skills": "education",
    "wellbeing": "health",
}
#: Outcome → kind → weight: 1 a main purpose of the service, 0.5 a usual part, 0.25 at times.
_WEIGHTS = {
    "into work": {
        "jobcentre": 1.0,
        "adult_learning": 0.5,
        "childrens_centre": 0.25,
        "library": 0.25,
    },
    "better health": {
        "gp": 1.0,
        "pharmacy": 0.5,
        "childrens_centre": 0.25,
        "community_centre": 0.25,
    },
    "more income": {
        "citizens_advice": 1.0,
        "jobcentre": 0.5,
        "food_bank": 0.25,
    },
    "skills": {
        "adult_learning": 1.0,
        "library": 0.5,
        "community_centre": 0.25,
    },
    "wellbeing": {
        "community_centre": 1.0,
        "library": 0.5,
        "childrens_centre": 0.5,
        "gp": 0.5,
        "food_bank": 0.25,
    },
}


def default_contributions() -> pd.DataFrame:
    """Return the table that is used where a project gives none: columns `COLUMNS`.

    Notes
    -----
    The weights are the planner's own assumption, in every row: change them with the partners.
    """
    rows = [
        (outcome, _DOMAINS[outcome], kind, weight, OWN_ASSUMPTION)
        for outcome, kinds in _WEIGHTS.items()
        for kind, weight in kinds.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def check_contributions(
    table: pd.DataFrame, domains: Sequence[str], access_domains: Sequence[str]
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the rows of a table of contributions that can be scored.

    Parameters
    ----------
    table
        Columns `COLUMNS`; ``basis`` may be absent or empty (the planner's own assumption).
    domains
        Domains of need that are known for the place.
    access_domains
        Domains about access, which are left out: reach times access would count it twice.

    Returns
    -------
    table
        Columns `COLUMNS`, in the order given, without rows of weight 0.
    notes
        Which outcomes are left out, and why.

    Raises
    ------
    DataError
        A column is absent, a weight is no number from 0 to 1, a row stands twice, or an outcome
        has two domains.
    ProjectError
        Nothing is left to score.
    """
    absent = [column for column in COLUMNS[:-1] if column not in table]
    if absent:
        raise DataError(
            f"The table of outcomes has no column {absent[0]!r}.",
            hint=f"Columns: {', '.join(COLUMNS)}; start from data/templates/outcomes.csv.",
        )
    rows = table.assign(basis=table.get("basis", OWN_ASSUMPTION))
    rows = rows[COLUMNS].reset_index(drop=True)
    for column in ("outcome", "need_domain", "kind"):
        rows[column] = _texts(rows[column], column)
    rows["basis"] = [_said(text) for text in rows["basis"]]
    rows["weight"] = _weights(rows)
    _refuse_twice(rows)
    access = set(access_domains)
    known = set(domains) - access
    notes = []
    for what, out, text in (
        ("access_domain", rows["need_domain"].isin(access), "is about access"),
        ("domain_not_known", ~rows["need_domain"].isin(known | access), "is not known here"),
    ):
        named = list(dict.fromkeys(rows.loc[out, "outcome"]))
        if named:
            words = f"{say_few(named)}: left out, as the domain of that need {text}."
            notes.append(note_items("outcomes", what, named, words))
    rows = rows[rows["need_domain"].isin(known)]
    rows = rows[rows["weight"] > 0].reset_index(drop=True)
    if not len(rows):
        raise ProjectError(
            "The table of outcomes has no row that can be scored.",
            hint=f"Domains of need known here: {', '.join(sorted(known)) or 'none'}.",
        )
    return rows, notes


def _texts(column: pd.Series, name: str) -> list[str]:
    texts = [_plain(text) for text in column]
    empty = [row for row, text in enumerate(texts, 1) if not text]
    if empty:
        raise DataError(f"The table of outcomes, row {empty[0]}: {name} is empty.")
    return texts


def _plain(text: object) -> str:
    return text.strip() if isinstance(text, str) else ""


def _said(text: object) -> str:
    return _plain(text) or OWN_ASSUMPTION


def _weights(rows: pd.DataFrame) -> pd.Series:
    weights = pd.to_numeric(rows["weight"], errors="coerce").astype("float64")
    bad = np.flatnonzero(~((weights >= 0) & (weights <= 1)).to_numpy())
    if len(bad):
        row = rows.iloc[bad[0]]
        raise DataError(
            f"The table of outcomes, row {bad[0] + 1} ({row['outcome']}, "
            f"{to_label(row['kind'])}): the weight is {row['weight']!r}.",
            hint="Give a number from 0 (no part in it) to 1 (a main purpose).",
        )
    return weights


def _refuse_twice(rows: pd.DataFrame) -> None:
    twice = rows[rows.duplicated(["outcome", "kind"])]
    if len(twice):
        raise DataError(
            f"The table of outcomes names {to_label(twice.iloc[0]['kind'])} twice under "
            f"{twice.iloc[0]['outcome']!r}.",
            hint="Keep one of the rows.",
        )
    domains = rows.groupby("outcome")["need_domain"].nunique()
    several = sorted(domains.index[domains > 1])
    if several:
        raise DataError(
            f"The table of outcomes gives {several[0]!r} more than one domain of need.",
            hint="Write the same need_domain in each of its rows.",
        )
