"""Where is the project file, and which files may it read?"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import tomlkit
from pydantic import BaseModel

from planner.errors import ProjectError
from planner.project.checking import parse_spec
from planner.project.sections import LeftOut, ProjectSpec

PROJECT_FILE = "planner.toml"
MAX_PROJECT_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Project:
    """A checked project: the specification and where its files may be read from.

    ``folder`` is the project file's own folder, ``data_roots`` further folders that the person
    running it allowed. Nothing outside these is ever read.
    """

    spec: ProjectSpec
    folder: Path
    data_roots: tuple[Path, ...] = ()
    file_name: str = PROJECT_FILE
    _resolved: dict[str, Path] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, path: str | Path, *, data_roots: Sequence[str | Path] = ()) -> Project:
        """Read and check a project file, or the ``planner.toml`` in a folder.

        Raises
        ------
        ProjectError
            The file is missing, is not TOML, has an unknown key or a value that cannot be.
        """
        path = Path(path)
        if path.is_dir():
            path = path / PROJECT_FILE
        if not path.is_file():
            raise ProjectError(
                f"{path}: there is no project file here.",
                hint="Name a .toml file, or a folder that holds planner.toml. "
                "`planner demo DIR` writes one to start from.",
            )
        if path.stat().st_size > MAX_PROJECT_BYTES:
            raise ProjectError(f"{path}: too large for a project file.")
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
            raise ProjectError(
                f"{path}: not a TOML file ({err}).",
                hint="See the README for a project file by example.",
            ) from err
        roots = tuple(Path(root).resolve() for root in data_roots)
        for root in roots:
            if not root.is_dir():
                raise ProjectError(f"--data-root {root}: there is no such folder.")
        return cls(
            spec=parse_spec(table, where=path.name),
            folder=path.resolve().parent,
            data_roots=roots,
            file_name=path.name,
        )

    def path(self, name: str) -> Path:
        """Return the file called ``name`` in the project's folder or one of its data roots.

        Raises
        ------
        ProjectError
            The name is absolute, leads outside, or no such file exists.
        """
        if name in self._resolved:
            return self._resolved[name]
        if PureWindowsPath(name).drive or PureWindowsPath(name).root or "://" in name:
            raise ProjectError(
                f"{self.file_name}: {name!r} is not a path inside the project's folder.",
                hint="Use a path relative to the project file; for files elsewhere, run with "
                "--data-root FOLDER and name them relative to that folder.",
            )
        relative = Path(*PurePosixPath(name.replace("\\", "/")).parts)
        for root in (self.folder, *self.data_roots):
            found = (root / relative).resolve()
            if found.is_file() and any(
                found.is_relative_to(allowed) for allowed in (self.folder, *self.data_roots)
            ):
                self._resolved[name] = found
                return found
        outside = (self.folder / relative).resolve()
        if not outside.is_relative_to(self.folder):
            raise ProjectError(
                f"{self.file_name}: {name!r} leads outside the project's folder.",
                hint="Copy the file into the folder, or allow its folder with --data-root FOLDER.",
            )
        raise ProjectError(
            f"{self.file_name}: the file {name!r} does not exist.",
            hint=f"Looked in {', '.join(str(r) for r in (self.folder, *self.data_roots))}.",
        )

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a project file's bytes."""
        digest = hashlib.sha256()
        with self.path(name).open("rb") as handle:
            for block in iter(lambda: handle.read(1 << 20), b""):
                digest.update(block)
        return digest.hexdigest()

    def files(self) -> Iterator[str]:
        """Yield every file the project names, once each, in a fixed order; never a private one."""
        spec = self.spec
        names: list[str] = [spec.place.boundaries]
        parts = (spec.place.points, spec.place.population, spec.jobs, spec.postcodes)
        names += [part.file for part in parts if part is not None]
        if spec.place.context is not None:
            names.append(spec.place.context.boundaries)
        names += [*spec.lookups.model_dump().values(), spec.streets.file]
        if spec.reporting is not None:
            names.append(spec.reporting.lookup)
        names += [entry.file for entry in spec.layer] + [entry.file for entry in spec.services]
        names += [spec.hubs.candidates, spec.hubs.costs, spec.measures.decay_table]
        names += [spec.rota.teams, spec.outcomes.file]
        if spec.timetable is not None:
            names += spec.timetable.files
        names += [entry.file for entry in spec.matrix]
        names += [entry.file for entry in spec.local]
        if spec.neighbourhoods.outside is not None:
            names.append(spec.neighbourhoods.outside.file)
        yield from dict.fromkeys(name for name in names if name)

    def with_spec(self, **sections: Any) -> Project:
        """Return the same project with whole sections replaced, checked again."""
        table = self.spec.model_dump(by_alias=True, mode="python", exclude_none=True)
        for name, section in sections.items():
            table[name] = (
                section.model_dump(by_alias=True, exclude_none=True)
                if isinstance(section, BaseModel)
                else section
            )
        return Project(
            spec=parse_spec(table, where=self.file_name),
            folder=self.folder,
            data_roots=self.data_roots,
            file_name=self.file_name,
        )

    def to_toml(self) -> str:
        """Return the fully resolved project, every default written out, as TOML.

        Private layers are left out; ``[left_out]`` says how many, and what they were called.
        """
        table = self.spec.model_dump(by_alias=True, mode="python", exclude_none=True)
        private = table.pop("private")
        if private:
            table["left_out"] = LeftOut(
                private=len(private),
                layers=[entry["id"] for entry in private],
                domains=sorted({entry["domain"] for entry in private} - {""}),
            ).model_dump()
        left = table.get("left_out", {}).get("private", 0)
        said = f"# Private layers left out of this file, with their settings: {left}.\n"
        return (said if left else "") + tomlkit.dumps(_tables_last(table))

    def without_private(self) -> Project:
        """Return the project as `to_toml` writes it: private layers left out, and said so."""
        return replace(
            self,
            spec=parse_spec(tomllib.loads(self.to_toml()), where=self.file_name),
            _resolved={},
        )


def _tables_last(table: dict[str, Any]) -> dict[str, Any]:
    """Order plain keys before sub-tables, as TOML wants them, keeping the order otherwise."""
    plain = {k: v for k, v in table.items() if not isinstance(v, dict)}
    nested = {k: _tables_last(v) for k, v in table.items() if isinstance(v, dict)}
    lists = {
        k: [_tables_last(item) if isinstance(item, dict) else item for item in v]
        for k, v in plain.items()
        if isinstance(v, list)
    }
    return {**plain, **lists, **nested}
