"""Try it: break something while the show goes on, and see in each arm what the exchange makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import TYPE_CHECKING

from nicegui import ui

from exchange.agreements import registry
from exchange.errors import CorridorError
from exchange.sentences import said
from scenarios.demo.desk import Desk
from scenarios.demo.panels.aside import Aside
from scenarios.demo.panels.trouble import Trouble
from scenarios.demo.panels.tryings import Outcomes
from scenarios.demo.show import Show
from scenarios.demo.tried import Trial
from scenarios.demo.trying import LONGEST, Deed, Kind

if TYPE_CHECKING:
    from scenarios.events import Event
    from scenarios.scenario import Scenario

KINDS: tuple[Kind, ...] = ("cut", "stop", "corrupt", "seal", "list", "agreement")
CODES = ("CTR", "AAR", "ATR", "RCG", "ARR", "NCF", "DEP", "DCR", "WRO", "LST")
"""Messages between services that can be corrupted."""
FIELDS: dict[Kind, tuple[str, ...]] = {
    "cut": ("one", "other", "hours"),
    "stop": ("service", "hours"),
    "corrupt": ("code", "line"),
    "seal": ("case",),
    "list": ("trader",),
    "agreement": ("agreement", "begins"),
}


class TryIt:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of = ""
        self._through: frozenset[str] = frozenset()
        voice = desk.voice
        self.aside = Aside(desk, "tryit", voice("try.title"), self.refresh)
        with self.aside.body:
            ui.label(voice("try.intro")).classes("c-faint text-sm")
            kinds = {kind: voice(f"try.kind.{kind}") for kind in KINDS}
            self._kind = ui.select(kinds, value="cut", label=voice("try.kind"), on_change=self._chosen)
            self._kind.props("dense outlined options-dense data-test=try-kind").classes("w-full")
            self._about = ui.label().classes("text-sm")
            with ui.element("div").classes("c-fields"):
                self._fields = self._made()
            with ui.row().classes("items-center w-full"):
                ui.button(voice("try.do"), on_click=self._do).props("no-caps data-test=try-do")
            self._trouble = Trouble(voice, "try-trouble")
            self._outcomes = Outcomes(desk, self._undo)
        self._chosen()

    def _made(self) -> dict[str, ui.select | ui.number]:
        voice = self._desk.voice
        codes = {code: f"{code} · {voice(f'code.{code}')}" for code in CODES}
        begins = {True: voice("try.begin"), False: voice("try.end")}
        fields: dict[str, ui.select | ui.number] = {
            "service": ui.select([], label=voice("try.service")),
            "one": ui.select([], label=voice("try.one")),
            "other": ui.select([], label=voice("try.other")),
            "hours": ui.number(voice("try.hours"), value=24, min=1, max=LONGEST, precision=0, format="%d"),
            "code": ui.select(codes, value="CTR", label=voice("try.code")),
            "line": ui.select({"": voice("try.any_line")}, value="", label=voice("try.line")),
            "case": ui.select([], label=voice("try.case"), with_input=True),
            "trader": ui.select({}, label=voice("try.trader")),
            "agreement": ui.select({}, label=voice("try.agreement")),
            "begins": ui.select(begins, value=True).props(f'aria-label="{voice("try.kind.agreement")}"'),
        }
        for name, field in fields.items():
            field.props(f"dense outlined options-dense data-test=try-{name}")
        return fields

    @property
    def _show(self) -> Show | None:
        return self._desk.theatre.show

    def _chosen(self) -> None:
        kind: Kind = self._kind.value
        self._about.text = self._desk.voice(f"try.about.{kind}")
        for name, field in self._fields.items():
            field.set_visibility(name in FIELDS[kind])

    def refresh(self) -> None:
        """Show what there is to be broken, and what came of what was."""
        show = self._show
        if show is None:
            return
        if self._of != show.run_id + show.scenario.digest:
            self._of, self._through = show.run_id + show.scenario.digest, frozenset()
            self._fill(show)
        stories = list(show.stories.values())
        if stories[0].opened is not None:
            last = {flow.id: _last_entry(show.scenario, flow.sides) for flow in show.scenario.flows}
            entry = {one.case: last[one.flow] for one in stories[0].opened.consignments}
            ends = (
                {
                    e.case
                    for e in s.events
                    if e.kind == "seized" or (e.kind == "arrived" and _at(e) == entry.get(e.case))
                }
                for s in stories
            )
            through = frozenset.intersection(*map(frozenset, ends)) if self.aside.open else self._through
            if through != self._through or not self._fields["case"].options:  # type: ignore[union-attr]
                self._through = through
                cases = [one.case for one in stories[0].opened.consignments if one.case not in through]
                self._options("case", {case: case for case in cases})
        self._outcomes.refresh()

    def _fill(self, show: Show) -> None:
        scenario = show.scenario
        services = {country: country for country in scenario.services}
        for name, place in (("service", -1), ("one", 0), ("other", 1)):
            self._options(name, services, list(services)[min(place, len(services) - 1)])
        lines = {f"{one}>{other}": f"{one} → {other}" for one, other in permutations(services, 2)}
        self._options("line", {"": self._desk.voice("try.any_line"), **lines}, "")
        traders = {
            name: f"{name} · {about.name}"
            for name, about in scenario.traders.items()
            if about.on_list and about.country in services
        }
        self._options("trader", traders)
        known = registry()
        overlay = dict.fromkeys(name for arm in scenario.arms.values() for name in arm)
        titles = {name: known[name].title if name in known else name for name in overlay}
        self._options("agreement", {name: self._desk.voice.name(title) for name, title in titles.items()})

    def _options(self, name: str, options: dict[str, str], value: str | None = None) -> None:
        field = self._fields[name]
        assert isinstance(field, ui.select)
        kept = field.value if field.value in options else None
        field.set_options(options, value=value if value is not None else kept or next(iter(options), None))

    def _deed(self) -> Deed:
        kind: Kind = self._kind.value
        values = {name: field.value for name, field in self._fields.items()}
        what = {"cut": "one", "stop": "service", "corrupt": "code", "seal": "case", "list": "trader"}.get(kind, kind)
        other = {"cut": "other", "corrupt": "line"}.get(kind, "")
        return Deed(
            kind=kind,
            what=str(values[what] or ""),
            other=str(values.get(other) or ""),
            hours=float(values["hours"] or 0) if "hours" in FIELDS[kind] else 0.0,
            on=kind == "agreement" and bool(values["begins"]),
        )

    async def _do(self) -> None:
        if self._show is not None:
            try:
                await self._show.trials.do(self._deed())
            except CorridorError as problem:
                self._trouble.say(said(problem))
            else:
                self._trouble.say("")
            self.refresh()

    async def _undo(self, trial: Trial) -> None:
        if self._show is not None:
            try:
                await self._show.trials.undo(trial)
            except CorridorError as problem:
                self._trouble.say(said(problem))
            else:
                self._trouble.say("")
            self.refresh()


def _at(event: Event) -> str:
    return str(event.data["side"])


def _last_entry(scenario: Scenario, sides: Sequence[str]) -> str:
    """Return the last side where an entry post looks at seals: from there on breaking one is of no use."""
    return next((side for side in reversed(sides) if scenario.sides[side].direction == "entry"), "")


__all__ = ["CODES", "FIELDS", "KINDS", "TryIt"]
