"""What stands around every page: its name, the way to the other pages, language and colours, trouble."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from fastapi import Response
from nicegui import app, ui

from scenarios.demo.desk import REFRESH, Desk, Page
from scenarios.demo.theatre import Theatre
from scenarios.demo.words import LANGUAGES, Voice

PAGES: dict[str, str] = {}
"""Path → the key of its name, in the order they are registered."""
PLOTLY = "/corridor/plotly.min.js"
"""Where the pictures' script is served, from the installed package; page.js fetches it with the first picture."""


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
        ui.add_head_html(f'<script>{text_of("page.js")}</script>')
        ui.query("html").props(f'lang="{desk.voice.language}"')
        dark = ui.dark_mode(desk.dark)
        _head(path, desk, dark)
        desk.add(_Trouble(desk))
        page(desk)
        desk.look()
        ui.timer(REFRESH, desk.look)


@cache
def text_of(name: str) -> str:
    """Return a file that the pages load, as text."""
    return resources.files("scenarios.demo").joinpath(name).read_text(encoding="utf-8")


def _head(path: str, desk: Desk, dark: ui.dark_mode) -> None:
    voice = desk.voice
    with ui.header().classes("c-bar items-center gap-3"):
        ui.label(voice("title")).classes("text-xl font-bold")
        with ui.element("nav").classes("c-nav flex flex-wrap").props(f'aria-label="{voice("nav.label")}"'):
            for target, name in PAGES.items():
                link = ui.link(voice(name), target)
                if target == path:
                    link.props('aria-current="page"')
        ui.space()
        ui.select(dict(LANGUAGES), value=voice.language, label=voice("language"), on_change=_keep("language")).props(
            "dense outlined options-dense"
        ).classes("min-w-28").mark("language")
        ui.button(icon="contrast", on_click=lambda: _turn(desk, dark)).props(
            f'flat round color=inherit aria-label="{voice("light" if desk.dark else "dark")}"'
        ).mark("dark")


def _keep(key: str) -> Callable[[Any], None]:
    def keep(event: Any) -> None:
        app.storage.user[key] = event.value
        ui.navigate.reload()

    return keep


def _turn(desk: Desk, dark: ui.dark_mode) -> None:
    desk.dark = not desk.dark
    app.storage.user["dark"] = desk.dark
    dark.value = desk.dark
    desk.seen = -1


class _Trouble:
    """Says on every page why the show stopped or a change could not be made."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._label = ui.label().classes("c-trouble").props('role="alert"')

    def refresh(self) -> None:
        """Show the trouble there is, if there is any."""
        theatre, voice = self._desk.theatre, self._desk.voice
        text = voice("trouble", text=theatre.trouble) if theatre.trouble else ""
        if theatre.show is not None and theatre.show.state == "failed":
            text = voice("state.failed", error=theatre.show.error)
        self._label.text = text
        self._label.set_visibility(bool(text))


__all__ = ["PAGES", "assets", "register", "text_of"]
