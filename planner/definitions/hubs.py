"""What do the figures on hubs, on outreach and on shared outcomes mean?"""

from __future__ import annotations

from planner.definitions.kinds import Definition

_OWN = "The planner's own"

HUBS: tuple[Definition, ...] = (
    Definition(
        id="candidate",
        topic="Hubs",
        title="Candidate and hub",
        meaning="A venue that could become a hub, with all services of the bundle in one place; "
        "a hub is one that is chosen, or is there already.",
        unit="venues",
        how="Venues of the kinds that the project names, or listed in its file of candidates; "
        "some may be forced or closed.",
        source=_OWN,
        limits="Rent, rooms, leases and whether partners agree are not known unless the project "
        "says so.",
    ),
    Definition(
        id="hub_choice",
        topic="Hubs",
        title="How good a choice of hubs is",
        meaning="What the chosen hubs come to by the measure that the project chose, and what no "
        "other choice can be better than.",
        unit="as the column objective_unit says",
        how="All choices are searched until the best is proved, or time is up; the gap is the "
        "difference of the two as a share of the greater, 0 where proved.",
        source="p-median: Hakimi, 1964; ReVelle and Swain, 1970. Cover: Church and ReVelle, 1974; "
        "others on the page Hubs",
        limits="Best by this measure and these assumptions only. Where an area reaches no "
        "candidate it counts stated penalty minutes.",
    ),
    Definition(
        id="minutes_saved",
        topic="Hubs",
        title="Minutes saved",
        meaning="How much shorter the journey to the whole bundle is with the hubs than today.",
        unit="minutes each way",
        how="Slowest of the nearest today, less the same or the nearest hub with the whole bundle, "
        "whichever is sooner.",
        source=_OWN,
        limits="People are taken to use the nearest. Areas that reach it for the first time save "
        "no minutes: they are counted apart.",
    ),
    Definition(
        id="people_gaining",
        topic="Hubs",
        title="People who gain",
        meaning="People in areas that gain a minute or more, or reach the whole bundle for the "
        "first time.",
        unit="people",
        how="Counted over the areas that the hub is the nearest for.",
        source=_OWN,
        limits="All people of an area count alike, whether they need the services or not.",
    ),
    Definition(
        id="people_nearest",
        topic="Hubs",
        title="People a hub is the nearest for",
        meaning="Areas, and people in them, that have this hub as their nearest.",
        unit="areas; people",
        how="By the way of getting about that hubs go by; where hubs fill up, the one that takes "
        "most of the area's people.",
        source=_OWN,
        limits="Not a forecast of visitors.",
    ),
    Definition(
        id="people_within_reach",
        topic="Hubs",
        title="People within reach",
        meaning="People in areas that reach an open hub, or help towards an outcome, in time.",
        unit="people; share of people, 0 to 1",
        how="Areas within the stated minutes count with all of their people.",
        source=_OWN,
        limits="A minute over the limit counts as nothing. Reach is not impact.",
    ),
    Definition(
        id="journey_to_hub",
        topic="Hubs",
        title="Journey to the hub",
        meaning="Minutes to the nearest open hub: mean, longest, or of those who are worst off.",
        unit="minutes",
        how="Means are weighted by need-weighted people.",
        source=_OWN,
        limits="A short mean can hide a few very long journeys: look at the longest, too.",
    ),
    Definition(
        id="other_plans",
        topic="Hubs",
        title="Other choices nearly as good",
        meaning="Other sets of hubs, how much worse they are than the best, and in how many hubs "
        "they differ; and what each further hub brings.",
        unit="share, 0 to 1; hubs",
        how="The next best, or as different as can be, among choices that are at most so much "
        "worse; one hub more at a time.",
        source=_OWN,
        limits="Two choices nearly as good are as good: what decides then is not in the figures.",
    ),
    Definition(
        id="hub_steadiness",
        topic="Hubs",
        title="How often a venue is chosen",
        meaning="In how many draws of what was assumed a venue is in the best choice.",
        unit="share of draws, 0 to 1",
        how="Need, journey times and limits are drawn at random; hubs are chosen anew each time.",
        source=_OWN,
        limits="A venue that is seldom chosen may be nearly as good each time.",
    ),
    Definition(
        id="regret",
        topic="Hubs",
        title="Regret",
        meaning="How much worse a choice is than the best one, if another assumption turns out "
        "true.",
        unit="as the column objective_unit says; share",
        how="Each choice is judged under each assumption; its greatest regret is the worst of "
        "these.",
        source="Savage, 1951, Journal of the American Statistical Association",
        limits="Only the assumptions that are listed count.",
    ),
    Definition(
        id="cost",
        topic="Hubs",
        title="Cost",
        meaning="What opening these hubs costs, and the money there is.",
        unit="that of the project's file of costs",
        how="Added up from the file that the project names.",
        source="The project's own file",
        limits="Running costs are in it only if the file has them.",
    ),
    Definition(
        id="bundle_siting",
        topic="Hubs",
        title="Which services come together where",
        meaning="Which services stay, move, come besides or begin at a venue, so that more people "
        "have all of them at once.",
        unit="category",
        how="Services that the project lets move are placed so that the chosen aim is best met.",
        source=_OWN,
        limits="Whether staff, rooms and contracts can follow is not known.",
    ),
    Definition(
        id="rota",
        topic="Hubs",
        title="Outreach rota",
        meaning="Which team is where and when, with its hours of work, travel and waiting.",
        unit="clock times; minutes; hours a week",
        how="Sessions are placed so that most need-weighted people are served within the hours "
        "and rooms there are.",
        source=_OWN,
        limits="Public holidays, leave and illness are not in it.",
    ),
    Definition(
        id="served",
        topic="Hubs",
        title="Need-weighted people served by outreach",
        meaning="How much nearer to a permanent service outreach brings people, the needier "
        "counting more.",
        unit="need-weighted people; share of a permanent service, 0 to 1",
        how="Need-weighted people in reach, times the part of a permanent service that days of "
        "presence come to, less what they have without it.",
        source=_OWN,
        limits="What a day of presence is worth is assumed. Nobody knows from this who will come.",
    ),
    Definition(
        id="shared_outcomes",
        topic="Hubs",
        title="Reach towards shared outcomes",
        meaning="How many people in areas with a need can get to help that is meant to meet it, "
        "by outcome and by partner.",
        unit="people; need-weighted people; openings and hours a week",
        how="People times the percentile of that need times the share of the help within reach.",
        source=_OWN,
        limits="Reach is not impact. How strongly a service helps is assumed unless the table "
        "says where it comes from.",
    ),
)
