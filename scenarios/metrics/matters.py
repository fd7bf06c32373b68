"""What came of the questions between services, over the replications of one arm: a part of the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from scenarios.matters import Matters

DAY = 86400.0


def matters_summary(found: Sequence[Matters]) -> dict[str, Any]:
    """Return, as plain JSON, counts and shares over all replications, and the days until discrepancies were settled.

    ``export_checks``: questions after export data, and how the answers compare. ``discrepancies``: ``settled`` are
    those explained and written off; ``share_settled`` of all noted; days run from the control that noted one.
    """
    exports: Counter[str] = Counter()
    for one in found:
        exports.update(one.exports)
    asked = sum(one.asked for one in found)
    noted = [item for one in found for item in one.discrepancies]
    ends, ways = Counter(item.end for item in noted), Counter(item.way for item in noted if item.way is not None)
    days = [(i.ended - i.noted) / DAY for i in noted if i.ended is not None and i.end == "WRITTEN_OFF"]
    return {
        "export_checks": {
            "asked": asked,
            "outcomes": dict(sorted(exports.items())),
            "share_mass_differs": _share(exports["MASS"], asked),
            "share_unknown_mrn": _share(exports["UNKNOWN"], asked),
        },
        "discrepancies": {
            "noted": len(noted),
            "ends": dict(sorted(ends.items())),
            "ways": dict(sorted(ways.items())),
            "share_settled": _share(ends["WRITTEN_OFF"], len(noted)),
            "share_recovery": _share(ends["RECOVERY"], len(noted)),
            "days_to_settle": _days(days),
            "days_to_settle_by_people": _days(
                [
                    (i.ended - i.noted) / DAY
                    for i in noted
                    if i.ended is not None and (i.end, i.way) == ("WRITTEN_OFF", "people")
                ]
            ),
        },
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _days(values: Sequence[float]) -> dict[str, float | None]:
    if not values:
        return {"mean": None, "p50": None, "p90": None}
    p50, p90 = np.quantile(values, [0.5, 0.9])
    return {"mean": round(float(np.mean(values)), 6), "p50": round(float(p50), 6), "p90": round(float(p90), 6)}


__all__ = ["matters_summary"]
