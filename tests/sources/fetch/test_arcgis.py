"""Pages of a feature service are put together, and its errors are seen although it says 200.

Keyed from developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from replays import Answer, Replay, arcgis, entry, fetcher, in_turn, replay_server

from planner.errors import SourceError
from planner.sources.fetch.arcgis import fetch_rows, fetch_shapes, where_in

COLUMNS = {"code": "LSOA21CD", "name": "LSOA21NM"}


@pytest.fixture
def server() -> Iterator[Replay]:
    with replay_server() as replay:
        yield replay


def layer(server: Replay, **more: Any) -> Any:
    values = {"kind": "arcgis", "columns": COLUMNS, "file": "a.geojson", **more}
    return entry(server.url("/query"), **values)


def many(count: int) -> list[dict[str, Any]]:
    return [
        {
            "LSOA21CD": f"E01{at:06d}",
            "LSOA21NM": f"Area {at}",
            "geometry": shapely.box(at, 0, at + 1, 1),
        }
        for at in range(count)
    ]


def page(**body: Any) -> Answer:
    return Answer(body=json.dumps(body).encode(), kind="application/json")


def test_five_thousand_rows_take_three_pages_of_two_thousand(
    server: Replay, tmp_path: Path
) -> None:
    server.routes["/query"] = arcgis(many(5000))
    rows = fetch_rows(fetcher(tmp_path), layer(server))
    assert (len(rows), rows["code"].is_unique) == (5000, True)
    assert [asked.query["resultOffset"] for asked in server.asked] == ["0", "2000", "4000"]


def test_exactly_one_full_page_is_followed_by_one_look_for_more(
    server: Replay, tmp_path: Path
) -> None:
    server.routes["/query"] = arcgis(many(2000))
    assert len(fetch_rows(fetcher(tmp_path), layer(server))) == 2000
    assert server.count("/query") == 2


def test_a_service_that_sends_fewer_rows_a_page_is_read_to_its_end(
    server: Replay, tmp_path: Path
) -> None:
    server.routes["/query"] = arcgis(many(2500), most=1000)
    assert len(fetch_rows(fetcher(tmp_path), layer(server))) == 2500


def test_shapes_come_sorted_in_the_british_grid(server: Replay, tmp_path: Path) -> None:
    server.routes["/query"] = arcgis(many(3)[::-1])
    shapes = fetch_shapes(fetcher(tmp_path), layer(server), codes=["E01000002", "E01000000"])
    assert list(shapes["LSOA21CD"]) == ["E01000000", "E01000002"]
    assert shapes.crs == "EPSG:27700"


def test_shapes_in_degrees_are_recognised(server: Replay, tmp_path: Path) -> None:
    row = {**many(1)[0], "geometry": shapely.box(380_000, 391_000, 381_000, 392_000)}
    server.routes["/query"] = arcgis([row], degrees=True)
    shapes = fetch_shapes(fetcher(tmp_path), layer(server), codes=["E01000000"])
    assert shapes.total_bounds == pytest.approx([380_000, 391_000, 381_000, 392_000], abs=5)


def test_codes_that_are_not_there_are_counted(server: Replay, tmp_path: Path) -> None:
    server.routes["/query"] = arcgis(many(1))
    with pytest.raises(SourceError, match=r"1 of 2 areas are not there \(first: E01999999\)"):
        fetch_shapes(fetcher(tmp_path), layer(server), codes=["E01000000", "E01999999"])


def test_long_lists_of_codes_are_asked_for_in_parts(server: Replay, tmp_path: Path) -> None:
    server.routes["/query"] = arcgis(many(200))
    codes = [f"E01{at:06d}" for at in range(200)]
    assert len(fetch_shapes(fetcher(tmp_path), layer(server), codes=codes)) == 200
    assert server.count("/query") == 3


def test_an_error_with_status_200_is_an_error_and_is_not_kept(
    server: Replay, tmp_path: Path
) -> None:
    error = {"code": 400, "message": "Unable to complete operation.", "details": []}
    server.routes["/query"] = lambda asked: page(error=error)
    with pytest.raises(SourceError, match="its error 400: Unable to complete operation"):
        fetch_rows(fetcher(tmp_path), layer(server))
    assert list(tmp_path.glob("*.bin")) == []


def test_a_passing_error_with_status_200_is_tried_again(server: Replay, tmp_path: Path) -> None:
    row = {"attributes": {"LSOA21CD": "E01000000", "LSOA21NM": "A"}}
    server.routes["/query"] = in_turn(
        page(error={"code": 503, "message": "busy"}), page(features=[row])
    )
    assert len(fetch_rows(fetcher(tmp_path), layer(server))) == 1


def test_an_empty_result_names_what_was_asked_for(server: Replay, tmp_path: Path) -> None:
    server.routes["/query"] = lambda asked: page(features=[])
    with pytest.raises(SourceError, match="nothing was found for E08000009"):
        fetch_rows(fetcher(tmp_path), layer(server), column="LSOA21CD", codes=["E08000009"])


def test_a_changed_column_is_named(server: Replay, tmp_path: Path) -> None:
    rows = [{"attributes": {"LSOA31CD": "E01000000", "LSOA31NM": "A"}}]
    server.routes["/query"] = lambda asked: page(features=rows)
    with pytest.raises(SourceError, match="there is no column 'LSOA21CD' any more") as caught:
        fetch_rows(fetcher(tmp_path), layer(server))
    assert "registry (thing, columns)" in caught.value.hint


def test_a_prefix_of_a_column_is_put_up_with(server: Replay, tmp_path: Path) -> None:
    rows = [{"attributes": {"F_LSOA21CD": "E01000000", "lsoa21nm": "A"}}]
    server.routes["/query"] = lambda asked: page(features=rows)
    assert fetch_rows(fetcher(tmp_path), layer(server)).loc[0].tolist() == ["E01000000", "A"]


def test_more_that_never_comes_ends(server: Replay, tmp_path: Path) -> None:
    server.routes["/query"] = lambda asked: page(features=[], exceededTransferLimit=True)
    with pytest.raises(SourceError, match="sends nothing"):
        fetch_rows(fetcher(tmp_path), layer(server))


def test_cut_json_is_refused(server: Replay, tmp_path: Path) -> None:
    server.routes["/query"] = lambda asked: Answer(body=b'{"features": [', kind="application/json")
    with pytest.raises(SourceError, match="not whole JSON"):
        fetch_rows(fetcher(tmp_path), layer(server))


def test_a_quote_in_a_name_stays_inside_the_value() -> None:
    asked = where_in("LAD25NM", ["x') OR 1=1 --"])
    assert asked == "LAD25NM IN ('x'') OR 1=1 --')"


def test_a_column_that_is_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match="not the name of a column"):
        where_in("A; DROP", ["x"])
