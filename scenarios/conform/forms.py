"""A conformance run as JSON, as JUnit XML and as a page of HTML that stands alone."""

from __future__ import annotations

import re
from importlib import resources
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from exchange.messages import format_time
from scenarios.conform.check import Check, Result
from scenarios.conform.run import Report
from scenarios.conform.text import MARKS, exchange_lines, heading
from scenarios.conform.wire import Exchange, shown

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_json(check: Check) -> dict[str, Any]:
    """Return a check as plain JSON."""
    required = {"document": check.requirement.document, "section": check.requirement.section}
    about = {"check": check.number, "group": check.group, "level": check.level, "title": check.title}
    return about | {"requirement": required}


def as_json(report: Report) -> dict[str, Any]:
    """Return the run as plain JSON: verdicts by requirement and by check, with what was asked and answered where a
    check did not pass."""
    return {
        "url": report.url,
        "node": report.country,
        "scenario": report.scenario,
        "arm": report.arm,
        "level": report.level,
        "mode": report.mode,
        "trust": report.trust,
        "began": format_time(report.began),
        "seconds": round(report.seconds, 3),
        "conforms": report.conforms,
        "passed": report.count("passed"),
        "failed": report.count("failed"),
        "not_applicable": report.count("not applicable"),
        "requirements": [
            {
                "document": requirement.document,
                "section": requirement.section,
                "verdict": outcome,
                "checks": [result.check.number for result in results],
            }
            for requirement, outcome, results in report.requirements()
        ],
        "checks": [_result_json(result) for result in report.results],
    }


def _result_json(result: Result) -> dict[str, Any]:
    kept = [] if result.outcome == "passed" else [_exchange_json(one) for one in result.exchanges]
    return check_json(result.check) | {"verdict": result.outcome, "text": result.text, "exchanges": kept}


def _exchange_json(exchange: Exchange) -> dict[str, Any]:
    return {
        "request": {
            "method": exchange.method,
            "path": exchange.path,
            "headers": [list(pair) for pair in exchange.sent_headers],
            "body": shown(exchange.sent),
        },
        "answer": None
        if exchange.trouble
        else {
            "status": exchange.status,
            "headers": [list(pair) for pair in exchange.headers],
            "body": shown(exchange.body),
        },
        "trouble": exchange.trouble or None,
        "seconds": round(exchange.seconds, 4),
    }


def as_junit(report: Report) -> str:
    """Return the run as JUnit XML: a suite a group, a case a check, skipped where it is not applicable."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuites name="corridor conform" {_counts(report.results)} time="{report.seconds:.3f}">')
    for group, found in groupby(report.results, key=lambda result: result.check.group):
        results = tuple(found)
        lines.append(f"  <testsuite name={quoteattr(group)} {_counts(results)}>")
        lines += [_case(result) for result in results]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _counts(results: tuple[Result, ...]) -> str:
    failed = sum(result.outcome == "failed" for result in results)
    skipped = sum(result.outcome == "not applicable" for result in results)
    return f'tests="{len(results)}" failures="{failed}" errors="0" skipped="{skipped}"'


def _case(result: Result) -> str:
    check = result.check
    spent = sum(exchange.seconds for exchange in result.exchanges)
    name = quoteattr(f"{check.number} {check.title}")
    start = f'    <testcase classname="corridor.conform.{check.group}" name={name} time="{spent:.3f}"'
    if result.outcome == "passed":
        return start + "/>"
    message = quoteattr(_clean(result.text))
    if result.outcome == "not applicable":
        return f"{start}><skipped message={message}/></testcase>"
    told = "\n".join(
        [f"required by {check.requirement}", *(line for e in result.exchanges for line in exchange_lines(e))]
    )
    return f'{start}><failure message={message} type="{check.number}">{escape(_clean(told))}</failure></testcase>'


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def as_page(report: Report) -> str:
    """Return the run as one HTML file: verdicts by group, each with its requirement, requests and answers."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    source = resources.files("scenarios.conform").joinpath("page.html.j2").read_text(encoding="utf-8")
    groups = [(group, list(found)) for group, found in groupby(report.results, key=lambda result: result.check.group)]
    return environment.from_string(source).render(
        report=report,
        heading=heading(report),
        began=format_time(report.began),
        groups=groups,
        marks=MARKS,
        lines=lambda exchange: "\n".join(exchange_lines(exchange)),
    )


__all__ = ["as_json", "as_junit", "as_page", "check_json"]
