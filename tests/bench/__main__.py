"""Measure, write the figures down and put the table into the README.

``python -m tests.bench`` measures everything, ``python -m tests.bench streets`` one part.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from .rows import RESULTS, Row, to_table, write_rows, write_table

#: In the order they are measured in; each is a module here with ``rows() -> list[Row]``.
PARTS = (
    "streets",
    "timetable",
    "growth",
    "need",
    "typology",
    "access",
    "bundle",
    "hubs",
    "hub_models",
    "bundle_siting",
    "app_start",
    "app_map",
    "app_load",
)


def main(asked: list[str]) -> int:
    here = Path(__file__).parent
    # Every module with a ``rows`` may be asked for; a part that is not there is left out.
    wrong = [part for part in asked if not (here / f"{part}.py").exists()]
    if wrong:
        print(f"There is no benchmark {', '.join(wrong)}; there are: {', '.join(PARTS)}.")
        return 2
    fresh: list[Row] = []
    for part in asked or [part for part in PARTS if (here / f"{part}.py").exists()]:
        print(f"== {part}", flush=True)
        fresh += importlib.import_module(f"{__package__}.{part}").rows()
        rows = write_rows(fresh)
    if not write_table(rows):
        print(to_table(rows))
    missed = [row for row in fresh if row.met is False]
    for row in missed:
        print(f"Not met: {row.work}, beside {row.peer or 'nobody'}.")
    print(f"{len(fresh)} rows, {len(missed)} not met: {RESULTS.name}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
