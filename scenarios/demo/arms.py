"""What the page calls an arm: what it is about in the scenario shown, which nearly always is what it is named for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scenarios.scenario.arms import arms_about

if TYPE_CHECKING:
    from scenarios.demo.words import Voice
    from scenarios.scenario import Scenario


def arm_names(voice: Voice, scenario: Scenario, arms: Iterable[str]) -> dict[str, str]:
    """Return the names of ``arms`` of ``scenario`` in the visitor's language."""
    about = arms_about(scenario)
    return {arm: voice(f"about.{about[arm]}" if arm in about else f"arm.{arm}") for arm in arms}


def arm_name(voice: Voice, scenario: Scenario, arm: str) -> str:
    """Return the name of one arm."""
    return arm_names(voice, scenario, [arm])[arm]


__all__ = ["arm_name", "arm_names"]
