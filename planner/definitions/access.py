"""What do the figures on access to services and work mean?"""

from __future__ import annotations

from planner.definitions.kinds import Definition

_OWN = "The planner's own"
_JOURNEYS = "Fares, delays, steps, hills and waiting lists are not in it."

ACCESS: tuple[Definition, ...] = (
    Definition(
        id="minutes_nearest",
        topic="Access",
        title="Minutes to the nearest",
        meaning="How long it takes from door to door to the nearest open service of a kind that "
        "the people of an area may use.",
        unit="minutes",
        how="From the points where people live, by the way of getting about that is named; by "
        "public transport leaving at any minute of the day's window, waiting included. Of an "
        "area's points the middle one is taken, weighted by people, with no way there counting as "
        "infinitely far.",
        source=_OWN,
        limits=f"Nearest is not always the one that people go to. {_JOURNEYS}",
    ),
    Definition(
        id="journey_status",
        topic="Access",
        title="What became of the journey",
        meaning="Whether a service is reached; if not, whether it is further than was searched, "
        "there is no way, the area is not on the streets, lies outside the mapped streets, or "
        "nothing is known.",
        unit="category",
        how="The commonest answer of the area's points, weighted by people, where the middle one "
        "has no minutes.",
        source=_OWN,
        limits="Far, unreachable and not known are three different things and are never averaged "
        "together.",
    ),
    Definition(
        id="reliable_minutes",
        topic="Access",
        title="Reliable minutes",
        meaning="The journey time by public transport that is kept to 85 times in 100, whenever in "
        "the window one leaves.",
        unit="minutes",
        how="The 85th percentile over the minutes of the window.",
        source=_OWN,
        limits="It is about waiting by the timetable, not about late or full buses.",
    ),
    Definition(
        id="count_within",
        topic="Access",
        title="Number within so many minutes",
        meaning="How many open services of a kind, or how many jobs, can be reached within a time.",
        unit="services or jobs",
        how="The number that at least half of the area's people have within the time.",
        source="Cumulative opportunities: Wachs and Kumagai, 1973",
        limits="A minute over the limit counts as nothing. Jobs are all jobs, not those that fit "
        "a person, and are rounded by the publisher.",
    ),
    Definition(
        id="share_connected",
        topic="Access",
        title="Share on the street network",
        meaning="What part of an area's people live within reach of a mapped street.",
        unit="share of people, 0 to 1",
        how="Points within 400 metres of a street that joins the others, weighted by people.",
        source=_OWN,
        limits="A street that is missing from the map makes a place look cut off.",
    ),
    Definition(
        id="people_without_car",
        topic="Access",
        title="People without a car",
        meaning="About how many people of an area live in households without a car or van.",
        unit="people",
        how="People times the share of households without a car or van.",
        source="Office for National Statistics, Census 2021, table TS045, and its counterparts",
        limits="Households without a car are smaller than others, so this is on the high side; a "
        "car in the household is not a car at hand.",
    ),
    Definition(
        id="slowest_nearest",
        topic="Access",
        title="Slowest of the nearest",
        meaning="Of the nearest service of each kind in the bundle, the one that takes longest.",
        unit="minutes",
        how="For each point the longest of its shortest journeys, then the middle point of the "
        "area, weighted by people.",
        source=_OWN,
        limits=f"Each is a journey of its own from home, not one round trip. {_JOURNEYS}",
    ),
    Definition(
        id="access_measure",
        topic="Access",
        title="Further measures of access",
        meaning="Access that also counts distance, how much room services have, and when they are "
        "open.",
        unit="as the column unit says",
        how="Each row names its method: gravity, interval, and floating catchments that share out "
        "places among the people around.",
        source="Hansen, 1959; Luo and Wang, 2003; Luo and Qi, 2009; Páez, Higgins and Vivona, "
        "2019; others are named in the row",
        limits="They rest on a decay with distance that has to be assumed, and on capacities that "
        "few files have.",
    ),
    Definition(
        id="spread_of_measure",
        topic="Access",
        title="How a measure is spread",
        meaning="Lowest, middle and highest value over the people of the place, and how many have "
        "no value.",
        unit="as the column unit says",
        how="The middle is that of people, not of areas.",
        source=_OWN,
        limits="The middle hides who is far off: look at the map.",
    ),
    Definition(
        id="bundle_trip",
        topic="Access",
        title="Trip to the whole bundle",
        meaning="The shortest round trip from home to one of each service of the bundle and back, "
        "time spent there included.",
        unit="minutes",
        how="The best choice and order of venues for each point, then the middle one of the "
        "area's people.",
        source="Held and Karp, 1962",
        limits=f"By timetable each leg is timed by itself, unless it says end to end. {_JOURNEYS}",
    ),
    Definition(
        id="one_stop",
        topic="Access",
        title="One-stop reach",
        meaning="Minutes to the nearest single place where the whole bundle is.",
        unit="minutes",
        how="Venues so near each other that one walks between them count as one place.",
        source=_OWN,
        limits="Being in one place does not mean being open at the same time, or working together.",
    ),
    Definition(
        id="hand_offs",
        topic="Access",
        title="Places to visit",
        meaning="How many places a person has to visit, at least, to get the whole bundle.",
        unit="places",
        how="The fewest places that hold all of it among those within reach.",
        source=_OWN,
        limits="Not how often someone is sent on, nor how many forms they fill in.",
    ),
    Definition(
        id="fragmentation",
        topic="Access",
        title="Cost of being scattered",
        meaning="How many times longer the trip to the whole bundle is than if all of it were at "
        "the existing venue that suits the area best.",
        unit="ratio, 1 or more",
        how="Trip to the whole bundle divided by the round trip to that one venue with the same "
        "time spent there.",
        source=_OWN,
        limits="It takes for granted that the venue could hold everything.",
    ),
    Definition(
        id="signature",
        topic="Access",
        title="Out of reach together",
        meaning="Which services of the bundle are out of an area's reach at once.",
        unit="list of services",
        how="Those beyond their own standards; combinations are counted and set against chance.",
        source="Held against many comparisons: Holm, 1979",
        limits="A service just beyond its standard counts like one that is far beyond.",
    ),
    Definition(
        id="fairness",
        topic="Access",
        title="How fairly minutes fall",
        meaning="Whether people where need is greater have further to go than others.",
        unit="−1 to 1; 0 is evenly spread",
        how="People in order of need, set against their minutes; below 0 the needier have further "
        "to go. Its interval comes from drawing areas anew.",
        source="Wagstaff, Paci and van Doorslaer, 1991; Erreygers, 2009",
        limits="Less unequal is not the same as better: all may have further to go alike.",
    ),
)
