"""The live page's colours have the contrast that WCAG 2.1 AA asks for, in the light and the dark set."""

from __future__ import annotations

import re
from importlib import resources

import pytest

CSS = resources.files("scenarios.demo").joinpath("page.css").read_text(encoding="utf-8")
SETS = {"light": ":root", "dark": "body.body--dark"}
TEXT = ("ink", "faint", "accent", "baseline", "advance", "recognition", "good", "bad", "warn")
"""Colours in which text is written, on paper and on the sheet behind it."""
ENOUGH = 4.5
"""Contrast that text needs (WCAG 2.1, success criterion 1.4.3)."""
ENOUGH_OF_SHAPES = 3.0
"""Contrast that the outlines of fields and signs need (1.4.11)."""


def _colours(name: str) -> dict[str, str]:
    block = re.search(re.escape(SETS[name]) + r"\s*\{([^}]*)\}", CSS)
    assert block is not None
    return dict(re.findall(r"--([a-z]+):\s*(#[0-9a-f]{6})", block[1]))


def _light(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    dark, light = sorted((_light(one), _light(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_the_guidelines_do() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", SETS)
def test_all_text_can_be_read(name: str) -> None:
    colours = _colours(name)
    low = {
        (front, behind): round(contrast(colours[front], colours[behind]), 2)
        for front in TEXT
        for behind in ("paper", "sheet")
        if contrast(colours[front], colours[behind]) < ENOUGH
    }
    assert low == {}
    assert contrast(colours["paper"], colours["accent"]) >= ENOUGH  # what stands on filled buttons


@pytest.mark.parametrize("name", SETS)
def test_the_three_arms_are_told_apart_from_paper_and_sheet(name: str) -> None:
    colours = _colours(name)
    for arm in ("baseline", "advance", "recognition"):
        assert min(contrast(colours[arm], colours[behind]) for behind in ("paper", "sheet")) >= ENOUGH_OF_SHAPES


def test_every_variable_that_is_used_has_a_colour_in_both_sets() -> None:
    lengths = set(re.findall(r"--([a-z]+):\s*[0-9.]+(?:px|rem)", CSS))
    used = set(re.findall(r"var\(--([a-z]+)\)", CSS)) - lengths
    for name in SETS:
        assert used <= set(_colours(name)), name


def test_colours_for_text_are_taken_from_the_sets_only() -> None:
    rules = re.sub(r"(:root|body\.body--dark)\s*\{[^}]*\}", "", CSS)
    assert re.findall(r"(?<![-\w])color:\s*#[0-9a-fA-F]+", rules) == []


def test_motion_stops_where_it_is_not_wanted_and_focus_is_seen() -> None:
    assert re.search(r"prefers-reduced-motion: reduce\)\s*\{[^}]*transition-duration: 0\.01ms", CSS)
    assert re.search(r"button:focus-visible[^{]*\{ outline: 3px solid var\(--accent\)", CSS)
    assert not re.search(r"outline:\s*(none|0)", CSS)
