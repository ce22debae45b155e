"""How is a figure said, so that it is neither more exact nor less than it is?"""

from __future__ import annotations

import math

from planner.maps.classes import ORDINALS
from planner.travel.times import STATUS_WORDS


def say_number(value: float, *, figures: int = 3) -> str:
    """Return a number to a few significant figures, thousands apart; "not known" for NaN.

    Examples
    --------
    >>> say_number(12345), say_number(0.04567), say_number(-3.0)
    ('12,300', '0.0457', '−3')
    """
    if value is None or math.isnan(value):
        return "not known"
    if math.isinf(value):
        return "without end"
    if value == 0:
        return "0"
    digits = figures - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    text = f"{rounded:,.{max(digits, 0)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def say_count(value: float) -> str:
    """Return a whole number in full, thousands apart."""
    return "not known" if value is None or math.isnan(value) else f"{round(value):,}"


def say_share(value: float) -> str:
    """Return a share (0–1) as a percentage that never rounds some to none or most to all.

    Examples
    --------
    >>> say_share(0.3333), say_share(0.001), say_share(0.999), say_share(1.0)
    ('33%', 'under 1%', 'over 99%', '100%')
    """
    if math.isnan(value):
        return "not known"
    if 0 < value < 0.01:
        return "under 1%"
    if 0.99 < value < 1:
        return "over 99%"
    return f"{value:.0%}"


def say_minutes(value: float, status: str = "reached") -> str:
    """Return minutes, or in words why there are none."""
    if status != "reached" or math.isnan(value):
        return STATUS_WORDS[status if status != "reached" else "no_data"]
    return "under 1 min" if 0 < value < 1 else f"{value:.0f} min"


def say_tenth(decile: float) -> str:
    """Return a decile in words: 1 → ``1st tenth``."""
    return "not ranked" if math.isnan(decile) else f"{ORDINALS[int(decile) - 1]} tenth"


def sentence(text: str) -> str:
    """Return a text with a capital first letter and a full stop."""
    text = text.strip()
    if not text:
        return ""
    return f"{text[:1].upper()}{text[1:]}{'' if text[-1] in '.!?' else '.'}"
