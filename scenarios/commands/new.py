"""``corridor new``: write a commented starting point that runs."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

from rich.console import Console

from scenarios.scenario.schema import SCHEMA, TITLE

GOOD, WRONG = 0, 2
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


def new_scenario(name: str, out: Path | None) -> int:
    """Write the scenario ``name`` to ``out`` (by default ``<name>.yaml``); return the exit code."""
    if not _NAME.fullmatch(name):
        return _wrong(f"{name!r} is no name of a scenario: take small letters, digits, - and _, 50 at most")
    text = _starting("scenario.yaml").replace("id: NAME", f"id: {name}", 1)
    path = out or Path(f"{name}.yaml")
    schema = path.with_name(SCHEMA)
    if schema.exists() and not _is_schema(schema):
        return _wrong(f"{schema} is no schema of scenario files, which is written beside them: take another folder")
    code = _write(path, text, f"Run it: corridor run {path}")
    return code or _lay_beside(schema)


def _is_schema(path: Path) -> bool:
    """Say whether ``path`` is the schema of scenario files, of this version or another."""
    try:
        return bool(json.loads(path.read_text(encoding="utf-8"))["title"] == TITLE)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _lay_beside(path: Path) -> int:
    """Write the JSON Schema that the first line of a scenario names to ``path``, over that of another version."""
    text = resources.files("scenarios").joinpath("files", SCHEMA).read_text(encoding="utf-8")
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return GOOD
    path.unlink(missing_ok=True)
    return _write(path, text, "Editors complete and check scenario files by it.")


def new_node(out: Path) -> int:
    """Write a node against the HTTP API alone to ``out``; return the exit code."""
    then = f"Start it: python {out}; its first lines say with what. Your own system goes into its function 'work'."
    return _write(out, _starting("outside_node.py.txt").replace("docs/examples/outside_node.py", out.name), then)


def _starting(name: str) -> str:
    return resources.files("scenarios.starting").joinpath(name).read_text(encoding="utf-8")


def _write(path: Path, text: str, then: str) -> int:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return _wrong(f"{path} is there already: nothing was written; name another file")
    except OSError as error:
        return _wrong(f"{path} cannot be written: {error.strerror or error}")
    Console(highlight=False, soft_wrap=True).print(f"Wrote {path}. {then}", markup=False)
    return GOOD


def _wrong(text: str) -> int:
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)
    return WRONG


__all__ = ["new_node", "new_scenario"]
