"""What is wrong with a large invalid document, from libxml2's own list.

That list is shorter than xmlschema's: libxml2 stops at the first fault of content in a parent. A validating parser
does not say where it found a fault either, so the document is fed to it tag by tag and the log is watched.
"""

from __future__ import annotations

import re

from lxml import etree

from exchange.validation.document import place
from exchange.validation.engines import Grammar, new_parser
from exchange.validation.findings import Finding
from exchange.validation.wording import local

_PLACED = 100
"""Findings that are told; watching the log for more would take too long."""
_STRIDE = 256
"""Tags fed at a time while looking for the neighbourhood of faults."""
_REPORTED = re.compile(r"^Element '([^']*)'(?:, attribute '([^']*)')?: (.*)$", re.DOTALL)
_REPORTED_CODES = {
    "not expected": "107",
    "Missing child": "101",
    "is not an element of the set": "102",
    "not a valid value": "106",
    "is required but missing": "108",
}
_QUALIFIED = re.compile(r"\{[^}]*\}")


def explain_large(data: bytes, grammar: Grammar) -> tuple[list[Finding], int]:
    """Return findings from libxml2's own list, the first hundred of them with a place, and their total number."""
    tags = [match.end() for match in re.finditer(b">", data)]
    log = _errors_after(data, tags, grammar, range(0, len(tags), _STRIDE))
    blocks = [(step - _STRIDE, step) for step in log]
    steps = sorted({s for low, high in blocks[:_PLACED] for s in range(max(low, 0), high + 1)})
    fine = _errors_after(data, tags, grammar, steps, _PLACED)
    findings: list[Finding] = []
    total = 0
    for step, entries in fine.items():
        start = data.rfind(b"<", 0, tags[step])
        if data.startswith(b"</", start):
            start = data.rfind(b"<", 0, start)
        line, column = place(data, start)
        findings.extend(_reported(entry, line, column) for entry in entries)
    total = max(sum(len(entries) for entries in log.values()), len(findings))
    return findings[:_PLACED], total


def _errors_after(
    data: bytes, tags: list[int], grammar: Grammar, steps: range | list[int], enough: int | None = None
) -> dict[int, list[etree._LogEntry]]:
    """Feed ``data`` tag by tag; return, by the step after which they were there, what libxml2 newly said."""
    parser = new_parser(grammar)
    said: dict[int, list[etree._LogEntry]] = {}
    known = position = 0
    stops = [*steps, len(tags) - 1] if tags else []
    for step in stops:
        if tags[step] <= position:
            continue
        parser.feed(data[position : tags[step]])
        position = tags[step]
        log = list(parser.feed_error_log)
        if len(log) > known:
            said[step] = log[known:]
            known = len(log)
        if enough is not None and known >= enough:
            break
    return said


def _reported(entry: etree._LogEntry, line: int, column: int) -> Finding:
    match = _REPORTED.match(entry.message)
    name = local(match[1]) if match else ""
    text = _QUALIFIED.sub("", match[3] if match else entry.message).strip()
    code = next((code for words, code in _REPORTED_CODES.items() if words in text), "100")
    return Finding(
        gate="schema",
        code=code,
        line=line,
        column=column,
        xpath=f"//{name}" if name else "",
        text=f"{name}: {text}",
    )


__all__ = ["explain_large"]
