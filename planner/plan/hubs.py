"""Where should hubs go, what else could be chosen, and how sure is the choice?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner.access import Access
from planner.area import StudyArea
from planner.errors import ProjectError
from planner.hubs import Hubs, build_hubs, explain_none
from planner.layers import Layers
from planner.ledger import Note, note_items
from planner.need import Need
from planner.neighbourhoods import Neighbourhoods
from planner.plan.inputs import Inputs
from planner.plan.journeys import Journeys
from planner.plan.stages import Stages
from planner.project import BY_NEED, HubSettings, Project, ProjectSpec
from planner.services import Services
from planner.sources.hub_costs import read_hub_costs
from planner.travel.getting_about import MEDIAN, MODE_WORDS, Way, key_of
from planner.wording import say_are, say_few

#: Settings that say nothing of which hubs are chosen, only what else is looked at.
_BESIDE = {
    *("alternatives", "alternatives_within", "draws"),
    *("bundle_siting", "may_move", "spare"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class HubQuestion:
    """What is asked of a place: the way, the settings, what they go by, and what that hangs on.

    ``way`` is the key of a way; ``demand`` a count on areas (None: people × need percentile),
    ``groups`` the type of neighbourhood of each area (None: not asked for), ``costs`` the hash of
    the file of costs ("" for none), ``after`` the stages that the answer comes after.
    """

    way: str
    settings: HubSettings
    demand: pd.Series | None
    groups: pd.Series | None
    costs: str
    after: tuple[str, ...]

    def plain(self, *without: str) -> list[Any]:
        """Return what the answer hangs on beside stages, some settings left out."""
        left = {*_BESIDE, *without}
        return [self.settings.model_dump(mode="json", exclude=left), self.way, self.costs]


@dataclass(frozen=True, kw_only=True, eq=False)
class FoundHubs:
    """Chosen hubs by the way that was asked for, and what there is to say beside them.

    ``hubs`` is None where none can be looked for; ``notes`` then says why. ``question`` is None in
    plans that are only compared with.
    """

    hubs: Hubs | None = None
    question: HubQuestion | None = None
    notes: tuple[Note, ...] = ()

    @property
    def parts(self) -> tuple[Any, ...]:
        """The results, in the order they are worked out, without those that are not there."""
        return (self.notes, *((self.hubs,) if self.hubs is not None else ()))


def choose_hubs(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    need: Need,
    types: Neighbourhoods,
    access_by: dict[str, Access],
) -> FoundHubs:
    """Choose hubs by the model, way, demand and costs of the settings.

    Raises
    ------
    ProjectError
        A named venue, way, percentile or layer is not there, or a venue is two things at once.
    DataError
        The file of costs is not what it should be.
    """
    asked, before = ask_for_hubs(project, inputs, services, journeys, types)

    def build() -> tuple[Hubs | None, tuple[Note, ...]]:
        times = journeys.ways[asked.way].times
        why = explain_none(inputs.area, services, times, asked.settings)
        if why is not None:
            return None, (why,)
        hubs = build_hubs(
            *(inputs.area, services, times, need, access_by[asked.way], asked.settings),
            demand=asked.demand,
            groups=asked.groups,
            costs=read_hub_costs(project),
        )
        return hubs, ()

    hubs, notes = run.run("hubs", asked.plain(), asked.after, build)
    return FoundHubs(hubs=hubs, question=asked, notes=(*before, *notes))


def ask_for_hubs(
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    types: Neighbourhoods,
) -> tuple[HubQuestion, tuple[Note, ...]]:
    """Return what the project asks for in this place, and what was left out of that."""
    spec = project.spec
    settings, closed = leave_closed_out(spec.hubs, inputs.services, services)
    settings, left_out = _fit_demand(spec, settings, inputs.layers)
    after = ["access", "need"]
    if settings.demand != BY_NEED:
        after.append("layers")
    if settings.model == "fair_cover":
        after.append("neighbourhoods")
    question = HubQuestion(
        way=find_way(spec, journeys.ways),
        settings=settings,
        demand=get_demand(settings, inputs.layers, inputs.area),
        groups=_groups(types) if settings.model == "fair_cover" else None,
        costs=project.sha256(settings.costs) if settings.costs else "",
        after=tuple(after),
    )
    return question, (*closed, *left_out)


def find_way(spec: ProjectSpec, ways: dict[str, Way]) -> str:
    """Return the key of the way that hubs go by.

    Raises
    ------
    ProjectError
        Reliable minutes are asked for, and the journeys by that way have none.
    """
    mode = spec.hubs.mode or spec.mode
    if spec.hubs.percentile == "median":
        return key_of(mode, ways)
    asked = 85 if spec.timetable is None else spec.timetable.reliable_percentile
    later = {
        key: way.percentile
        for key, way in ways.items()
        if way.mode == mode and way.percentile is not None and way.percentile > MEDIAN
    }
    if not later:
        raise ProjectError(
            f"[hubs] percentile: journeys {MODE_WORDS[mode]} have no reliable minutes beside the "
            "median.",
            hint='Use percentile = "median", or times with a percentile above 50.',
        )
    return min(later, key=lambda key: (abs(later[key] - asked), later[key]))


def get_demand(settings: HubSettings, layers: Layers, area: StudyArea) -> pd.Series | None:
    """Return the count that hubs go by, None where they go by people and their need.

    Raises
    ------
    ProjectError
        There is no such layer, or it holds no counts.
    """
    if settings.demand == BY_NEED:
        return None
    counts = sorted(name for name, spec in layers.specs.items() if spec.kind == "count")
    if settings.demand not in counts:
        there = settings.demand in layers.specs
        known = f"Layers of counts here: {say_few(counts, 6)}." if counts else "There is none here."
        raise ProjectError(
            f"[hubs] demand: {settings.demand!r} is "
            + ("no layer of counts." if there else "not a layer of this project."),
            hint=f'Use "population" (people and their need) or a layer of counts. {known}',
        )
    values: pd.Series = layers.values[settings.demand].reindex(area.codes).astype(float)
    return values


def leave_closed_out(
    settings: HubSettings, before: Services, now: Services
) -> tuple[HubSettings, tuple[Note, ...]]:
    """Return settings without the hubs that a scenario closes: they are no contradiction."""
    shut = now.venues.index[(now.venues["status"] == "closed").to_numpy()]
    open_before = before.venues.index[(before.venues["status"] != "closed").to_numpy()]
    named = {*settings.existing, *settings.forced}
    gone = sorted(named.intersection(shut).intersection(open_before))
    if not gone:
        return settings, ()
    text = f"{say_few(gone)} {say_are(len(gone))} closed here, and so no hub."
    kept = {
        name: [venue for venue in getattr(settings, name) if venue not in gone]
        for name in ("existing", "forced")
    }
    note = note_items("hubs", "hubs_closed", gone, text)
    return settings.model_copy(update=kept), (note,)


def _fit_demand(
    spec: ProjectSpec, settings: HubSettings, layers: Layers
) -> tuple[HubSettings, tuple[Note, ...]]:
    """Return settings that do not go by a private layer that was left out of the project file."""
    gone = spec.left_out is not None and settings.demand in spec.left_out.layers
    if not gone or settings.demand in layers.specs:
        return settings, ()
    text = (
        f"Hubs were to go by {settings.demand}, a private layer that was left out of this project "
        "file; they go by people and their need."
    )
    note = Note(stage="hubs", what="demand_left_out", count=1, text=text)
    return settings.model_copy(update={"demand": BY_NEED}), (note,)


def _groups(types: Neighbourhoods) -> pd.Series:
    """Return the name of each area's type, "" where it has none."""
    names = types.types["type_name"]
    words = ["" if pd.isna(label) else str(names[int(label)]) for label in types.labels]
    return pd.Series(words, index=types.labels.index, dtype=object)
