"""Templates: parts that several scenario files share, under names in ``scenarios/templates``.

A file says once which template it takes from (``template: air_and_sea``); a mapping in it that says ``like: <part>``
has all that the part has. What the mapping states itself governs: mappings are joined key by key, a figure, a list or
a text is replaced as a whole. A part of a template may be like another one. All this is resolved when the file is
read, so nothing that works with a scenario knows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from importlib.resources import files
from typing import Any

from scenarios.scenario.errors import Problem, ScenarioError

TEMPLATE, LIKE = "template", "like"
Location = tuple[str | int, ...]
LineOf = Callable[[Location], int | None]


def template_names() -> tuple[str, ...]:
    """Return the names of the templates that come with Corridor, sorted."""
    folder = files("scenarios") / "templates"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def template_text(name: str) -> str:
    """Return the text of a template; ``name`` must be one of :func:`template_names`."""
    return (files("scenarios") / "templates" / f"{name}.yaml").read_text(encoding="utf-8")


def fill(file: str, tree: dict[str, Any], parse: Callable[[str, str], Mapping[str, Any]], line_of: LineOf) -> None:
    """Resolve the parts of ``tree``, what was read of ``file``, that are like parts of the template it names; in place.

    ``parse`` reads a template (its file name and text), ``line_of`` gives the line of a location in the file. Raise
    ScenarioError naming every part that does not exist or is like itself.
    """
    line, name = line_of((TEMPLATE,)), tree.pop(TEMPLATE)
    if name not in template_names():
        text = f"{name!r} is no template: take one of {', '.join(template_names())}"
        raise ScenarioError(file, [Problem(field=TEMPLATE, text=text, line=line)])
    parts = parse(f"{name}.yaml", template_text(name))
    problems = [
        Problem(field=".".join(map(str, (*location, LIKE))), text=text, line=line_of((*location, LIKE)))
        for location, text in _filled(tree, parts, ())
    ]
    if problems:
        raise ScenarioError(file, problems)


def _filled(value: Any, parts: Mapping[str, Any], location: Location) -> Iterator[tuple[Location, str]]:
    """Resolve ``value``; yield the location and the sentence of all that cannot be."""
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from _filled(part, parts, (*location, number))
        return
    if not isinstance(value, dict):
        return
    used: list[str] = []
    while LIKE in value:
        name = value.pop(LIKE)
        if not isinstance(name, str) or name not in parts or not isinstance(parts[name], Mapping):
            yield location, f"{name!r} is no part of the template: take one of {', '.join(sorted(parts))}"
        elif name in used:
            yield location, f"the parts are like each other in a circle ({' → '.join((*used, name))}): end it"
        else:
            used.append(name)
            _join(value, parts[name])
    for key, part in list(value.items()):
        yield from _filled(part, parts, (*location, key))


def _join(own: dict[Any, Any], given: Mapping[Any, Any]) -> None:
    """Add to ``own`` what ``given`` has and it has not; mappings that both have are joined, unless they are figures."""
    for key, part in given.items():
        if key not in own:
            own[key] = deepcopy(part)
        elif isinstance(own[key], dict) and isinstance(part, Mapping) and "is" not in own[key]:
            own[key] = deepcopy(own[key])  # an alias may stand in other places too
            _join(own[key], part)


__all__ = ["LIKE", "TEMPLATE", "fill", "template_names", "template_text"]
