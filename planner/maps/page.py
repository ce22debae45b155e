"""What stands around a map that is explored: title, warnings, legends, sources?"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from planner.maps.classes import INK, PAPER, Classes, LegendEntry, Square
from planner.maps.patterns import fill_of, ink_on, to_svg_patterns

#: What the names of the page's fills begin with.
FILL = "fill"


@dataclass(frozen=True, kw_only=True, eq=False)
class MapLayer:
    """One measure on the areas; only one is looked at at a time.

    ``title`` says in plain words what is drawn, ``name`` is short for it where one chooses,
    ``finding`` a sentence on what it shows, ``text`` what is said of each area when it is pointed
    at (plain text, lines end with a newline).
    """

    title: str
    name: str
    classes: Classes
    text: pd.Series
    finding: str = ""


@dataclass(frozen=True, kw_only=True)
class MapPage:
    """What stands around the map: its title, warnings, sources and the way to the tables."""

    title: str
    watermarks: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    tables_href: str = ""


def build_page_html(page: MapPage, layers: Sequence[MapLayer]) -> str:
    """Return title, warnings, legends and sources; the style sheet places them round the map."""
    entries: list[LegendEntry] = []
    for layer in layers:
        entries += [*layer.classes.entries, *layer.classes.listed]
    marks = "".join(f'<p class="watermark">{escape(mark)}</p>' for mark in page.watermarks)
    tables = (
        f'<p><a href="{escape(page.tables_href)}">The same figures as tables and text</a></p>'
        if page.tables_href
        else ""
    )
    sources = "".join(f"<li>{escape(line)}</li>" for line in page.attribution)
    return (
        f'<svg class="patterns" aria-hidden="true">{to_svg_patterns(entries, FILL)}</svg>'
        f"<header><h1>{escape(page.title)}</h1>{marks}{tables}</header>"
        '<aside aria-label="What the map shows"><div id="choice"></div>'
        f"{''.join(_legend(number, layer) for number, layer in enumerate(layers))}"
        '<div id="more"></div></aside>'
        f"<footer><details><summary>Sources and licences</summary><ul>{sources}</ul></details>"
        "</footer>"
    )


def escape(text: object) -> str:
    """Escape a text for HTML, braces too: branca reads what it has written as a template again."""
    escaped = html.escape(str(text), quote=True)
    return escaped.replace("{", "&#123;").replace("}", "&#125;")


def _legend(number: int, layer: MapLayer) -> str:
    rows = "".join(
        f'<li><svg width="26" height="16" aria-hidden="true"><rect width="26" height="16" '
        f'fill="{fill_of(entry, FILL)}" stroke="{INK}"/></svg>'
        f"<span>{escape(entry.label)} ({entry.count:,})</span></li>"
        for entry in layer.classes.listed
    )
    square = layer.classes.square
    finding = f"<p>{escape(layer.finding)}</p>" if layer.finding else ""
    return (
        f'<section id="legend-{number}"{"" if number == 0 else " hidden"}>'
        f"<h2>{escape(layer.title)}</h2>{_square(square) if square else ''}<ul>{rows}</ul>"
        f'<p class="small">In brackets: number of areas.</p>{finding}</section>'
    )


def _square(square: Square) -> str:
    """Return a square legend as a table: each cell has its colour and its number of areas."""
    heads = "".join(f'<th scope="col">{escape(words)}</th>' for words in square.columns)
    rows = "".join(
        f'<tr><th scope="row">{escape(words)}</th>'
        + "".join(
            f'<td style="background:{colour};color:{ink_on(colour)}">{count:,}</td>'
            for colour, count in zip(colours, counts, strict=True)
        )
        + "</tr>"
        for words, colours, counts in zip(square.rows, square.colours, square.counts, strict=True)
    )
    return (
        f'<table class="square-legend"><caption>{escape(square.down)}, {escape(square.across)}'
        f"</caption><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


PAGE_STYLE = f"""
html, body {{ height: 100%; margin: 0; }}
body {{ display: grid; grid-template: "header header" auto "map legend" 1fr "footer footer" auto
  / 1fr 20rem; font: 1rem/1.4 system-ui, Arial, sans-serif; color: {INK}; background: {PAPER}; }}
header {{ grid-area: header; padding: .6rem 1rem; }}
header h1 {{ font-size: 1.3rem; line-height: 1.2; margin: 0 0 .2rem; }}
header p {{ margin: .2rem 0; }}
.watermark {{ border-left: .4rem solid {INK}; background: #fff3cd; padding: .3rem .6rem;
  font-weight: 600; }}
aside {{ grid-area: legend; overflow-y: auto; padding: 0 1rem; border-left: 1px solid #767676; }}
aside h2 {{ font-size: 1.05rem; margin: .6rem 0; }}
aside ul {{ list-style: none; margin: 0; padding: 0; }}
aside li {{ display: flex; gap: .6rem; align-items: flex-start; margin: .3rem 0; }}
aside li svg {{ flex: none; margin-top: .2rem; }}
.square-legend {{ border-collapse: collapse; font-size: .875rem; margin: .3rem 0 .6rem; }}
.square-legend caption {{ text-align: left; font-weight: 600; padding-bottom: .2rem; }}
.square-legend th {{ font-weight: 400; padding: .1rem .4rem .1rem 0; text-align: left; }}
.square-legend thead th {{ text-align: center; padding: .1rem; vertical-align: bottom; }}
.square-legend tbody td {{ border: 1px solid {INK}; height: 2.4rem; text-align: center;
  width: 4rem; font-variant-numeric: tabular-nums; }}
.small {{ font-size: .875rem; }}
footer {{ grid-area: footer; padding: .3rem 1rem; font-size: .875rem;
  border-top: 1px solid #767676; max-height: 35vh; overflow-y: auto; }}
footer ul {{ margin: .3rem 0; padding-left: 1.2rem; }}
a {{ color: #00437b; }}
:focus-visible {{ outline: 3px solid #b35900; outline-offset: 2px; }}
.patterns {{ position: absolute; width: 0; height: 0; }}
.folium-map {{ grid-area: map; min-height: 0; }}
.folium-map.leaflet-container {{ background: #f4f4f2;
  font: .9rem/1.4 system-ui, Arial, sans-serif; }}
.tip {{ white-space: normal; width: max-content; max-width: min(20rem, 70vw); color: {INK}; }}
.tip td {{ padding: 0; }}
.swatch {{ background: var(--colour); display: inline-block; width: .8rem; height: .8rem;
  border: 1px solid {INK};
  border-radius: 50%; margin: 0 .4rem 0 .1rem; vertical-align: -.1rem; }}
.square {{ border-radius: 0; }}
.ring {{ background: {PAPER}; border: 3px solid var(--colour); box-sizing: border-box; }}
.hub {{ background: {INK}; color: {PAPER}; border: 2px solid {PAPER}; box-sizing: border-box;
  font-size: .95rem; line-height: 22px; text-align: center; }}
#choice .leaflet-control-layers {{ box-shadow: none; border: 1px solid #767676; margin: .6rem 0 0;
  padding: .4rem .6rem; color: {INK}; background: {PAPER}; float: none; }}
#choice .leaflet-control-layers-separator {{ display: none !important; }}
#more {{ border-top: 1px solid #767676; padding: .4rem .6rem; }}
#choice label, #more label {{ font-size: 1rem; padding: .15rem 0; display: block; }}
#choice label > span, #more label > span {{ display: flex; gap: .4rem; align-items: baseline; }}
.place-name span {{ position: absolute; transform: translate(-50%, -50%); white-space: nowrap;
  font-weight: 700; color: {INK}; text-shadow: {
    ", ".join(f"{x}px {y}px 2px {PAPER}" for x in (-1, 0, 1) for y in (-1, 0, 1))
}; }}
@media (max-width: 900px) {{
  body {{ display: flex; flex-direction: column; height: auto !important; }}
  header {{ order: 1; }}
  .folium-map {{ order: 2; flex: none; height: 62vh !important; border-block: 1px solid #767676; }}
  aside {{ order: 3; border: 0; padding-bottom: .5rem; overflow: visible; }}
  footer {{ order: 4; max-height: none; }}
}}
"""
