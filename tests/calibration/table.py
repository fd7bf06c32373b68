"""Prints what docs/calibration.md records: ``python -m tests.calibration.table SCENARIO [REPLICATIONS [KEY=VALUE …]]``.

All arms with their nodes over the memory transport, paired replications from 0.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import fmean

from scenarios.metrics.student import interval
from scenarios.scenario import ARMS
from tests.calibration.measured import measured


def main(arguments: Sequence[str]) -> None:
    """Print hours a side, days a journey, busy shares and hours saved."""
    name, sets = arguments[0], tuple(arguments[2:])
    count = int(arguments[1]) if len(arguments) > 1 else 30
    means = {arm: measured(name, arm, count, sets) for arm in ARMS}
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
            saved = [a - b for a, b in zip(means[before].flows[flow], means[after].flows[flow], strict=True)]
            found = interval(saved)
            half = (found[1] - found[0]) / 2 if found is not None else float("nan")
            print(f"  {after} over {before} saves {fmean(saved):.2f} ± {half:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
