"""What is assumed to be in force and is not: short, with the sentences and their sources on demand."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.markup import named, tag
from scenarios.demo.panels.matrix import in_use_words, status_words
from scenarios.demo.show import Show
from scenarios.demo.words import Voice
from scenarios.parties import agreements_in


class Assumed:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of = ""
        with ui.element("section").classes("c-card c-12").props(f'aria-label="{desk.voice("assumed.more")}"'):
            self._short = ui.html("", sanitize=False).props("data-test=assumed")
            with ui.expansion(desk.voice("assumed.more")).props("dense") as self._more:
                self._long = ui.html("", sanitize=False)

    def refresh(self) -> None:
        """Tell it of the show that is on."""
        show = self._desk.theatre.show
        if show is None or show.scenario.digest == self._of:
            return
        self._of = show.scenario.digest
        voice = self._desk.voice
        sentences = list(dict.fromkeys(_sentences(show, voice)))
        self._more.set_visibility(bool(sentences))
        short = " · ".join(_short(show, voice))
        said = escape(voice("assumed_short", text="\0")).replace("\0", short)
        self._short.content = said if short else escape(voice("assumed_nothing"))
        self._long.content = tag("ul", *(tag("li", sentence) for sentence in sentences), class_="c-list")


def _sentences(show: Show, voice: Voice) -> Iterator[str]:
    """Yield as HTML what each agreement is assumed to be, what it is, and the source of that."""
    for arm in show.scenario.arms:
        for one, how in agreements_in(show.scenario, arm).assumed():
            assert one.real is not None
            said = {
                "assumed": in_use_words(one, voice),
                "real": status_words(one.real.status, voice) if how == "status" else in_use_words(one.real, voice),
                "title": "\0",
            }
            sentence = escape(voice(f"assumed.{how}", **said)).replace("\0", named(voice, one.title))
            source = tag("span", text=f" ({voice('mark.' + one.mark)}: ") + named(voice, one.source)
            yield f"{sentence}{source})"


def _short(show: Show, voice: Voice) -> list[str]:
    """Return as HTML title and real status of what some arm assumes otherwise."""
    found: dict[str, None] = {}
    for arm in show.arms:
        for agreement in agreements_in(show.scenario, arm):
            real = agreement.real
            if real is not None and agreement.status == "in force" != real.status:
                status = escape(status_words(real.status, voice))
                found[f"{named(voice, agreement.title)} ({status})"] = None
    return list(found)


__all__ = ["Assumed"]
