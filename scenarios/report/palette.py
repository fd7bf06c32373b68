"""Colours, dashes and words of the pictures: safe for the colour-blind, and never colour alone.

The hues are those of Okabe and Ito (Color Universal Design, 2008); arms differ by dash and marker too, phases
by pattern.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scenarios.report.naming import NAMES, name_of

INK = "#1f2933"
FAINT = "#616e7c"
RULE = "#d5dae1"
PAPER = "#ffffff"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmLook:
    """How an arm is shown: its name in words, colour, dash of its line and marker."""

    title: str
    short: str
    colour: str
    dash: str
    symbol: str
    width: float


class _Looks(Mapping[str, ArmLook]):
    """Arm → its look, called what it is about in the summary that is shown."""

    def __init__(self, looks: Mapping[str, ArmLook]) -> None:
        self._looks = looks

    def __getitem__(self, arm: str) -> ArmLook:
        look, name = self._looks[arm], name_of(arm)
        return look if name is None else replace(look, title=name.title, short=name.short)

    def __iter__(self) -> Iterator[str]:
        return iter(self._looks)

    def __len__(self) -> int:
        return len(self._looks)


class _Comparisons(Mapping[str, str]):
    """Comparison → its title, by the names of its arms in the summary that is shown."""

    def __init__(self, pairs: Mapping[str, tuple[str, str]]) -> None:
        self._pairs = pairs

    def __getitem__(self, name: str) -> str:
        arm, other = self._pairs[name]
        return f"{ARM_LOOKS[arm].short} against {ARM_LOOKS[other].short.lower()}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


_LOOKS = {
    "baseline": ArmLook(
        title="Baseline: no exchange between customs territories",
        short="Baseline",
        colour="#4a4a4a",
        dash="solid",
        symbol="circle",
        width=4.0,
    ),
    "advance": ArmLook(
        title="Advance: preliminary information",
        short="Advance",
        colour="#0072b2",
        dash="dash",
        symbol="square",
        width=2.6,
    ),
    "recognition": ArmLook(
        title=NAMES["recognition"].title,
        short=NAMES["recognition"].short,
        colour="#c44e00",
        dash="dot",
        symbol="diamond",
        width=2.2,
    ),
}

ARM_LOOKS: Mapping[str, ArmLook] = _Looks(_LOOKS)
"""Arm → its look; its name is that of the summary that is shown (:func:`scenarios.report.naming.arms_of`)."""

COMPARISON_TITLES: Mapping[str, str] = _Comparisons(
    {
        "advance": ("advance", "baseline"),
        "recognition": ("recognition", "baseline"),
        "recognition_over_advance": ("recognition", "advance"),
    }
)
"""Comparison → its title."""

PHASE_HEADS = {
    "queue": "Queue",
    "documents": "Documents",
    "scan": "Scan",
    "inspection": "Inspection",
    "gauge": "Gauge",
    "other": "Other",
}
"""Phase → head of its column."""

PHASE_LOOKS = {
    "queue": ("Queue", "#e69f00", ""),
    "documents": ("Documents", "#56b4e9", "/"),
    "scan": ("Scan and weighing", "#009e73", "x"),
    "inspection": ("Inspection", "#c44e00", "\\"),
    "gauge": ("Gauge change and wagons", "#cc79a7", "."),
    "other": ("Other agencies, handover, path", "#b6bcc4", ""),
}
"""Phase → title, colour, pattern."""


def layout(**more: Any) -> dict[str, Any]:
    """Return the layout that all pictures share, with ``more`` on top."""
    common: dict[str, Any] = {
        "template": "none",
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "margin": {"l": 70, "r": 20, "t": 20, "b": 56},
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 13}},
    }
    return common | more


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """Return an axis with quiet lines, titled ``title``, with ``more`` on top."""
    common: dict[str, Any] = {
        "title": {"text": title, "standoff": 10},
        "gridcolor": "#e6e9ee",
        "linecolor": FAINT,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": RULE,
        "automargin": True,
    }
    return common | more


__all__ = [
    "ARM_LOOKS",
    "COMPARISON_TITLES",
    "FAINT",
    "FONT",
    "INK",
    "PHASE_HEADS",
    "PHASE_LOOKS",
    "RULE",
    "axis",
    "layout",
]
