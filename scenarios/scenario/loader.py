"""Reading scenario files: YAML 1.2 with line numbers, overrides, and all problems at once."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from scenarios.scenario.assumed import suppose
from scenarios.scenario.coherence import incoherences
from scenarios.scenario.errors import Problem, ScenarioError
from scenarios.scenario.lists import with_variant
from scenarios.scenario.model import Scenario
from scenarios.scenario.services import ELSEWHERE, as_mapping, settle
from scenarios.scenario.template import TEMPLATE, fill
from scenarios.scenario.ways import chosen, misnamed

Location = tuple[str | int, ...]
KEPT = 32
"""Files whose trees are kept: all that ship, 1 MB each and less; to read one takes half a second."""


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that come with Corridor."""
    folder = files("scenarios") / "files"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_scenario(name_or_path: str | Path, sets: Sequence[str] = ()) -> Scenario:
    """Return the scenario of this name or file, with each ``key.path=value`` of ``sets`` applied.

    ``@FILE`` among them lays a fragment of a scenario file over it: mappings are joined, figures and lists replaced.

    Raise :class:`ScenarioError` naming file, line, field and remedy of everything that is wrong.
    """
    file, text = _read(name_or_path)
    tree = _filled(file, text).copy()
    for setting in sets:
        if setting.startswith("@"):
            _overlay(tree, _parse(*_read(setting[1:])))
        else:
            _apply(file, tree, setting)
    try:
        scenario = Scenario.model_validate(_plain(tree))
    except ValidationError as error:
        raise ScenarioError(file, [_problem(tree, detail) for detail in _own_errors(error)]) from None
    problems = [
        Problem(field=_field(location), text=text, line=_line(tree, location))
        for location, text in (*incoherences(scenario), *misnamed(scenario))
    ]
    if problems:
        raise ScenarioError(file, problems)
    return chosen(with_variant(scenario))


def _read(name_or_path: str | Path) -> tuple[str, str]:
    name = str(name_or_path)
    try:
        if name in scenario_names():
            return f"{name}.yaml", (files("scenarios") / "files" / f"{name}.yaml").read_text(encoding="utf-8")
        return name, Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(scenario_names())
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        text = f"cannot be read ({reason}): give the path of a scenario file or one of {known}"
        raise ScenarioError(name, [Problem(field="", text=text)]) from None


@lru_cache(maxsize=KEPT)
def _parse(file: str, text: str) -> CommentedMap:
    """Return the tree of a file: what a sweep loads often is read once. What is set goes into copies of its parts."""
    try:
        tree = YAML(typ="rt").load(io.StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else None
        said = f"{error.problem or 'is no YAML'}: correct the YAML there".replace("\n", " ")
        raise ScenarioError(file, [Problem(field="", text=said, line=line)]) from None
    if not isinstance(tree, CommentedMap):
        raise ScenarioError(file, [Problem(field="", text="is no mapping: a scenario is a list of key: value", line=1)])
    return tree


@lru_cache(maxsize=KEPT)
def _filled(file: str, text: str) -> CommentedMap:
    """Return the tree of a file with what it takes from its template, if it names one."""
    tree = _parse(file, text)
    if TEMPLATE not in tree:
        return tree
    tree = deepcopy(tree)
    fill(file, tree, _parse, lambda location: _line(tree, location))
    return tree


def _plain(value: Any) -> Any:
    """Return ``value`` without the parser's types (so that strictness sees Python's own)."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, bool):
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


LEFT_OUT = frozenset({"residual"})
"""Figures that a file may leave out, and that are set by their value alone."""


def _apply(file: str, tree: CommentedMap, setting: str) -> None:
    """Change one value of the tree; a figure may be set as a whole, its ``is`` is meant then."""
    path, equals, text = setting.partition("=")
    if not equals or not path:
        raise ScenarioError(file, [Problem(field=path, text=f"{setting!r} sets nothing: write key.path=value")])
    parts = path.split(".")
    if parts[0] == "what_if" and len(parts) == 2 and not parts[1].isdigit() and suppose(tree, parts[1], text):
        return
    if settle(tree, parts, text):
        return
    place: Any = tree
    for depth, part in enumerate(parts):
        key = _key(place, part)
        if key is None and depth == len(parts) - 1 and isinstance(place, CommentedMap):
            given = YAML(typ="safe", pure=True).load(text)  # an optional key; an unknown one is refused below
            figure = part in LEFT_OUT and isinstance(given, str)
            place[part] = {"is": given, "mark": "designed", "source": "set for this run"} if figure else given
            return
        if key is None:
            known = ", ".join(str(k) for k in place) if isinstance(place, Mapping) else "numbers from 0"
            problem = Problem(
                field=".".join(parts[: depth + 1]),
                text=f"does not exist, so --set cannot change it; known here: {known}",
            )
            raise ScenarioError(file, [problem])
        place[key] = old = deepcopy(place[key])  # what an alias shares with other places stays as it is there
        if depth < len(parts) - 1:
            place = old
        elif isinstance(old, CommentedMap) and "is" in old:
            old["is"], old["mark"], old["source"] = text, "designed", "set for this run"
        else:
            place[key] = text if isinstance(old, str) else YAML(typ="safe", pure=True).load(text)


def _overlay(tree: CommentedMap, fragment: CommentedMap) -> None:
    """Lay ``fragment`` over ``tree``; what an alias shares with other places stays as it is there."""
    if isinstance(fragment.get("services"), CommentedMap):
        as_mapping(tree)
    for key, value in fragment.items():
        old = tree.get(key)
        if isinstance(value, CommentedMap) and isinstance(old, CommentedMap) and "is" not in value:
            tree[key] = part = deepcopy(old)
            _overlay(part, value)
        else:
            tree[key] = deepcopy(value)


def _key(place: Any, part: str) -> str | int | None:
    if isinstance(place, Mapping):
        return part if part in place else None
    if isinstance(place, list):
        if part.isdigit() and int(part) < len(place):
            return int(part)
        for number, item in enumerate(place):
            if isinstance(item, Mapping) and part in (item.get("id"), item.get("name"), item.get("place")):
                return number
    return None


def _field(location: Location) -> str:
    return ".".join(str(part) for part in location)


def _line(tree: CommentedMap, location: Location) -> int | None:
    """Return the line (from 1) of the deepest part of ``location`` that stands in the file."""
    line: int | None = None
    place: Any = tree
    for part in location:
        try:
            if isinstance(place, CommentedMap) and part in place:
                line = place.lc.key(part)[0] + 1
            elif isinstance(place, CommentedSeq) and isinstance(part, int) and part < len(place):
                line = place.lc.item(part)[0] + 1
            else:
                break
        except (KeyError, TypeError, AttributeError):
            break
        place = place[part]
    return line


def _in_file(tree: CommentedMap, parts: Sequence[str | int]) -> Location:
    """Return ``parts`` without those that name no key but one of several kinds (the value of ``kind``)."""
    place: Any = tree
    found: list[str | int] = []
    for part in parts:
        if isinstance(place, Mapping) and part not in place and part == place.get("kind"):
            continue
        found.append(part)
        place = _value(tree, tuple(found))
    return tuple(found)


def _value(tree: CommentedMap, location: Location) -> Any:
    place: Any = tree
    for part in location:
        try:
            place = place[part]
        except (KeyError, IndexError, TypeError):
            return None
    return place


def _own_errors(error: ValidationError) -> list[Mapping[str, Any]]:
    """Return the errors without lists called too short only because a part of them is wrong."""
    details: list[dict[str, Any]] = [dict(detail) for detail in error.errors()]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(
            len(other["loc"]) > len(detail["loc"]) and other["loc"][: len(detail["loc"])] == detail["loc"]
            for other in details
        )
    ]


def _problem(tree: CommentedMap, detail: Mapping[str, Any]) -> Problem:
    parts = ["services" if part == ELSEWHERE else part for part in detail["loc"] if part != "[key]"]
    location: Location = _in_file(tree, parts)
    kind, text = detail["type"], str(detail["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        text = "unknown key: remove it or correct its spelling"
    elif kind == "missing":
        text = "is missing: add it"
    elif kind == "string_type":
        value = _value(tree, location)
        text = f"{value!r} was read as {type(value).__name__}: write it in quotes"
        if isinstance(value, Mapping | list):
            text = "must be one text, not a list or mapping"
    elif kind in ("model_type", "dict_type", "mapping_type") and not isinstance(_value(tree, location), Mapping):
        text = 'must be a mapping; a figure is written {is: "4 h", mark: designed, source: "…"}'
    else:
        value = _value(tree, location)
        if not isinstance(value, Mapping | list | None) and repr(value) not in text:
            text = f"{value!r}: {text}"
    return Problem(field=_field(location), text=text, line=_line(tree, location))


__all__ = ["load_scenario", "scenario_names"]
