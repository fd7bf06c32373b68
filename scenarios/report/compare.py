"""The report of an experiment: one HTML file that stands alone, as that of a run does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from jinja2 import Environment, StrictUndefined

from scenarios.report import compare_figures, compare_words, figures, words
from scenarios.report.page import picture_json, plotly_script
from scenarios.report.palette import ARM_LOOKS, COMPARISON_TITLES

if TYPE_CHECKING:
    from scenarios.experiments.plan import Plan
    from scenarios.experiments.reading import Reading


def render(plan: Plan, summary: Mapping[str, Any], readings: Mapping[str, Mapping[str, Sequence[Reading]]]) -> str:
    """Return the report as HTML; ``summary`` is the content of ``comparison.json``, ``readings`` by digest and arm."""
    base = readings[plan.base.scenario.digest]
    pooled = {arm: np.concatenate([run.hours["border_hours"] for run in runs]).tolist() for arm, runs in base.items()}
    pictures: dict[str, go.Figure] = {"spread": figures.distribution(pooled)}
    if summary["saved"]:
        pictures["savings"] = figures.savings(compare_words.as_savings(summary["saved"]))
    for number, rows in enumerate(summary["sweeps"], start=1):
        pictures[f"sweep{number}"] = compare_figures.sweep(rows)
    if summary["ranking"]:
        pictures["ranking"] = compare_figures.ranking(summary["ranking"])
    if summary["frontier"]:
        pictures["frontier"] = compare_figures.frontier(summary["frontier"])
    html: str = _template().render(
        scenario=plan.base.scenario,
        summary=summary,
        headline=compare_words.headline(summary),
        pictures={name: picture_json(figure) for name, figure in pictures.items()},
        arms=ARM_LOOKS,
        comparisons=COMPARISON_TITLES,
        measures=compare_words.MEASURE_TITLES,
        statistics=compare_words.STATISTIC_TITLES,
        words=words,
        told=compare_words,
        plotly=plotly_script(),
    )
    return html


@lru_cache(maxsize=1)
def _template() -> Any:
    source = resources.files("scenarios.report").joinpath("compare.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)


__all__ = ["render"]
