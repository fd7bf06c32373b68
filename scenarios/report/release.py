"""The parts of the report on release intervals, knowledge, officers, costs, queues and what could not be saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from scenarios.metrics.effort import PARTS
from scenarios.report import detail_words, words
from scenarios.report.detail_table import officer_rows
from scenarios.report.palette import ARM_LOOKS

INTERVAL_TITLES = {
    "punctuality": "later than expected",
    "lead": "lead time of the information",
    "lodged_ahead": "lodged before arrival",
    "queue": "queue",
    "documents": "documents",
    "wait_for_control": "wait for a control",
    "control": "controls of the goods",
    "release": "until release",
    "gauge": "change of gauge after it",
    "leaving": "leaving",
    "clearance": "from zone to release",
    "whole": "the whole stay",
}
"""Interval → its title."""


def release_part(summary: Mapping[str, Any]) -> Markup:
    """Return these parts as HTML, to be put into the report."""
    html: str = _template().render(
        summary=summary,
        unsaved=summary["unsaved"],
        sentences=detail_words.unsaved_sentences(summary),
        intervals=INTERVAL_TITLES,
        officers=list(officer_rows(summary)),
        queues=list(_queues(summary)),
        parts=PARTS,
        arms=ARM_LOOKS,
        told=detail_words,
        words=words,
    )
    return Markup(html)


def _queues(summary: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for side in summary["borders"].values():
        for arm, look in ARM_LOOKS.items():
            for name, queue in side.get(arm, {}).get("queues", {}).items():
                used = side[arm]["utilisation"].get(name)
                yield {"title": side["title"], "arm": look.short, "name": name, "used": used, "queue": queue}


@lru_cache(maxsize=1)
def _template() -> Any:
    source = resources.files("scenarios.report").joinpath("release.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)


__all__ = ["INTERVAL_TITLES", "release_part"]
