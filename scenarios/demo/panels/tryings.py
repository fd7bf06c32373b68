"""What came of what was done by hand, in plain words, arm by arm, as it comes in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from nicegui import ui

from exchange.agreements import registry
from scenarios.demo.desk import Desk
from scenarios.demo.panels.aside import moment
from scenarios.demo.show import Show
from scenarios.demo.tried import Trial
from scenarios.demo.trying import Deed, Facts
from scenarios.demo.words import Voice

_TAKEN_BACK = ("cut", "stop", "list")
"""Kinds whose taking back has a name of its own."""


def named(voice: Voice, deed: Deed) -> str:
    """Return in a few words what was done."""
    if deed.kind == "agreement":
        known = registry()
        title = known[deed.what].title if deed.what in known else deed.what
        return voice("try.what.begin" if deed.on else "try.what.end", agreement=voice.name(title))
    line = deed.other.replace(">", " → ") or voice("try.any_line")
    values = {
        "cut": {"one": deed.what, "other": deed.other, "hours": f"{deed.hours:g}"},
        "stop": {"one": deed.what, "hours": f"{deed.hours:g}"},
        "corrupt": {"code": deed.what, "line": line},
        "seal": {"case": deed.what},
        "list": {"trader": deed.what},
    }[deed.kind]
    return voice(f"try.what.{deed.kind}", **values)


def came(voice: Voice, show: Show, deed: Deed, facts: Facts) -> str:
    """Return in a few sentences what came of ``deed`` in one arm so far."""
    return " ".join(_sentences(voice, show, deed, facts)) or voice("try.came.nothing")


def _sentences(voice: Voice, show: Show, deed: Deed, facts: Facts) -> Iterator[str]:
    def number(name: str) -> int:
        return int(facts.get(name, 0))

    def when(name: str) -> str:
        return moment(voice, show, number(name))

    if deed.kind == "cut" and facts:
        yield voice("try.came.cut_open" if show.now < number("ends") else "try.came.cut_over", when=when("ends"))
        counts = {name: number(name) for name in ("held", "delivered", "fallback")}
        if counts["held"]:
            yield voice("try.came.cut", late=f"{number('latest') / 3600:.1f}", **counts)
    elif deed.kind == "stop" and facts:
        if "back" in facts:
            yield voice("try.came.stop_over", when=when("back"), waited=number("waited"))
        else:
            yield voice("try.came.stop_open", when=when("ends"), waiting=number("waiting"))
    elif deed.kind == "corrupt":
        if "message" not in facts:
            yield voice("try.came.in_time" if "undone" in facts else "try.came.corrupt_open")
            return
        told = facts.get("detail")
        detail = voice.told(told if isinstance(told, str) else "")[0].rstrip(".。")
        yield voice("try.came.corrupt_refused", message=deed.what, detail=detail)
        if "delivered" in facts:
            yield voice("try.came.corrupt_delivered", when=when("delivered"))
    elif deed.kind == "seal":
        if "side" not in facts:
            yield voice("try.came.in_time" if "undone" in facts else "try.came.seal_open")
            return
        side = voice.name(show.scenario.sides[str(facts["side"])].title)
        yield voice("try.came.seal", side=side, controls=number("controls"))
        if number("lapsed"):
            yield voice("try.came.seal_lapsed", lapsed=number("lapsed"))
    elif deed.kind == "list" and facts:
        yield voice("try.came.list", told=number("told"), refused=number("refused"))
    elif deed.kind == "agreement" and facts:
        counts = {name: number(name) for name in ("messages", "recognised", "confirmed")}
        yield voice("try.came.agreement", **counts)


class Outcomes:
    """The list of what was done, the latest first; ``undo`` takes one back."""

    def __init__(self, desk: Desk, undo: Callable[[Trial], Awaitable[None]]) -> None:
        self._desk = desk
        self._undo = undo
        self._shown: object = None
        self._list = ui.element("div").classes("c-trials").props('aria-live="polite" data-test=trials')

    def refresh(self) -> None:
        """Show it anew, if anything has changed."""
        show = self._desk.theatre.show
        if show is None:
            return
        voice = self._desk.voice
        rows = [
            (
                trial,
                named(voice, trial.deed),
                moment(voice, show, trial.deed.at),
                (trial.undone, show.trials.open(trial)),
                tuple(self._arms(show, trial)),
            )
            for trial in reversed(show.trials.made)
        ]
        shown = (show.run_id, tuple((id(trial), *rest) for trial, *rest in rows))
        if shown == self._shown:
            return
        self._shown = shown
        self._list.clear()
        with self._list:
            if not rows:
                ui.label(voice("try.none")).classes("c-faint")
            for trial, name, when, _, arms in rows:
                self._row(show, trial, f"{when}: {name}", arms)

    def _arms(self, show: Show, trial: Trial) -> Iterator[tuple[str, str]]:
        voice = self._desk.voice
        for arm, facts in show.trials.facts(trial).items():
            refused = trial.refused.get(arm)
            yield (
                arm,
                voice("try.not_here", text=voice.told(refused)[0]) if refused else came(voice, show, trial.deed, facts),
            )

    def _row(self, show: Show, trial: Trial, title: str, arms: tuple[tuple[str, str], ...]) -> None:
        voice = self._desk.voice
        with ui.element("article").classes("c-trial"):
            ui.label(title).classes("font-bold")
            for text in dict.fromkeys(text for _, text in arms):
                with ui.element("p").classes("c-trial-arm"):
                    with ui.row().classes("gap-x-3 gap-y-0"):
                        for arm in (arm for arm, said in arms if said == text):
                            ui.label(self._desk.arm(arm)).classes(f"c-ink-{arm} font-bold")
                    ui.label(text).props("data-test=came")
            if trial.undone is not None:
                ui.label(voice("try.undone", when=moment(voice, show, trial.undone))).classes("c-faint")
            if not show.trials.open(trial):
                return
            key = f"try.undo.{trial.deed.kind}" if trial.deed.kind in _TAKEN_BACK else "try.undo"
            button = ui.button(voice(key), on_click=lambda: self._undo(trial))
            button.props("flat dense no-caps color=inherit data-test=try-undo")


__all__ = ["Outcomes", "came", "named"]
