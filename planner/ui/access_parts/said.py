"""What is each measure of access called, what does it say, and what does it not say?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from planner.wording import say_ordinal, to_label

#: What ``within`` holds where the standard is the limit.
STANDARD = "standard"

Shape = Literal["minutes", "number", "share", "amount"]


@dataclass(frozen=True, kw_only=True)
class Family:
    """Measures that differ only by what they are measured with.

    ``label`` is what the family is called in a list; ``means`` defines it; ``mind`` says what it
    does not say. ``shape`` is what its values are: minutes, a whole number, a share from 0 to 1,
    or an amount with a unit of its own. ``asks`` is what its settings are called in a list.
    """

    label: str
    means: str
    shape: Shape
    asks: str = ""
    mind: str = ""


_ONE_LIMIT = (
    "Where many lie just within or just beyond the minutes, another limit gives another picture: "
    "try one or two beside it."
)
_HOURS = (
    "Hours are as stated in the services' own files; public holidays are not looked at, and open "
    "for some time is not open all the time."
)
FAMILIES: dict[str, Family] = {
    "minutes_nearest": Family(
        label="Minutes to the nearest",
        means="How long the way takes to the nearest that people of the area may use, door to "
        "door.",
        shape="minutes",
        mind="The nearest need not be the one that people go to, or have a place free.",
    ),
    "minutes_kth": Family(
        label="Minutes to have a choice",
        means="How long the way takes to the second nearest (or third, and so on): within that "
        "time people can choose, or go elsewhere where the nearest is full or closed.",
        shape="minutes",
        asks="Which one",
        mind="An area with a short way to one and a long way to the next hangs on that one.",
    ),
    "minutes_open": Family(
        label="Minutes to the nearest that is open then",
        means="How long the way takes to the nearest that is open at some time between the hours "
        "chosen.",
        shape="minutes",
        mind=_HOURS,
    ),
    "count_open": Family(
        label="Number open then",
        means="How many there are within the minutes stated that are open at some time between the "
        "hours chosen.",
        shape="number",
        mind=_HOURS,
    ),
    "count_within": Family(
        label="Number within so many minutes",
        means="How many there are no further away than the minutes chosen.",
        shape="number",
        mind=_ONE_LIMIT,
    ),
    "jobs_within": Family(
        label="Jobs within so many minutes",
        means="How many jobs there are no further away than the minutes chosen.",
        shape="number",
        mind="Jobs that are filled, of every kind and pay: not vacancies, and not those that "
        f"somebody has the skills for. {_ONE_LIMIT}",
    ),
    "share_within": Family(
        label="Share within so many minutes",
        means="Of all that are on the map and that people of the area may use, the share that is "
        "no further away than the minutes chosen.",
        shape="share",
        mind=f"The whole is what is in the project's files, nothing beyond. {_ONE_LIMIT}",
    ),
    "interval": Family(
        label="Number within reach, over a range of minutes",
        means="How many there are within reach on average, as the limit goes from the first "
        "minute of the range to the last: it hangs less on one limit.",
        shape="amount",
        asks="Range of minutes",
    ),
    "gravity": Family(
        label="Number, nearer ones counting more",
        means="All within reach are added up, each counting less the longer the way takes: one "
        "on the doorstep counts as 1, one far away as nearly nothing.",
        shape="amount",
        asks="How much less",
        mind="The figure compares areas with one another. It is no number of places that anybody "
        "could visit.",
    ),
    "catchment": Family(
        label="Capacity for each person",
        means="What a service can offer, shared out among all the people who can reach it, those "
        "of neighbouring areas included. Capacity is what the services' own files state: places, "
        "appointments, staff.",
        shape="amount",
        asks="How it is shared out",
        mind="It says where much capacity meets few people, and where many have to share little. "
        "It does not say that anybody has a place, how long people wait, or how good the service "
        "is: not everybody needs it, and people do not always go to the nearest.",
    ),
    "jobs_band": Family(
        label="Jobs in a band of minutes",
        means="How many jobs lie between the two limits chosen.",
        shape="number",
        asks="Minutes away",
        mind="Jobs that are filled, of every kind and pay: not vacancies.",
    ),
    "bundle_minutes_slowest": Family(
        label="Minutes to the slowest of the nearest",
        means="Of the nearest of each of the bundle's services, the one that takes longest.",
        shape="minutes",
        mind="Each is a journey of its own from home; one trip to all of them is on the Gaps page.",
    ),
    "bundle_out_of_reach": Family(
        label="Kinds of service out of reach",
        means="How many of the bundle's services are beyond their standards.",
        shape="number",
        mind="Each service is judged by the way of getting about that its own standard names.",
    ),
}

_SLUG = re.compile(r"(Mo|Tu|We|Th|Fr|Sa|Su) (\d\d:\d\d)-(\d\d:\d\d)(?: (.+))?")
_DAYS = {
    "Mo": "Monday",
    "Tu": "Tuesday",
    "We": "Wednesday",
    "Th": "Thursday",
    "Fr": "Friday",
    "Sa": "Saturday",
    "Su": "Sunday",
}
#: From this hour on it is evening.
_EVENING = "17:00"
_PLAIN = {
    "exponential": "Falls fast at first (exponential)",
    "power": "Falls very fast at first (power)",
    "logistic": "Falls most round a middle (logistic)",
    "gaussian": "Falls like a bell (Gaussian)",
    "2sfca": "All within reach alike (two-step)",
    "e2sfca": "Nearer people and places count more (enhanced two-step)",
    "3sfca": "People first choose by nearness (three-step)",
    "bfca": "Each person and place counted once (balanced)",
    "spatial_availability": "Nothing given out twice (spatial availability)",
}


def family_of(measure: str, title: str = "") -> Family:
    """Return what is said of a family of measures; of one not known, its title at least."""
    other = Family(label=title or to_label(measure), means="", shape="amount", asks="Which one")
    return FAMILIES.get(measure, other)


def split_time(setting: str) -> tuple[str, str]:
    """Split a setting into the time of the week it is for, "" where it is for none, and the rest.

    Examples
    --------
    >>> split_time("Sa 10:00-13:00"), split_time("20-40")
    (('Sa 10:00-13:00', ''), ('', '20-40'))
    """
    found = _SLUG.fullmatch(setting)
    if found is None:
        return "", setting
    return f"{found[1]} {found[2]}-{found[3]}", found[4] or ""


def time_words(time: str) -> str:
    """Return a time of the week as a sentence has it: ``on a Saturday, 10:00 to 13:00``."""
    found = _SLUG.fullmatch(time)
    if found is None:
        return "in the day"
    return f"on a {_part(time)}, {found[2]} to {found[3]}"


def short_time(time: str) -> str:
    """Return the day alone: ``on a Saturday``, ``on a Tuesday evening``."""
    return f"on a {_part(time)}" if _SLUG.fullmatch(time) else "in the day"


def _part(time: str) -> str:
    found = _SLUG.fullmatch(time)
    assert found is not None
    return f"{_DAYS[found[1]]}{' evening' if found[2] >= _EVENING else ''}"


def setting_words(measure: str, setting: str, title: str) -> str:
    """Return one of a family's settings, for a list to choose from."""
    first, dash, last = setting.partition("-")
    if measure == "minutes_kth" and setting.isdigit():
        return f"The {say_ordinal(int(setting))} nearest"
    if measure == "interval" and dash:
        return f"{first} to {last} minutes"
    if measure == "jobs_band" and dash:
        return f"{first} to {last} minutes" if float(first) else f"Up to {last} minutes"
    return _PLAIN.get(setting, title)
