"""The live page as a server on loopback: nodes and world in processes of their own, one page for every visitor."""

from __future__ import annotations

import secrets
import socket

from nicegui import app, ui

from exchange.errors import CorridorError
from scenarios.demo import frame
from scenarios.demo.pages.agreements import agreements
from scenarios.demo.pages.live import live
from scenarios.demo.pages.messages import messages
from scenarios.demo.pages.stories import images, recognitions, story
from scenarios.demo.pages.validation import validation
from scenarios.demo.theatre import Programme, Theatre

TRIED = 20
"""Ports tried, from the one asked for, before it is given up."""


class NoPort(CorridorError):
    """No port is free."""


def free_port(host: str, port: int) -> int:
    """Return ``port``, or the next that is free. Raise :class:`NoPort` if none of TRIED is."""
    for candidate in range(port, min(port + TRIED, 65536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind((host, candidate))
            except OSError:
                continue
            return candidate
    raise NoPort(f"none of the ports {port} to {port + TRIED - 1} is free on {host}: name another with --port")


def serve(programme: Programme, *, host: str, port: int, show: bool) -> None:
    """Serve the page until Ctrl-C. ``show``: open it in the browser."""
    theatre = Theatre(programme)
    frame.assets()
    frame.register("/", "nav.live", theatre, live)
    frame.register("/messages", "nav.messages", theatre, messages)
    frame.register("/story", "nav.story", theatre, story)
    frame.register("/recognitions", "nav.recognitions", theatre, recognitions)
    images(theatre)
    frame.register("/validate", "nav.validate", theatre, validation)
    frame.register("/agreements", "nav.agreements", theatre, agreements)
    app.on_startup(theatre.open)
    app.on_shutdown(theatre.close)
    ui.run(
        host=host,
        port=port,
        title="Corridor",
        reload=False,
        show=show,
        show_welcome_message=False,
        storage_secret=secrets.token_hex(16),
        reconnect_timeout=30.0,
        endpoint_documentation="none",
    )


__all__ = ["NoPort", "free_port", "serve"]
