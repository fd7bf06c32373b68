"""``pack.yaml``: what a pack says of itself.

All keys are optional::

    name: Our messages
    version: "5.1"
    roots:                       # root element: its schema; Clark names where local names are not enough
      Order: order.xsd
      "{urn:example:b}Invoice": b/invoice.xsd
    namespaces: {e: "urn:example:a"}
    codelists:
      - file: lists/countries.csv    # with a header line
        column: code                 # the column with the codes; code by default
        at: ["//e:Country", "//e:Place/@country"]
        severity: error              # or warning
    schematron: [rules.sch]          # else every .sch of the pack
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exchange.validation.findings import Severity
from exchange.validation.packs.errors import PackError

KEYS = ("name", "version", "roots", "namespaces", "codelists", "schematron")
_LIST_KEYS = ("file", "column", "at", "severity")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeListUse:
    """A code list (CSV) and the places, as XPath, whose values it governs."""

    file: Path
    at: tuple[str, ...]
    column: str = "code"
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What ``pack.yaml`` says; ``schematron`` is None where it does not say."""

    name: str
    version: str | None = None
    roots: Mapping[str, Path] = field(default_factory=dict)
    namespaces: Mapping[str, str] = field(default_factory=dict)
    codelists: tuple[CodeListUse, ...] = ()
    schematron: tuple[Path, ...] | None = None


def _inside(folder: Path, name: object, where: str) -> Path:
    if not isinstance(name, str):
        raise PackError(f"{where} takes the name of a file, not {name!r}")
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise PackError(f"{where}: {name} lies outside the pack; put it inside")
    if not path.is_file():
        raise PackError(f"{where}: there is no file {name} in the pack")
    return folder / path.relative_to(folder.resolve())


def _mapping(given: object, where: str) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise PackError(f"{where} takes a mapping from names")
    return given


def _sequence(given: object, where: str) -> list[Any]:
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list):
        raise PackError(f"{where} takes a list")
    return given


def _code_list(folder: Path, given: object, where: str) -> CodeListUse:
    entry = _mapping(given, where)
    for key in entry:
        if key not in _LIST_KEYS:
            raise PackError(f"{where}: there is no key {key}; the keys are {', '.join(_LIST_KEYS)}")
    places = _sequence(entry.get("at"), f"{where}, at")
    severity = entry.get("severity", "error")
    if severity not in ("error", "warning"):
        raise PackError(f"{where}: severity is error or warning, not {severity!r}")
    if not places or not all(isinstance(place, str) for place in places):
        raise PackError(f"{where}, at: takes XPath expressions of the places that the list governs")
    file = _inside(folder, entry.get("file"), f"{where}, file")
    return CodeListUse(file=file, at=tuple(places), column=str(entry.get("column", "code")), severity=severity)


def _text(given: object, where: str) -> str:
    if not isinstance(given, str):
        raise PackError(f'{where} takes text; write {given!r} in quotation marks: "{given}"')
    return given


def read_manifest(folder: Path) -> Manifest:
    """Return what ``pack.yaml`` in ``folder`` says, or the defaults where there is none.

    Raise :class:`PackError` for what cannot be read, an unknown key or a file that is not there.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    path = next((folder / name for name in ("pack.yaml", "pack.yml") if (folder / name).is_file()), None)
    if path is None:
        return Manifest(name=folder.resolve().name)
    try:
        given = _mapping(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")), str(path))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise PackError(f"{path} is not YAML in UTF-8: {str(error).splitlines()[0]}") from error
    for key in given:
        if key not in KEYS:
            raise PackError(f"{path}: there is no key {key}; the keys are {', '.join(KEYS)}")
    roots = _mapping(given.get("roots"), f"{path}, roots")
    spaces = _mapping(given.get("namespaces"), f"{path}, namespaces")
    lists = _sequence(given.get("codelists", []), f"{path}, codelists")
    rules = given.get("schematron")
    return Manifest(
        name=_text(given.get("name", folder.resolve().name), f"{path}, name"),
        version=None if given.get("version") is None else _text(given["version"], f"{path}, version"),
        roots={root: _inside(folder, file, f"{path}, roots, {root}") for root, file in roots.items()},
        namespaces={prefix: _text(space, f"{path}, namespaces, {prefix}") for prefix, space in spaces.items()},
        codelists=tuple(_code_list(folder, one, f"{path}, codelists[{i + 1}]") for i, one in enumerate(lists)),
        schematron=None
        if rules is None
        else tuple(_inside(folder, one, f"{path}, schematron") for one in _sequence(rules, f"{path}, schematron")),
    )


__all__ = ["KEYS", "CodeListUse", "Manifest", "read_manifest"]
