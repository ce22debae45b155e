"""What the stock-take says of services."""

from __future__ import annotations

from pathlib import Path

from places import tiny_area
from supply import HEAD, read_lines

from planner.check import supply_table


def test_details_are_counted_by_kind(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        f"{HEAD},languages,accessibility",
        "One,431000,391000,Welsh,step-free",
        "Two,431900,391000,,lift",
        "Three,430500,391000,,",
    )
    (row,) = supply_table(services, tiny_area()).to_dict("records")
    assert row["also told"] == "languages 1, accessibility 2"
