"""A picture of the fits: observed and fitted shares of cases over hours, one panel a fit, as SVG that stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from scenarios.trs.fitting import Fit, share_below

WIDE, HIGH, EDGE, COLUMNS = 340, 210, 46, 2
_TEXT = 'font-family="sans-serif" font-size="12" fill="#1f2933"'


def picture(panels: Sequence[tuple[str, Sequence[float], Fit]], title: str) -> str:
    """Return the SVG; each panel is a title, the observed hours and the fit to them."""
    rows = (len(panels) + COLUMNS - 1) // COLUMNS
    width, height = COLUMNS * WIDE, rows * HIGH + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="22" {_TEXT} font-weight="bold">{escape(title)}</text>',
        f'<text x="12" y="40" {_TEXT}>Share of cases done within so many hours: grey steps observed, '
        "blue line fitted</text>",
    ]
    for number, (name, hours, fit) in enumerate(panels):
        left, top = number % COLUMNS * WIDE, number // COLUMNS * HIGH + 52
        parts.append(_panel(left, top, name, sorted(hours), fit))
    return "\n".join([*parts, "</svg>", ""])


def _panel(left: int, top: int, name: str, hours: Sequence[float], fit: Fit) -> str:
    most = max(hours[-1], fit.fitted[-1]) * 1.05
    wide, high = WIDE - EDGE - 20, HIGH - 66

    def at(value: float, share: float) -> str:
        return f"{left + EDGE + value / most * wide:.1f},{top + 26 + (1.0 - share) * high:.1f}"

    steps, count = [at(0.0, 0.0)], len(hours)
    for number, value in enumerate(hours):
        steps += [at(value, number / count), at(value, (number + 1) / count)]
    steps.append(at(most, 1.0))
    line = [at(most * n / 120, share_below(fit.distribution, most * n / 120)) for n in range(121)]
    ticks = "".join(
        f'<text x="{left + EDGE + share * wide:.1f}" y="{top + 42 + high}" {_TEXT} text-anchor="middle">'
        f"{most * share:.2g}</text>"
        for share in (0.0, 0.5, 1.0)
    )
    levels = ""
    for share in (0.0, 0.5, 1.0):
        y = top + 26 + (1.0 - share) * high
        levels += f'<line x1="{left + EDGE}" x2="{left + EDGE + wide}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d5dae1"/>'
        levels += f'<text x="{left + EDGE - 6}" y="{y + 4:.1f}" {_TEXT} text-anchor="end">{share * 100:.0f} %</text>'
    head = f"{name}: {fit.text}, KS {fit.distance_text}"
    return (
        f'<text x="{left + EDGE}" y="{top + 16}" {_TEXT}>{escape(head)}</text>{levels}{ticks}'
        f'<polyline points="{" ".join(steps)}" fill="none" stroke="#8a94a0" stroke-width="2"/>'
        f'<polyline points="{" ".join(line)}" fill="none" stroke="#0072b2" stroke-width="1.6"/>'
    )


__all__ = ["picture"]
