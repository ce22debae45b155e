"""A small town drawn by hand as OpenStreetMap has it, with all that is easily lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: In two squares: streets cross the edge between them (longitude -2.3).
TOWN_BOX = (379_000.0, 395_000.0, 381_000.0, 396_500.0)


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


def _node(number: int, north: float, east: float, **tags: str) -> str:
    """Return a node so many steps of about 100 m north and east of the edge."""
    lat, lon = 53.45 + 0.001 * north, -2.3 + 0.0015 * east
    return f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}">{_tags(tags)}</node>'


def _way(number: int, nodes: Sequence[int], **tags: str) -> str:
    refs = "".join(f'<nd ref="{ref}"/>' for ref in nodes)
    return f'<way id="{number}">{refs}{_tags(tags)}</way>'


def _relation(number: int, members: Sequence[tuple[int, str]], **tags: str) -> str:
    text = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
    return f'<relation id="{number}">{text}{_tags(tags)}</relation>'


TOWN = [
    # A main street from west to east, over the edge between two squares, with a bend.
    _node(1, 1, -4),
    _node(2, 1, -1, highway="traffic_signals"),
    _node(3, 1.2, 0.5, highway="crossing"),
    _node(4, 1, 3),
    # A lane that goes round and comes back through its own node 6, then on.
    _node(5, 2, -1),
    _node(6, 3, -1),
    _node(7, 4, -2),
    _node(8, 4, 0),
    _node(9, 5, -1),
    # South: steps, a path that people may not use, a motorway.
    _node(10, -1, -1),
    _node(11, -2, -1),
    _node(12, -2, 2),
    _node(13, -3, -4),
    _node(14, -3, 4),
    _node(15, -1, 3),
    # A bridge over the main street, not joined to it; a square; a street on its own.
    _node(16, 2, 2),
    _node(17, 0.5, 2),
    *(_node(20 + at, n, e) for at, (n, e) in enumerate([(4, 2), (4, 3), (5, 3), (5, 2)])),
    _node(25, 8, 8),
    _node(26, 8, 9),
    # Shapes of places: a library, a school with a courtyard, a children's centre, a river.
    *(_node(30 + at, n, e) for at, (n, e) in enumerate([(1.5, 1), (1.5, 1.3), (1.7, 1.3)])),
    *(_node(35 + at, n, e) for at, (n, e) in enumerate([(6, 0), (6, 3), (8, 3), (8, 0)])),
    *(_node(40 + at, n, e) for at, (n, e) in enumerate([(6.8, 1), (6.8, 2), (7.2, 2), (7.2, 1)])),
    *(_node(45 + at, n, e) for at, (n, e) in enumerate([(-4, 0), (-4, 1), (-5, 1)])),
    *(_node(50 + at, n, e) for at, (n, e) in enumerate([(-6, -6), (-7, 0), (-6, 6)])),
    *(_node(55 + at, n, e) for at, (n, e) in enumerate([(9, -9), (9, -6), (12, -6), (12, -9)])),
    _node(101, 1.4, -2, amenity="library", name="High Street Library"),
    _node(102, 2, -3, office="government", name="Town Jobcentre Plus"),
    _node(103, 2, -4, place="town", name="Cornerton"),
    _node(120, 2, -5, amenity="bench"),
    _node(130, -6, 300),
    _node(131, -6, 400),
    _way(1, [1, 2, 3, 4], highway="primary", name="High Street", maxspeed="30 mph", lanes="2"),
    _way(2, [2, 5, 6, 7, 8, 6, 9], highway="residential", surface="gravel", bicycle="no"),
    _way(3, [2, 10], highway="steps", step_count="20"),
    _way(4, [10, 11, 12], highway="path", foot="no", bicycle="designated"),
    _way(5, [12, 15, 4], highway="unclassified", oneway="-1", junction="circular"),
    _way(6, [13, 14], highway="motorway", oneway="yes"),
    _way(7, [16, 17], highway="footway", bridge="yes", layer="1"),
    _way(8, [20, 21, 22, 23, 20], highway="pedestrian", area="yes"),
    _way(9, [25, 26], highway="service", service="alley", access="private"),
    _way(10, [10, 12], highway="trunk", motorroad="yes"),
    _way(11, [6, 20], highway="cycleway"),
    _way(51, [30, 31, 32, 30], amenity="library", building="yes", name="New Library"),
    _way(52, [35, 36, 37, 38, 35]),
    _way(53, [40, 41, 42, 43, 40]),
    _way(54, [45, 46, 47, 45], building="yes", name="Cornerton Children’s Centre"),
    _way(55, [55, 56, 57, 58, 55], natural="water", name="Great Mere"),
    _way(61, [50, 51, 52], waterway="river", name="River Corner"),
    _way(62, [130, 131], waterway="stream", name="River Corner"),
    _relation(71, [(52, "outer"), (53, "inner")], type="multipolygon", amenity="school", name="S"),
    _relation(72, [(61, ""), (62, "")], type="waterway", waterway="river", name="River Corner"),
]
