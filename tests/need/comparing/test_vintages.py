"""Two editions are compared only where the publisher says one may; else the reason is given."""

from __future__ import annotations

import pandas as pd
import pytest

from planner.errors import ProjectError
from planner.layers import HighIs, LayerKind, LayerSpec
from planner.ledger import Source
from planner.need.comparing.vintage_statements import FAMILIES, read_span
from planner.need.comparing.vintages import compare_vintages, find_statement

CODES = pd.Index(["E01000001", "E01000002", "E01000003"], name="area_code")


def spec(
    dataset: str,
    vintage: str,
    kind: LayerKind = "count",
    *,
    publisher: str = "Somebody",
    geography: str = "lsoa11",
    high_is: HighIs = "neither",
) -> LayerSpec:
    return LayerSpec(
        id="x",
        title="Figure",
        unit={"count": "people", "share": "share", "years": "years"}.get(kind, kind),
        kind=kind,
        high_is=high_is,
        geography=geography,
        source=Source(publisher=publisher, dataset=dataset, licence="OGL v3.0", vintage=vintage),
    )


def values(*numbers: float) -> pd.Series:
    return pd.Series(numbers, index=CODES[: len(numbers)], dtype=float)


def refusal(first: LayerSpec, second: LayerSpec) -> str:
    with pytest.raises(ProjectError) as caught:
        compare_vintages(first, values(1, 2, 3), second, values(3, 2, 1))
    text = str(caught.value)
    assert 1 <= len(text.splitlines()) <= 2
    return text


IOD = "English Indices of Deprivation"
VERDICTS = [
    # what, earlier, later, verdict, a word of the reason
    (IOD, "2015", "2019", "relative", "standings"),
    (IOD, "2019", "2025", "not comparable", "after housing costs"),
    (IOD, "2015", "2025", "not comparable", "after housing costs"),
    (IOD, "2010", "2019", "unknown", "knows of no statement"),
    ("SIMD 2020v2 ranks", "2016", "2020 (version 2)", "not comparable", "data zones"),
    ("Welsh Index of Multiple Deprivation", "2014", "2019", "not comparable", "within one index"),
    ("Welsh Index of Multiple Deprivation", "2019", "2025", "not comparable", "within one index"),
    ("Northern Ireland Multiple Deprivation Measure", "2010", "2017", "not comparable", "income"),
    ("TS066 Economic activity status", "27 March 2011", "21 March 2021", "not comparable",
     "furlough"),
    ("TS067 Highest level of qualification", "2011", "21 March 2021", "unknown", "no statement"),
    ("Claimant count", "May 2019", "May 2024", "comparable", "same benefits"),
    ("Claimant count", "2018-11", "2024-11", "comparable", "same benefits"),
    ("Claimant count", "May 2010", "March 2013", "comparable", "same benefits"),
    ("Claimant count", "May 2012", "May 2019", "not comparable", "Universal Credit"),
    ("Claimant count", "May 2014", "May 2019", "not comparable", "Universal Credit"),
    ("Life expectancy at birth", "2010-12", "2013-15", "comparable", "share no year"),
    ("Life expectancy at birth", "2010-12", "2012-14", "not comparable", "share years"),
    ("Life expectancy at birth", "2016 to 2020", "2021 to 2023", "comparable", "share no year"),
    ("Mid-year population estimates", "30 June 2022", "30 June 2024", "comparable", "same base"),
    ("Mid-year population estimates", "mid-2019", "mid-2022", "not comparable", "rebased"),
    ("Mid-year population estimates (rebased)", "mid-2019", "mid-2022", "comparable", "same base"),
    ("Council tax bands", "2019", "2024", "unknown", "knows of no statement by Somebody"),
]  # fmt: skip


@pytest.mark.parametrize(("dataset", "first", "second", "verdict", "word"), VERDICTS)
def test_what_is_known_of_each_pair(
    dataset: str, first: str, second: str, verdict: str, word: str
) -> None:
    found = find_statement(spec(dataset, first), spec(dataset, second))
    assert (found.verdict, word in found.reason) == (verdict, True), found.reason
    assert bool(found.document) == (verdict != "unknown")
    assert bool(found.allowed) == (verdict in {"comparable", "relative"})


@pytest.mark.parametrize(("dataset", "first", "second", "verdict", "word"), VERDICTS)
def test_the_order_of_the_two_does_not_matter(
    dataset: str, first: str, second: str, verdict: str, word: str
) -> None:
    assert find_statement(spec(dataset, second), spec(dataset, first)).verdict == verdict


@pytest.mark.parametrize(
    ("dataset", "first", "second", "verdict", "word"),
    [row for row in VERDICTS if row[3] in {"not comparable", "unknown"}],
)
def test_what_may_not_be_compared_is_refused_with_the_reason(
    dataset: str, first: str, second: str, verdict: str, word: str
) -> None:
    text = refusal(spec(dataset, first), spec(dataset, second))
    assert word in text
    assert ("See: " in text) == (verdict == "not comparable")


@pytest.mark.parametrize(
    ("words", "periods", "span"),
    [
        ("30 June 2024", False, (2024.42, 2024.5)),
        ("Mid-2019", False, (2019.0, 2020.0)),
        ("2016-2020", False, (2016.0, 2021.0)),
        ("2015 – 19", True, (2015.0, 2020.0)),
        ("2018-11-05", True, (2018.83, 2018.92)),
        ("date not stated", False, None),
    ],
)
def test_dates_are_read_as_publishers_write_them(
    words: str, periods: bool, span: tuple[float, float] | None
) -> None:
    assert read_span(words, periods=periods) == pytest.approx(span)


def test_no_family_is_found_by_the_words_of_another() -> None:
    words = {
        "Scottish Index of Multiple Deprivation": "Scottish Index of Multiple Deprivation 2020",
        "Welsh Index of Multiple Deprivation": "Welsh Index of Multiple Deprivation 2019",
        "English Indices of Deprivation": "English Indices of Deprivation 2019, File 7",
    }
    for title, dataset in words.items():
        assert find_statement(spec(dataset, "2016"), spec(dataset, "2019")).family in {title, ""}
        assert [f.title for f in FAMILIES].count(title) == 1


class TestComparable:
    def test_counts_are_added_up_and_areas_counted(self) -> None:
        found = compare_vintages(
            spec("Claimant count", "May 2024"),
            values(20, 10, 30),
            spec("Claimant count", "May 2019"),
            values(10, 20, 30),
        )
        assert found.first.source.vintage == "May 2019"
        assert found.table["change"].tolist() == [10.0, -10.0, 0.0]
        assert found.summary == {
            "first": 60.0, "second": 60.0, "change": 0.0,
            "areas_up": 1.0, "areas_down": 1.0, "areas_same": 1.0,
        }  # fmt: skip
        assert "not economic inactivity" in found.findings[-1]

    def test_years_are_averaged_by_residents(self) -> None:
        found = compare_vintages(
            spec("Life expectancy", "2010-12", "years"),
            values(80, 84),
            spec("Life expectancy", "2013-15", "years"),
            values(81, 84),
            people=values(3000, 1000),
        )
        assert found.summary["first"] == pytest.approx(81.0)
        assert found.summary["change"] == pytest.approx(0.75)

    @pytest.mark.parametrize("people", [values(0, 0), pd.Series(dtype=float)])
    def test_where_no_residents_are_known_every_area_counts_alike(self, people: pd.Series) -> None:
        given = {"kind": "years", "publisher": "OHID"}
        found = compare_vintages(
            spec("Life expectancy", "2010 to 2014", **given),
            values(70, 80),
            spec("Life expectancy", "2016 to 2020", **given),
            values(72, 82),
            people=people,
        )
        assert (found.summary["first"], found.summary["second"]) == (75, 77)
        assert "on average over areas" in found.findings[0]

    def test_an_area_without_one_of_the_two_is_counted(self) -> None:
        found = compare_vintages(
            spec("Claimant count", "May 2019"),
            values(10, 20),
            spec("Claimant count", "May 2024"),
            values(10, 20, 30),
        )
        (note,) = found.notes
        assert note.items == ("E01000003",)
        assert found.summary["second"] == 30.0

    def test_figures_of_other_areas_are_refused_all_the_same(self) -> None:
        text = refusal(
            spec("Claimant count", "May 2019"),
            spec("Claimant count", "May 2024", geography="lsoa21"),
        )
        assert "published for other areas" in text


class TestRelative:
    def ranks(self, vintage: str, geography: str = "lsoa11") -> LayerSpec:
        return spec(IOD, vintage, "rank", high_is="better", geography=geography)

    def test_only_standing_is_told(self) -> None:
        found = compare_vintages(
            self.ranks("2015"), values(100, 50, 7), self.ranks("2019"), values(40, 60, 7)
        )
        assert list(found.table.columns) == ["rank_first", "rank_second", "places_up"]
        assert found.table["places_up"].tolist() == [60.0, -10.0, 0.0]
        assert found.summary["places_median"] == 10.0
        text = " ".join(found.findings)
        assert "not thereby better or worse off" in text
        assert "never that it became more or less deprived" in text

    def test_scores_are_refused(self) -> None:
        text = refusal(spec(IOD, "2015", "score"), spec(IOD, "2019", "score"))
        assert "only ranks may be" in text

    def test_ranks_among_other_areas_are_refused(self) -> None:
        assert "rank other areas" in refusal(self.ranks("2015"), self.ranks("2019", "lsoa21"))


def test_one_edition_twice_is_refused() -> None:
    same = spec("Claimant count", "May 2019")
    assert "no two editions" in refusal(same, same)


def test_other_figures_are_refused() -> None:
    text = refusal(spec("Claimant count", "May 2019"), spec("Claimant count", "May 2024", "share"))
    assert "different figures" in text


def test_no_area_with_both_is_refused() -> None:
    with pytest.raises(ProjectError, match="no area has both"):
        compare_vintages(
            spec("Claimant count", "May 2019"),
            values(1),
            spec("Claimant count", "May 2024"),
            pd.Series([1.0], index=["E01000009"]),
        )
