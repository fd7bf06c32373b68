"""The report of a run: one HTML file that stands alone, with its pictures, tables and their script inside.

It asks no host for anything, so it can be mailed, archived and opened years later. The same run gives the
same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import plotly.io as pio
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from scenarios.events import PHASES
from scenarios.metrics.effort import PARTS
from scenarios.metrics.measures import FORMS
from scenarios.numerals import count, fixed, percent, points, several, span
from scenarios.report import detail_words, figures, release, stopped, words
from scenarios.report.detail_table import officer_rows
from scenarios.report.diagram import diagram
from scenarios.report.map import corridor_map
from scenarios.report.material import Material
from scenarios.report.naming import arms_of
from scenarios.report.palette import ARM_LOOKS, COMPARISON_TITLES, PHASE_HEADS
from scenarios.report.saved import where_saved
from scenarios.report.stations import resource_title

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

Json = Mapping[str, Any]


def render(scenario: Scenario, summary: Json, material: Material) -> str:
    """Return the report of a run as HTML; ``summary`` is its published summary."""
    with arms_of(summary):
        pictures, parts = run_parts(scenario, summary, material)
        pictures["spread"] = figures.distribution(material.spread)
        if summary["saved"]:
            pictures["savings"] = figures.savings(summary["saved"])
        headline = beneath(scenario, words.headline(summary))
        return fill("run.html.j2", pictures, **parts, experiment=None, headline=headline)


def beneath(scenario: Scenario, sentences: Sequence[str]) -> list[str]:
    """Return the headline without the sentence that stands above it where results only illustrate."""
    return [text for text in sentences if text != f"Illustrative: {scenario.illustrative}"]


def run_parts(scenario: Scenario, summary: Json, material: Material) -> tuple[dict[str, go.Figure], dict[str, Any]]:
    """Return the pictures that every report has, and what its parts are filled with."""
    titles = {key: side["title"] for key, side in summary["borders"].items()}
    pictures: dict[str, go.Figure] = {}
    ways = []
    for number, flow in enumerate(scenario.flows, start=1):
        places = [(point.name, float(point.km)) for point in flow.route]
        drawn = diagram(places, titles, material.journeys.get(flow.id, ()))
        if drawn is None:
            continue
        pictures[f"way{number}"], pictures[f"stops{number}"] = drawn.way, drawn.stops
        ways.append({"number": number, "flow": flow, "shown": drawn.shown, "choices": drawn.choices})
    pictures |= {
        "phases": figures.where_hours_go(summary),
        "controls": figures.controls(summary["arms"]),
    }
    pictures |= figures.price(summary["arms"])
    if {"baseline"} < {*summary["arms"]}:
        pictures["where_saved"] = where_saved(summary, "Mean hours a consignment less than in the baseline")
    return pictures, {
        "scenario": scenario,
        "summary": summary,
        "rests": rests_on(scenario, summary),
        "material": material,
        "ways": ways,
        "map": hours_map(scenario, summary),
        "choices": script_json({str(way["number"]): way["choices"] for way in ways}),
        "phases": {phase: PHASE_HEADS[phase] for phase in PHASES},
        "forms": FORMS,
        "detail": detail_words,
        "unsaved": summary["unsaved"],
        "sentences": detail_words.unsaved_sentences(summary),
        "intervals": release.INTERVAL_TITLES,
        "officers": list(officer_rows(summary)),
        "queues": list(release.queue_rows(summary)),
        "parts": PARTS,
        "stopped": stopped,
        "resource_title": resource_title,
    }


def rests_on(scenario: Scenario, summary: Json) -> list[Json]:
    """Return the assumptions that can move this result: that on wagons where a phase can be ordered ahead."""
    ordered = any(phase.ordered for side in scenario.sides.values() for phase in side.phases.values())
    return [item for item in summary["assumptions"] if ordered or item["key"] != "wagons_wait_for_customs"]


def hours_map(scenario: Scenario, summary: Json) -> Markup:
    """Return the map with a disc at each border, its area in proportion to the mean hours in the first arm there is."""
    drawn = corridor_map(scenario)
    hours = []
    for mark in drawn.marks:
        sides = [summary["borders"][side] for side in mark.sides if side in summary["borders"]]
        means = [next((side[arm]["hours"]["mean"] for arm in ARM_LOOKS if arm in side), None) for side in sides]
        hours.append(sum(value for value in means if value is not None))
    longest = max(hours, default=0.0) or 1.0
    discs = "".join(
        f'<circle class="c-hours" cx="{mark.x}" cy="{mark.y}" r="{4 + 22 * (value / longest) ** 0.5:.1f}">'
        f"<title>{fixed(value)} h</title></circle>"
        for mark, value in zip(drawn.marks, hours, strict=True)
    )
    before, group, after = drawn.svg.partition('<g class="c-vehicles">')
    return Markup(before + discs + group + after)


def fill(template: str, pictures: Mapping[str, go.Figure], **content: Any) -> str:
    """Return a report: ``template`` filled with ``content``, and the pictures with the script that draws them."""
    html: str = (
        _environment()
        .get_template(template)
        .render(
            pictures={name: picture_json(figure) for name, figure in pictures.items()},
            arms=ARM_LOOKS,
            comparisons=COMPARISON_TITLES,
            words=words,
            plotly=plotly_script(),
            style=_beside("report.css"),
            script=_beside("report.js"),
            **content,
        )
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


def span_points(interval: Sequence[float] | None, digits: int = 2) -> str:
    """Return an interval of shares in per cent, without the sign of it."""
    return span(None if interval is None else [end * 100 for end in interval], digits)


def breakable(name: str) -> Markup:
    """Return a name, a path of keys too, so that a line may break behind its points and underscores."""
    return Markup(re.sub(r"([._])(?=\w)", r"\1<wbr>", str(escape(name))))


def together(text: str) -> str:
    """Return a sentence in which no line ends between a number and its unit."""
    return re.sub(r"(?<=\d) (?=(?:%|h|points)(?!\w))", "\u00a0", text)


@cache
def _beside(name: str) -> Markup:
    """Return a file that lies beside the templates as it is."""
    return Markup(resources.files("scenarios.report").joinpath("templates", name).read_text(encoding="utf-8").rstrip())


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("scenarios.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"breakable": breakable, "together": together}
    made.globals |= {
        "num": fixed,
        "span": span,
        "count": count,
        "percent": percent,
        "points": points,
        "several": several,
        "span_points": span_points,
        "hours": words.hours,
    }
    return made


__all__ = [
    "beneath",
    "fill",
    "hours_map",
    "picture_json",
    "plotly_script",
    "render",
    "rests_on",
    "run_parts",
    "script_json",
]
