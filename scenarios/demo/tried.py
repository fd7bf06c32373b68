"""What was done to a show by hand: in all its arms at the same simulated moment, and written down.

A show that something was done to is not the run that ``corridor run`` makes with its seed; the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from exchange.sentences import tell
from scenarios.demo.trying import Deed, Facts, NotDone

if TYPE_CHECKING:
    from scenarios.demo.show import Show


@dataclass(slots=True)
class Trial:
    """A deed; ``refused``: arm → why it could not be done there; ``undone``: the second it was taken back."""

    deed: Deed
    refused: Mapping[str, str] = field(default_factory=dict)
    undone: int | None = None


class Trials:
    """The deeds of one show, in their order. ``history`` is what another stage has to do to be like the others:
    second, method of :class:`scenarios.demo.stage.Stage`, what, and the arms in which it was done."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self.made: list[Trial] = []
        self.history: list[tuple[int, str, Deed | int, tuple[str, ...]]] = []

    def arms(self, deed: Deed) -> tuple[str, ...]:
        """Return the arms in which ``deed`` is done: an agreement changes in those compared, not in the reference."""
        return self._show.arms[1:] if deed.kind == "agreement" else self._show.arms

    async def do(self, deed: Deed) -> Trial:
        """Do ``deed`` in all arms now. Raise :class:`NotDone` if it can be done in none of them."""
        arms = self.arms(deed)
        if not arms:
            raise NotDone(tell("there is one arm only, and it is the reference: nothing is compared with it"))
        deed = replace(deed, number=len(self.history) + 1)
        at, refused = await self._show.by_hand("do", deed, arms)
        if len(refused) == len(arms):
            raise NotDone(next(iter(refused.values())))
        trial = Trial(replace(deed, at=at), refused)
        self.made.append(trial)
        return trial

    async def undo(self, trial: Trial) -> None:
        """Take ``trial`` back in all arms now. Raise :class:`NotDone` if it can be in none of them."""
        arms = tuple(arm for arm in self.arms(trial.deed) if arm not in trial.refused)
        at, refused = await self._show.by_hand("undo", trial.deed.number, arms)
        if len(refused) == len(arms):
            raise NotDone(next(iter(refused.values())))
        trial.undone = at

    def open(self, trial: Trial) -> bool:
        """Return whether there is anything left of ``trial`` to be taken back."""
        if trial.undone is not None or self._show.state not in ("playing", "paused"):
            return False
        facts = [found for arm, found in self.facts(trial).items() if arm not in trial.refused]
        over = {
            "cut": lambda found: int(found.get("ends", 0)) <= self._show.now,
            "stop": lambda found: "back" in found,
            "corrupt": lambda found: "message" in found,
            "seal": lambda found: "side" in found,
        }.get(trial.deed.kind)
        return over is None or not all(over(found) for found in facts)

    def facts(self, trial: Trial) -> dict[str, Facts]:
        """Return arm → what came of ``trial`` there so far."""
        stories = self._show.stories
        return {arm: stories[arm].tried.get(trial.deed.number, {}) for arm in self.arms(trial.deed)}


__all__ = ["Trial", "Trials"]
