"""Prints what docs/calibration.md records: ``python -m tests.calibration.table SCENARIO [REPLICATIONS [KEY=VALUE …]]``.

The world is run against the stand-in for the nodes, all arms, paired replications from 0.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean, stdev

from scenarios.scenario import load_scenario
from tests.calibration.stand_in import run
from tests.calibration.test_bands import journeys, stays

ARMS = ("baseline", "advance", "recognition")
T95 = 2.05
"""Student's t for a two-sided 95 % interval, some 30 replications."""


def main(arguments: Sequence[str]) -> None:
    """Print hours a side, days a journey, busy shares and hours saved."""
    scenario = load_scenario(arguments[0], arguments[2:])
    count = int(arguments[1]) if len(arguments) > 1 else 30
    border: dict[tuple[str, str], list[float]] = defaultdict(list)
    for arm in ARMS:
        hours: dict[str, list[float]] = defaultdict(list)
        pooled: dict[str, list[float]] = defaultdict(list)
        days: dict[str, list[float]] = defaultdict(list)
        busy: dict[str, list[float]] = defaultdict(list)
        for replication in range(count):
            world, _ = run(scenario, arm, replication)
            found = stays(world)
            for side, stay in found.items():
                hours[side].append(fmean(stay))
                pooled[side] += stay
            for flow in scenario.flows:
                border[arm, flow.id].append(sum(fmean(found[side]) for side in flow.sides))
            for flow_id, values in journeys(world).items():
                days[flow_id].append(fmean(values))
            for side, resources in world.utilisation().items():
                for name, share in resources.items():
                    busy[f"{side} {name}"].append(share)
        print(f"{arm}, {count} replications")
        for side in sorted(hours):
            ordered = sorted(pooled[side])
            p10, p50, p90 = (ordered[int(len(ordered) * share)] for share in (0.1, 0.5, 0.9))
            print(f"  {side:16} mean {fmean(hours[side]):6.2f}  sd {stdev(hours[side]):5.2f}  "
                  f"P10 {p10:5.1f}  P50 {p50:5.1f}  P90 {p90:5.1f}")  # fmt: skip
        for flow_id, values in days.items():
            print(f"  {flow_id}: {fmean(values):.2f} days")
        print("  busy: " + ", ".join(f"{name} {fmean(shares):.2f}" for name, shares in busy.items()))
    for flow in scenario.flows:
        base = border["baseline", flow.id]
        print(f"{flow.id}: {fmean(base):.2f} border hours in the baseline")
        pairs = [("baseline", "advance"), ("baseline", "recognition"), ("advance", "recognition")]
        for before, after in pairs:
            saved = [a - b for a, b in zip(border[before, flow.id], border[after, flow.id], strict=True)]
            half = T95 * stdev(saved) / len(saved) ** 0.5
            print(f"  {after} over {before} saves {fmean(saved):.2f} ± {half:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
