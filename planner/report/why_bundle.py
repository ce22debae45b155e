"""What does it take to put the bundle together from one area, and who else misses the same?"""

from __future__ import annotations

from planner.report.bundle import name_stops
from planner.report.timed import say_timed
from planner.report.why_figures import Facts, Figure, Line, Statement
from planner.report.words import say_number
from planner.standards import kind_words
from planner.travel.times import STATUS_WORDS
from planner.wording import say_list, say_many

#: Signatures that name no service.
_NO_SERVICE = ("none", "not known")


def say_trip(facts: Facts) -> Statement | None:
    """Say what one trip to all of the bundle takes."""
    row = facts.bundle_row
    if facts.kind != "bundle" or "bundle_trip_minutes" not in row.index:
        return None
    line = Line("One trip to all of it")
    if row["bundle_trip_status"] != "reached":
        return line.end(
            f"No trip to all of it was found: {STATUS_WORDS[str(row['bundle_trip_status'])]}."
        )
    minutes = line.cell(facts.bundle("bundle_trip_minutes"), say_number(row["bundle_trip_minutes"]))
    stops = name_stops(facts.plan, str(row["bundle_trip_venues"]))
    named = line.cell(facts.bundle("bundle_trip_venues"), stops)
    text = f"One trip to all of it takes {minutes} minutes, time spent there included: {named}"
    ratio = row["fragmentation_ratio"]
    if ratio == ratio:
        times = line.cell(facts.bundle("fragmentation_ratio"), f"{ratio:.1f}")
        text += (
            f". That is {times} times as long as if all of it were at the existing venue that "
            "suits this area best"
        )
    trips = facts.plan.bundles.trips if facts.plan.bundles is not None else None
    if trips is not None and trips.indicative:
        text += ". Each leg is timed by itself, so this is indicative"
        if say_timed(facts.plan, facts.code):
            text += "; what it takes by the clock comes next"
    return line.end(f"{text}.")


def say_by_clock(facts: Facts) -> Statement | None:
    """Say how long that trip takes by the clock, where it was timed end to end."""
    words = say_timed(facts.plan, facts.code) if facts.kind == "bundle" else ""
    if not words:
        return None
    line = Line("By the clock")
    key = {"area_code": facts.code}
    return line.end(line.cell(Figure.of(words, "bundle_timed.csv", "meaning", key), words))


def say_hand_offs(facts: Facts) -> Statement | None:
    """Say how many places must be visited, and whether one holds all of it."""
    row = facts.bundle_row
    if (
        facts.kind != "bundle"
        or "hand_offs" not in row.index
        or row["hand_offs"] != row["hand_offs"]
    ):
        return None
    line, count = Line("Doors to knock on"), int(row["hand_offs"])
    said = line.cell(facts.bundle("hand_offs"), say_many(count, "place"))
    text = f"At least {said} must be visited for all of it (venues a short walk apart are one)"
    if row["one_stop_status"] == "reached":
        minutes = line.cell(facts.bundle("one_stop_minutes"), say_number(row["one_stop_minutes"]))
        return line.end(
            f"{text}; the nearest single place with all of it is {minutes} minutes away."
        )
    return line.end(f"{text}; no single place with all of it is within reach.")


def say_together(facts: Facts) -> Statement | None:
    """Say what is missed together here, and how many share that."""
    row = facts.bundle_row
    if facts.kind != "bundle" or facts.plan.bundles is None:
        return None
    signature = str(row["signature"])
    kinds = [] if signature in _NO_SERVICE else signature.split(" + ")
    if len(kinds) < 2:
        return None
    table = facts.plan.bundles.signatures.combinations
    found = table[table["signature"] == signature].iloc[0]
    line, key = Line("Missed together"), {"signature": signature}

    def cell(column: str, said: str) -> str:
        return line.cell(Figure.of(found[column], "bundle_signatures.csv", column, key), said)

    areas = cell("areas", say_many(int(found["areas"]), "area"))
    people = cell("people", say_number(float(found["people"])))
    words = say_list([kind_words(kind) for kind in kinds])
    return line.end(
        f"Out of reach together: {words}. The same, and only the same, are out of reach together "
        f"in {areas} with {people} people, this one included.{_say_pairs(facts, kinds, line)}"
    )


def _say_pairs(facts: Facts, kinds: list[str], line: Line) -> str:
    """Name the pair among them that is missed together most beyond chance in the place."""
    assert facts.plan.bundles is not None
    pairs = facts.plan.bundles.signatures.pairs
    more = pairs[pairs["more_than_chance"].fillna(False).astype(bool)]
    more = more[more["kind"].isin(kinds) & more["other_kind"].isin(kinds)]
    if more.empty:
        return ""
    row = more.iloc[0]
    key = {"kind": str(row["kind"]), "other_kind": str(row["other_kind"])}

    def cell(column: str, said: str) -> str:
        return line.cell(Figure.of(row[column], "bundle_pairs.csv", column, key), said)

    areas = cell("areas", say_many(int(row["areas"]), "area"))
    chance = cell("expected_areas", say_number(float(row["expected_areas"]), figures=2))
    words = say_list([kind_words(kind) for kind in (row["kind"], row["other_kind"])])
    return (
        f" In the whole place {words} are out of reach together in {areas}; chance alone would "
        f"make it about {chance}."
    )
