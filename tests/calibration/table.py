"""Prints what docs/calibration.md records.

``python -m tests.calibration.table SCENARIO [REPLICATIONS [KEY=VALUE …]]``: all arms of one scenario with their nodes
over the memory transport, paired replications from 0.

``python -m tests.calibration.table all [REPLICATIONS]``: the baseline of every border side of every scenario file that
ships, beside its published band.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import fmean

from scenarios.metrics.student import interval
from scenarios.scenario import ARMS, load_scenario, scenario_names
from tests.calibration.measured import Means, measured


def main(arguments: Sequence[str]) -> None:
    """Print one scenario, or all borders of all scenarios."""
    name, sets = arguments[0], tuple(arguments[2:])
    if name == "all":
        every_border(int(arguments[1]) if len(arguments) > 1 else 20)
    else:
        one_scenario(name, int(arguments[1]) if len(arguments) > 1 else 30, sets)


def every_border(count: int) -> None:
    """Print a table of every border side: mean hours of the baseline, published band, whether it holds, and source."""
    print(f"Baseline, {count} replications; ± is a 95 % half-width over replications\n")
    print("| scenario | border side | mean, h | published band, h | | source |")
    print("|---|---|---|---|---|---|")
    for name, sets in (*((name, ()) for name in scenario_names()), *OTHER_WAYS):
        for row in borders(name, measured(name, "baseline", count, sets), sets):
            print(f"| {' | '.join(row)} |", flush=True)


OTHER_WAYS: tuple[tuple[str, tuple[str, ...]], ...] = (("china_europe_transit_sk", ("via=UA",)),)
"""Ways that a scenario takes only if they are chosen."""


def borders(name: str, found: Means, sets: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the rows of one scenario's border sides, in the order in which its flows pass them."""
    scenario, rows = load_scenario(name, sets), []
    for key in dict.fromkeys(key for flow in scenario.flows for key in flow.sides if key in found.sides):
        side, hours = scenario.sides[key], found.sides[key]
        span = interval(hours)
        half = f" ± {(span[1] - span[0]) / 2:.1f}" if span is not None else ""
        published, verdict, source = "none published", "designed", side.note or "all figures are designed"
        if side.band is not None:
            low, high, source = side.band
            published, verdict = f"{low:g} – {high:g}", "inside" if low <= fmean(hours) <= high else "OUTSIDE"
        where = f"{side.title} (`{key}`)"
        mean = f"{fmean(hours):.1f}{half}"
        rows.append((" ".join((scenario.id, *sets)), where, mean, published, verdict, source))
    return rows


def one_scenario(name: str, count: int, sets: tuple[str, ...]) -> None:
    """Print hours a side, days a journey, busy shares and hours saved."""
    arms = [arm for arm in ARMS if arm in load_scenario(name, sets).arms]
    means = {arm: measured(name, arm, count, sets) for arm in arms}
    for arm, found in means.items():
        print(f"{arm}, {count} replications")
        for side, hours in sorted(found.sides.items()):
            ordered = sorted(found.stays[side])
            p10, p50, p90 = (ordered[int(len(ordered) * share)] for share in (0.1, 0.5, 0.9))
            print(f"  {side:16} mean {fmean(hours):6.2f}  P10 {p10:5.1f}  P50 {p50:5.1f}  P90 {p90:5.1f}")
        for flow, days in found.journeys.items():
            print(f"  {flow}: {fmean(days):.2f} days")
        busy = (f"{side} {resource} {fmean(shares):.2f}" for (side, resource), shares in found.utilisation.items())
        print(f"  busy: {', '.join(busy)}")
    for flow, base in means["baseline"].flows.items():
        print(f"{flow}: {fmean(base):.2f} border hours in the baseline")
        for before, after in (("baseline", "advance"), ("baseline", "recognition"), ("advance", "recognition")):
            if before not in means or after not in means:
                continue
            saved = [a - b for a, b in zip(means[before].flows[flow], means[after].flows[flow], strict=True)]
            found_span = interval(saved)
            half = (found_span[1] - found_span[0]) / 2 if found_span is not None else float("nan")
            print(f"  {after} over {before} saves {fmean(saved):.2f} ± {half:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
