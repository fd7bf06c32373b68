"""The pages of a consignment's whole story and of the recognitions, and the inspection images that they show."""

from __future__ import annotations

import re

from fastapi import Response
from nicegui import app, ui

from exchange.errors import CorridorError
from scenarios.demo.desk import Desk
from scenarios.demo.frame import text_of
from scenarios.demo.panels.recognitions import RecognitionList
from scenarios.demo.panels.story import Story
from scenarios.demo.theatre import Theatre

IMAGES = "/corridor/images/{arm}/{node}/{sha256}"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SHOWN = ("image/png", "image/jpeg")


def story(desk: Desk) -> None:
    """Lay the page of one consignment out; ``?case=`` says of which."""
    ui.add_css(text_of("messages.css"))
    ui.add_head_html(f"<script>{text_of('messages.js')}</script>")
    with ui.element("div").classes("c-grid"):
        desk.add(Story(desk, ui.context.client.request.query_params.get("case", "")))


def recognitions(desk: Desk) -> None:
    """Lay the page of recognitions out."""
    ui.add_css(text_of("messages.css"))
    with ui.element("div").classes("c-grid"):
        desk.add(RecognitionList(desk))


def images(theatre: Theatre) -> None:
    """Serve the inspection images of the show that is on, as its nodes give them to their operators."""

    @app.get(IMAGES)
    async def image(arm: str, node: str, sha256: str) -> Response:
        show = theatre.show
        known = show is not None and arm in show.arms and node in show.scenario.services
        if show is None or not known or not _DIGEST.fullmatch(sha256):
            return Response(status_code=404)
        try:
            data, media_type = await show.ask(arm, "image", node, sha256)
        except (CorridorError, KeyError):
            return Response(status_code=404)
        if media_type not in _SHOWN:
            return Response(status_code=404)
        headers = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(data, media_type=media_type, headers=headers)


__all__ = ["IMAGES", "images", "recognitions", "story"]
