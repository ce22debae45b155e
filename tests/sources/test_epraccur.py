"""GP practices as NHS ODS publishes them: 27 columns without a header."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from places import tiny_area
from supply import notes_of, supply_project, write_lines

from planner.errors import DataError
from planner.services import Services
from planner.sources.registers import EPRACCUR_COLUMNS, exclude_gps, read_epraccur
from planner.sources.services import read_services
from planner.sources.tables import read_table

EPRACCUR = {"from": "epraccur", "kind": "gp"}


def _line(code: str, name: str, postcode: str, status: str, setting: str) -> str:
    cells = [code, name, "Y63", "QHM", "1 HIGH ST", "SALE", "", "", "", postcode, "19740401", ""]
    cells += [status, "B", "16C", "20200401", "", "", "", "", "", "0", "", "16C", "", setting, ""]
    return ",".join(f'"{cell}"' for cell in cells)


def _read(folder: Path, *lines: str) -> Services:
    write_lines(folder, "pc.csv", "pcds,oseast1m,osnrth1m", "AA1 1AA,431500,391500")
    write_lines(folder, "epraccur.csv", *lines)
    entry = {**EPRACCUR, "file": "epraccur.csv"}
    project = supply_project(folder, entry, postcodes={"file": "pc.csv"})
    return read_services(project, tiny_area())


def test_active_practices_stand_at_their_postcode(tmp_path: Path) -> None:
    services = _read(
        tmp_path,
        _line("W1", "OPEN", "AA1 1AA", "A", "4"),
        _line("W2", "CLOSED", "AA1 1AA", "C", "4"),
        _line("W3", "HOSPICE", "AA1 1AA", "A", "13"),
        _line("W4", "NOWHERE", "", "A", "4"),
    )
    venue = services.venues.loc["gp:W1"]
    assert (venue["venue_name"], venue["address"]) == ("OPEN", "1 HIGH ST, SALE")
    assert (venue.geometry.x, venue.geometry.y) == (431500.0, 391500.0)
    assert services.unplaced[["name", "reason", "row"]].to_numpy().tolist() == [
        ["NOWHERE", "no coordinates and no postcode", 4]
    ]
    assert notes_of(services, "rows_excluded") == [(1, ("CLOSED",)), (1, ("HOSPICE",))]


def test_copy_with_a_header_is_read_alike(tmp_path: Path) -> None:
    services = _read(tmp_path, ",".join(EPRACCUR_COLUMNS), _line("W1", "OPEN", "AA1 1AA", "A", "4"))
    assert services.venues.index.tolist() == ["gp:W1"]


def test_another_width_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="3 columns, not the 27 of this table without a header"):
        _read(tmp_path, "W1,OPEN,AA1 1AA")


def test_published_table(shared: Path) -> None:
    path = shared / "fixtures" / "services" / "epraccur.csv"
    with path.open(encoding="latin-1", newline="") as handle:
        published = list(csv.reader(handle))
    table = read_epraccur(path, what="epraccur.csv")
    assert table.shape == (15_971, 27)
    assert table["Postcode"].tolist() == [row[9] for row in published]
    assert table["Prescribing Setting"].tolist() == [row[25] for row in published]


def _practices(table: pd.DataFrame, column: str) -> set[str]:
    return set(table.loc[exclude_gps(table, "t") == "", column])


def test_practices_agree_with_the_geocoded_table_of_a_year_before(shared: Path) -> None:
    folder = shared / "fixtures" / "services"
    now = _practices(read_epraccur(folder / "epraccur.csv", what="e"), "Organisation Code")
    geocoded = read_table(folder / "gp_practices_geocoded_newport_gm.csv")
    before = _practices(geocoded, "Organisation Code")
    with (folder / "epraccur.csv").open(encoding="latin-1", newline="") as handle:
        published = {row[0]: (row[12], row[25]) for row in csv.reader(handle)}
    assert now == {code for code, told in published.items() if told == ("A", "4")}
    # Cut in December 2022 and a year later: what is gone has closed in between.
    gone = before - now
    assert len(gone) <= 0.05 * len(before)
    assert all(published[code][0] != "A" for code in gone)


def test_nine_thousand_rows_are_left_out_and_every_practice_waits_for_a_postcode_directory(
    tmp_path: Path, shared: Path
) -> None:
    entry = {**EPRACCUR, "file": "fixtures/services/epraccur.csv"}
    services = read_services(supply_project(tmp_path, entry, roots=(shared,)), tiny_area())
    # Counted with the csv module: 15,971 rows, 6,750 of them active with setting 4.
    assert sum(count for count, _ in notes_of(services, "rows_excluded")) == 9_221
    assert len(services.unplaced) == 6_750
    assert set(services.unplaced["reason"]) == {"no postcode directory given"}
