"""A desk: what one visitor's page knows, and what every panel on it is given."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from scenarios.demo.arms import arm_name
from scenarios.demo.theatre import Theatre
from scenarios.demo.words import Voice

_log = logging.getLogger("corridor.page")

REFRESH = 0.3
"""Wall seconds between two looks of a page at the theatre, so that it has something new more than twice a second."""


class Panel(Protocol):
    """A part of a page. Its constructor lays it out; :meth:`refresh` shows the theatre as it is now."""

    def refresh(self) -> None:
        """Show what has changed; called at most every REFRESH seconds, and only if something has."""


@dataclass(slots=True)
class Desk:
    """One visitor's page: the theatre, the visitor's language and colours, and the panels laid out so far."""

    theatre: Theatre
    voice: Voice
    dark: bool
    panels: list[Panel] = field(default_factory=list)
    seen: int = -1
    _failed: set[type] = field(default_factory=set)

    def add(self, panel: Panel) -> None:
        """Let ``panel`` be refreshed with the page."""
        self.panels.append(panel)

    def arm(self, arm: str) -> str:
        """Return what an arm of the show that is on is called in the visitor's language."""
        show = self.theatre.show
        return self.voice(f"arm.{arm}") if show is None else arm_name(self.voice, show.scenario, arm)

    def look(self) -> None:
        """Refresh the panels if the theatre has changed since the last look."""
        if self.seen != self.theatre.version:
            self.seen = self.theatre.version
            for panel in self.panels:
                self._refresh(panel)

    def _refresh(self, panel: Panel) -> None:
        """A panel that cannot show what there is keeps no other from it; the log says why, once a page."""
        try:
            panel.refresh()
        except Exception:
            if type(panel) not in self._failed:
                self._failed.add(type(panel))
                _log.exception("%s cannot show the show as it is", type(panel).__name__)


Page = Callable[[Desk], None]
"""Lays out the content of a page at a desk."""

__all__ = ["REFRESH", "Desk", "Page", "Panel"]
