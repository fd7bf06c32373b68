"""The bar that drives the show: play, pause, step, pace, next border, end, restart, seed, scenario."""

from __future__ import annotations

from datetime import timedelta

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.show import PACES, Show
from scenarios.demo.theatre import Programme
from scenarios.scenario.loader import scenario_names


class Controls:
    """See the module. Keys: space plays and pauses, ``+`` and ``-`` change the pace, ``n`` goes to the next border."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of = desk.theatre.show
        voice = desk.voice
        with ui.row().classes("c-card c-controls items-center w-full gap-1"):
            self._play = ui.button(icon="play_arrow", on_click=self._toggle).props("round data-test=play").mark("play")
            step = self._button("skip_next", "step", self._step)
            self._button("remove", "slower", lambda: self._pace(-1))
            self._speed = ui.label().classes("min-w-24 text-center").mark("pace")
            self._button("add", "faster", lambda: self._pace(1))
            self._movers = (
                step,
                self._button("login", "next_border", self._next),
                self._button("last_page", "to_end", self._end),
            )
            ui.separator().props("vertical")
            with ui.element("div").classes("c-clock"):
                self._clock = ui.label().classes("text-lg font-bold").props("data-test=clock")
                self._state = ui.label().classes("c-faint c-small")
                self._state.props('data-test=state role="status" aria-live="polite"')
            ui.space()
            names = list(scenario_names())
            current = desk.theatre.programme.scenario
            names = names if current in names else [current, *names]
            self._scenario = ui.select(
                {name: self._called(name) for name in names}, value=current, label=voice("scenario")
            )
            self._scenario.props("dense outlined options-dense data-test=scenario")
            self._scenario.classes("c-scenario").mark("scenario")
            self._seed = ui.number(voice("seed"), value=_seed(desk), min=0, precision=0, format="%d")
            self._seed.props("dense outlined data-test=seed").classes("w-20").mark("seed")
            self._again = self._button("replay", "restart", self._restart)
            for chosen in (self._scenario, self._seed):
                chosen.on_value_change(self._point)
        ui.keyboard(on_key=self._key, ignore=["input", "select", "textarea"])
        ui.keyboard(on_key=self._space)

    def _called(self, scenario: str) -> str:
        """Return what a shipped scenario is called; a file of somebody's own goes by its name."""
        return self._desk.voice(f"scenario.{scenario}") if scenario in scenario_names() else scenario

    def _button(self, icon: str, key: str, do: object) -> ui.button:
        text = self._desk.voice(key)
        button = ui.button(icon=icon, on_click=do).mark(key)  # type: ignore[arg-type]
        button.props(f'flat round color=inherit aria-label="{text}" data-test={key}')
        button.tooltip(text)
        return button

    @property
    def _show(self) -> Show | None:
        return self._desk.theatre.show

    def _toggle(self) -> None:
        if self._show is not None:
            self._show.pause() if self._show.state == "playing" else self._show.play()

    async def _step(self) -> None:
        if self._show is not None:
            await self._show.step()

    def _pace(self, steps: int) -> None:
        if self._show is not None:
            self._show.faster(steps)

    async def _next(self) -> None:
        if self._show is not None:
            await self._show.to_next_border()

    async def _end(self) -> None:
        if self._show is not None:
            await self._show.to_end()

    async def _restart(self) -> None:
        theatre = self._desk.theatre
        same = self._scenario.value == theatre.programme.scenario
        await theatre.put_on(
            Programme(
                scenario=str(self._scenario.value),
                sets=theatre.programme.sets if same else (),
                arms=theatre.programme.arms if same else (),
                seed=int(self._seed.value or 0),
            )
        )

    def _space(self, event: object) -> None:
        """Play or pause; on a button the space bar is the button's, so this is not asked then."""
        action, key = getattr(event, "action", None), getattr(event, "key", None)
        if action is not None and action.keydown and not action.repeat and key == " ":
            self._toggle()

    async def _key(self, event: object) -> None:
        action, key = getattr(event, "action", None), getattr(event, "key", None)
        if action is None or key is None or not action.keydown or action.repeat:
            return
        if key == "+":
            self._pace(1)
        elif key == "-":
            self._pace(-1)
        elif key == "n":
            await self._next()

    def _point(self) -> None:
        """Let the button that puts it on stand out while something else is chosen than what is on."""
        programme = self._desk.theatre.programme
        other = self._scenario.value != programme.scenario or int(self._seed.value or 0) != _seed(self._desk)
        self._again.props(remove="flat" if other else "", add="color=primary" if other else "flat color=inherit")

    def _put_on(self, show: Show) -> None:
        """Name what was put on, perhaps by another visitor."""
        self._of = show
        name = self._desk.theatre.programme.scenario
        options = dict.fromkeys([*self._scenario.options, name])
        self._scenario.set_options({one: self._called(one) for one in options}, value=name)
        self._seed.value = show.seed
        self._point()

    def refresh(self) -> None:
        """Show clock, pace and state."""
        show, voice = self._show, self._desk.voice
        if show is None:
            return
        if show is not self._of:
            self._put_on(show)
        playing = show.state == "playing"
        self._play.props(
            f'icon={"pause" if playing else "play_arrow"} aria-label="{voice("pause" if playing else "play")}"'
        )
        for button in (self._play, *self._movers):
            button.set_enabled(show.state in ("playing", "paused") and not self._desk.theatre.changing)
        self._speed.text = voice("pace", hours=f"{PACES[show.pace] / 3600:g}")
        now = show.scenario.start + timedelta(seconds=show.now)
        self._clock.text = voice("day", day=show.now // 86400 + 1, time=f"{now:%H:%M}")
        state = "jumping" if show.jumping and show.state == "paused" else show.state
        if self._desk.theatre.changing:
            state = "opening"
        self._state.text = "" if state == "failed" else voice(f"state.{state}")


def _seed(desk: Desk) -> int:
    show = desk.theatre.show
    return (desk.theatre.programme.seed or 0) if show is None else show.seed


__all__ = ["Controls"]
