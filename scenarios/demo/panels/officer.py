"""Play the officer: a visitor accepts or refuses each result that is offered, and sees what it costs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from exchange.errors import CorridorError
from exchange.sentences import said
from scenarios.demo.desk import Desk
from scenarios.demo.officer import ARM, Cost, Offer, OfficerPlay
from scenarios.demo.panels.aside import Aside, moment
from scenarios.demo.panels.trouble import Trouble
from scenarios.demo.show import Show
from scenarios.numerals import fixed, percent
from scenarios.scenario.arms import arms_about

MOST = 30
"""Offers listed at once; the others follow when these are decided."""


class Officer:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of = ""
        self._shown: object = None
        self._taking = False
        voice = desk.voice
        self.aside = Aside(desk, "officer", voice("officer.title"), self.refresh)
        with self.aside.body:
            ui.label(voice("officer.intro")).classes("c-faint text-sm")
            with ui.row().classes("items-center w-full"):
                self._service = ui.select([], label=voice("officer.service"))
                self._service.props("dense outlined options-dense data-test=officer-service").classes("min-w-40")
                self._take = ui.button(voice("officer.take"), on_click=self._begin)
                self._take.props("no-caps data-test=officer-take")
                self._leave = ui.button(voice("officer.leave"), on_click=self._end)
                self._leave.props("flat no-caps color=inherit data-test=officer-leave")
            self._wait = ui.label(voice("officer.wait")).props('role="status"')
            self._wait.set_visibility(False)
            self._trouble = Trouble(voice)
            self._room = ui.element("div").classes("c-fields")
            with self._room:
                self._pause = ui.switch(voice("officer.pause"), value=True, on_change=self._pausing)
                self._count = (
                    ui.label().classes("font-bold").props('aria-live="polite" tabindex=-1 data-test=officer-waiting')
                )
                with ui.row().classes("w-full no-wrap items-center"):
                    self._reason = ui.input(voice("officer.reason")).props("dense outlined maxlength=200")
                    self._reason.classes("w-full").props("data-test=officer-reason")
                with ui.row():
                    for key, accept in (("officer.accept_all", True), ("officer.refuse_all", False)):
                        button = ui.button(voice(key), on_click=self._all_of(accept))
                        button.classes("px-2").props(
                            f"dense no-caps outline color=inherit data-test={key.replace('.', '-')}"
                        )
                self._offers = ui.element("div").classes("c-trials").props("data-test=offers")
                self._made = ui.label()
                ui.label(voice("officer.cost")).classes("font-bold")
                self._cost = ui.element("div").props("data-test=officer-cost")

    @property
    def _show(self) -> Show | None:
        return self._desk.theatre.show

    async def _begin(self) -> None:
        show = self._show
        if show is None or not self._service.value or self._taking:
            return
        self._taking = True
        self._take.set_enabled(False)
        self._wait.set_visibility(True)
        try:
            await show.play_officer(str(self._service.value))
        except CorridorError as problem:
            self._trouble.say(said(problem))
        else:
            self._trouble.say("")
        finally:
            self._taking = False
            self._take.set_enabled(True)
            self._wait.set_visibility(False)
        self.refresh()
        _focus(self._count)

    async def _end(self) -> None:
        if self._show is not None:
            await self._show.end_officer()
            self.refresh()
            _focus(self._take)

    def _pausing(self) -> None:
        if self._show is not None and self._show.officer is not None:
            self._show.officer.asks = bool(self._pause.value)

    def _all_of(self, accept: bool) -> Callable[[], Awaitable[None]]:
        async def decide() -> None:
            officer = self._show.officer if self._show is not None else None
            if officer is not None:
                await self._decide(officer, list(officer.pending), accept)

        return decide

    async def _decide(self, officer: OfficerPlay, offers: list[Offer], accept: bool) -> None:
        try:
            for offer in offers:
                await officer.decide(offer, accept, self._reason.value or "")
        except CorridorError as problem:
            self._trouble.say(said(problem))
        else:
            self._trouble.say("")
        self.refresh()

    def refresh(self) -> None:
        """Show what waits, what was decided and what it costs."""
        show = self._show
        if show is None:
            return
        if self._of != show.run_id + show.scenario.digest:
            self._of = show.run_id + show.scenario.digest
            entered = {side.office for side in show.scenario.sides.values() if side.direction == "entry"}
            services = sorted(
                {show.scenario.offices[office].country for office in entered} & set(show.scenario.services)
            )
            recognises = ARM in show.arms and ARM not in arms_about(show.scenario)
            services = services if recognises else []
            self._service.set_options(services, value=next(iter(services), None))
            self._trouble.say("" if services else self._desk.voice("officer.nobody"))
        officer = show.officer
        self._room.set_visibility(officer is not None)
        self._take.set_visibility(officer is None)
        self._leave.set_visibility(officer is not None)
        self._service.set_enabled(officer is None)
        if officer is None:
            self._shown = None
            return
        if officer.trouble:
            self._trouble.say(officer.trouble)
        shown = (id(officer), tuple(officer.pending), len(officer.choices), officer.cost)
        if shown != self._shown:
            self._shown = shown
            self._fill(show, officer)

    def _fill(self, show: Show, officer: OfficerPlay) -> None:
        voice, pending = self._desk.voice, list(officer.pending)
        text = voice("officer.waiting", count=len(pending)) if pending else voice("officer.none")
        self._count.text = text
        self._offers.clear()
        with self._offers:
            for offer in pending[:MOST]:
                self._offer(show, officer, offer)
        accepted = sum(choice.accepted for choice in officer.choices)
        self._made.text = voice("officer.made", accepted=accepted, refused=len(officer.choices) - accepted)
        self._cost.clear()
        with self._cost:
            self._price(officer.cost, bool(len(officer.choices) - accepted))

    def _offer(self, show: Show, officer: OfficerPlay, offer: Offer) -> None:
        voice = self._desk.voice
        with ui.element("article").classes("c-trial"), ui.row().classes("items-center w-full no-wrap"):
            with ui.element("div").classes("grow"):
                ui.label(offer.case).classes("font-bold")
                ui.label(voice("officer.offer", form=voice(f"form.{offer.form}"), issuer=offer.issuer))
                ui.label(moment(voice, show, offer.at)).classes("c-faint text-sm")
            for key, accept in (("officer.accept", True), ("officer.refuse", False)):
                button = ui.button(voice(key), on_click=lambda accept=accept: self._decide(officer, [offer], accept))
                button.classes("px-2").props(
                    f"dense no-caps {'' if accept else 'outline'} data-test={key.replace('.', '-')}"
                )

    def _price(self, cost: Cost | None, refused: bool) -> None:
        voice = self._desk.voice
        if cost is None:
            ui.label(voice("officer.cost_wait")).classes("c-faint")
            return
        ui.label(voice("officer.cost_of", count=cost.through)).classes("c-faint text-sm")
        rows = {
            "hours": fixed(cost.hours, sign=True),
            "work": fixed(cost.officer_hours, sign=True),
            "controls": fixed(cost.controls, 0, sign=True),
            "coverage": " / ".join(voice.figure(percent(one, 1)) for one in cost.coverage),
            "found": fixed(cost.found, 0, sign=True),
        }
        with ui.element("dl").classes("c-price"):
            for key, value in rows.items():
                with ui.element("dt"):
                    ui.label(voice(f"officer.{key}"))
                with ui.element("dd"):
                    ui.label(voice.figure(value)).props(f"data-test=cost-{key}")
        there = cost.hours - cost.here
        if round(there, 1) or round(cost.hours, 1) < 0:
            said = voice("officer.saves", here=fixed(cost.here, sign=True), there=fixed(there, sign=True))
            ui.label(said).classes("text-sm").props("data-test=cost-why")
        if refused and not cost.hours and not cost.controls:
            ui.label(voice("officer.no_price")).classes("c-faint text-sm")


def _focus(element: ui.element) -> None:
    """Go on from ``element`` with the keyboard, where the button that was pressed has gone."""
    element.client.run_javascript(f"document.getElementById('c{element.id}')?.focus()")


__all__ = ["Officer"]
