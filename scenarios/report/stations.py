"""Names of stations in words: a scenario file calls them by short keys (``9912-exit``, ``slot``), people do not."""

from __future__ import annotations

from collections.abc import Mapping

RESOURCE_TITLES = {
    "admission": "admission",
    "analyst": "image analyst",
    "analysts": "image analysts",
    "bay": "inspection bay",
    "bays": "inspection bays",
    "bridge": "lane over the bridge",
    "crane": "crane",
    "cranes": "cranes",
    "desks": "document desks",
    "lane": "lane",
    "lanes": "lanes",
    "officers": "officers on duty",
    "path": "track over the border",
    "portal": "scanning portal",
    "scanner": "scanner",
    "slot": "transfer of trains",
    "terminal": "places in the terminal",
}
"""Key of a resource, as the scenarios that come with us use it → words."""


def resource_title(key: str) -> str:
    """Return a resource in words; a key of a scenario's own without its hyphens. What follows it ("desks before
    arrival") stays."""
    name, space, rest = key.partition(" ")
    return RESOURCE_TITLES.get(name, name.replace("_", " ").replace("-", " ")) + space + rest


def station_title(key: str, sides: Mapping[str, str]) -> str:
    """Return in words a station that is called by its border side and resource (``9912-exit slot``).

    ``sides``: border side → title; one that is not among them stays as it is.
    """
    side, _, name = key.partition(" ")
    title = sides.get(side, side)
    return f"{title}: {resource_title(name)}" if name else title


__all__ = ["RESOURCE_TITLES", "resource_title", "station_title"]
