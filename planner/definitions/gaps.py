"""What do the figures on gaps, and on what a scenario changes, mean?"""

from __future__ import annotations

from planner.definitions.kinds import Definition

_OWN = "The planner's own"

GAPS: tuple[Definition, ...] = (
    Definition(
        id="standard",
        topic="Gaps",
        title="Standard",
        meaning="How many minutes to a kind of service still count as within reach, and by which "
        "way of getting about.",
        unit="minutes",
        how="As the project sets it, else the default listed with its source under Standards; the "
        "area breaks it where more than half of its people are beyond.",
        source="The source of each standard stands beside it",
        limits="Few kinds have an official one. It is a line to judge by, no promise of anybody.",
    ),
    Definition(
        id="gap_status",
        topic="Gaps",
        title="Gap",
        meaning="An area beyond the standard. One within it that is further than the middle area "
        "is only relatively further.",
        unit="category",
        how="The bundle is a gap where any of its services is. The reason is written beside it.",
        source=_OWN,
        limits="A service that is missing from the files looks like a gap.",
    ),
    Definition(
        id="gap_score",
        topic="Gaps",
        title="Gap score",
        meaning="How far great need and poor access fall together; 1 is the most.",
        unit="0 to 1",
        how="Percentile of need without access, times percentile of minutes to the nearest, each "
        "among the areas of the place.",
        source=_OWN,
        limits="Relative to this place: there is always a highest score, even where all is near.",
    ),
    Definition(
        id="gap_rank",
        topic="Gaps",
        title="Gap rank",
        meaning="Areas in the order of their gap score; 1 is the largest.",
        unit="rank within the place",
        how="By gap score; areas of which nothing is known come last.",
        source=_OWN,
        limits="An area can rank high without being a gap, where all standards are kept.",
    ),
    Definition(
        id="gap_sureness",
        topic="Gaps",
        title="How sure a gap is",
        meaning="How often an area is still a gap, and between which ranks, when what was assumed "
        "varies.",
        unit="share of draws, 0 to 1; ranks",
        how="Need, the minutes of the standard, walking speed and the minute of leaving are drawn "
        "at random within stated limits, together and one at a time.",
        source="After Saisana, Saltelli and Tarantola, 2005",
        limits="A missing or closed service, or a street that is not mapped, is not among what "
        "varies.",
    ),
    Definition(
        id="winners_and_losers",
        topic="Before and after",
        title="People who gain and people who lose",
        meaning="People in areas that a change brings a minute or more nearer, or within reach for "
        "the first time; and the other way round.",
        unit="people",
        how="Minutes to the nearest after the change less before, area by area. All kinds "
        "together: nearer in one kind and further in none.",
        source=_OWN,
        limits="All people of an area count alike, users or not. A minute is little.",
    ),
    Definition(
        id="before_and_after",
        topic="Before and after",
        title="Before and after",
        meaning="A figure as it is today and as it would be after the changes of a scenario.",
        unit="that of the figure",
        how="Everything is worked out again with the changes made, by the same rules.",
        source=_OWN,
        limits="People are taken to stay where they are and to go to what is then nearest.",
    ),
    Definition(
        id="change_in_fairness",
        topic="Before and after",
        title="Change in fairness",
        meaning="An index of fairness before and after, with its interval.",
        unit="that of the index",
        how="As how fairly minutes fall. A change is not called sure where each figure lies in "
        "the other's interval.",
        source="Wagstaff, Paci and van Doorslaer, 1991; Erreygers, 2009; intervals: Efron, 1979",
        limits="Less unequal is not the same as better.",
    ),
    Definition(
        id="group_change",
        topic="Before and after",
        title="What changes for a group of people",
        meaning="How many people of a group live in areas that gain, or lose.",
        unit="people; share of the group, 0 to 1",
        how="The group's share of each area's people, as the census has it, times its people.",
        source="Evidence for an equality assessment under the Equality Act 2010, section 149",
        limits="People of the group are taken to be spread like everyone else within an area. It "
        "is evidence for an assessment, not the assessment.",
    ),
)
