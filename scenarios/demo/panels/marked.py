"""A document with its findings marked at their places, and the list of them, as HTML in which all text is escaped.

A place in the text and its entry in the list link to each other (``#place-3`` and ``#finding-3``), so that both are
reached by a click or by the keyboard without a script. Of a long document the lines around the findings are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from scenarios.demo.panels.markup import told
from scenarios.demo.words import Voice

if TYPE_CHECKING:
    from exchange.validation import Finding
    from scenarios.validation.checking import Checked

LINES = 1500
"""Most lines that are shown of a document."""
AROUND = 3
"""Lines shown before and after one with a finding, where not all are."""
WIDTH = 400
"""Most characters of a line that are shown around each finding, and at its beginning."""
LISTED = 200
"""Most findings that are listed and marked."""
_ENDS = frozenset(" \t<>\"'&")


class Span(NamedTuple):
    """A marked piece of a line: from and until which character (from 0), and the numbers (from 1) of its findings."""

    begin: int
    end: int
    numbers: tuple[int, ...]


def visible(text: str) -> str:
    """Return ``text`` with what cannot be seen replaced: control characters, marks that turn the direction of text."""
    return "".join(c if c.isprintable() else " " if c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def spans(line: str, found: Sequence[tuple[int, Finding]]) -> list[Span]:
    """Return what is marked of ``line`` for its findings (number, finding), in order and without overlap."""
    places: dict[int, tuple[int, list[int]]] = {}
    for number, finding in found:
        begin = min(max(finding.column, 1) - 1, len(line))
        end, numbers = places.get(begin, (begin, []))
        places[begin] = (max(end, _end(line, begin, finding)), [*numbers, number])
    starts = sorted(places)
    return [
        Span(begin, min([places[begin][0], *starts[at + 1 : at + 2]]), tuple(places[begin][1]))
        for at, begin in enumerate(starts)
    ]


def _end(line: str, begin: int, finding: Finding) -> int:
    """Return where the marked piece that begins at ``begin`` ends: with the value, the tag's name, or the word."""
    if finding.value and line.startswith(finding.value, begin):
        return begin + len(finding.value)
    if line[begin : begin + 1] == "<":
        end = next((at for at in range(begin + 1, len(line)) if line[at] in " \t>"), len(line))
        return end + (line[end : end + 1] == ">")
    end = begin
    while end < len(line) and line[end] not in _ENDS:
        end += 1
    return max(end, begin + 1)


def text_of(data: bytes, findings: Sequence[Finding], voice: Voice) -> str:
    """Return the document as HTML, its findings marked; places beyond its end are left to the list."""
    lines = [line.removesuffix("\r") for line in data.decode("utf-8", "replace").split("\n")]
    by_line: dict[int, list[tuple[int, Finding]]] = {}
    for number, finding in enumerate(findings[:LISTED], start=1):
        if 0 < finding.line <= len(lines):
            by_line.setdefault(finding.line, []).append((number, finding))
    shown = _shown(len(lines), sorted(by_line))
    parts, last = [], 0
    for _, group in groupby(enumerate(shown), key=lambda item: item[1] - item[0]):
        block = [number for _, number in group]
        parts.append(_gap(block[0] - last - 1, voice))
        parts += [_line(number, lines[number - 1], by_line.get(number, ())) for number in block]
        last = block[-1]
    parts.append(_gap(len(lines) - last, voice))
    label = escape(voice("check.text"), quote=True)
    return f'<pre class="c-code" tabindex="0" aria-label="{label}">{"".join(parts)}</pre>'


def _shown(count: int, marked: Sequence[int]) -> list[int]:
    """Return the numbers of the lines that are shown: all of a short document, else the first and those around."""
    if count <= LINES:
        return list(range(1, count + 1))
    first = set(range(1, LINES // 3 + 1))
    for line in marked:
        if len(first) > LINES:
            break
        first.update(range(max(line - AROUND, 1), min(line + AROUND, count) + 1))
    return sorted(first)


def _gap(count: int, voice: Voice) -> str:
    return f'<span class="c-gap">{escape(voice("check.gap", count=count))}</span>' if count > 0 else ""


def _line(number: int, line: str, found: Sequence[tuple[int, Finding]]) -> str:
    severity = {at: finding.severity for at, finding in found}
    parts, at = [f'<span class="c-no" aria-hidden="true">{number}</span>'], 0
    for begin, end, numbers in spans(line, found):
        parts.append(_cut(line, at, begin))
        worst = "error" if any(severity[one] == "error" for one in numbers) else "warning"
        links = "".join(f'<a class="c-ref" id="place-{one}" href="#finding-{one}">{one}</a>' for one in numbers)
        marked = escape(visible(line[begin : min(end, begin + WIDTH)])) or "&nbsp;"
        parts.append(f'<mark class="c-{worst}">{marked}{"…" if end > begin + WIDTH else ""}</mark>{links}')
        at = end
    parts.append(_cut(line, at, len(line)))
    return f'<span class="c-line">{"".join(parts)}\n</span>'


def _cut(line: str, begin: int, end: int) -> str:
    """Return what stands between two marks, without the middle of what is too long to show."""
    if end - begin <= 2 * WIDTH:
        return escape(visible(line[begin:end]))
    return f"{escape(visible(line[begin : begin + WIDTH]))} … {escape(visible(line[end - WIDTH : end]))}"


def list_of(checked: Checked, voice: Voice) -> str:
    """Return the findings as an HTML list: place, severity, code, rule, gate, sentence, what was expected."""
    items = "".join(_item(number, one, voice) for number, one in enumerate(checked.findings[:LISTED], start=1))
    rest = checked.total - min(len(checked.findings), LISTED)
    more = f"<p>{escape(voice('check.more', count=rest))}</p>" if rest > 0 else ""
    return f'<ol class="c-findings">{items}</ol>{more}'


def _item(number: int, finding: Finding, voice: Voice) -> str:
    lines = "".join(_lines(number, finding, voice))
    return f'<li id="finding-{number}" tabindex="-1" class="c-{finding.severity}">{lines}</li>'


def _lines(number: int, finding: Finding, voice: Voice) -> Iterator[str]:
    sign = "✖" if finding.severity == "error" else "⚠"
    severity = escape(voice(f"check.{finding.severity}"))
    marks = " ".join(filter(None, (finding.code, finding.rule)))
    if finding.line:
        place = escape(voice("check.place", line=finding.line, column=finding.column))
        yield f'<a href="#place-{number}">{number}. {place}</a> '
    else:
        yield f"{number}. {escape(voice('check.whole'))} "
    yield f"<b>{sign} {severity} {escape(marks)}</b> "
    yield f'<span class="c-faint">{escape(voice("gate." + finding.gate))}</span>'
    yield f"<div>{visible(told(voice, finding.text))}</div>"
    rows = (("check.expected", finding.expected), ("check.value", finding.value), ("check.path", finding.xpath))
    for key, text in rows:
        if text:
            said = voice.told(text)[0]
            whole = told(voice, text) if key == "check.expected" else escape(said)
            whole = whole if len(said) <= WIDTH else f"{escape(said[:WIDTH])}…"
            yield f'<div class="c-faint">{escape(voice(key))}: <code>{visible(whole)}</code></div>'


__all__ = ["LISTED", "Span", "list_of", "spans", "text_of", "visible"]
