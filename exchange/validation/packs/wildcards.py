"""Envelopes: schemas with room (``xs:any``) for what other schemas of the same pack declare.

The WCO Data Model's ``MetaData`` is one: it holds a declaration of another namespace, whose schema it does not import.
On its own it would refuse every such document, as the content must be declared somewhere. A schema of a pack is
therefore held together with the schemas that its wildcards ask for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import quoteattr

from exchange.sentences import Sentence, tell
from exchange.validation.packs.scan import XS, SchemaFile
from exchange.validation.packs.source import scratch


def _asked_for(file: SchemaFile) -> tuple[set[str], bool]:
    """Return the namespaces whose elements must be declared for the wildcards of ``file``, and whether those of any
    other namespace must be, too."""
    named: set[str] = set()
    others = False
    for node in file.tree.getroot().iter(f"{XS}any"):
        strict = node.get("processContents", "strict") == "strict"
        for one in (node.get("namespace") or "##any").split():
            if not one.startswith("##") and node.get("processContents") != "skip":
                named.add(one)
            elif one in ("##any", "##other") and strict:
                others = True
    return named, others


def joined(closure: Iterable[SchemaFile], tops: Iterable[SchemaFile]) -> tuple[list[SchemaFile], list[Sentence]]:
    """Return which of ``tops`` the wildcards in ``closure`` ask for, and notes of what was left open.

    A namespace that several of ``tops`` have is left open: nobody can say which of them is meant.
    """
    within = list(closure)
    known = {file.namespace for file in within}
    wanted: set[str] = set()
    others = False
    for file in within:
        named, any_other = _asked_for(file)
        wanted |= named
        others = others or any_other
    by_space: dict[str, list[SchemaFile]] = {}
    for file in tops:
        if file.namespace not in known and (file.namespace in wanted or others):
            by_space.setdefault(file.namespace, []).append(file)
    found = [files[0] for files in by_space.values() if len(files) == 1]
    notes = [
        tell(
            "{file} has room for namespace {space}, which {count} schemas have: "
            "what stands there is not declared (make one schema that includes them).",
            file=within[0].path.name,
            space=space or "none",
            count=len(files),
        )
        for space, files in by_space.items()
        if len(files) > 1
    ]
    return found, notes


def driver(parts: Iterable[tuple[Path, str]]) -> Path:
    """Write a schema that imports each (file, namespace) of ``parts`` and declares nothing itself; return its place."""
    folder = scratch()
    lines = [f'<xs:schema xmlns:xs="{XS[1:-1]}">']
    for path, space in parts:
        where = quoteattr(Path(os.path.relpath(path, folder)).as_posix())
        lines.append(f"<xs:import{f' namespace={quoteattr(space)}' if space else ''} schemaLocation={where}/>")
    place = folder / "driver.xsd"
    place.write_text("\n".join([*lines, "</xs:schema>"]), encoding="utf-8")
    return place


__all__ = ["driver", "joined"]
