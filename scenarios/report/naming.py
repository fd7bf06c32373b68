"""What arms are called in pictures, tables and sentences: by what they are about in the scenario that is shown.

Nearly everywhere an arm is about what its name says. Where it is not, the summary says what it is about
(``arms_about``, of :func:`scenarios.scenario.arms.arms_about`); while such a summary is shown, within :func:`arms_of`,
all titles of arms and comparisons follow it, so that nothing that draws or writes needs to be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

_about: ContextVar[Mapping[str, str] | None] = ContextVar("arms_about", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmName:
    """An arm in words: ``title`` in full, ``short`` in tables and legends, ``subject`` of a sentence, and ``beyond``:
    the subject where it is held against the arm with preliminary information."""

    title: str
    short: str
    subject: str
    beyond: str


NAMES = {
    "recognition": ArmName(
        title="Recognition: that, and control results recognised",
        short="Recognition",
        subject="Preliminary information with recognised control results",
        beyond="Recognition on top of preliminary information",
    ),
    "information": ArmName(
        title="More information: that, and further agreements on preliminary information",
        short="More information",
        subject="Preliminary information under further agreements",
        beyond="Further agreements on preliminary information",
    ),
    "assistance": ArmName(
        title="Mutual assistance: that, and services look into what differs",
        short="Mutual assistance",
        subject="Preliminary information with mutual assistance",
        beyond="Mutual assistance on top of preliminary information",
    ),
    "images": ArmName(
        title="Images: that, and inspection images",
        short="Images",
        subject="Preliminary information with inspection images",
        beyond="Inspection images on top of preliminary information",
    ),
    "air": ArmName(
        title="Alerts: suspicions are told to the service ahead",
        short="Alerts",
        subject="What services told each other of suspicions",
        beyond="What services told each other of suspicions",
    ),
}
"""Subject of an arm (one of :data:`scenarios.scenario.arms.SUBJECTS`) → its name."""


@contextmanager
def arms_of(summary: Mapping[str, Any]) -> Iterator[None]:
    """Let arms be called, within this, what they are about in ``summary`` (of a run or an experiment)."""
    token = _about.set(summary.get("arms_about", {}))
    try:
        yield
    finally:
        _about.reset(token)


def name_of(arm: str) -> ArmName | None:
    """Return what ``arm`` is called in the summary that is shown; None where it is about what its own name says."""
    about = (_about.get() or {}).get(arm)
    return NAMES.get(about) if about is not None else None


__all__ = ["NAMES", "ArmName", "arms_of", "name_of"]
