"""`planner compare`: two places, two dates, places alike; refused in one or two lines otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from square_projects import layer, place

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).resolve().parent.parent
PROJECTS = ROOT / "tests" / "projects"
CENSUS = "fixtures/population/census2021_population_lsoa21_nomis.csv"
IOD = "fixtures/deprivation/gm_iod2025_scores_ranks_deciles_humaniverse.csv"

NEED = layer("figures.csv", 'hardship = "need"', domains='hardship = "income"')


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    return place(tmp_path / "west", 10, NEED), place(tmp_path / "east", 40, NEED)


def refused(run: tuple[int, str, str]) -> str:
    code, out, err = run
    words = [line for line in err.splitlines() if "%  " not in line]
    assert code == 2
    assert out == ""
    assert 1 <= len(words) <= 2, err
    assert "Traceback" not in err
    return " ".join(words)


class TestTwoPlaces:
    def test_a_dozen_lines_say_who_is_worse_off(self, planner: Run, two: tuple[Path, Path]) -> None:
        code, out, err = planner("compare", *two)
        assert code == 0, err
        assert "West (6 areas, 7,500 people) and East (6 areas, 7,500 people): 1 figure" in out
        assert "Official summaries of need, among the 12 areas of both" in out
        assert "average rank (turned round, high = greater need)" in " ".join(out.split())
        assert "Areas are not people" in out
        assert len(out.splitlines()) <= 12

    def test_the_files_hold_figures_sources_licences_and_dates(
        self, planner: Run, two: tuple[Path, Path], tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        assert planner("compare", *two, "--out", out)[0] == 0
        assert sorted(p.name for p in out.iterdir()) == [
            "compare.csv", "compare.md", "manifest.json",
        ]  # fmt: skip
        table = pd.read_csv(out / "compare.csv", encoding="utf-8-sig").set_index("measure")
        west = pd.read_csv(two[0] / "figures.csv")
        mean = (west["need"] * west["people"]).sum() / west["people"].sum()
        assert table.loc["hardship", "first"] == pytest.approx(mean, abs=1e-4)
        assert table.loc["hardship", "licence"] == "OGL v3.0"
        assert table.loc["hardship", "date"] == 2025
        assert "need_average_score" in table.index
        text = (out / "compare.md").read_text(encoding="utf-8")
        assert "Council, Figures (2025), OGL v3.0" in text
        assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["licences"]

    def test_the_same_again_gives_the_same_bytes_in_the_same_folder(
        self, planner: Run, two: tuple[Path, Path], tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        planner("compare", *two, "-o", out)
        first = {p.name: p.read_bytes() for p in out.iterdir()}
        assert planner("compare", *two, "-o", out)[0] == 0
        assert first == {p.name: p.read_bytes() for p in out.iterdir()}

    def test_hostile_names_are_shown_as_they_are(self, planner: Run, tmp_path: Path) -> None:
        west = place(tmp_path / "west", 10, NEED, name="<b>We|st</b>")
        east = place(tmp_path / "east", 40, NEED, name="=1+1")
        planner("compare", west, east, "-o", tmp_path / "out")
        text = (tmp_path / "out" / "compare.md").read_text(encoding="utf-8")
        assert "<b>" not in text
        assert r"We\|st" in text
        csv = (tmp_path / "out" / "compare.csv").read_text(encoding="utf-8-sig")
        assert ",'=1+1," in csv

    def test_a_run_s_results_are_not_replaced(
        self, planner: Run, two: tuple[Path, Path], tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        out.mkdir()
        (out / "report.html").write_text("mine")
        (out / "manifest.json").write_text(
            json.dumps({"made_by": "planner", "files": [{"file": "report.html"}]})
        )
        assert "results of a run" in refused(planner("compare", *two, "-o", out))
        assert (out / "report.html").read_text() == "mine"


class TestRefused:
    def test_the_same_place_twice_writes_nothing(
        self, planner: Run, two: tuple[Path, Path], tmp_path: Path
    ) -> None:
        text = refused(planner("compare", two[0], two[0], "-o", tmp_path / "out"))
        assert "the same 6 areas" in text
        assert not (tmp_path / "out").exists()

    def test_nothing_in_common(self, planner: Run, tmp_path: Path) -> None:
        west = place(tmp_path / "west", 10, NEED)
        other = layer(
            "figures.csv", 'hardship = "need"', vintage="2019", domains='hardship = "income"'
        )
        east = place(tmp_path / "east", 40, other)
        assert "of other dates (2025; 2019)" in refused(planner("compare", west, east))

    @pytest.mark.parametrize("more", [(), ("--alike", "--vintages", "a", "b")])
    def test_not_one_thing_to_compare_with(
        self, planner: Run, two: tuple[Path, Path], more: tuple[str, ...]
    ) -> None:
        assert "one thing" in refused(planner("compare", two[0], *more))

    def test_no_such_project(self, planner: Run, two: tuple[Path, Path], tmp_path: Path) -> None:
        assert "no project file" in refused(planner("compare", two[0], tmp_path / "none"))


class TestTwoDates:
    IOD = "English Indices of Deprivation"

    def ranks(self, old: str, new: str, geography: str = "lsoa11") -> str:
        given = {"kind": "rank", "high": "better", "dataset": self.IOD}
        return "".join(
            layer("figures.csv", f'{key} = "{column}"', vintage=vintage, **given)
            + f'geography = "{geography}"\n'
            for key, column, vintage in [("old", "rank_old", old), ("new", "rank", new)]
        )

    def test_ranks_of_2015_and_2019_as_standing_only(self, planner: Run, tmp_path: Path) -> None:
        west = place(tmp_path / "west", 10, self.ranks("2015", "2019", "lsoa21"))
        code, out, err = planner(
            "compare", west, "--vintages", "old", "new", "-o", tmp_path / "out"
        )
        assert code == 0, err
        assert "never that it became more or less deprived" in " ".join(out.split())
        table = pd.read_csv(tmp_path / "out" / "compare.csv", encoding="utf-8-sig")
        # Ranks 11, 13, 15, ... in 2015 and 11, 12, 13, ... in 2019.
        assert table["places_up"].tolist() == [0, 1, 2, 3, 4, 5]

    def test_2019_and_2025_are_refused_with_the_reason(self, planner: Run, tmp_path: Path) -> None:
        west = place(tmp_path / "west", 10, self.ranks("2019", "2025", "lsoa21"))
        text = refused(planner("compare", west, "--vintages", "old", "new"))
        assert "after housing costs" in text
        assert "See: English Indices of Deprivation 2025" in text

    def test_a_figure_of_an_unknown_publisher_is_refused(
        self, planner: Run, tmp_path: Path
    ) -> None:
        layers = layer("figures.csv", 'old = "need"', vintage="2019") + layer(
            "figures.csv", 'new = "people"', vintage="2024"
        )
        west = place(tmp_path / "west", 10, layers)
        text = refused(planner("compare", west, "--vintages", "old", "new"))
        assert "knows of no statement by Council" in text

    def test_a_layer_that_is_not_there(self, planner: Run, two: tuple[Path, Path]) -> None:
        text = refused(planner("compare", two[0], "--vintages", "hardship", "hardshp"))
        assert "no layer 'hardshp'" in text

    def test_two_projects_of_one_place_compare_their_dates(
        self, planner: Run, tmp_path: Path
    ) -> None:
        given = {"kind": "count", "high": "neither", "dataset": "Claimant count"}
        (tmp_path / "old").mkdir()
        (tmp_path / "new").mkdir()
        old = layer("figures.csv", 'claimants = "rank_old"', vintage="May 2019", **given)
        new = layer("figures.csv", 'claimants = "people"', vintage="June 2024", **given)
        before = place(tmp_path / "old" / "west", 10, old)
        after = place(tmp_path / "new" / "west", 10, new)
        code, out, err = planner("compare", after, before)
        assert code == 0, err
        # 11 + 13 + ... + 21, then 1,000 + 1,100 + ... + 1,500.
        assert "96 people in May 2019, 7,500 people in June 2024" in " ".join(out.split())
        assert "It rose in 6 of 6 areas" in out

    def test_two_projects_of_one_place_are_refused_where_no_date_may_be_compared(
        self, planner: Run, tmp_path: Path
    ) -> None:
        folders = []
        for vintage in ("2019", "2025"):
            (tmp_path / vintage).mkdir()
            text = layer("figures.csv", 'score = "need", other = "rank"', dataset=self.IOD,
                         vintage=vintage)  # fmt: skip
            folders.append(place(tmp_path / vintage / "west", 10, text))
        text = refused(planner("compare", *folders, "-o", tmp_path / "out"))
        assert "after housing costs" in text
        assert "1 other figure is refused, too" in text
        assert not (tmp_path / "out").exists()


class TestAlike:
    def test_without_the_nation_it_says_what_to_add(
        self, planner: Run, two: tuple[Path, Path]
    ) -> None:
        text = refused(planner("compare", two[0], "--alike", 5))
        assert '[need] reference = "nation" and [lookups] districts = "FILE"' in text


class TestRealPlaces:
    def greater_manchester(self, folder: Path, shared: Path, name: str) -> Path:
        """Write a project of one district, its areas cut out of the ten."""
        areas = gpd.read_file(shared / "fixtures/boundaries/gm_lsoa21_generalised.geojson")
        mine = areas[areas["area_name"].str.startswith(f"{name} ")]
        mine.to_file(folder / f"{name}.geojson", driver="GeoJSON")
        text = (
            f'[place]\nname = "{name}"\ngeography = "lsoa21"\nboundaries = "{name}.geojson"\n'
            f'[place.population]\nfile = "{CENSUS}"\ncolumn = "Population"\n'
        )
        text += layer(
            IOD,
            'income = "Income_score", health = "Health_score", environment = "Environment_score"',
            dataset="English Indices of Deprivation 2025",
            domains='income = "income", health = "health", environment = "environment"',
        )
        path = folder / f"{name}.toml"
        path.write_text(text + 'code_column = "lsoa21_code"\n', encoding="utf-8")
        return path

    def test_trafford_and_salford(self, planner: Run, shared: Path, tmp_path: Path) -> None:
        pair = [self.greater_manchester(tmp_path, shared, name) for name in ("Trafford", "Salford")]
        code, out, err = planner("compare", *pair, "--data-root", shared, "-o", tmp_path / "out")
        assert code == 0, err
        assert "Trafford (139 areas, 235,049 people) and Salford (161 areas, 269,927" in out
        table = pd.read_csv(tmp_path / "out" / "compare.csv", encoding="utf-8-sig")
        table = table.set_index("measure")
        # The same by pandas alone.
        figures = pd.read_csv(shared / IOD).set_index("lsoa21_code")["Health_score"]
        people = pd.read_csv(shared / CENSUS, dtype=str)
        code_column = next(c for c in people.columns if people[c].str.match(r"E01\d{6}").any())
        people = people.set_index(code_column)["Population"].astype(float)
        for column, name in (("first", "Trafford"), ("second", "Salford")):
            codes = gpd.read_file(tmp_path / f"{name}.geojson")["area_code"]
            weighted = (figures[codes] * people[codes]).sum() / people[codes].sum()
            assert table.loc["health", column] == pytest.approx(weighted, abs=1e-4)
        assert table.loc[["income", "health"], "worse_off"].tolist() == ["Salford"] * 2
        assert table.loc["environment", "worse_off"] == "alike"

    def test_trafford_and_newport_are_in_two_nations(
        self, planner: Run, shared: Path, tmp_path: Path
    ) -> None:
        trafford = self.greater_manchester(tmp_path, shared, "Trafford")
        text = refused(
            planner("compare", trafford, PROJECTS / "newport.toml", "--data-root", shared)
        )
        assert "Trafford is in England, Newport is in Wales" in text
        assert "ranks its own areas only" in text

    def test_trafford_among_districts_like_it(
        self, planner: Run, shared: Path, tmp_path: Path
    ) -> None:
        path = self.greater_manchester(tmp_path, shared, "Trafford")
        text = path.read_text(encoding="utf-8").replace(
            IOD, "oracles/imd2025_england_lsoa21.parquet"
        )
        text += (
            '[need]\nreference = "nation"\n'
            '[lookups]\ndistricts = "oracles/lookup_lsoa21_ward24_ltla24.parquet"\n'
            f'population = "{CENSUS}"\n'
        )
        path.write_text(text, encoding="utf-8")
        code, out, err = planner(
            "compare", path, "--alike", 5, "--data-root", shared, "-o", tmp_path / "out"
        )
        assert code == 0, err
        assert "Trafford among 296 districts by 3 measures" in out
        # The file has the people of eleven districts only.
        assert "Districts are plain means of their areas, as [lookups] population" in out
        table = pd.read_csv(tmp_path / "out" / "compare.csv", encoding="utf-8-sig")
        near = table["district"].dropna()
        assert len(near) == 5
        assert "E08000009" not in set(near)
        assert near.str.match(r"E0[6789]\d{6}").all()
