"""What do the figures on need, and on types of neighbourhood, mean?"""

from __future__ import annotations

from planner.definitions.kinds import Definition

_OWN = "The planner's own"
_AREAS = "Areas are not people: it says nothing of any one person."

NEED: tuple[Definition, ...] = (
    Definition(
        id="population",
        topic="Need",
        title="People",
        meaning="Residents of an area.",
        unit="people",
        how="Taken from the population file that the project names; nothing is projected forward.",
        source="Publisher and date are in the list of sources",
        limits="Of the date of the file. People who work, study or are in hospital there but live "
        "elsewhere are not counted.",
    ),
    Definition(
        id="need_score",
        topic="Need",
        title="Need score",
        meaning="How great need is in an area, all chosen domains together; high is worse.",
        unit="points, without a natural zero",
        how="Each domain is put on one scale, multiplied by its weight and added up. The domains, "
        "weights and scale are in the project file and on the page Need.",
        source="Method of the UK indices: Noble and others, 2006, Environment and Planning A",
        limits="A score twice as high is not twice the need. Scores of two nations cannot be "
        f"compared. {_AREAS}",
    ),
    Definition(
        id="need_rank",
        topic="Need",
        title="Need rank",
        meaning="The place of an area in the order of need; 1 is the greatest need.",
        unit="rank within the place",
        how="Areas are ordered by need score; areas with the same score go by their codes.",
        source="As in the UK indices: Noble and others, 2006",
        limits="Only among the areas of this place. Neighbouring ranks can be nearly the same "
        "need: look at the interval of the rank. A rank of 1 is not twice as needy as a 2.",
    ),
    Definition(
        id="need_decile",
        topic="Need",
        title="Tenth of need",
        meaning="Areas in order of need, in ten equal groups; 1 is the worst tenth.",
        unit="1 to 10",
        how="Ten times the rank, divided by the number of areas, rounded up.",
        source="As in the UK indices",
        limits="Two areas on either side of a border can be nearly alike.",
    ),
    Definition(
        id="need_rank_national",
        topic="Need",
        title="Published national rank",
        meaning="The rank that the publisher gives the area within its nation; 1 is the greatest "
        "need.",
        unit="rank within the nation",
        how="Taken from the published file as it stands.",
        source="The publisher of the index, in the list of sources",
        limits="Made from the publisher's own domains and weights, so it can differ from the rank "
        "within the place. Ranks of two nations, or of two editions, are not comparable.",
    ),
    Definition(
        id="need_without_access",
        topic="Need",
        title="Need without access",
        meaning="The need score with any domain on distance to services left out.",
        unit="points",
        how="As the need score, over the other domains. Gaps and hubs go by it, so that distance "
        "is not counted twice.",
        source=_OWN,
        limits="An area can stand elsewhere by it than by the whole need score.",
    ),
    Definition(
        id="need_interval",
        topic="Need",
        title="Interval of the rank",
        meaning="The ranks that an area takes in most of the ways in which the index could as "
        "well have been made.",
        unit="ranks",
        how="The index is made many times, with weights, scale, way of adding up, rounding and "
        "published intervals drawn at random; nine ranks in ten lie between the two ends, unless "
        "the project sets another share.",
        source="Saisana, Saltelli and Tarantola, 2005, Journal of the Royal Statistical Society A",
        limits="Only what is drawn is in it: not an error in a file, nor a need that no domain "
        "measures. It is not a confidence interval of a survey.",
    ),
    Definition(
        id="need_sureness",
        topic="Need",
        title="How sure the worst part is",
        meaning="How often an area is among the worst of the place when the index is made in "
        "other ways.",
        unit="share of draws, 0 to 1",
        how="Counted over the draws of the interval of the rank; high or low where nearly all "
        "draws agree, else it depends. The assumption that moves the rank most is named.",
        source="Saisana, Saltelli and Tarantola, 2005",
        limits="Not the chance that the area is truly among the worst.",
    ),
    Definition(
        id="worst_domains",
        topic="Need",
        title="Needs that come together",
        meaning="In how many of the chosen domains an area is in the worst tenth, or the worst "
        "fifth.",
        unit="domains",
        how="Each domain is ranked within the place and those in its worst part are counted; the "
        "page Need sets it against what chance alone would give.",
        source="Chance with neighbours alike: Wagner and Dray, 2015, Methods in Ecology and "
        "Evolution",
        limits=f"An area just outside the worst part counts as nothing. {_AREAS}",
    ),
    Definition(
        id="least_bad",
        topic="Need",
        title="Least bad domain",
        meaning="How bad an area is in the chosen domain in which it is least bad.",
        unit="percentile within the place, 0 to 1; 1 is the worst",
        how="The smallest of the area's percentiles over the chosen domains: it is high only "
        "where all of them are bad.",
        source=_OWN,
        limits=f"One good domain hides all the others. {_AREAS}",
    ),
    Definition(
        id="larger_area_summary",
        topic="Need",
        title="Summaries of larger areas",
        meaning="How deprived a district or ward is as a whole: average rank, average score, share "
        "of areas in the worst tenth, extent and local concentration.",
        unit="ranks, points, share of areas, share of people, ranks",
        how="Averages are weighted by people; extent counts people in the worst three tenths, the "
        "worst tenth in full; local concentration is the average rank of the worst areas that "
        "hold a tenth of the people.",
        source="English Indices of Deprivation 2019, technical report, appendix N (MHCLG, 2019)",
        limits="Each summary answers another question, and a district can look better by one than "
        "by another.",
    ),
    Definition(
        id="need_clusters",
        topic="Need",
        title="Clusters of need",
        meaning="Whether areas of great need lie next to each other more than chance would have "
        "it.",
        unit="category",
        how="Local Moran's I and Getis and Ord's G* against random rearrangements, with false "
        "discoveries held down.",
        source="Anselin, 1995; Ord and Getis, 1995; Benjamini and Hochberg, 1995",
        limits="It depends on who counts as a neighbour. Not a cluster does not mean no need.",
    ),
    Definition(
        id="inactivity",
        topic="Need",
        title="Not working, excluding retired people and full-time students",
        meaning="Residents of 16 and over who are long-term sick or disabled, look after home or "
        "family, are otherwise inactive, or are unemployed.",
        unit="share of residents of 16 and over, less retired people and full-time students",
        how="Counts of the census are added up, then divided; unemployed people are shown apart.",
        source="Office for National Statistics, Census 2021, table TS066",
        limits="Census day was 21 March 2021, in lockdown. People who care for others are in it "
        "and are no failing of an area. The claimant count is something else.",
    ),
    Definition(
        id="life_expectancy",
        topic="Need",
        title="Life expectancy at birth",
        meaning="How long a newborn would live if deaths at each age stayed as they are there.",
        unit="years; high is better",
        how="Taken as published, with its interval; small areas inherit the figure of the larger "
        "area they are in.",
        source="Office for Health Improvement and Disparities (England) and its counterparts",
        limits="Published for larger areas only, so neighbours share a figure. Care homes and "
        "people who move lower or raise it.",
    ),
    Definition(
        id="demand",
        topic="Need",
        title="Need-weighted people",
        meaning="People, counted the more the greater need is where they live.",
        unit="people × percentile of need",
        how="Residents times the percentile of need without access (1 for the neediest area), or "
        "a count that the project names.",
        source=_OWN,
        limits="Not a number of people: it only weighs areas against each other.",
    ),
    Definition(
        id="type",
        topic="Types of neighbourhood",
        title="Type of neighbourhood",
        meaning="Areas that are alike in the chosen figures; type 1 has the greatest mean need.",
        unit="category",
        how="Areas are grouped so that those in a group are as alike as can be over all figures "
        "at once; how many groups, and by which method, is in codebook.json.",
        source="k-means unless the project says otherwise: Lloyd, 1982; Arthur and "
        "Vassilvitskii, 2007",
        limits="Other figures, or another number of types, give other types. Within a type areas "
        f"still differ. {_AREAS}",
    ),
    Definition(
        id="type_certainty",
        topic="Types of neighbourhood",
        title="How surely an area is of its type",
        meaning="How often an area lands in its type when areas are drawn at random and grouped "
        "again; a type that comes back too seldom is called tentative.",
        unit="share of draws, 0 to 1",
        how="The grouping is repeated on areas drawn anew; each new group is matched to the type "
        "most like it.",
        source="Hennig, 2007, Computational Statistics and Data Analysis",
        limits="A type can come back every time and still be of no use.",
    ),
    Definition(
        id="type_probability",
        topic="Types of neighbourhood",
        title="Probability of a type",
        meaning="How likely an area is to be of a type, if types are as the mixture model has "
        "them.",
        unit="0 to 1",
        how="By the fitted mixture of normal distributions; only where the project chooses it.",
        source="Dempster, Laird and Rubin, 1977",
        limits="Right only as far as the model is.",
    ),
    Definition(
        id="type_distance",
        topic="Types of neighbourhood",
        title="Distance between profiles",
        meaning="How unlike an area is to the middle of a type, or to another area, over the "
        "figures that types are made from.",
        unit="standard deviations, all figures together",
        how="Each figure is put on one scale and weighted as for the types; the distance is the "
        "root of the summed squares of the differences.",
        source="As for the types: Lloyd, 1982",
        limits="Alike in these figures only. It says nothing about being near on the map.",
    ),
)
