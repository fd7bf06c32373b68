"""How fast messages travel between services that are put to the proof: all alike, so that none of a case overtakes
another only because it was drawn to be quicker."""

from __future__ import annotations

from dataclasses import replace

from nodes.core import NodeCore

LATENCY = 1
"""Seconds from a decision until its messages leave; a profile has 1 to 3."""


def at_one_pace(core: NodeCore, seconds: int = LATENCY) -> NodeCore:
    """Return the core with all its messages to partners leaving after ``seconds``."""
    profile = replace(core.standing.profile, latency_seconds=(seconds, seconds))
    return NodeCore(replace(core.standing, profile=profile))


__all__ = ["LATENCY", "at_one_pace"]
