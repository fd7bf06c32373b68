"""The report of an experiment: what was saved and how sure that is, what it depends on, and all that a run's has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from scenarios.report import compare_figures, compare_measures, compare_words, figures
from scenarios.report.frontier import frontier
from scenarios.report.material import Material
from scenarios.report.naming import arms_of
from scenarios.report.page import beneath, fill, run_parts
from scenarios.report.stations import station_title

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

Json = Mapping[str, Any]


def render(scenario: Scenario, experiment: Json, summary: Json, material: Material) -> str:
    """Return the report as HTML.

    ``experiment`` is the content of ``comparison.json``; ``summary`` that of a run of the same replications (or of the
    first of them), with nothing turned.
    """
    with arms_of(summary):
        return _rendered(scenario, experiment, summary, material)


def _rendered(scenario: Scenario, experiment: Json, summary: Json, material: Material) -> str:
    pictures: dict[str, go.Figure] = {"spread": figures.distribution(material.spread)}
    if experiment["saved"]:
        pictures["savings"] = figures.savings(compare_words.as_savings(experiment["saved"]))
    for number, rows in enumerate(experiment["sweeps"], start=1):
        pictures[f"sweep{number}"] = compare_figures.sweep(rows)
    if experiment["ranking"]:
        pictures["ranking"] = compare_figures.ranking(experiment["ranking"])
    if experiment["frontier"]:
        pictures["frontier"] = frontier(experiment["frontier"])
    if (changed := compare_measures.changes(experiment)) is not None:
        pictures["changes"] = changed
    main = compare_measures.main_rows(experiment, {code: office.title for code, office in scenario.offices.items()})
    titles = {key: side["title"] for key, side in summary["borders"].items()}
    more, parts = run_parts(scenario, summary, material)
    return fill(
        "compare.html.j2",
        pictures | more,
        **parts,
        experiment=experiment,
        headline=beneath(scenario, compare_words.headline(experiment)),
        measures=compare_words.MEASURE_TITLES,
        statistics=compare_words.STATISTIC_TITLES,
        told=compare_words,
        station_title=station_title,
        side_titles=titles,
        main_rows=main,
        flow_rows=compare_measures.flow_rows(experiment),
        rest=list(compare_measures.rest(experiment, main, titles)),
        against=[name for name in compare_measures.AGAINST if name in experiment["saved"]],
    )


__all__ = ["render"]
