"""A place on the page for a plotly picture, redrawn in the visitor's browser when its figure changes.

Its legend has a place of its own above it, so that names take none of the picture's room, however long they are.
"""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio
from nicegui import ui


class Picture:
    """Shows figures; the same figure again is not sent again."""

    def __init__(self, name: str, height: int) -> None:
        self._legend = ui.element("div").classes("c-legend")
        self._html = ui.element("div").classes("w-full").style(f"height: {height}px").mark(name)
        self._sent = ""
        self._height = height

    @property
    def place(self) -> str:
        """The id of the element in the browser."""
        return f"c{self._html.id}"

    def set_visibility(self, visible: bool) -> None:
        """Show the place, or take it away."""
        self._legend.set_visibility(visible)
        self._html.set_visibility(visible)

    def show(self, figure: go.Figure | dict[str, Any]) -> None:
        """Draw ``figure``, as :func:`plotly.io.to_json` writes it."""
        text = json.dumps(figure) if isinstance(figure, dict) else str(pio.to_json(figure, engine="json"))
        if text != self._sent:
            self._sent = text
            height = (figure if isinstance(figure, dict) else figure.to_dict()).get("layout", {}).get("height")
            if height and height != self._height:
                self._height = height
                self._html.style(f"height: {height}px")
            ui.run_javascript(f"corridor.picture({json.dumps(self.place)}, {text})")


__all__ = ["Picture"]
