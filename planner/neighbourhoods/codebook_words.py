"""How were the types made, in words that can be read and printed?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Book = Mapping[str, Any]

#: Marks that would turn a text from a file into a heading, a link, a table cell or a script.
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|#"})


def to_markdown(book: Book) -> str:
    """Return a codebook (`planner.neighbourhoods.codebook.build_codebook`) as Markdown."""
    parts: list[str] = [f"# {_text(book['title'])}"]
    parts += [f"**{_text(mark)}**" for mark in book["place"]["watermarks"]]
    parts += _say_place(book)
    parts += ["## Variables", _variables(book), *_say_variables(book)]
    parts += ["## How values are made comparable", *_say_scaling(book)]
    parts += ["## Method", *_say_method(book)]
    parts += ["## How many types", *_say_number(book)]
    parts += ["## Would the same types come out again?", *_say_stability(book)]
    parts += ["## The types", *_say_types(book)]
    parts += ["## Centres of the types", *_say_centres(book)]
    if book["outside"] is not None:
        parts += ["## Beside another classification", *_say_outside(book["outside"])]
    if book["notes"]:
        parts += ["## What was left out, filled in or noticed"]
        parts.append(_bullets(_text(note["text"]) for note in book["notes"]))
    parts += ["## Limits", _bullets(_text(limit) for limit in book["limits"])]
    parts += ["## Methods are described in", _bullets(_text(one) for one in book["references"])]
    versions = ", ".join(f"{name} {version}" for name, version in book["versions"].items())
    parts += ["## Made with", f"{_text(versions)}."]
    return "\n\n".join(parts) + "\n"


# --- sections -------------------------------------------------------------------------------


def _say_place(book: Book) -> list[str]:
    place = book["place"]
    text = f"{place['areas_with_type']:,} of the {place['areas']:,} areas ({place['geography']}) "
    text += f"of {_text(place['name'])} have one of {book['number_of_types']['k']} types."
    without = place["areas_without_type"]
    if without:
        shown = ", ".join(map(_text, without[:10]))
        more = f" and {len(without) - 10:,} more" if len(without) > 10 else ""
        text += f" Without a type: {shown}{more}."
    return [text, "`codebook.json` holds the same with every figure in full."]


def _variables(book: Book) -> str:
    rows = [
        (
            f"`{one['id']}`",
            _text(one["title"]),
            _text(one["unit"]),
            _text(f"{one['publisher']}, {one['dataset']}"),
            _text(one["vintage"]),
            _text(one["licence"]),
            _text(one["geography"]),
        )
        for one in book["variables"]
    ]
    heads = ("Id", "Variable", "Unit", "Source", "Date", "Licence", "Published for")
    return _table(heads, rows)


def _say_variables(book: Book) -> list[str]:
    rows = [
        (
            f"`{one['id']}`",
            _text(one["transform"]["words"]),
            _number(one["transform"]["mean"]),
            _number(one["transform"]["sd"]),
            _number(one["weight"]),
            _share(one["distance_share"]),
            f"{one['inherited_areas']:,}",
            _number(one["vif"]),
        )
        for one in book["variables"]
    ]
    heads = ("Id", "Transformation", "Mean", "Sd", "Weight", "Part in distances")
    parts = [_table((*heads, "Areas with a larger area's value", "VIF"), rows)]
    pairs = book["overlap_of_variables"]["pairs"]
    if pairs:
        said = "; ".join(f"`{p['first']}` and `{p['second']}` ({p['r']:.2f})" for p in pairs)
        parts.append(f"Variables that say much the same (correlation): {said}.")
    caveats = [f"`{v['id']}`: {_text(v['caveat'])}" for v in book["variables"] if v["caveat"]]
    return [*parts, *([_bullets(caveats)] if caveats else [])]


def _say_scaling(book: Book) -> list[str]:
    parts = [_list(book["scaling"]["steps"]), _text(book["missing"]["words"])]
    components = book["scaling"]["components"]
    if components is None:
        return parts
    names = list(components["shares"])
    rows = [
        (f"`{layer}`", *(_number(row[name]) for name in names))
        for layer, row in components["loadings"].items()
    ]
    rows.append(("share of variance", *(_share(components["shares"][name]) for name in names)))
    heads = ("Loading of", *(name.replace("_", " ") for name in names))
    return [*parts, _table(heads, rows)]


def _say_method(book: Book) -> list[str]:
    method = book["method"]
    text = _sentence(method["words"])
    if method["starts"]:
        text += f" The best of {method['starts']} starts is kept."
    text += f" {_sentence(method['fitting'])}"
    if method["neighbours"]:
        text += f" Neighbours are {_text(method['neighbours'])}."
    rows = [(f"`{key}`", _setting(value)) for key, value in method["settings"].items()]
    return [f"{text} Seed {method['seed']}. {method['order']}", _table(("Setting", ""), rows)]


def _say_number(book: Book) -> list[str]:
    number = book["number_of_types"]
    names = list(number["diagnostics"][0])
    rows = [tuple(_number(row[name]) for name in names) for row in number["diagnostics"]]
    heads = tuple(name.replace("_", " ") for name in names)
    return [f"{number['k']} types: {_sentence(number['rule'], upper=False)}", _table(heads, rows)]


def _say_stability(book: Book) -> list[str]:
    found = book["stability"]
    if found is None:
        return ["This was not worked out (`bootstraps = 0`)."]
    types = [
        (
            str(row["type_id"]),
            _number(row["jaccard"]),
            f"{_number(row['jaccard_low'])} to {_number(row['jaccard_high'])}",
            _share(row["dissolved"]),
            "yes" if row["tentative"] else "no",
        )
        for row in found["types"]
    ]
    layers = [
        (f"`{row['layer']}`", _number(row["adjusted_rand"]), _whole(row["areas_moved"]))
        for row in found["without_layer"]
    ]
    heads = ("Type", "Stability (mean Jaccard)", "Four draws in five between")
    parts = [
        _text(found["words"]),
        " ".join(map(_text, found["findings"])),
        _table((*heads, "Dissolved in", "Tentative"), types),
        _table(("Without", "Agreement (adjusted Rand)", "Areas that change type"), layers),
    ]
    if found["inherited_weight"]:
        rows = [
            (_number(row["weight"]), _number(row["adjusted_rand"]), _whole(row["areas_moved"]))
            for row in found["inherited_weight"]
        ]
        heads = ("Weight of inherited layers", "Agreement", "Areas that change type")
        parts.append(_table(heads, rows))
    return [*parts, f"Certainty of an area: {_text(found['certainty'])}."]


def _say_types(book: Book) -> list[str]:
    parts = []
    for one in book["types"]:
        parts.append(f"### {one['type_id']}. {_text(one['name'])}")
        people = f", {one['population']:,.0f} people" if one["population"] is not None else ""
        text = f"{one['areas']:,} areas{people}. {_sentence(one['sets_it_apart'])}"
        if one["most_doubtful_areas"]:
            text += f" Typical area {_text(one['typical_area'])}; most doubtful: "
            text += f"{_text(', '.join(one['most_doubtful_areas']))}."
        parts += [text, _text(one["portrait"])]
        own = [word for word in ("name", "portrait") if one[f"{word}_is_the_projects_own"]]
        if own:
            verb = "is" if len(own) == 1 else "are"
            parts.append(f"The {' and the '.join(own)} {verb} the project's own words.")
    return parts


def _say_centres(book: Book) -> list[str]:
    centres = book["centres"]
    rows = [
        (str(one["type_id"]), *(_number(value) for value in one["centre"]))
        for one in centres["types"]
    ]
    parts = [_table(("Type", *(f"`{c}`" for c in centres["columns"])), rows)]
    if centres["mixture"] is not None:
        parts.append(
            "Shares, means and covariances of the mixture are in `codebook.json`, under "
            "`centres`, `mixture`."
        )
    return [*parts, "To place a new area:", _list(book["assigning"])]


def _say_outside(outside: Book) -> list[str]:
    told = ", ".join(_text(outside[key]) for key in ("publisher", "vintage", "licence"))
    return [
        f"{_text(outside['title'])} ({told}).",
        _text(outside["words"]),
        _bullets(map(_text, outside["findings"])),
        "The whole table is in `type_overlap.csv`.",
    ]


# --- parts of text --------------------------------------------------------------------------


def _text(value: Any) -> str:
    r"""Return a text on one line, with nothing in it that Markdown would act on.

    Examples
    --------
    >>> print(_text("a|b <script>"))
    a\|b \<script\>
    """
    return "" if value is None else " ".join(str(value).split()).translate(_MARKS)


def _sentence(text: str, *, upper: bool = True) -> str:
    clean = _text(text).rstrip(".")
    return (clean[:1].upper() + clean[1:] if upper else clean) + "."


def _number(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int):
        return str(value)
    text = f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return text.replace("-", "−")


def _whole(value: Any) -> str:
    return "" if value is None else f"{value:,}"


def _share(value: float) -> str:
    return "" if value is None else f"{value:.0%}"


def _setting(value: Any) -> str:
    if isinstance(value, Mapping):
        return _text(", ".join(f"{key}: {item}" for key, item in value.items()) or "none")
    if isinstance(value, list):
        return _text(", ".join(map(str, value)) or "none named")
    return _text(value)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"{at}. {_text(item)}" for at, item in enumerate(items, start=1))
