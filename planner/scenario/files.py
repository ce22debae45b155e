"""How is a scenario written down, so that a planner can edit it and send it on?

A scenario file is TOML: its name, and a ``[[change]]`` table for each change, in their order::

    name = "Family hub at the library"

    [[change]]
    what = "open_venue"
    venue_id = "hub:1"
    name = "Family hub"
    x = 330500.0
    y = 187400.0
    kinds = ["gp", "library"]

    [[change]]
    what = "change_frequency"
    route = "30"
    every_minutes = 10
    between = "07:00-19:00"

``what`` is the name of a change of `planner.scenario` in small letters; the other keys are its
parameters. Nothing in it names a file, and nothing in it is run.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, get_type_hints

import tomlkit
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from planner.errors import ProjectError
from planner.scenario.changes import TOUCHES, Change, Scenario
from planner.scenario.naming import check_point, show
from planner.sources.text import clean_text

MAX_BYTES = 1_000_000
MAX_CHANGES = 1_000
_NAME_LIMIT = 80
_KEYS = {"name", "change"}
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")


def _to_word(kind: type) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


#: What a file calls each change, such as ``close_venue``.
CHANGE_WORDS: dict[str, type[Change]] = {_to_word(kind): kind for kind in TOUCHES}


def from_toml(text: str | bytes, *, where: str = "scenario") -> Scenario:
    """Read a scenario from the text of its file.

    Parameters
    ----------
    text
        TOML; bytes are UTF-8.
    where
        What to call the file in messages.

    Raises
    ------
    ProjectError
        It is not TOML, is too long, has a key or a change that does not exist (the nearest that
        does is proposed), or a value that cannot be. Whether its venues, routes and areas are
        there is found when it is applied.

    Notes
    -----
    Texts are made plain as the readers of services do: one line each, without control characters.
    """
    table = _parse(text, where)
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise ProjectError(
            f"{where}: there is no key {show(unknown[0])}.", hint=_near(unknown[0], _KEYS)
        )
    name, rows = table.get("name", ""), table.get("change", [])
    if not isinstance(name, str) or not clean_text(name):
        raise ProjectError(
            f"{where}: the scenario needs a name.", hint='Begin the file with name = "..."'
        )
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ProjectError(f"{where}: changes are written as [[change]] tables.")
    if len(rows) > MAX_CHANGES:
        raise ProjectError(f"{where}: {len(rows):,} changes; at most {MAX_CHANGES:,} are read.")
    changes = [_read(row, f"{where}, change {at}") for at, row in enumerate(rows, 1)]
    return Scenario(name=clean_text(name, limit=_NAME_LIMIT), changes=tuple(changes))


def to_toml(scenario: Scenario) -> str:
    """Return a scenario as the text of a file that `from_toml` reads; defaults are left out."""
    document = tomlkit.document()
    document.add("name", tomlkit.item(scenario.name))
    rows = tomlkit.aot()
    for change in scenario.changes:
        row = tomlkit.table()
        row.add("what", _to_word(type(change)))
        for field in fields(change):
            value = getattr(change, field.name)
            if field.default is MISSING or value != field.default:
                row.add(field.name, tomlkit.item(_to_plain(value)))
        rows.append(row)
    if scenario.changes:
        document.add("change", rows)
    return tomlkit.dumps(document)


def _parse(text: str | bytes, where: str) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise ProjectError(f"{where}: too long for a scenario file.")
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text.lstrip("\ufeff")
        return tomllib.loads(plain)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as err:
        raise ProjectError(
            f"{where}: not a TOML file ({clean_text(err)}).",
            hint="It holds a name and [[change]] tables.",
        ) from err


def _read(row: dict[str, Any], where: str) -> Change:
    word = row.get("what", "")
    if not isinstance(word, str) or word not in CHANGE_WORDS:
        said = f"there is no change {show(word)}" if word else "what says which change it is"
        raise ProjectError(f"{where}: {said}.", hint=_near(str(word), CHANGE_WORDS))
    given = {key: _cleaned(value) for key, value in row.items() if key != "what"}
    where = f"{where} ({word})"
    try:
        checked = _model(word).model_validate(given)
    except ValidationError as err:
        raise _refusal(err, word, where) from err
    values = {name: getattr(checked, name) for name in type(checked).model_fields}
    try:
        change = CHANGE_WORDS[word](**values)
        if "x" in values:
            check_point(values["x"], values["y"], show(values.get("name") or values["venue_id"]))
        _check_kinds([*values.get("kinds", ()), values.get("kind") or "any"])
    except ProjectError as err:
        raise ProjectError(
            f"{where}: {err.message.removeprefix('Scenario: ')}", hint=err.hint
        ) from err
    return change


def _check_kinds(kinds: Sequence[str]) -> None:
    odd = [kind for kind in kinds if not _KIND.fullmatch(kind)]
    if odd:
        raise ProjectError(
            f"{show(odd[0])} is no kind of service.",
            hint="Kinds are small letters and figures with _ between: gp, food_bank.",
        )


@cache
def _model(word: str) -> type[BaseModel]:
    """Return what checks a change's keys and the kinds of their values."""
    kind = CHANGE_WORDS[word]
    hints = get_type_hints(kind)
    keys: dict[str, Any] = {
        field.name: (hints[field.name], ... if field.default is MISSING else field.default)
        for field in fields(kind)
    }
    config = ConfigDict(extra="forbid", allow_inf_nan=False)
    model: type[BaseModel] = create_model(kind.__name__, __config__=config, **keys)
    return model


def _refusal(err: ValidationError, word: str, where: str) -> ProjectError:
    # A key that is not there first: most often it is the one that is missed.
    errors = err.errors(include_url=False)
    first = min(errors, key=lambda error: error["type"] != "extra_forbidden")
    key = str(first["loc"][0]) if first["loc"] else ""
    keys = list(_model(word).model_fields)
    if first["type"] == "extra_forbidden":
        return ProjectError(f"{where}: there is no key {show(key)}.", hint=_near(key, keys))
    if first["type"] == "missing":
        return ProjectError(f"{where}: {key} is needed.", hint=f"It takes {', '.join(keys)}.")
    message = str(first["msg"])
    return ProjectError(f"{where}: {key}: {message[:1].lower()}{message[1:]}.")


def _near(asked: str, known: Any) -> str:
    near = difflib.get_close_matches(asked, list(known), n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(sorted(known))}."


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    return [_cleaned(one) for one in value] if isinstance(value, list) else value


def _to_plain(value: Any) -> Any:
    return [_to_plain(one) for one in value] if isinstance(value, tuple) else value
