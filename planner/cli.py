"""What can be asked of the planner on the command line?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import cyclopts
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from planner.errors import DataError, PlannerError, ProjectError

if TYPE_CHECKING:
    from pandas import DataFrame

    from planner.scenario import Scenario

app = cyclopts.App(
    name="planner",
    help="Where do people need help most, what can they not reach, and where should we bring it "
    "together?",
    help_format="plaintext",
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
DataRoots = Annotated[
    list[Path] | None,
    Parameter(
        name="--data-root",
        negative="",
        consume_multiple=False,
        help="A further folder that the project may read files from. May be repeated.",
    ),
]


def main() -> None:
    """Run the command line; errors made for people go to stderr in one or two lines."""
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    debug = len(arguments) != len(sys.argv) - 1
    try:
        app(arguments)
    except PlannerError as error:
        if debug:
            raise
        print(f"planner: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("planner: stopped.", file=sys.stderr)
        sys.exit(130)


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """Yield a progress callback that draws a bar on a terminal and prints lines elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        said: list[str] = []

        def tell(words: str, share: float) -> None:
            if words not in said:
                said.append(words)
                print(f"{share:4.0%}  {words}", file=sys.stderr, flush=True)

        yield tell
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Starting", total=1.0)

        def update(words: str, share: float) -> None:
            bar.update(task, description=words, completed=share)

        yield update


@app.command
def run(
    project: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    scenario: Path | None = None,
    data_root: DataRoots = None,
) -> None:
    """Work out everything for a project and write it to a folder.

    Parameters
    ----------
    project
        A project file, or a folder that holds planner.toml.
    output
        Where the results go: a new or empty folder, or one this command wrote before.
    scenario
        A file of changes (data/templates/scenario.toml): results are those after them, and what
        they change is set beside today.
    """
    from planner.cache import Memo, open_shelf
    from planner.export import check_out, write_out
    from planner.plan import make_plan
    from planner.project import Project

    asked = Project.read(project, data_roots=data_root or [])
    changes = None if scenario is None else _read_scenario(scenario)
    check_out(output)
    with _progress() as tell:
        plan = make_plan(asked, changes, memo=Memo(shelf=open_shelf()), progress=tell)
        tell("Writing maps, tables and the report", 1.0)
        written = write_out(plan, output)
    left_out = [note.text for note in plan.notes if note.what == "private_left_out"]
    for mark in [*plan.watermarks, *left_out]:
        print(f"Note: {mark}")
    if changes is not None and not changes.changes:
        print(f"Note: {changes.name} changes nothing: these are the results of today.")
    if plan.before_after is not None:
        print(plan.before_after.findings[0])
    print(f"{plan.area.name}: {len(plan.area.codes)} areas. {len(written)} files in {output}")
    print(f"Start with {output / 'report.html'}")


def _read_scenario(path: Path) -> Scenario:
    """Return the scenario in a file that the person running this names, wherever it is."""
    from planner.scenario import from_toml
    from planner.scenario.files import MAX_BYTES

    if not path.is_file():
        raise ProjectError(
            f"{path}: there is no scenario file here.",
            hint="Name a .toml file with changes; the README has one by example.",
        )
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as err:
        raise ProjectError(
            f"{path}: cannot be read ({err.strerror or 'no reason given'}).",
            hint="Check that the file may be read and is not open elsewhere.",
        ) from err
    return from_toml(text, where=path.name)


@app.command
def check(project: Path, *, data_root: DataRoots = None) -> None:
    """Say what is in a project, what is missing, and what each layer covers.

    Parameters
    ----------
    project
        A project file, or a folder that holds planner.toml.
    """
    from planner.check import build_check
    from planner.project import Project

    asked = Project.read(project, data_roots=data_root or [])
    with _progress() as tell:
        report = build_check(asked, progress=tell)
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(report.headline, markup=False)
    for title, frame in report.tables.items():
        _print_table(frame, title)
    for line in report.notes:
        console.print(f"- {line}", markup=False)
    if report.refused:
        raise DataError(
            report.refused, hint="The tables above say where; a run would stop at this, too."
        )


@app.command
def compare(
    first: Path,
    second: Path | None = None,
    *,
    alike: Annotated[int | bool | None, Parameter(negative="")] = None,
    vintages: Annotated[tuple[str, str] | None, Parameter(negative="")] = None,
    out: Annotated[Path | None, Parameter(name=["--out", "--output", "-o"])] = None,
    data_root: DataRoots = None,
) -> None:
    """Compare two places of one nation, a place with others like it, or two dates of a figure.

    Parameters
    ----------
    first
        A project file, or a folder that holds planner.toml.
    second
        Another place's; or the same place's, with figures of another date.
    alike
        Compare with so many districts of the nation that have a like profile: 10 if no number.
    vintages
        Two layers of the project that are the same figure at two dates.
    out
        Where compare.csv and compare.md go: a new or empty folder, or one this command wrote.
    """
    from planner.compare_places import compare_alike, compare_layers, compare_projects
    from planner.export.comparison import check_comparison_out, write_comparison
    from planner.project import Project

    ways = [second is not None, alike is not None, vintages is not None]
    if sum(ways) != 1:
        raise ProjectError(
            "Say what to compare with: one thing.",
            hint="For example: planner compare PLACE OTHER_PLACE; planner compare PLACE --alike; "
            "planner compare PLACE --vintages LAYER_A LAYER_B.",
        )
    asked = Project.read(first, data_roots=data_root or [])
    if out is not None:
        check_comparison_out(out)
    with _progress() as tell:
        if second is not None:
            other = Project.read(second, data_roots=data_root or [])
            told = compare_projects(asked, other, progress=tell)
        elif vintages is not None:
            told = compare_layers(asked, *vintages, progress=tell)
        else:
            told = compare_alike(asked, 10 if alike is True else int(alike or 0), progress=tell)
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    for line in told.lines:
        console.print(line, markup=False)
    if out is not None:
        written = write_comparison(out, told.table, told.markdown, told.about)
        print(f"{len(written)} files in {out}")


@app.command
def demo(folder: Path, *, areas: int = 150, seed: int = 1) -> None:
    """Write the fictional demo place, with its project file, to a folder.

    Parameters
    ----------
    folder
        A new or empty folder.
    areas
        How many small areas, 20 to 35,000.
    seed
        Another seed gives another place.
    """
    from planner.demo import write_demo

    if folder.exists() and any(folder.iterdir()):
        raise ProjectError(f"{folder}: not empty.", hint="Name a new or empty folder.")
    path = write_demo(folder, areas=areas, seed=seed)
    print(f"Wrote a fictional place. Next: planner run {path} -o out")


@app.command
def fetch(
    names: Annotated[list[str] | None, Parameter(negative="")] = None,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    list_sources: Annotated[bool, Parameter(name="--list", negative="")] = False,
    context: bool = True,
    offline: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Fetch the official data of a place into a study folder with its project file.

    Parameters
    ----------
    names
        One or several districts of one nation, by name or code.
    output
        A new or empty folder, or one that an earlier fetch has begun.
    list_sources
        Show every source instead, and how its reading was proved.
    context
        Fetch the areas within 3 km of the place too.
    offline
        Use only what was downloaded before.
    """
    from planner.project import PROJECT_FILE, Project
    from planner.sources.fetch import build_fetcher, fetch_place, read_registry, registry_table

    registry = read_registry()
    if output is not None and (output / PROJECT_FILE).is_file():
        registry = registry.override(Project.read(output).spec.sources)
    if list_sources:
        _print_sources(registry_table(registry))
        return
    if not names or output is None:
        raise ProjectError(
            "Say which place, and where to put it.",
            hint='For example: planner fetch "Trafford" -o trafford (--list shows the sources).',
        )
    with _progress() as tell:
        report = fetch_place(
            names,
            output,
            registry=registry,
            fetcher=build_fetcher(offline=offline),
            context=context,
            progress=tell,
        )
    for record in report.failed:
        print(f"Not fetched: {registry[record.id].what}: {record.why} {record.by_hand}")
    print(
        f"{report.place}: {report.areas} areas and {report.areas_around} around it, in {output}. "
        "README.md there says what is still to be done."
    )
    print(f"Next: planner run {report.project} -o out")


@app.command
def fetch_directory(
    address: str, *, output: Annotated[Path, Parameter(name=["--output", "-o"])]
) -> None:
    """Save a council's live service directory (Open Referral UK) for `from = "open_referral"`.

    Parameters
    ----------
    address
        The feed's address, such as the one that ends in /services.
    output
        The file to write, for example directory.jsonl.
    """
    from planner.sources.fetch import build_fetcher
    from planner.sources.fetch.directory import fetch_directory as save

    services = save(address, output, fetcher=build_fetcher())
    print(f"Saved {services} services to {output}")


@app.command
def match(
    file: Path,
    *,
    kind: str = "",
    purpose: Annotated[str, Parameter(name="--for")] = "",
    sheet: str = "",
) -> None:
    """Show what the planner makes of a table of your own, and the section to paste for it.

    Parameters
    ----------
    file
        A CSV or Excel file.
    kind
        What kind of service it lists, such as food_bank.
    purpose
        What it is for: services (if you do not say), layer, jobs or private.
    sheet
        Which sheet of a workbook.
    """
    from planner.sources.matching import build_match, check_purpose, read_own_table

    asked = check_purpose(purpose)
    table = read_own_table(file, what=file.name, sheet=sheet)
    found = build_match(table, file=file.name, purpose=asked, kind=kind, sheet=sheet)
    print(f"{file.name}: {len(table):,} rows, {table.shape[1]} columns")
    _print_table(found.columns)
    for line in found.missing:
        print(f"- {line}")
    print(f"\n{found.section}")


def _print_table(frame: DataFrame, title: str = "") -> None:
    table = Table(title=title or None, title_justify="left")
    for column in frame.columns:
        numeric = frame[column].dtype.kind in "if"
        table.add_column(str(column), justify="right" if numeric else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*[str(cell).replace("[", r"\[") for cell in row])
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(table)


def _print_sources(shown: DataFrame) -> None:
    columns = ["what", "publisher", "licence", "geography", "vintage", "address", "proved"]
    table = Table(show_lines=True)
    for column in ("source", *columns):
        table.add_column(column, overflow="fold")
    for key, row in shown[columns].iterrows():
        table.add_row(*[str(cell).replace("[", r"\[") for cell in (key, *row)])
    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)


@app.command(name="app")
def open_app(
    project: Path | None = None,
    *,
    serve: Path | None = None,
    read_only: Annotated[bool, Parameter(negative="")] = False,
    sign_in: Annotated[bool, Parameter(negative="")] = False,
    data_root: DataRoots = None,
    listen: str = "127.0.0.1",
    port: int = 8501,
    browser: bool | None = None,
) -> None:
    """Open the app on a project, or on the demo place; or serve several people.

    Parameters
    ----------
    project
        A project file, or a folder that holds planner.toml.
    serve
        Serve the study areas in this folder to several people, who choose one by name.
    read_only
        Write nothing into project folders: scenarios are kept in the session and downloaded.
    sign_in
        Let in only those who sign in with your organisation's account (see the README).
    listen
        Address to serve on. Anything but 127.0.0.1 lets other machines in.
    port
        Port to serve on.
    browser
        Open a browser window; if you do not say, for one person only.
    """
    from planner.cli_app import Asked, build_start
    from planner.ui import searches
    from planner.ui.launch import launch

    asked = Asked(
        project=project,
        serve=serve,
        data_roots=tuple(data_root or []),
        read_only=read_only,
        sign_in=sign_in,
        listen=listen,
        port=port,
        browser=browser,
    )
    start = build_start(asked, os.environ)
    for warning in start.warnings:
        print(warning, file=sys.stderr)
    if searches.plan_ahead():
        print(f"{searches.WORDS}. The first pages need not wait for it.")
    print(start.words, flush=True)
    launch(start.flags, start.environment)


@app.command(show=False)
def warm() -> None:
    """Compile the search kernels once, so that nobody waits for it later."""
    from planner.bundle import warm as compile_trips
    from planner.cache.compiled import remember_compiled
    from planner.hubs.pmedian import warm as compile_siting
    from planner.need.certainty.sorting import warm as compile_sorting
    from planner.travel.kernels import warm as compile_kernels

    compile_kernels()
    compile_sorting()
    compile_trips()
    compile_siting()
    remember_compiled()


if __name__ == "__main__":
    main()
