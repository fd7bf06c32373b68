"""What stands around every page: its name, the way to the other pages, language and colours, trouble."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from fastapi import Response
from nicegui import app, ui

from scenarios.demo.desk import REFRESH, Desk, Page
from scenarios.demo.show import Show
from scenarios.demo.theatre import Theatre
from scenarios.demo.words import LANGUAGES, Language, Voice

PAGES: dict[str, str] = {}
"""Path → the key of its name, in the order they are registered."""
PLATFORM: dict[Language, Any] = {"en": "en-US", "ru": "ru", "zh": "zh-CN"}
"""Our languages → those of the page's own texts (dates, "no data", a lost connection)."""
BUTTONS = {
    "plot.zoom": "Zoom",
    "plot.pan": "Pan",
    "plot.zoom_in": "Zoom in",
    "plot.zoom_out": "Zoom out",
    "plot.autoscale": "Autoscale",
    "plot.reset": "Reset axes",
    "plot.back": "Double-click to zoom back out",
}
"""Key → what plotly says itself on its pictures."""
PLOTLY = "/corridor/plotly.min.js"
"""Where the pictures' script is served, from the installed package; page.js runs it with the first picture."""


def assets() -> None:
    """Serve what the pages load besides NiceGUI's own files; packed once, not again for every visitor."""
    from plotly.offline import get_plotlyjs

    packed = gzip.compress(get_plotlyjs().encode(), 6)
    headers = {"Cache-Control": "public, max-age=86400", "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}

    @app.get(PLOTLY)
    def plotly() -> Response:
        return Response(packed, media_type="text/javascript", headers=headers)


def register(path: str, name: str, theatre: Theatre, page: Page) -> None:
    """Serve ``page`` under ``path``, each visitor at a desk of their own; ``name``: the key of what it is called."""
    PAGES[path] = name

    @ui.page(path, title="Corridor")
    def show() -> None:
        language = app.storage.user.get("language", "en")
        desk = Desk(theatre, Voice(language if language in LANGUAGES else "en"), bool(app.storage.user.get("dark")))
        ui.add_css(text_of("page.css"))
        ui.add_head_html(f"<script>{text_of('legend.js')}{text_of('page.js')}</script>")
        if path == "/":  # it comes while the page is set up, so that the first picture does not wait for it
            ui.add_head_html(f'<link rel="preload" as="script" href="{PLOTLY}">')
        _speak(path, desk.voice)
        dark = ui.dark_mode(desk.dark)
        _head(path, desk, dark)
        with ui.element("main").classes("c-main") as main:
            desk.add(_Trouble(desk))
            page(desk)
        ui.skip_link(desk.voice("skip"), target=main)
        desk.look()
        ui.timer(REFRESH, desk.look)


def _speak(path: str, voice: Voice) -> None:
    """Let this visitor's page be in the visitor's language: what is its own, its title, and the notice of a lost
    connection. The page's object is shared by all visitors, so that this one is given a copy."""
    client = ui.context.client
    client.page = copy.copy(client.page)
    client.page.language = PLATFORM[voice.language]
    ui.page_title(f"{voice(PAGES[path])} · {voice('title')}")
    said_by_the_page = {"popup": voice("lost"), "too_long_message_popup": voice("too_long")}
    ui.add_head_html(f"<script>corridor.notices({json.dumps(said_by_the_page)})</script>")
    if voice.language != "en":
        said = {english: voice(key) for key, english in BUTTONS.items()}
        told = (PLATFORM[voice.language], said, voice("plot.decimal"), voice("plot.thousands"))
        ui.add_head_html(f"<script>corridor.speak(...{json.dumps(told)})</script>")


@cache
def text_of(name: str) -> str:
    """Return a file that the pages load, as text."""
    return resources.files("scenarios.demo").joinpath(name).read_text(encoding="utf-8")


def _head(path: str, desk: Desk, dark: ui.dark_mode) -> None:
    voice = desk.voice
    with ui.header().classes("c-bar items-center gap-3"):
        name = f'<span class="c-away">{escape(voice(PAGES[path]))}</span>'
        ui.html(f"<h1>{escape(voice('title'))} {name}</h1>", sanitize=False)
        with ui.element("nav").classes("c-nav flex flex-wrap").props(f'aria-label="{voice("nav.label")}"'):
            for target, name in PAGES.items():
                link = ui.link(voice(name), target)
                if target == path:
                    link.props('aria-current="page"')
        ui.space()
        ui.select(dict(LANGUAGES), value=voice.language, label=voice("language"), on_change=_keep("language")).props(
            "dense outlined options-dense data-test=language"
        ).classes("min-w-28").mark("language")
        button = ui.button(icon="contrast").props("flat round color=inherit data-test=dark").mark("dark")
        button.on_click(lambda: _turn(desk, dark, button))
        _label_turn(desk, button)


def _keep(key: str) -> Callable[[Any], None]:
    def keep(event: Any) -> None:
        app.storage.user[key] = event.value
        ui.navigate.reload()

    return keep


def _label_turn(desk: Desk, button: ui.button) -> None:
    button.props["aria-label"] = desk.voice("light" if desk.dark else "dark")


def _turn(desk: Desk, dark: ui.dark_mode, button: ui.button) -> None:
    desk.dark = not desk.dark
    app.storage.user["dark"] = desk.dark
    dark.value = desk.dark
    _label_turn(desk, button)
    desk.seen = -1


class _Trouble:
    """Says on every page why the show stopped or a change could not be made, and what arm had to be taken over."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        voice = desk.voice
        with ui.element("div").classes("c-trouble").props('role="alert" data-test=trouble') as self._box:
            self._label = ui.label()
            with ui.row().classes("items-center gap-2") as self._ways:
                again = ui.button(voice("restart"), icon="replay", on_click=desk.theatre.again)
                again.props("dense outline no-caps data-test=again")
                ui.link(voice("failed.other"), "/").classes("c-link")
        with ui.row().classes("c-note c-paper items-center no-wrap w-full").props(
            'role="status" data-test=losses'
        ) as self._note:
            self._losses = ui.label()
            ui.space()
            ui.button(icon="close", on_click=self._read).props(
                f'flat round dense color=inherit aria-label="{voice("try.close")}"'
            )
        self._note.set_visibility(False)
        self._known: tuple[Show | None, int] = (None, 0)

    def _read(self) -> None:
        show = self._desk.theatre.show
        self._known = (show, 0 if show is None else len(show.troupe.losses))
        self._note.set_visibility(False)

    def refresh(self) -> None:
        """Show the trouble there is, if there is any."""
        theatre, voice = self._desk.theatre, self._desk.voice
        show = theatre.show
        failed = show is not None and show.state == "failed"
        said = [voice("trouble", text=theatre.trouble)] if theatre.trouble else []
        if show is not None and failed:
            said += [voice("state.failed", error=show.error), voice("failed.stays")]
        self._label.text = "\n".join(said)
        self._ways.set_visibility(failed)
        self._box.set_visibility(bool(said))
        losses = [] if show is None or failed else show.troupe.losses
        known, count = self._known
        unread = losses[count if known is show else 0 :]
        self._note.set_visibility(bool(unread))
        if unread:
            one = unread[-1]
            self._losses.text = voice(
                "loss.back" if one.back else "loss.now", arm=self._desk.arm(one.arm), how=one.how
            )


__all__ = ["PAGES", "assets", "register", "text_of"]
