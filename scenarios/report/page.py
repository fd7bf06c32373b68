"""The report of a run: one HTML file that stands alone, with its pictures, tables and their script inside.

It asks no host for anything, so it can be mailed, archived and opened years later. The same run gives the
same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import plotly.io as pio
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from scenarios.events import PHASES, ArmRun
from scenarios.metrics.measures import FORMS, ArmMeasures
from scenarios.metrics.summary import border_hours, by_arm, pooled, regular
from scenarios.parties import profile_rows
from scenarios.report import figures, words
from scenarios.report.diagram import diagram
from scenarios.report.journeys import journeys
from scenarios.report.palette import ARM_LOOKS, COMPARISON_TITLES, PHASE_HEADS
from scenarios.report.release import release_part

if TYPE_CHECKING:
    from scenarios.scenario import Scenario


def render(
    scenario: Scenario,
    summary: Mapping[str, Any],
    runs: Sequence[ArmRun],
    measures: Iterable[ArmMeasures],
) -> str:
    """Return the report as HTML; ``runs`` are the arms of replication 0, ``measures`` all there are."""
    in_order = sorted(runs, key=lambda run: list(ARM_LOOKS).index(run.arm))
    titles = {key: side["title"] for key, side in summary["borders"].items()}
    pictures: dict[str, go.Figure] = {}
    ways = []
    for number, flow in enumerate(scenario.flows, start=1):
        places = [(point.name, float(point.km)) for point in flow.route]
        drawn = diagram(places, titles, journeys(flow.id, in_order))
        if drawn is None:
            continue
        pictures[f"way{number}"], pictures[f"stops{number}"] = drawn.way, drawn.stops
        ways.append({"number": number, "flow": flow, "shown": drawn.shown, "choices": drawn.choices})
    by_arms = {arm: pooled(regular(items), border_hours) for arm, items in by_arm(measures).items()}
    pictures |= {
        "phases": figures.where_hours_go(summary),
        "spread": figures.distribution(by_arms),
        "price": figures.price(summary["arms"]),
        "controls": figures.controls(summary["arms"]),
    }
    if summary["saved"]:
        pictures["savings"] = figures.savings(summary["saved"])
    html: str = _template().render(
        scenario=scenario,
        summary=summary,
        headline=words.headline(summary),
        ways=ways,
        pictures={name: picture_json(figure) for name, figure in pictures.items()},
        choices=script_json({str(way["number"]): way["choices"] for way in ways}),
        figure_rows=[*scenario.figures(), *profile_rows(scenario.services)],
        arms=ARM_LOOKS,
        comparisons=COMPARISON_TITLES,
        phases={phase: PHASE_HEADS[phase] for phase in PHASES},
        forms=FORMS,
        words=words,
        release=release_part(summary),
        plotly=plotly_script(),
    )
    return html


def picture_json(figure: go.Figure) -> Markup:
    """Return a picture as JSON that may stand inside a script element."""
    return script_json(json.loads(pio.to_json(figure, engine="json")))


def script_json(value: object) -> Markup:
    """Return ``value`` as JSON that may stand inside a script element."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def plotly_script() -> Markup:
    """Return the script that draws the pictures, as it may stand inside a script element."""
    return Markup(get_plotlyjs().replace("</script", "<\\/script"))


@lru_cache(maxsize=1)
def _template() -> Any:
    source = resources.files("scenarios.report").joinpath("report.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)


__all__ = ["picture_json", "plotly_script", "render"]
