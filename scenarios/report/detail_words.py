"""Sentences on where exchange saves nothing, and on what it costs: made from the summary's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scenarios.numerals import count, fixed, percent, span
from scenarios.report.palette import ARM_LOOKS, PHASE_LOOKS

Summary = Mapping[str, Any]
SHOWN = 6
"""How many phases the console shows."""


def unsaved_sentences(summary: Summary) -> list[str]:
    """Return a sentence on how much of the border hours nobody saved, and one on what is paid in every arm.

    Nothing where no arms are compared.
    """
    found = summary["unsaved"]
    if found is None:
        return []
    share = found["share_of_border_time"]
    first = f"{percent(share)} of the baseline's border hours lie in phases that no arm shortened beyond chance."
    if not found["phases"]:
        first = "Every phase that held goods for three minutes or more became shorter in at least one arm."
    return [first, *fixed_costs(summary)]


def phase_title(entry: Summary) -> str:
    """Return what held the goods in a phase, in words."""
    return PHASE_LOOKS[entry["phase"]][0]


def saved_cell(saved: Summary) -> str:
    """Return hours saved with their interval."""
    return fixed(saved["hours_mean"], 2) + _span(saved["ci95"])


def fixed_costs(summary: Summary) -> list[str]:
    """Return a sentence on what is paid alike in every arm; none without an arm's costs."""
    costs = {arm: entry["cost_usd"] for arm, entry in summary["arms"].items()}
    first = next(iter(costs.values()), None)
    if first is None or first["total"] is None:
        return []
    standing = ", ".join(
        f"{count(cost['delay'])} ({ARM_LOOKS[arm].short.lower()})" for arm, cost in costs.items()
    )
    fixed = count(first["gauge"] + first["crossing"])
    return [f"Change of gauge and fees cost {fixed} USD a consignment in every arm; standing at borders {standing}."]


def cost_sentence(name: str, summary: Summary) -> str:
    """Return the dollars that comparison ``name`` saved a consignment, with their interval."""
    entry = summary["saved"][name]["cost_usd"]
    return f"{fixed(entry['mean'], 2, sign=True)} USD{_span(entry['ci95'])}"


def _span(interval: list[float] | None) -> str:
    return "" if interval is None else f" ({span(interval)})"


__all__ = ["SHOWN", "cost_sentence", "fixed_costs", "phase_title", "saved_cell", "unsaved_sentences"]
