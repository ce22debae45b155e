"""How is the app started: for one person, or for several on one server?"""

from __future__ import annotations

import importlib.util
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.errors import ProjectError

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
#: Where Streamlit looks for the settings of the sign-in, beside the user's own folder.
SECRETS = Path(".streamlit") / "secrets.toml"
#: What the settings of the sign-in must hold, all in [auth] itself: one provider, the council's.
_ALWAYS = ("redirect_uri", "cookie_secret")
_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
_CALLBACK = "/oauth2callback"
_WHERE = "The README has all lines of it under Several people on one server."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the person who starts the app wants."""

    project: Path | None = None
    serve: Path | None = None
    data_roots: tuple[Path, ...] = ()
    read_only: bool = False
    sign_in: bool = False
    listen: str = "127.0.0.1"
    port: int = 8501
    browser: bool | None = None

    def __post_init__(self) -> None:
        if self.project is not None and self.serve is not None:
            raise ProjectError(
                "Name one project, or a folder of study areas to --serve, not both.",
                hint="For example: planner app PROJECT, or planner app --serve FOLDER.",
            )


@dataclass(frozen=True, kw_only=True)
class Start:
    """How the server is started: flags for Streamlit, its environment, and what to say first."""

    flags: tuple[str, ...]
    environment: dict[str, str]
    warnings: tuple[str, ...] = ()
    words: str = ""


def build_start(asked: Asked, environment: Mapping[str, str]) -> Start:
    """Return how the app is started for what was asked; nothing is started yet.

    Raises
    ------
    ProjectError
        The project does not read, the folder to serve holds none, or the sign-in is not set up.
    """
    from planner.ui import opened, serving
    from planner.ui.main import streamlit_flags

    ours = {
        opened.PROJECT_VARIABLE: "",
        opened.ROOTS_VARIABLE: _roots(asked.data_roots),
        serving.SERVE_VARIABLE: "",
        serving.READ_ONLY_VARIABLE: "1" if asked.read_only else "",
        serving.SIGN_IN_VARIABLE: "1" if asked.sign_in else "",
    }
    words = "Opening the planner"
    if asked.project is not None:
        ours[opened.PROJECT_VARIABLE] = _project_file(asked)
    elif asked.serve is not None:
        ours[serving.SERVE_VARIABLE] = str(asked.serve.resolve())
        words = _count_served(asked.serve)
    elif not asked.data_roots:
        # Started on nothing: what the environment says stands.
        del ours[opened.PROJECT_VARIABLE], ours[opened.ROOTS_VARIABLE]
    if asked.sign_in:
        check_sign_in(Path.cwd(), Path.home())
    kept = {name: value for name, value in environment.items() if name not in ours}
    browser = asked.serve is None if asked.browser is None else asked.browser
    return Start(
        flags=(
            *streamlit_flags(),
            f"--server.address={asked.listen}",
            f"--server.port={asked.port}",
            f"--server.headless={'false' if browser else 'true'}",
        ),
        environment=kept | {name: value for name, value in ours.items() if value},
        warnings=_warnings(asked),
        words=f"{words} at http://{_host(asked.listen)}:{asked.port} (stop with Ctrl+C)",
    )


def check_sign_in(*folders: Path) -> None:
    """Check that somebody can sign in: settings in one of the folders, and what carries it out.

    Raises
    ------
    ProjectError
        Settings are missing, or a package is; the message says which, never what they are.
    """
    if importlib.util.find_spec("authlib") is None:
        raise ProjectError(
            "Sign-in needs the package Authlib, which is not installed.",
            hint='Install it beside the planner: pip install "Authlib>=1.3.2"',
        )
    files = [folder / SECRETS for folder in folders if (folder / SECRETS).is_file()]
    if not files:
        raise ProjectError(
            f"Sign-in is asked for, and there is no {SECRETS.as_posix()} in this folder.",
            hint=f"Write one with an [auth] section, and keep it to yourself. {_WHERE}",
        )
    settings: dict[str, Any] = {}
    # Those of the folder the server is started in, the first, count more.
    for file in reversed(files):
        try:
            found = tomllib.loads(file.read_text(encoding="utf-8")).get("auth", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ProjectError(
                f"{SECRETS.as_posix()} cannot be read as TOML.", hint=_WHERE
            ) from error
        settings |= found if isinstance(found, dict) else {}
    missing = missing_settings(settings)
    if missing:
        raise ProjectError(
            f"{SECRETS.as_posix()}: [auth] has no {' and no '.join(missing)}.", hint=_WHERE
        )
    if not str(settings["redirect_uri"]).endswith(_CALLBACK):
        raise ProjectError(
            f"{SECRETS.as_posix()}: redirect_uri must end in {_CALLBACK}.", hint=_WHERE
        )


def missing_settings(auth: Mapping[str, Any]) -> list[str]:
    """Return which settings of the sign-in are not there, by name.

    Examples
    --------
    >>> missing_settings({"redirect_uri": "x", "client_id": "y", "client_secret": "z"})
    ['cookie_secret', 'server_metadata_url']
    """
    always = [name for name in _ALWAYS if not auth.get(name)]
    return always + [name for name in _PROVIDER if not auth.get(name)]


def _roots(data_roots: Sequence[Path]) -> str:
    roots = [root.resolve() for root in data_roots]
    for root in roots:
        if not root.is_dir():
            raise ProjectError(f"--data-root {root}: there is no such folder.")
    return os.pathsep.join(str(root) for root in roots)


def _project_file(asked: Asked) -> str:
    from planner.project import Project

    project = Project.read(asked.project or Path(), data_roots=asked.data_roots)
    return str(project.folder / project.file_name)


def _count_served(root: Path) -> str:
    from planner.project import PROJECT_FILE
    from planner.ui.serving import find_projects
    from planner.wording import say_many

    if not root.is_dir():
        raise ProjectError(
            f"--serve {root}: there is no such folder.",
            hint="Name a folder whose own folders are study areas, each with a planner.toml.",
        )
    if (root / PROJECT_FILE).is_file():
        raise ProjectError(
            f"--serve {root}: this is a study area itself.",
            hint="Name the folder it is in, or open it alone: planner app FOLDER.",
        )
    listed = find_projects(root).values()
    broken = sum(bool(one.wrong) for one in listed)
    if not listed:
        raise ProjectError(
            f"--serve {root}: no folder in it holds a {PROJECT_FILE}.",
            hint="`planner fetch` and `planner demo` write study areas to put there.",
        )
    words = f"Serving {say_many(len(listed), 'study area')}"
    return words + (f", of which {broken} cannot be opened (the list says why)," if broken else "")


def _warnings(asked: Asked) -> tuple[str, ...]:
    if asked.listen in LOCAL:
        return ()
    said = [
        f"Warning: serving on {asked.listen}. Anyone who can reach this machine can open the app"
        + (", once signed in." if asked.sign_in else ", and it has no sign-in.")
    ]
    if asked.serve is not None and not asked.read_only:
        said.append(
            "Warning: they can also save and delete scenarios in the study areas' folders; "
            "--read-only leaves these as they are."
        )
    return tuple(said)


def _host(listen: str) -> str:
    return f"[{listen}]" if ":" in listen else listen
