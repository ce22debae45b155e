"""What do partners know better than the official lists, and what stands in its stead?

Nothing official is overwritten in the files: each correction keeps the official value next to the
local one. Corrections to venues are the scenario's own changes, applied before it; a figure of an
area is replaced and marked ``corrected``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from planner.area import StudyArea
from planner.errors import ProjectError
from planner.layers import Layers
from planner.ledger import Note, Source, note_items
from planner.local_knowledge.effects import EFFECT_COLUMNS
from planner.scenario import (
    AddOffer,
    Change,
    CloseOffer,
    CloseVenue,
    MoveVenue,
    OpenVenue,
    RenameVenue,
    SetCapacity,
    SetOfferDetail,
    SetOpening,
    SetServes,
    SetStatus,
    SetVenueDetail,
    apply_changes,
)
from planner.services import OFFER_DETAILS, VENUE_DETAILS, Services
from planner.sources.coordinates import place_points
from planner.sources.corrections import Correction
from planner.sources.opening import from_text
from planner.sources.text import comparable, slug

STAGE = "local"
UNNAMED = "a partner"
#: Fields that say where a venue is come in pairs, one a row.
PAIRS = {"lon": "lat", "easting": "northing"}
POSITION = {name for pair in PAIRS.items() for name in pair}
VENUE_FIELDS = ("name", *sorted(POSITION), "opening", "capacity", "status", "serves", "kinds")
VENUE_FIELDS += (*OFFER_DETAILS, *VENUE_DETAILS)

LEDGER_COLUMNS = [
    "correction",
    "file",
    "row",
    "author",
    "date",
    "action",
    "subject",
    "subject_id",
    "field",
    "official_value",
    "local_value",
    "applied",
    "note",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalKnowledge:
    """Corrections, what they replace, and what they change.

    Parameters
    ----------
    ledger
        One row a correction, index ``number`` (1, 2, ...), columns `LEDGER_COLUMNS`; ``applied``
        is "yes", "recorded" (a note) or why it was not. ``author`` is "a partner" where names are
        not to be shown.
    changes
        What happens to the services, in order.
    services, layers
        With the corrections applied.
    effects
        On the ledger's index, `EFFECT_COLUMNS`; None until two plans were compared.
    notes
        How many were applied, and which not.
    """

    ledger: pd.DataFrame
    changes: tuple[Change, ...]
    services: Services
    layers: Layers
    effects: pd.DataFrame | None = None
    notes: tuple[Note, ...] = field(default=())


class _RefusedError(Exception):
    """Why one correction is not applied; the others are."""


def build_local_knowledge(
    services: Services,
    layers: Layers,
    area: StudyArea,
    corrections: Sequence[Correction],
    *,
    sources: Sequence[Source] = (),
    private: Iterable[str] = (),
) -> LocalKnowledge:
    """Apply corrections to services and layers, one after the other.

    Parameters
    ----------
    services, layers, area
        The official data.
    corrections
        As read; rows that open the same venue, or give one position, belong together.
    sources
        The files they came from; what is opened or added names the first of them.
    private
        Ids of private layers; these cannot be corrected, because that would show a count.

    Returns
    -------
    local
        A correction that does not fit (no such venue, not a number) is not applied, and its
        row in the ledger says why: official lists move on, and a stale correction must not stop
        the run.
    """
    groups = _group(corrections)
    changes: list[Change] = []
    rows: dict[int, dict[str, object]] = {}
    fixed: list[str] = []
    barred = set(private)
    for numbers in groups:
        lines = [corrections[n] for n in numbers]
        try:
            official, subject_id, new, layers = _apply(lines, services, layers, area, barred)
            services = apply_changes(services, new)
            changes += new
            applied = "recorded" if lines[0].action == "note" else "yes"
        except (_RefusedError, ProjectError) as err:
            official, subject_id = [""] * len(lines), ""
            reason = err.message if isinstance(err, ProjectError) else str(err)
            applied = f"no: {reason.removeprefix('Scenario: ')}"
            fixed.append(f"{lines[0].file}, row {lines[0].row}: {applied.removeprefix('no: ')}")
        for number, line, was in zip(numbers, lines, official, strict=True):
            rows[number] = _ledger_row(line, subject_id, was, applied, number)
    ledger = pd.DataFrame([rows[n] for n in sorted(rows)], columns=LEDGER_COLUMNS)
    ledger.index = pd.RangeIndex(1, len(ledger) + 1, name="number")
    return LocalKnowledge(
        ledger=ledger,
        changes=tuple(changes),
        services=_with_source(services, sources),
        layers=layers,
        notes=tuple(_notes(ledger, fixed)),
    )


def build_local_table(local: LocalKnowledge) -> pd.DataFrame:
    """Return the ledger with its effects, as it is written to a file."""
    if local.effects is None:
        effects = pd.DataFrame("", index=local.ledger.index, columns=EFFECT_COLUMNS)
    else:
        effects = local.effects
    return local.ledger.join(effects).reset_index(drop=True)


# --- applying -------------------------------------------------------------------------------


def _group(corrections: Sequence[Correction]) -> list[list[int]]:
    """Return which rows are one change: all that open a venue, or the two halves of a position."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, line in enumerate(corrections):
        subject = comparable(line.subject)
        if line.action == "open":
            key: tuple[object, ...] = ("open", subject)
        elif line.action == "correct" and line.field in POSITION:
            key = ("position", subject, line.field in {"lon", "lat"})
        else:
            key = ("one", number)
        groups.setdefault(key, []).append(number)
    # A venue is opened before anything else is said of it.
    return sorted(groups.values(), key=lambda numbers: corrections[numbers[0]].action != "open")


def _apply(
    lines: Sequence[Correction],
    services: Services,
    layers: Layers,
    area: StudyArea,
    private: set[str],
) -> tuple[list[str], str, list[Change], Layers]:
    """Return the official values, the subject's id, the changes and the layers."""
    first = lines[0]
    if first.action == "open":
        change = _opened(lines, services)
        return [""] * len(lines), change.venue_id, [change], layers
    if first.subject in area.areas.index:
        if first.action == "note":
            return [""], first.subject, [], layers
        if first.action == "close":
            raise _RefusedError("an area cannot be closed")
        was, layers = _with_figure(first, layers, private)
        return [was], first.subject, [], layers
    if first.action == "note":
        return [""], _find_venue(first, services, strict=False), [], layers
    venue_id = _find_venue(first, services)
    if first.action == "close":
        was = str(services.venues.loc[venue_id, "status"])
        return [was], venue_id, [CloseVenue(venue_id=venue_id)], layers
    official, changes = _corrected(lines, venue_id, services, area)
    return official, venue_id, changes, layers


def _find_venue(line: Correction, services: Services, *, strict: bool = True) -> str:
    """Return the venue of that id, or the only one of that name."""
    if line.subject in services.venues.index:
        return line.subject
    names = services.venues["venue_name"].map(comparable)
    found = services.venues.index[names == comparable(line.subject)]
    if len(found) == 1:
        return str(found[0])
    if not strict:
        return ""
    why = f"{len(found)} venues are called" if len(found) else "no venue or area is called"
    raise _RefusedError(f"{why} {line.subject!r}")


def _opened(lines: Sequence[Correction], services: Services) -> OpenVenue:
    """Return the venue that several rows describe: its position, its kinds, its name."""
    said = {line.field: line.value for line in lines}
    details = [*OFFER_DETAILS, *VENUE_DETAILS]
    unknown = sorted(set(said) - {"name", "kinds", "partner", *POSITION, *details})
    if unknown:
        raise _RefusedError(f"a new venue has no field {unknown[0]!r}")
    kinds = tuple(_kinds(said.get("kinds", "")))
    if not kinds:
        raise _RefusedError("a new venue needs a row with its kinds")
    subject = lines[0].subject
    x, y = _position(said)
    return OpenVenue(
        venue_id=f"local:{slug(subject) or lines[0].row}",
        name=said.get("name", subject),
        x=x,
        y=y,
        kinds=kinds,
        partner=said.get("partner", ""),
        **{name: said.get(name, "") for name in details},
    )


def _position(said: dict[str, str]) -> tuple[float, float]:
    for across, up in PAIRS.items():
        if across in said and up in said:
            try:
                x, y = np.array([float(said[across])]), np.array([float(said[up])])
            except ValueError:
                break
            found = place_points(x, y, degrees=across == "lon", index=pd.RangeIndex(1)).iloc[0]
            if found["reason"]:
                raise _RefusedError(str(found["reason"]))
            return float(found["x"]), float(found["y"])
    raise _RefusedError(
        "a position needs two rows of numbers: lon and lat, or easting and northing"
    )


def _corrected(
    lines: Sequence[Correction], venue_id: str, services: Services, area: StudyArea
) -> tuple[list[str], list[Change]]:
    venue = services.venues.loc[venue_id]
    line = lines[0]
    if line.field in POSITION:
        x, y = _position({one.field: one.value for one in lines})
        at = services.venues.loc[[venue_id]].geometry
        degrees = at.to_crs(4326)
        now = {
            "easting": f"{at.x.iloc[0]:.1f}",
            "northing": f"{at.y.iloc[0]:.1f}",
            "lon": f"{degrees.x.iloc[0]:.6f}",
            "lat": f"{degrees.y.iloc[0]:.6f}",
        }
        return [now[one.field] for one in lines], [MoveVenue(venue_id=venue_id, x=x, y=y)]
    field_name, _, kind = line.field.partition(":")
    offers = services.offers[services.offers["venue_id"] == venue_id]
    mine = offers[(offers["kind"] == kind) | (kind == "")]
    if field_name == "name":
        return [venue["venue_name"]], [RenameVenue(venue_id=venue_id, name=line.value)]
    if field_name == "status":
        status = SetStatus(venue_id=venue_id, status=comparable(line.value))
        return [venue["status"]], [status]
    if field_name == "opening":
        opening = from_text(line.value) if line.value else ""
        if opening is None:
            raise _RefusedError(f"{line.value!r} cannot be read as opening times")
        return [venue["opening"]], [SetOpening(venue_id=venue_id, opening=opening)]
    if field_name == "capacity":
        was = _joined(f"{c:g}" for c in mine["capacity"].dropna())
        capacity = _number(line.value)
        return [was], [SetCapacity(venue_id=venue_id, capacity=capacity, kind=kind)]
    if field_name == "serves":
        serves = _serves(line.value, area)
        return [_joined(mine["serves"])], [SetServes(venue_id=venue_id, serves=serves, kind=kind)]
    if field_name in VENUE_DETAILS:
        told = SetVenueDetail(venue_id=venue_id, detail=field_name, text=line.value)
        return [venue[field_name]], [told]
    if field_name in OFFER_DETAILS:
        was = _joined(text for text in mine[field_name] if text)
        asked = SetOfferDetail(venue_id=venue_id, detail=field_name, text=line.value, kind=kind)
        return [was], [asked]
    if field_name == "kinds":
        return [_joined(offers["kind"])], _kind_changes(venue_id, offers, _kinds(line.value))
    raise _RefusedError(
        f"a venue has no field {line.field!r} (there are {', '.join(VENUE_FIELDS)})"
    )


def _kind_changes(venue_id: str, offers: pd.DataFrame, kinds: list[str]) -> list[Change]:
    if not kinds:
        raise _RefusedError("kinds is empty; use the action close")
    now = sorted(set(offers["kind"]))
    added: list[Change] = [AddOffer(venue_id=venue_id, kind=k) for k in kinds if k not in now]
    return added + [CloseOffer(venue_id=venue_id, kind=k) for k in now if k not in kinds]


def _with_figure(line: Correction, layers: Layers, private: set[str]) -> tuple[str, Layers]:
    """Put one area's figure in one layer right."""
    key = line.field
    if key in private:
        raise _RefusedError("a private layer cannot be corrected")
    if key not in layers.specs:
        raise _RefusedError(f"there is no layer {key!r}")
    if layers.specs[key].kind == "rank":
        raise _RefusedError("a rank cannot be corrected on its own")
    value = _number(line.value)
    if layers.specs[key].kind == "share" and value > 1:
        raise _RefusedError("a share lies between 0 and 1")
    values, status = layers.values.copy(), layers.status.copy()
    was = values.loc[line.subject, key]
    values.loc[line.subject, key] = value
    status.loc[line.subject, key] = "corrected"
    return "" if np.isnan(was) else f"{was:g}", replace(layers, values=values, status=status)


def _number(text: str) -> float:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        value = float("nan")
    if not np.isfinite(value) or value < 0:
        raise _RefusedError(f"{text!r} is not a number from 0")
    return value


def _kinds(text: str) -> list[str]:
    kinds = sorted({comparable(kind).replace(" ", "_") for kind in text.split(";")} - {""})
    if any(not kind.isidentifier() or not kind.isascii() or len(kind) > 40 for kind in kinds):
        raise _RefusedError(f"{text!r} has a kind that is none (such as gp;food_bank)")
    return kinds


def _serves(text: str, area: StudyArea) -> str:
    if comparable(text) in {"anyone", "place"}:
        return comparable(text)
    codes = sorted({code.strip() for code in text.split(";")} - {""})
    if not codes or any(code not in area.areas.index for code in codes):
        raise _RefusedError(f"{text!r} is not anyone, place, or areas here with ; between them")
    return ";".join(codes)


def _joined(values: Iterable[object]) -> str:
    return ";".join(sorted({str(value) for value in values}))


def _ledger_row(
    line: Correction, subject_id: str, official: str, applied: str, number: int
) -> dict[str, object]:
    local = "closed" if line.action == "close" else line.value
    return {
        "correction": number + 1,
        "file": line.file,
        "row": line.row,
        "author": line.author or UNNAMED,
        "date": line.date,
        "action": line.action,
        "subject": line.subject,
        "subject_id": subject_id,
        "field": "status" if line.action == "close" else line.field,
        "official_value": official,
        "local_value": "" if line.action == "note" else local,
        "applied": applied,
        "note": line.note,
    }


def _with_source(services: Services, sources: Sequence[Source]) -> Services:
    """Name the partners' file as the source of what they added."""
    added = services.offers["source"] < 0
    if not sources or not bool(added.any()):
        return services
    offers = services.offers.copy()
    offers.loc[added, "source"] = len(services.sources)
    return replace(services, offers=offers, sources=(*services.sources, sources[0]))


def _notes(ledger: pd.DataFrame, refused: list[str]) -> list[Note]:
    notes = []
    done = ledger[ledger["applied"] == "yes"]
    if len(done):
        items = [
            f"{row['subject']}, {row['field'] or row['action']}: "
            f"{row['official_value'] or 'not in the official data'} → {row['local_value']} "
            f"({row['author']}, {row['date']})"
            for _, row in done.iterrows()
        ]
        text = f"{len(done)} lines of local knowledge stand in for the official data."
        notes.append(
            Note(stage=STAGE, what="local_applied", count=len(done), text=text, items=tuple(items))
        )
    if refused:
        text = f"{len(refused)} corrections could not be applied: {refused[0]}."
        notes.append(note_items(STAGE, "local_not_applied", refused, text))
    return notes
