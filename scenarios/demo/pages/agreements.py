"""The page of agreements: the matrix, one of them whole, what the show assumes, what another status would change, and
whom a service asks what machines cannot settle."""

from __future__ import annotations

from html import escape

from nicegui import ui

from exchange.agreements import registry
from exchange.agreements.directory import directory, liaison
from scenarios.demo.desk import Desk
from scenarios.demo.panels.markup import named
from scenarios.demo.panels.matrix import Matrix, country
from scenarios.demo.panels.whatif import Assumed, WhatIf
from scenarios.demo.words import Voice


def agreements(desk: Desk) -> None:
    """Lay the page out."""
    with ui.element("div").classes("c-grid"):
        shown = _Shown(desk)
        desk.add(Assumed(desk))
        desk.add(WhatIf(desk))
        _directory(desk.voice)
    desk.add(shown)


class _Shown:
    """The matrix, laid out again when another show is on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of: tuple[str, ...] | None = None
        self._matrix = Matrix(desk.voice, self._services)

    def _services(self) -> tuple[str, ...]:
        show = self._desk.theatre.show
        return () if show is None else tuple(show.scenario.services)

    def refresh(self) -> None:
        """Show the services of the show that is on."""
        if self._of != self._services():
            self._of = self._services()
            self._matrix.show()


def _directory(voice: Voice) -> None:
    known = sorted(set().union(*(one.parties for one in registry()), *(c.members for c in directory().clubs)))
    rows = []
    for one in map(liaison, known):
        channel = escape(voice("agree.attache" if one.clubs else "agree.department"))
        rows.append(
            f'<tr><th scope="row">{country(one.country)}</th><td>{channel}</td><td>{escape(one.address)}</td></tr>'
        )
    clubs = "".join(
        f"<li>{named(voice, club.name)}, {named(voice, club.city)}, {escape(str(club.founded))}"
        f'<div class="c-faint c-small">{named(voice, club.source)}</div></li>'
        for club in directory().clubs
    )
    low, mode, high = directory().answer_days.is_
    heads = "".join(
        f'<th scope="col">{escape(voice(key))}</th>' for key in ("agree.service", "agree.ask", "agree.point")
    )
    with ui.element("section").classes("c-card c-12 c-stack").props(f'aria-label="{voice("agree.liaison")}"'):
        ui.html(f"<h2>{escape(voice('agree.liaison'))}</h2>", sanitize=False)
        ui.label(voice("agree.days", low=low, mode=mode, high=high)).classes("c-faint")
        ui.html(
            f"<ul class='c-items'>{clubs}</ul><details><summary>{escape(voice('agree.all_points'))}</summary>"
            f"<div class='c-scroll'><table class='c-table c-words'><thead><tr>{heads}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></div></details>",
            sanitize=False,
        ).classes("w-full")


__all__ = ["agreements"]
