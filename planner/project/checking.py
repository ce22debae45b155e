"""Is what a project file says allowed, and if not, which words tell why?"""

from __future__ import annotations

import difflib
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from planner.errors import ProjectError
from planner.project.sections import ProjectSpec


def parse_spec(table: dict[str, Any], *, where: str) -> ProjectSpec:
    """Check a parsed project file and return its specification.

    Raises
    ------
    ProjectError
        One or two lines naming the key, what is wrong with it and the nearest known key.
    """
    try:
        return ProjectSpec.model_validate(table)
    except ValidationError as err:
        first = err.errors(include_url=False)[0]
        more = err.error_count() - 1
        # The checker's own words quote the section, and a private one names its file.
        raise ProjectError(
            f"{where}: {_describe(first)}" + (f" (and {more} more)" if more else ""),
            hint=_hint(first),
        ) from (None if table.get("private") else err)


def _location(error: Any) -> str:
    text = ""
    for part in error["loc"]:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the file"


def _describe(error: Any) -> str:
    place = _location(error)
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"{place}: there is no such key."
    if kind == "missing":
        return f"{place}: this key is needed."
    message = str(error["msg"]).removeprefix("Value error, ")
    quiet = isinstance(error.get("input"), dict | list) or error["loc"][:1] == ("private",)
    given = "" if quiet else f" (given: {error['input']!r})"
    return f"{place}: {message[:1].lower()}{message[1:]}{given}."


def _hint(error: Any) -> str:
    if error["type"] != "extra_forbidden":
        return ""
    *path, last = error["loc"]
    keys = _keys_at([part for part in path if isinstance(part, str)])
    near = difflib.get_close_matches(str(last), keys, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Known keys here: {', '.join(sorted(keys))}."


def _keys_at(path: list[str]) -> list[str]:
    model: type[BaseModel] = ProjectSpec
    for part in path:
        found = next(
            (f for n, f in model.model_fields.items() if (f.alias or n) == part or n == part), None
        )
        nested = _model_in(found.annotation) if found is not None else None
        if nested is None:
            break
        model = nested
    return [f.alias or n for n, f in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_in(part)
        if found is not None:
            return found
    return None
