"""How are counts, lists and names said in a sentence?"""

from __future__ import annotations

from collections.abc import Sequence


def say_list(words: Sequence[str]) -> str:
    """Return words joined as in a sentence.

    Examples
    --------
    >>> say_list(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def say_noun(count: int, one: str, many: str = "") -> str:
    """Return the noun that goes with a count: ``area``, ``areas``."""
    return one if count == 1 else many or one + "s"


def say_many(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> say_many(1, "row"), say_many(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {say_noun(count, one, many)}"


def say_are(count: int) -> str:
    """Return the verb that goes with a count."""
    return "is" if count == 1 else "are"


def say_ordinal(number: int) -> str:
    """Return a place in an order.

    Examples
    --------
    >>> [say_ordinal(n) for n in (1, 2, 3, 11, 22, 1013)]
    ['1st', '2nd', '3rd', '11th', '22nd', '1,013th']
    """
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in (11, 12, 13) else ending}"


def say_few(names: Sequence[str], most: int = 3) -> str:
    """Return the first of some names and how many more there are.

    Examples
    --------
    >>> say_few(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def to_label(name: object) -> str:
    """Return the name of a domain or kind as it is shown: spaces for underscores."""
    return str(name).replace("_", " ")
