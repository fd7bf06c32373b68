"""What this show assumes of agreements, and what another status of one of them would change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

from nicegui import app, background_tasks, ui

from exchange.agreements import IN_FORCE, registry, statuses
from scenarios.demo.arms import arm_names
from scenarios.demo.desk import Desk
from scenarios.demo.judging import Bench
from scenarios.demo.panels.markup import named
from scenarios.demo.panels.matrix import in_use_words, status_words
from scenarios.demo.supposing import REPLICATIONS, Trial, suppose
from scenarios.demo.theatre import Programme
from scenarios.demo.words import Voice
from scenarios.numerals import NONE, fixed, percent
from scenarios.parties import agreements_in
from scenarios.scenario import Scenario

SECONDS = 300.0
"""Wall seconds that one arm of one replication may take."""


@cache
def bench() -> Bench:
    """Return the process in which all visitors' suppositions are run."""
    made = Bench(seconds=SECONDS, nice=10)
    app.on_shutdown(made.end)
    return made


def concerned(scenario: Scenario) -> dict[str, str]:
    """Return id → title of the agreements on which services of ``scenario`` could exchange, those it assumes first."""
    assumed = dict.fromkeys(scenario.what_if) | dict.fromkeys(one for said in scenario.arms.values() for one in said)
    services = set(scenario.services)
    others = [
        one.id
        for one in registry()
        if one.covers and one.kind != "law" and sum(bool(side & services) for side in one.sides) > 1
    ]
    return {name: registry()[name].title for name in [*assumed, *others]}


class Assumed:
    """A table: the agreements that some arm assumes otherwise than they are, and how they stand in each arm."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of = ""
        voice = desk.voice
        with ui.element("section").classes("c-card c-6 c-stack").props(f'aria-label="{voice("agree.assumes")}"'):
            ui.html(f"<h2>{escape(voice('agree.assumes'))}</h2>", sanitize=False)
            self._table = ui.html("", sanitize=False).classes("w-full c-scroll").props("data-test=assumed")

    def refresh(self) -> None:
        """Show what the show that is on assumes."""
        show, voice = self._desk.theatre.show, self._desk.voice
        if show is None or self._of == show.scenario.digest:
            return
        self._of = show.scenario.digest
        arms = {arm: agreements_in(show.scenario, arm) for arm in show.scenario.arms}
        rows = []
        for real in registry():
            said = [known[real.id] for known in arms.values()]
            if all(one.real is None for one in said):
                continue
            cells = "".join(
                f'<td data-label="{escape(self._desk.arm(arm))}">{escape(in_use_words(one, voice))}</td>'
                for arm, one in zip(arms, said, strict=True)
            )
            found = escape(status_words(real.status, voice))
            as_found = f'<td data-label="{escape(voice("agree.as_found"))}">{found}</td>'
            rows.append(f'<tr><th scope="row">{named(voice, real.title)}</th>{as_found}{cells}</tr>')
        heads = "".join(f'<th scope="col">{escape(self._desk.arm(arm))}</th>' for arm in arms)
        first = f'<td></td><th scope="col">{escape(voice("agree.as_found"))}</th>'
        body = f"<thead><tr>{first}{heads}</tr></thead><tbody>{''.join(rows)}</tbody>"
        table = f"<table class='c-table c-words c-stacked'>{body}</table>"
        self._table.content = table if rows else f"<p>{escape(voice('agree.assumes_nothing'))}</p>"


class WhatIf:
    """Choose an agreement and a status; see hours saved and coverage beside those of the show; put it on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of = ""
        self._trial: Trial | None = None
        self._task: asyncio.Task[None] | None = None
        voice = desk.voice
        with ui.element("section").classes("c-card c-6 c-stack").props(f'aria-label="{voice("agree.what_if")}"'):
            ui.html(f"<h2>{escape(voice('agree.what_if'))}</h2>", sanitize=False)
            self._agreement = ui.select({}, label=voice("agree.agreement"))
            self._agreement.props("dense outlined options-dense data-test=agreement").classes("w-full")
            self._agreement.on_value_change(self._other)
            with ui.row().classes("items-center gap-2 w-full"):
                options = {status: status_words(status, voice) for status in statuses()}
                self._status = ui.select(options, value=IN_FORCE, label=voice("agree.status"))
                self._status.props("dense outlined options-dense data-test=status").classes("min-w-40")
                self._count = ui.button(voice("agree.count"), icon="calculate", on_click=self._begin)
                self._count.props("no-caps data-test=count")
                self._put = ui.button(voice("agree.put_on"), icon="play_circle", on_click=self._put_on)
                self._put.props("outline no-caps color=inherit data-test=put-on")
            self._note = ui.label(voice("agree.how", count=REPLICATIONS)).classes("c-faint")
            self._bar = ui.linear_progress(0.0, show_value=False).props(f'aria-label="{voice("agree.progress")}"')
            self._bar.set_visibility(False)
            self._result = ui.html("", sanitize=False).classes("w-full c-scroll")
            self._result.props('data-test=result role="status" aria-live="polite"')
        ui.context.client.on_delete(self._leave)

    def refresh(self) -> None:
        """Offer the agreements of the show that is on."""
        show = self._desk.theatre.show
        if show is None or self._of == show.scenario.digest:
            return
        self._of = show.scenario.digest
        names = {name: self._desk.voice.name(title) for name, title in concerned(show.scenario).items()}
        self._agreement.set_options(names, value=next(iter(names), None))

    def _other(self) -> None:
        """Offer what is not so: the status found where the show assumes it in force, else "in force"."""
        show, name = self._desk.theatre.show, self._agreement.value
        if show is not None and name:
            held = any(agreements_in(show.scenario, arm)[str(name)].status == IN_FORCE for arm in show.scenario.arms)
            self._status.value = registry()[str(name)].status if held else IN_FORCE

    def _begin(self) -> None:
        show, name = self._desk.theatre.show, self._agreement.value
        if show is None or not name:
            return
        self._leave()
        theatre = self._desk.theatre
        self._trial = Trial(
            show.scenario,
            suppose(show.scenario, str(name), str(self._status.value)),
            seed=show.seed,
            run_id=show.run_id,
            bench=bench(),
            strained=lambda: theatre.show is not None and theatre.show.strained,
        )
        self._bar.set_visibility(True)
        self._tell()
        self._task = background_tasks.create(self._trial.run(self._tell), name="what if")

    def _tell(self) -> None:
        trial, voice = self._trial, self._desk.voice
        if trial is None:
            return
        self._bar.value = trial.done / trial.total
        if trial.error:
            self._result.content = f'<p class="c-bad">✖ {escape(voice("trouble", text=trial.error))}</p>'
        elif trial.usual is None or trial.other is None:
            self._result.content = f"<p>{escape(voice('agree.running', done=trial.done, total=trial.total))}</p>"
            return
        else:
            self._result.content = result_table(trial, voice)
        self._bar.set_visibility(False)

    async def _put_on(self) -> None:
        theatre, name = self._desk.theatre, self._agreement.value
        if name:
            old = theatre.programme
            change = f"what_if.{name}={self._status.value}"
            sets = (*(one for one in old.sets if not one.startswith(f"what_if.{name}=")), change)
            await theatre.put_on(Programme(scenario=old.scenario, sets=sets, arms=old.arms, seed=old.seed))

    def _leave(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None


def result_table(trial: Trial, voice: Voice) -> str:
    """Return what a finished trial came to as HTML: arms, hours saved with their interval, and coverage."""
    usual, other = trial.usual or {}, trial.other or {}
    rows, names = [], arm_names(voice, trial.scenario, usual)
    hours, coverage = escape(voice("agree.hours")), escape(voice("agree.coverage"))
    for arm in usual:
        title = escape(names[arm])
        cells = "".join(
            f"<td data-label='{escape(voice(key))}: {hours}'>{_hours(one[arm], voice)}</td>"
            f"<td class='c-whole' data-label='{escape(voice(key))}: {coverage}'>"
            f"{voice.figure(percent(one[arm]['coverage'], 1))}</td>"
            for key, one in (("agree.usual", usual), ("agree.then", other))
        )
        rows.append(f'<tr><th scope="row">{title}</th>{cells}</tr>')
    said = escape(
        voice(
            "agree.supposed",
            title=voice.name(registry()[trial.supposition.agreement].title),
            status=status_words(trial.supposition.status, voice),
        )
    )
    same = "" if usual != other else f"<p><b>{escape(voice('agree.no_difference'))}</b></p>"
    twice = f'<th scope="col">{hours}</th><th scope="col">{coverage}</th>' * 2
    return (
        f"<table class='c-table c-stacked'><caption>{said}</caption><thead><tr><td></td>"
        f'<th colspan="2" scope="colgroup">{escape(voice("agree.usual"))}</th>'
        f'<th colspan="2" scope="colgroup">{escape(voice("agree.then"))}</th></tr>'
        f"<tr><td></td>{twice}</tr></thead><tbody>{''.join(rows)}</tbody></table>{same}"
    )


def _hours(entry: Mapping[str, Any], voice: Voice) -> str:
    """Return hours as HTML, with their interval on a line of its own."""
    if entry["hours"] is None:
        return NONE
    span, said = entry["ci95"], escape(voice("hours", hours=fixed(entry["hours"], 2)))
    low, high = (None, None) if span is None else (voice.figure(fixed(end, 2)) for end in span)
    interval = "" if low is None else f"<small class='c-faint'>{low} … {high}</small>"
    return f"<span class='c-whole'>{said}{interval}</span>"


__all__ = ["Assumed", "WhatIf", "concerned", "result_table"]
