"""Is the app started as it was asked for, and is what cannot be told in two lines?"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
from ui.stand_in import write_project

from planner import cli_app
from planner.cli_app import Asked, build_start, check_sign_in
from planner.errors import ProjectError

AUTH = {
    "redirect_uri": "https://host/oauth2callback",
    "cookie_secret": "a",
    "client_id": "b",
    "client_secret": "c",
    "server_metadata_url": "https://host/.well-known/openid-configuration",
}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("north", "south"):
        (tmp_path / "root" / name).mkdir(parents=True)
        write_project(tmp_path / "root" / name)
    return tmp_path / "root"


def write_secrets(folder: Path, **settings: str) -> Path:
    (folder / ".streamlit").mkdir(parents=True)
    lines = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    (folder / ".streamlit" / "secrets.toml").write_text(f"[auth]\n{lines}", encoding="utf-8")
    return folder


@pytest.fixture
def with_authlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())


def test_serving_names_the_root_and_no_project(root: Path) -> None:
    before = {"PLANNER_PROJECT": "left over", "PATH": "/bin"}
    start = build_start(Asked(serve=root, read_only=True), before)
    assert start.environment == {
        "PATH": "/bin",
        "PLANNER_SERVE": str(root.resolve()),
        "PLANNER_READ_ONLY": "1",
    }
    assert "--server.address=127.0.0.1" in start.flags
    assert "--server.headless=true" in start.flags
    assert start.warnings == ()
    assert start.words.startswith("Serving 2 study areas at http://127.0.0.1:8501")


def test_one_project_is_opened_with_a_browser(root: Path) -> None:
    before = {"PLANNER_SERVE": "left over"}
    start = build_start(Asked(project=root / "north", data_roots=(root,)), before)
    assert start.environment == {
        "PLANNER_PROJECT": str((root / "north" / "planner.toml").resolve()),
        "PLANNER_DATA_ROOTS": str(root.resolve()),
    }
    assert "--server.headless=false" in start.flags


def test_started_on_nothing_the_environment_stands() -> None:
    start = build_start(Asked(), {"PLANNER_PROJECT": "mine"})
    assert start.environment == {"PLANNER_PROJECT": "mine"}


def test_broken_study_areas_are_counted(root: Path) -> None:
    (root / "south" / "planner.toml").write_text("[")
    words = build_start(Asked(serve=root), {}).words
    assert "2 study areas, of which 1 cannot be opened" in words


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, ["no sign-in", "save and delete scenarios"]),
        ({"read_only": True}, ["no sign-in"]),
        ({"sign_in": True, "read_only": True}, ["once signed in"]),
    ],
)
def test_who_can_get_in_from_elsewhere_is_said(
    root: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, bool], said: list[str]
) -> None:
    monkeypatch.setattr(cli_app, "check_sign_in", lambda *_: None)
    warnings = build_start(Asked(serve=root, listen="0.0.0.0", **asked), {}).warnings
    assert len(warnings) == len(said)
    assert all(one in warning for one, warning in zip(said, warnings, strict=True))


def test_what_cannot_be_served_is_told_in_two_lines(
    planner: Run, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "bare").mkdir()
    for words, said in (
        (["--serve", tmp_path / "nowhere"], "there is no such folder"),
        (["--serve", tmp_path / "bare"], "no folder in it holds a planner.toml"),
        (["--serve", root / "north"], "this is a study area itself"),
        ([root / "north", "--serve", root], "not both"),
        (["--serve", root, "--data-root", root / "nowhere"], "there is no such folder"),
    ):
        code, _, err = planner("app", *words)
        assert (code, said in err, len(err.splitlines()) <= 2) == (2, True, True), err


def test_sign_in_says_what_is_missing(
    with_authlib: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProjectError, match=r"no \.streamlit/secrets\.toml in this folder"):
        check_sign_in(tmp_path)
    some = write_secrets(tmp_path / "some", redirect_uri="x", client_id="y")
    with pytest.raises(ProjectError, match="no cookie_secret and no client_secret") as told:
        check_sign_in(some)
    assert "README" in told.value.hint
    odd = write_secrets(tmp_path / "odd", **(AUTH | {"redirect_uri": "https://host/"}))
    with pytest.raises(ProjectError, match="must end in /oauth2callback"):
        check_sign_in(odd)
    (odd / ".streamlit" / "secrets.toml").write_text("[auth")
    with pytest.raises(ProjectError, match="cannot be read as TOML"):
        check_sign_in(odd)


def test_settings_of_both_folders_count_together(with_authlib: None, tmp_path: Path) -> None:
    check_sign_in(write_secrets(tmp_path / "all", **AUTH))
    half = list(AUTH)[:2]
    here = write_secrets(tmp_path / "here", **{name: AUTH[name] for name in half})
    home = write_secrets(
        tmp_path / "home", **{name: AUTH[name] for name in AUTH if name not in half}
    )
    check_sign_in(here, home)


def test_sign_in_asks_for_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ProjectError, match="Authlib") as told:
        check_sign_in(tmp_path)
    assert "pip install" in told.value.hint
