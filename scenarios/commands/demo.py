"""``corridor demo``: play a scenario live on a page."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence

from rich.console import Console

from exchange.errors import CorridorError
from scenarios.scenario import load_scenario

GOOD, WRONG = 0, 2


def demo_command(
    scenario: str, *, seed: int | None, arms: Sequence[str], sets: Sequence[str], host: str, port: int, browser: bool
) -> int:
    """Serve the page until Ctrl-C; return the exit code. 0 good, 2 wrong use or broken input."""
    error = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        known = load_scenario(scenario, sets).arms
    except CorridorError as problem:
        error.print(str(problem), markup=False)
        return WRONG
    if wrong := [arm for arm in arms if arm not in known]:
        error.print(f"{scenario} has no arm {', '.join(wrong)}; its arms are {', '.join(known)}", markup=False)
        return WRONG
    kept = tempfile.TemporaryDirectory(prefix="corridor-demo-", ignore_cleanup_errors=True)
    os.environ.setdefault("NICEGUI_STORAGE_PATH", kept.name)  # what visitors chose; else it lies about where one works
    try:
        from scenarios.demo.app import free_port, serve
    except ImportError:
        error.print("The live page needs NiceGUI. Install it with: pip install 'customs-corridor[demo]'", markup=False)
        return WRONG
    from scenarios.demo.theatre import Programme

    try:
        used = free_port(host, port)
    except CorridorError as problem:
        error.print(str(problem), markup=False)
        return WRONG
    if used != port:
        error.print(f"Port {port} is taken; using {used}.", markup=False)
    Console(highlight=False, soft_wrap=True).print(f"Corridor is on http://{host}:{used}/ · stop it with Ctrl-C")
    programme = Programme(scenario=scenario, sets=tuple(sets), arms=tuple(arms), seed=seed)
    with kept:
        serve(programme, host=host, port=used, show=browser)
    return GOOD


__all__ = ["demo_command"]
