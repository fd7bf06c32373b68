"""The messages as they pass: choice of arm, consignment and kind, paging, the sequence picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.sequence import SequencePicture
from scenarios.demo.show import Show
from scenarios.demo.told import Passed

WINDOW = 60
"""Messages that are drawn at once."""
PAGE = 45
"""By how many messages a page of the past is further back."""


class Letters:
    """See the module. ``choose`` is called with arm and id when a visitor picks a message."""

    def __init__(self, desk: Desk, choose: Callable[[str, str], None]) -> None:
        self._desk = desk
        self._choose = choose
        self._of: object = None
        self._found: list[Passed] = []
        self._looked = 0
        self._rejected: dict[str, str] = {}
        self._until: int | None = None
        self._chosen = ""
        voice = desk.voice
        with ui.element("section").classes("c-card c-7 c-letters").props(f'aria-label="{voice("messages")}"'):
            with ui.row().classes("items-center w-full gap-2"):
                ui.html(f"<h2>{voice('messages')}</h2>", sanitize=False)
                ui.space()
                self._count = ui.label().classes("c-faint c-small").props('role="status" data-test="count"')
                self._button("keyboard_arrow_up", "messages.older", self._older)
                self._button("keyboard_arrow_down", "messages.newer", self._newer)
                self._button("keyboard_double_arrow_down", "messages.latest", self._latest)
            with ui.row().classes("items-center w-full gap-2"):
                self._arm = self._select("arm", {"": ""}, "")
                self._case = self._select("consignment", {"": voice("all")}, "").props("use-input input-debounce=200")
                self._code = self._select("message_kind", {"": voice("all")}, "")
                self._only = ui.checkbox(voice("messages.rejected"), on_change=self._changed).props(
                    'dense data-test="rejected-only"'
                )
            self._picture = SequencePicture(desk)
            ui.label(voice("messages.keys")).classes("c-faint c-small c-wide")
        ui.on("corridor_letter", self._picked)
        ui.on("corridor_older", self._older)
        ui.on("corridor_newer", self._newer)

    def _button(self, icon: str, key: str, do: Callable[[], None]) -> None:
        text = self._desk.voice(key)
        button = ui.button(icon=icon, on_click=do).props(f'flat round dense color=inherit aria-label="{text}"')
        button.tooltip(text)

    def _select(self, key: str, options: dict[str, str], value: str) -> ui.select:
        select = ui.select(options, value=value, label=self._desk.voice(key), on_change=self._changed)
        return select.props(f'dense outlined options-dense data-test="{key}"').classes("c-select")

    @property
    def _show(self) -> Show | None:
        return self._desk.theatre.show

    def _changed(self) -> None:
        self._until, self._looked, self._found = None, 0, []
        self.refresh()

    def _picked(self, event: Any) -> None:
        picked = event.args
        if not isinstance(picked, dict) or self._show is None or picked.get("arm") not in self._show.stories:
            return
        self._chosen = str(picked.get("id", ""))
        self._choose(str(picked["arm"]), self._chosen)
        self.refresh()

    def _older(self) -> None:
        end = len(self._found) if self._until is None else self._until
        self._until = max(end - PAGE, min(WINDOW, len(self._found)))
        self.refresh()

    def _newer(self) -> None:
        if self._until is not None:
            self._until = None if self._until + PAGE >= len(self._found) else self._until + PAGE
        self.refresh()

    def _latest(self) -> None:
        self._until = None
        self.refresh()

    def refresh(self) -> None:
        """Draw the window of messages that is looked at."""
        show = self._show
        if show is None:
            return
        if self._of is not show:
            self._open(show)
        arm = str(self._arm.value)
        messages = show.stories[arm].messages
        self._look(messages)
        end = len(self._found) if self._until is None else self._until
        first = max(0, end - WINDOW)
        window = self._found[first:end]
        self._picture.show(
            _services(show, window),
            window,
            self._rejected,
            arm=arm,
            start=show.scenario.start,
            chosen=self._chosen,
            follow=self._until is None,
        )
        total = len(self._found)
        self._count.text = self._desk.voice("messages.count", first=first + 1 if total else 0, last=end, total=total)

    def _open(self, show: Show) -> None:
        """Begin anew with another show."""
        voice = self._desk.voice
        self._of, self._looked, self._found, self._rejected, self._until = show, 0, [], {}, None
        self._arm.set_options({arm: self._desk.arm(arm) for arm in show.arms}, value=show.arms[-1])
        opened = show.stories[show.arms[0]].opened
        cases = {facts.case: f"{facts.vehicle} · {facts.case}" for facts in opened.consignments} if opened else {}
        self._case.set_options({"": voice("all"), **cases}, value="")
        self._code.set_options({"": voice("all")}, value="")
        if opened is None:
            self._of = None

    def _look(self, messages: list[Passed]) -> None:
        """Take in the messages that came since the last look, those that the visitor wants to see."""
        case, code = self._case.value, self._code.value
        if self._only.value:  # what is rejected is known only later
            self._looked, self._found = 0, []
        kinds = dict(self._code.options) if isinstance(self._code.options, dict) else {}
        fresh = messages[self._looked :]
        for one in fresh:
            if one.code == "NCK" and one.correlation is not None:
                self._rejected[one.correlation] = one.reason
            if one.code not in kinds:
                kinds[one.code] = f"{one.code} · {self._desk.voice('code.' + one.code)}"
        if len(kinds) != len(self._code.options):
            self._code.set_options(dict(sorted(kinds.items())))
        for one in fresh:
            if (
                case in ("", one.case)
                and code in ("", one.code)
                and (not self._only.value or not one.accepted or one.id in self._rejected)
            ):
                self._found.append(one)
        self._looked = len(messages)


def _services(show: Show, window: list[Passed]) -> list[str]:
    """Return the countries in the order of the scenario, and those besides that the messages name."""
    named = (member[:2] for one in window for member in (one.sender, one.recipient))
    return list(dict.fromkeys((*show.scenario.services, *named)))


__all__ = ["PAGE", "WINDOW", "Letters"]
