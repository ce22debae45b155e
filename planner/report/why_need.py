"""How great is need in an area, what makes it so, and how sure is that?"""

from __future__ import annotations

from planner.need.certainty.draws import ASSUMPTIONS
from planner.report.why_figures import Facts, Figure, Line, Look, Statement
from planner.report.words import say_count, say_share, say_tenth
from planner.wording import say_list, to_label

#: So many domains are named as those that add most.
NAMED = 2


def say_need(facts: Facts) -> Statement:
    """Say where need ranks, and among whom."""
    line, scores = Line("Need"), facts.plan.need.scores
    row = scores.loc[facts.code]
    if row["need_score"] != row["need_score"]:
        return line.end("Need is not known here: no layer speaks for it.")
    rank = line.cell(facts.area("need_rank", row["need_rank"]), say_count(row["need_rank"]))
    areas = line.rows("areas.csv", {}, len(scores))
    tenth = line.cell(
        facts.area("need_decile", row["need_decile"]), say_tenth(float(row["need_decile"]))
    )
    text = (
        f"Need ranks {rank} of the {areas} areas of {facts.plan.area.name} (1 is the greatest), in "
        f"the {tenth}"
    )
    percentile = facts.row["need_percentile"]
    if percentile == percentile:
        share = line.cell(facts.gap("need_percentile"), say_share(percentile))
        text += (
            f". Gaps go by need without any access domain, so that distance is not counted twice: "
            f"by that, {share} of areas have no greater need"
        )
    return line.end(f"{text}.")


def say_parts(facts: Facts) -> Statement | None:
    """Say which domains add most to the score."""
    parts = facts.plan.need.parts
    if facts.code not in parts.index:
        return None
    adds = parts.loc[facts.code].dropna().astype("float64")
    if len(adds) <= NAMED or not adds.sum() > 0:
        return None
    first = adds.sort_values(ascending=False, kind="stable").index[:NAMED]
    line = Line("What makes need")
    said = []
    for domain in first:
        key = {"area_code": facts.code, "domain": str(domain)}
        figure = Figure.of(adds[domain], "need_parts.csv", "adds", key)
        said.append(f"{to_label(domain)} ({line.cell(figure, f'{adds[domain]:.1f}')})")
    score = facts.plan.need.scores.loc[facts.code, "need_score"]
    whole = line.cell(facts.area("need_score", score), f"{score:.1f}")
    return line.end(f"Of its score of {whole} points, most comes from {say_list(said)}.")


def say_sure(facts: Facts) -> Statement | None:
    """Say how much the rank hangs on what is assumed."""
    needs = facts.plan.needs
    if needs is None or not needs.draws.count:
        return None
    row = needs.robustness.table.loc[facts.code]
    low, high = row["need_rank_low"], row["need_rank_high"]
    if low != low or row["need_worst_probability"] != row["need_worst_probability"]:
        return None
    line, settings = Line("How sure need is"), needs.robustness.settings
    key = {"area_code": facts.code}

    def cell(column: str, said: str) -> str:
        return line.cell(Figure.of(row[column], "need_certainty.csv", column, key), said)

    held = _setting(line, settings.interval, "interval")
    worst = _setting(line, settings.worst, "worst")
    chance = cell("need_worst_probability", say_share(float(row["need_worst_probability"])))
    text = (
        f"Made in other ways that are as good, the index ranks it between "
        f"{cell('need_rank_low', say_count(low))} and {cell('need_rank_high', say_count(high))} in "
        f"{held} of draws; it is among the worst {worst} in {chance} of them"
    )
    moved = ASSUMPTIONS.get(str(row["need_moved_most"]))
    return line.end(f"{text}. What moves it most: {moved}." if moved else f"{text}.")


def _setting(line: Line, value: float, name: str) -> str:
    where = Look(file="planner.resolved.toml", column=f"robustness.{name}", how="setting")
    figure = Figure(name=name, value=value, unit="share (0-1)", where=where)
    return line.cell(figure, say_share(value))
