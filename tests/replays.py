"""A server on this machine that answers in the shape of each publisher.

Each replay is keyed from the publisher's documentation named in its docstring, not from a
recording; every name, code and figure in it is invented here.
"""

from __future__ import annotations

import csv
import datetime as dt
import email.utils
import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import shapely
from pyproj import Transformer

from planner.sources.http import Fetcher
from planner.sources.registry import RegistryEntry

TODAY = dt.date(2026, 3, 2)


# --- the server ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came."""

    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(kw_only=True)
class Answer:
    """One answer; ``cut`` sends only so many bytes of the length it announces."""

    body: bytes = b""
    kind: str = "application/octet-stream"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


Route = Callable[[Asked], Answer]


@dataclass(kw_only=True)
class Replay:
    """Routes by path, and every request that came."""

    address: str
    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"{self.address}{path}"

    def count(self, start: str) -> int:
        return sum(asked.path.startswith(start) for asked in self.asked)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        for path in (asked.path, asked.path.rsplit("/", 1)[0] + "/"):
            if path in self.routes:
                return self.routes[path](asked)
        return Answer(status=404, kind="text/html", body=b"<html>not here</html>")


@contextmanager
def replay_server() -> Iterator[Replay]:
    """Serve routes on 127.0.0.1, on a port the system chooses, until the block ends."""
    replay = Replay(address="")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            form = self.rfile.read(length).decode() if length else ""
            asked = Asked(
                path=parts.path,
                query={key: values[0] for key, values in parse_qs(parts.query).items()},
                form={key: values[0] for key, values in parse_qs(form).items()},
                headers=dict(self.headers.items()),
            )
            found = replay.answer(asked)
            self.send_response(found.status)
            headers = {"Content-Type": found.kind, **found.headers}
            for name, value in headers.items():
                if value:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(found.body if found.cut is None else found.body[: found.cut])
            self.close_connection = True

        do_GET = do_POST = _serve  # noqa: N815 (the names that http.server calls)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    replay.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def now(self) -> dt.datetime:
        start = dt.datetime.combine(TODAY, dt.time(12), tzinfo=dt.UTC)
        return start + dt.timedelta(seconds=self.seconds)


def fetcher(cache: Path, clock: Clock | None = None, **more: Any) -> Fetcher:
    """Return a fetcher that never really waits."""
    clock = clock or Clock()
    settings: dict[str, Any] = {
        "agent": "planner/test",
        "sleep": clock.sleep,
        "clock": lambda: clock.seconds,
        "now": clock.now,
        "timeout_seconds": (5.0, 5.0),
        **more,
    }
    return Fetcher(cache=cache, **settings)


def entry(address: str, **more: Any) -> RegistryEntry:
    """Return a made-up source at an address."""
    values: dict[str, Any] = {
        "id": "thing",
        "what": "A made-up table",
        "kind": "file",
        "publisher": "Nobody",
        "licence": "OGL v3.0",
        "geography": "lsoa21",
        "vintage": "2026",
        "address": address,
        "file": "thing.csv",
        "reader": "table",
        "nations": ("England",),
        "proved": "replay",
        "documentation": "https://example.org",
        "by_hand": "Write to nobody.",
        **more,
    }
    return RegistryEntry(**values)


# --- publishers ----------------------------------------------------------------------------------


def to_csv(rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def csv_file(rows: Sequence[Sequence[object]], *, kind: str = "text/csv") -> Route:
    return lambda asked: Answer(body=to_csv(rows).encode(), kind=kind)


def in_turn(*answers: Answer) -> Route:
    """Answer one after the other; the last one for ever."""
    left = list(answers)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


def arcgis(rows: Sequence[Mapping[str, Any]], *, most: int = 2000, degrees: bool = False) -> Route:
    """Replay the query operation of an ArcGIS feature service layer.

    Keyed from developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer:
    ``where``, ``resultOffset``, ``resultRecordCount`` (never more than the service's own maximum),
    ``returnDistinctValues``, ``geometry`` as an envelope, ``f`` json (``attributes``) or geojson
    (``properties``); ``exceededTransferLimit`` is at the top of json and in ``properties`` of
    geojson; errors have status 200 and an ``error`` object.
    """

    def answer(asked: Asked) -> Answer:
        query = asked.query
        chosen = [row for row in rows if _where(row, query["where"])]
        if "geometry" in query:
            box = shapely.box(*(float(edge) for edge in query["geometry"].split(",")))
            chosen = [row for row in chosen if box.intersects(row["geometry"])]
        fields = query["outFields"].split(",")
        names = [name for name in (rows[0] if rows else {}) if name != "geometry"]
        wanted = names if fields == ["*"] else fields
        unknown = [name for name in wanted if name not in names] if rows else []
        if unknown:
            return _error(400, f"'Invalid field: {unknown[0]}' parameter is invalid")
        if query.get("returnDistinctValues") == "true":
            unique = {tuple(row[name] for name in wanted): row for row in chosen}
            chosen = [unique[key] for key in sorted(unique)]
        start = int(query["resultOffset"])
        size = min(int(query["resultRecordCount"]), most)
        page = chosen[start : start + size]
        more = start + size < len(chosen)
        body: dict[str, Any]
        if query["f"] == "geojson":
            body = {"type": "FeatureCollection", "features": [_feature(r, wanted) for r in page]}
            if degrees:
                body["features"] = [_in_degrees(f) for f in body["features"]]
            if more:
                body["properties"] = {"exceededTransferLimit": True}
        else:
            body = {"features": [{"attributes": {n: r[n] for n in wanted}} for r in page]}
            if more:
                body["exceededTransferLimit"] = True
        return Answer(body=json.dumps(body).encode(), kind="application/json")

    return answer


def _error(code: int, message: str) -> Answer:
    body = json.dumps({"error": {"code": code, "message": message, "details": []}}).encode()
    return Answer(body=body, kind="application/json")


def _where(row: Mapping[str, Any], where: str) -> bool:
    if where == "1=1":
        return True
    match = re.fullmatch(r"(\w+) IN \((.*)\)", where)
    assert match is not None, where
    values = [text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')*)'", match[2])]
    return str(row.get(match[1])) in values


def _feature(row: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    shape = shapely.geometry.mapping(row["geometry"]) if row.get("geometry") is not None else None
    properties = {name: row[name] for name in wanted}
    return {"type": "Feature", "geometry": shape, "properties": properties}


def _in_degrees(feature: dict[str, Any]) -> dict[str, Any]:
    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    shape = shapely.geometry.shape(feature["geometry"])
    turned = shapely.transform(shape, to_degrees.transform, interleaved=False)
    return {**feature, "geometry": shapely.geometry.mapping(turned)}


def nomis(header: Sequence[str], rows: Sequence[Sequence[object]], *, most: int = 25_000) -> Route:
    """Replay ``.data.csv`` of the Nomis programming interface.

    Keyed from www.nomisweb.co.uk/api/v01/help: ``RecordOffset`` and ``RecordLimit`` choose the
    rows, at most 25,000 at a time for guests; headers in capitals, text in quotes, one a page.
    """

    def answer(asked: Asked) -> Answer:
        start = int(asked.query.get("RecordOffset", 0))
        size = min(int(asked.query.get("RecordLimit", most)), most)
        page = rows[start : start + size]
        out = io.StringIO(newline="")
        writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        if page or start == 0:
            writer.writerow(header)
        writer.writerows(page)
        return Answer(body=out.getvalue().encode(), kind="text/csv; charset=utf-8")

    return answer


def nomis_bulk(member: str, rows: Sequence[Sequence[object]]) -> Route:
    """Replay a census bulk archive.

    Keyed from www.nomisweb.co.uk/sources/census_2021_bulk: one CSV a level of geography, named
    ``census2021-ts066-lsoa.csv``, and a folder of metadata.
    """
    stem = member.removesuffix("-lsoa.csv")
    body = zip_bytes(
        {
            f"{stem}-ltla.csv": to_csv(rows[:1]),
            member: to_csv(rows),
            f"metadata/{stem}.txt": "Made up",
        }
    )
    return lambda asked: Answer(body=body, kind="application/x-zip-compressed")


def zip_bytes(files: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def fingertips_rows(
    figures: Sequence[tuple[str, str, str, float]], *, moving: str = "Region"
) -> list[list[object]]:
    """Return Fingertips' 27 columns for (area, sex, period, value).

    Keyed from fingertips.phe.org.uk/api (all_data/csv/by_indicator_id): the 23rd column is called
    after the parent areas.
    """
    header: list[object] = ["Indicator ID", "Indicator Name", "Parent Code", "Parent Name"]
    header += ["Area Code", "Area Name", "Area Type", "Sex", "Age", "Category Type", "Category"]
    header += ["Time period", "Value", "Lower CI 95.0 limit", "Upper CI 95.0 limit"]
    header += ["Lower CI 99.8 limit", "Upper CI 99.8 limit", "Count", "Denominator", "Value note"]
    header += ["Recent Trend", "Compared to England value or percentiles"]
    header += [f"Compared to {moving} value or percentiles", "Time period Sortable", "New data"]
    header += ["Compared to goal", "Time period range"]
    rows = [header]
    for area, sex, period, value in figures:
        kind = "England" if area == "E92000001" else "MSOA"
        row: list[object] = [93283, "Life expectancy at birth", "", "", area, "Somewhere", kind]
        row += [sex, "All ages", "", "", period, value, value - 1, value + 1, "", "", "", "", ""]
        row += ["", "Similar", "Similar", int(period[:4]) * 10_000, "", "", "5y"]
        rows.append(row)
    return rows


def overpass(things: Sequence[str], *, remark: str = "") -> Route:
    """Replay the interpreter of Overpass for the queries that OSMnx writes.

    Keyed from dev.overpass-api.de/output_formats.html (JSON: ``osm3s``, ``elements``; nodes with
    ``lat`` and ``lon``, ways with ``nodes``, relations with ``members``; what went wrong while the
    query ran is a ``remark`` in an answer with status 200),
    wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL (tag filters, ``poly``, recursing down
    with ``>``, the form field ``data``) and osmnx.readthedocs.io (``graph_from_bbox`` with a
    custom filter asks for ways and their nodes, ``features_from_bbox`` for all three kinds).

    Parameters
    ----------
    things
        Nodes, ways and relations as elements of OSM XML.
    remark
        Stands in every answer.
    """
    elements = map_elements(things)
    shapes = _shapes(elements)
    tagged = {key: one["tags"] for key, one in elements.items() if "tags" in one}

    def answer(asked: Asked) -> Answer:
        query = asked.form["data"]
        assert query.startswith("[out:json][timeout:180];"), query[:80]
        assert query.endswith("out;")
        found: set[tuple[str, int]] = set()
        for kind, filters, edge in overpass_statements(query):
            corners = [float(number) for number in edge.split()]
            inside = shapely.Polygon(zip(corners[1::2], corners[::2], strict=True))
            wanted = _tag_filters(filters)
            for key, tags in tagged.items():
                hit = key[0] == kind and all(fits(tags) for fits in wanted)
                if hit and inside.intersects(shapes[key]):
                    found |= _downwards(key, elements)
        body: dict[str, Any] = {
            "version": 0.6,
            "generator": "Overpass API",
            "osm3s": {"timestamp_osm_base": "2026-03-01T00:00:00Z", "copyright": "Made up."},
            "elements": [elements[key] for key in elements if key in found],
        }
        if remark:
            body["remark"] = remark
        return Answer(body=json.dumps(body).encode(), kind="application/json")

    return answer


def overpass_statements(query: str) -> list[tuple[str, str, str]]:
    """Return kind, tag filters and polygon of each statement in a query."""
    found = re.findall(r"(node|way|relation)((?:\[[^\]]*\])+)\(poly:'([-\d. ]+)'\)", query)
    assert len(found) == query.count("poly:")
    return found


def map_elements(things: Sequence[str]) -> dict[tuple[str, int], dict[str, Any]]:
    """Return OSM XML as Overpass gives it in JSON, nodes before ways before relations."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for node in ElementTree.fromstring(f"<osm>{''.join(things)}</osm>"):
        one: dict[str, Any] = {"type": node.tag, "id": int(node.attrib["id"])}
        if node.tag == "node":
            one |= {"lat": float(node.attrib["lat"]), "lon": float(node.attrib["lon"])}
        elif node.tag == "way":
            one["nodes"] = [int(nd.attrib["ref"]) for nd in node.iter("nd")]
        else:
            one["members"] = [
                {**m.attrib, "ref": int(m.attrib["ref"])} for m in node.iter("member")
            ]
        tags = {tag.attrib["k"]: tag.attrib["v"] for tag in node.iter("tag")}
        found[node.tag, one["id"]] = one | ({"tags": tags} if tags else {})
    order = ["node", "way", "relation"]
    return dict(sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1])))


def _shapes(elements: Mapping[tuple[str, int], Mapping[str, Any]]) -> dict[tuple[str, int], Any]:
    shapes: dict[tuple[str, int], Any] = {}
    for key, one in elements.items():
        if key[0] == "node":
            shapes[key] = shapely.Point(one["lon"], one["lat"])
        elif key[0] == "way":
            shapes[key] = shapely.LineString([shapes["node", ref] for ref in one["nodes"]])
        else:
            members = [shapes[m["type"], m["ref"]] for m in one["members"]]
            shapes[key] = shapely.GeometryCollection(members)
    return shapes


def _downwards(
    key: tuple[str, int], elements: Mapping[tuple[str, int], Mapping[str, Any]]
) -> set[tuple[str, int]]:
    one = elements[key]
    below = [("node", ref) for ref in one.get("nodes", ())]
    below += [(m["type"], m["ref"]) for m in one.get("members", ())]
    return {key}.union(*(_downwards(part, elements) for part in below))


def _tag_filters(text: str) -> list[Callable[[Mapping[str, str]], bool]]:
    pattern = r"""\[(['"])(?P<key>.+?)\1(?:(?P<how>[=~])(['"])(?P<value>.+?)\4(?P<any>,i)?)?\]"""
    found: list[Callable[[Mapping[str, str]], bool]] = []
    for one in re.finditer(pattern, text):
        key, how, value = one["key"], one["how"], one["value"]
        if how == "~":
            regex = re.compile(value, re.I if one["any"] else 0)
            found.append(lambda tags, k=key, r=regex: bool(k in tags and r.search(tags[k])))
        elif how == "=":
            found.append(lambda tags, k=key, v=value: tags.get(k) == v)
        else:
            found.append(lambda tags, k=key: k in tags)
    return found


def gtfs() -> bytes:
    """Return a timetable as the Bus Open Data Service hands it out.

    Keyed from data.bus-data.dft.gov.uk/guidance/requirements (downloading timetables) and
    gtfs.org/documentation/schedule/reference: a zip with its tables at the top.
    """
    stops = "stop_id,stop_name,stop_lat,stop_lon\nA,Market,53.41,-2.29\nB,Mill,53.42,-2.28\n"
    return zip_bytes(
        {
            "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n"
            "1,Made-up Buses,https://example.org,Europe/London\n",
            "stops.txt": stops,
            "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,1,1,3\n",
            "trips.txt": "route_id,service_id,trip_id\nR,S,T\n",
            "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
            "T,08:00:00,08:00:00,A,1\nT,08:10:00,08:10:00,B,2\n",
            "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
            "start_date,end_date\nS,1,1,1,1,1,0,0,20260301,20260430\n",
        }
    )


def http_date(moment: dt.datetime) -> str:
    """Return a moment as HTTP headers write it."""
    return email.utils.format_datetime(moment, usegmt=True)
