"""A conformance run as text, for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scenarios.conform.check import Check, Result
from scenarios.conform.run import Report
from scenarios.conform.wire import Exchange, shown

MARKS = {"passed": "✓", "failed": "✗", "not applicable": "–"}
_INDENT = "          "


def line(result: Result, *, verbose: bool = False) -> str:
    """Return the lines of one result: verdict and title, then for all but the passed ones why and what was required."""
    check = result.check
    lines = [f"  {MARKS[result.outcome]} {check.number}  {check.title}"]
    if result.outcome != "passed":
        lines.append(f"{_INDENT}{plain(result.text)}")
    if result.outcome == "failed" or verbose:
        lines.append(f"{_INDENT}required by {check.requirement}")
    if verbose:
        for exchange in result.exchanges:
            lines += [f"{_INDENT}{one}".rstrip() for one in exchange_lines(exchange)]
    return "\n".join(lines)


def exchange_lines(exchange: Exchange) -> Iterator[str]:
    """Yield request and answer as lines, the request marked ``>`` and the answer ``<``."""
    yield f"> {exchange.method} {exchange.path}"
    yield from (f"> {name}: {plain(value)}" for name, value in exchange.sent_headers)
    yield from (f"> {plain(one)}" for one in shown(exchange.sent).splitlines())
    if exchange.trouble:
        yield f"< {exchange.trouble}"
        return
    yield f"< {exchange.status} in {exchange.seconds * 1000:.0f} ms"
    yield from (f"< {name}: {plain(value)}" for name, value in exchange.headers)
    yield from (f"< {plain(one)}" for one in shown(exchange.body).splitlines())


def plain(text: str) -> str:
    """Return ``text``, which the node may have written, without characters that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def heading(report: Report) -> str:
    """Return what was checked, in a line."""
    return (
        f"{report.country} at {report.url}, {report.mode}, level {report.level}, "
        f"as the scenario {report.scenario} ({report.arm}) has it; {report.trust}"
    )


def closing(report: Report) -> str:
    """Return how it came out, in a line or two."""
    counts = (
        f"{len(report.results)} checks in {report.seconds:.1f} s: {report.count('passed')} passed, "
        f"{report.count('failed')} failed, {report.count('not applicable')} not applicable."
    )
    if report.conforms:
        level = "" if report.level == "full" else f" at the level {report.level}"
        return f"{counts} The node conforms{level}."
    failed = ", ".join(one.check.number for one in report.results if one.outcome == "failed")
    return f"{counts} The node does not conform" + (f": {failed}." if failed else ": nothing could be checked.")


def listing(checks: Iterable[Check]) -> str:
    """Return all checks with their groups and requirements, one a line."""
    lines: list[str] = []
    group = ""
    for check in checks:
        if check.group != group:
            group = check.group
            lines.append(group)
        lines.append(f"  {check.number}  {check.level:5}  {check.title}  [{check.requirement}]")
    return "\n".join(lines)


__all__ = ["MARKS", "closing", "exchange_lines", "heading", "line", "listing", "plain"]
