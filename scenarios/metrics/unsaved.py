"""Where exchange saves nothing: what held the goods at each side, as long with it as without.

A phase of a side is listed if it held the goods for three minutes or more in the baseline, and no arm made it shorter
by three minutes or more with an interval that leaves zero out. Nothing is decided beforehand: a queue that grows
shorter because others are served faster is not listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.events import PHASES
from scenarios.metrics.measures import ArmMeasures
from scenarios.metrics.summary import mean, regular, rounded, saving

Json = dict[str, Any]
LEAST = 0.05
"""Hours: less than this is nothing (three minutes)."""


def unsaved(arms: Mapping[str, Sequence[ArmMeasures]], sides: Mapping[str, str]) -> Json | None:
    """Return the phases that no arm shortened, longest first, and what they sum to; None without a comparison.

    ``sides``: key → title. Hours are means a consignment that crossed there; ``share_of_border_time`` sets the hours of
    all listed phases, weighted by how many crossed, against all hours at borders in the baseline.
    """
    others = [arm for arm in ("advance", "recognition") if arm in arms]
    if "baseline" not in arms or not others:
        return None
    population = {arm: regular(runs) for arm, runs in arms.items()}
    listed: list[Json] = []
    held = 0.0
    for side, title in sides.items():
        spent = {
            arm: [[stay.phases for item in run if (stay := item.stays.get(side)) is not None] for run in runs]
            for arm, runs in population.items()
        }
        for number, phase in enumerate(PHASES):
            before = _means(spent["baseline"], number)
            means = [hours for hours in before if hours is not None]
            if not means or mean(means) < LEAST:
                continue
            saved = {arm: saving(_less(before, _means(spent[arm], number))) for arm in others}
            if any(map(shorter, saved.values())):
                continue
            crossed = sum(side in item.stays for run in population["baseline"] for item in run)
            held += mean(means) * crossed
            listed.append({"side": side, "title": title, "phase": phase, "hours": rounded(mean(means)), "saved": saved})
    whole = sum(item.border_seconds / 3600.0 for run in population["baseline"] for item in run)
    listed.sort(key=lambda entry: -entry["hours"])
    return {"phases": listed, "share_of_border_time": rounded(held / whole) if whole else 0.0}


def _means(spent: Sequence[Sequence[Sequence[int]]], number: int) -> list[float | None]:
    """Return the mean hours of phase ``number`` in each replication; None where nobody crossed."""
    return [mean([phases[number] / 3600.0 for phases in run]) if run else None for run in spent]


def _less(before: Sequence[float | None], after: Sequence[float | None]) -> list[float]:
    return [a - b for a, b in zip(before, after, strict=True) if a is not None and b is not None]


def shorter(saved: Mapping[str, Any]) -> bool:
    """Return whether hours were saved: enough of them, and not by chance as far as the interval tells."""
    interval = saved["ci95"]
    return bool(saved["hours_mean"] >= LEAST and (interval is None or interval[0] > 0.0))


__all__ = ["LEAST", "shorter", "unsaved"]
