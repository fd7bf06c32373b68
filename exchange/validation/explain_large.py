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
from exchange.validation.wording import local, shown

_PLACED = 100
"""Findings that are told; watching the log for more would take too long."""
_STRIDE = 256
"""Tags fed at a time while looking for the neighbourhood of faults."""
_PIECE = 1_000_000
"""Bytes fed at once; the parser refuses more than ten million."""
_REPORTED = re.compile(r"^Element '([^']*)'(?:, attribute '([^']*)')?: (.*)$", re.DOTALL)
_FACET = re.compile(r"^\[facet '[^']*'\] ")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)")
_VALUE = re.compile(r"(?:The value )?'(.*)' is not (?:a valid|an element|accepted)", re.DOTALL)
_PATTERN = re.compile(r"pattern '(.*)'\.$", re.DOTALL)
_SET = re.compile(r"set \{(.*)\}\.$", re.DOTALL)
_TYPE = re.compile(r"type '([^']*)'\.$")
_QUALIFIED = re.compile(r"\{[^}']*\}")


def explain_large(data: bytes, grammar: Grammar) -> tuple[list[Finding], int]:
    """Return findings from libxml2's own list, the first hundred of them with a place, and their total number."""
    tags = [match.end() for match in re.finditer(b">", data)]
    log = _errors_after(data, tags, grammar, range(0, len(tags), _STRIDE))
    blocks = [(step - _STRIDE, step) for step in log]
    steps = sorted({s for low, high in blocks[:_PLACED] for s in range(max(low, 0), high + 1)})
    total = sum(len(entries) for entries in log.values())
    fine = _errors_after(data, tags, grammar, steps, min(_PLACED, total))
    findings: list[Finding] = []
    for step, entries in fine.items():
        start = data.rfind(b"<", 0, tags[step])
        if data.startswith(b"</", start):
            start = data.rfind(b"<", 0, start)
        line, column = place(data, start)
        findings.extend(_reported(entry, line, column) for entry in entries)
    return findings[:_PLACED], max(total, len(findings))


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
        for start in range(position, tags[step], _PIECE):
            parser.feed(data[start : min(start + _PIECE, tags[step])])
        position = tags[step]
        log = list(parser.feed_error_log)
        if len(log) > known:
            said[step] = log[known:]
            known = len(log)
        if enough is not None and known >= enough:
            break
    return said


def _words(name: str, text: str) -> tuple[str, str | None, str | None, str]:
    """Return (code, value, expected, sentence) for what libxml2 said of the element or attribute ``name``."""
    text = _FACET.sub("", text)
    found = _EXPECTED.search(text)
    expected = " or ".join(part.strip() for part in found[1].split(",")) if found else None
    if "not expected" in text:
        wanted = f"expected {expected}" if expected else "nothing more is expected there"
        return "107", None, expected, f"{name} does not belong here; {wanted}."
    if "Missing child" in text:
        return "101", None, expected, f"{name} is not complete: {expected or 'an element'} is missing at its end."
    if "is required but missing" in text:
        return "108", None, "the attribute", f"{name} is required and missing."
    given = _VALUE.search(text)
    value = given[1] if given else None
    for pattern, code, words in ((_SET, "102", "one of {}"), (_PATTERN, "106", "pattern {}"), (_TYPE, "106", "{}")):
        rule = pattern.search(text)
        if rule and value is not None:
            expected = words.format(shown(rule[1]))
            return code, shown(value), expected, f"'{shown(value)}' is not allowed for {name}; expected {expected}."
    return "100", shown(value), None, f"{name} breaks the schema: {text}"


def _reported(entry: etree._LogEntry, line: int, column: int) -> Finding:
    match = _REPORTED.match(entry.message)
    name = local(match[1]) if match else "the document"
    path = f"//{name}" if match else ""
    if match and match[2]:
        path, name = f"{path}/@{local(match[2])}", f"the attribute {local(match[2])} of {name}"
    code, value, expected, text = _words(name, _QUALIFIED.sub("", match[3] if match else entry.message).strip())
    return Finding(
        gate="schema", code=code, line=line, column=column, xpath=path, value=value, expected=expected, text=text
    )


__all__ = ["explain_large"]
