"""Loading a pack: find its schemas, settle what they take in, vet them, and say what was found.

Vetting builds every schema with xmlschema, which is strict where libxml2 is not. It is remembered by the digest of all
the files, in the process and in the user's cache folder, so that a large set is vetted once and not at each command.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from exchange.sentences import Sentence, tell
from exchange.validation.engines import Grammar
from exchange.validation.packs.errors import PackError
from exchange.validation.packs.manifest import CodeListUse, Manifest, read_manifest
from exchange.validation.packs.pack import GovernedValues, Pack
from exchange.validation.packs.scan import SchemaFile, link, read_schema, roots_of, schema_files, staged
from exchange.validation.packs.source import digest, folder_of
from exchange.validation.packs.wildcards import driver, joined

if TYPE_CHECKING:
    from exchange.validation.packs.schematron import Rules

_FORMAT = "3"
_loaded: dict[str, Pack] = {}


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "corridor" / "packs"


def _remembered(key: str) -> list[Sentence] | None:
    """Return the notes of an earlier vetting of the very same files."""
    try:
        notes = json.loads((_cache_folder() / f"{key}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError):
        return None
    with contextlib.suppress(TypeError, ValueError, LookupError, AttributeError):
        return [tell(template, **values) for template, values in notes]
    return None


def _remember(key: str, notes: Sequence[Sentence]) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        folder = _cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{key}.{os.getpid()}.part"
        part.write_text(json.dumps([[note.template, note.values] for note in notes]), encoding="utf-8")
        part.replace(folder / f"{key}.json")


def _vet(path: Path, grammar: Grammar, tags: list[str]) -> list[Sentence]:
    """Build the schema of the root elements ``tags`` with both engines; return what is worth knowing.

    Raise :class:`PackError` if it is bad or, as versions of XSD may be told apart within it, defines none of them.
    """
    from xmlschema import XMLSchemaException

    try:
        built = grammar.explained
    except (XMLSchemaException, OSError, ValueError, RecursionError) as error:
        first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise PackError(f"{path} is no good schema: {first.rstrip(':')}; mend it, or ask who gave it") from error
    missing = [tag for tag in tags if tag not in built.maps.elements]
    if len(missing) == len(tags):
        raise PackError(f"{path} defines no element in XSD {grammar.xsd}, so no document could be valid")
    file = path.name
    notes = [tell("{file} does not define {tag} in XSD {xsd}.", file=file, tag=tag, xsd=grammar.xsd) for tag in missing]
    if not grammar.plain:
        notes.append(tell("{file} is XSD 1.1: xmlschema decides, which is slower.", file=file))
    elif grammar.compiled is None:
        reason = (grammar.refusal or "").split(", line ")[0]
        notes.append(
            tell(
                "{file} is not understood by libxml2 ({reason}): xmlschema decides, which is slower.",
                file=file,
                reason=reason,
            )
        )
    return notes


def _tops(files: dict[Path, SchemaFile]) -> list[SchemaFile]:
    """Return the files that no other takes in, or all if each is taken in by some other."""
    taken = {target for file in files.values() for target in (*file.includes, *file.imports) if target != file.path}
    return [file for path, file in files.items() if path not in taken] or list(files.values())


def _closure(file: SchemaFile, files: dict[Path, SchemaFile]) -> set[Path]:
    seen: set[Path] = set()
    waiting = [file.path]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += [*files[path].includes, *files[path].imports]
    return seen


def _own(file: SchemaFile) -> list[str]:
    """Return the elements (Clark names) that ``file`` declares itself, without what it includes."""
    return [f"{{{file.namespace}}}{name}" if file.namespace else name for name in file.elements]


def _roots(
    own: list[Path], files: dict[Path, SchemaFile], manifest: Manifest
) -> tuple[dict[str, Path], list[Sentence]]:
    """Return the schema of each root element, and what was ambiguous."""
    roots: dict[str, Path] = {}
    notes: list[Sentence] = []
    tops = [file for file in _tops(files) if file.path in own]
    taken = {target for file in files.values() for target in file.includes}
    others = [files[path] for path in own if files[path] not in tops and path not in taken]
    for file in [*tops, *others]:
        for tag in roots_of(file, files):
            if roots.setdefault(tag, file.path) != file.path and file in tops and tag in _own(file):
                first = roots[tag].name
                notes.append(
                    tell(
                        "{tag} is declared by {first} and {file}; {first} counts (see roots).",
                        tag=tag,
                        first=first,
                        file=file.path.name,
                    )
                )
    for name, path in manifest.roots.items():
        declared = set(roots_of(files[path], files))
        tags = {tag for tag in declared if tag == name or tag.rpartition("}")[2] == name}
        if not tags:
            raise PackError(f"pack.yaml, roots: {path.name} declares no root element {name}")
        roots.update(dict.fromkeys(tags, path))
    return roots, notes


def _codes(use: CodeListUse) -> dict[str, str]:
    try:
        with use.file.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PackError(f"{use.file} is no code list (CSV in UTF-8): {error}") from error
    if not rows or use.column not in rows[0]:
        has = ", ".join(rows[0]) if rows else "no line"
        raise PackError(f"{use.file} has no column {use.column}; it has {has}; name the column in pack.yaml")
    meaning = next((key for key in rows[0] if key in ("name", "meaning", "description")), None)
    return {row[use.column].strip(): (row[meaning] or "").strip() if meaning else "" for row in rows}


def _governed(use: CodeListUse, manifest: Manifest) -> GovernedValues:
    places = []
    for place in use.at:
        try:
            places.append(etree.XPath(place, namespaces=dict(manifest.namespaces)))
        except etree.XPathError as error:
            raise PackError(f"pack.yaml, codelists: {place} is no good XPath: {error}") from error
    return GovernedValues(use.file.stem, tuple(places), _codes(use), use.severity)


def _schematron(paths: tuple[Path, ...]) -> tuple[Rules, ...]:
    if not paths:
        return ()
    from exchange.validation.packs.schematron import Rules

    return tuple(Rules(path) for path in paths)


def _grammar(
    file: SchemaFile, files: dict[Path, SchemaFile], tops: list[SchemaFile], places: dict[Path, Path]
) -> tuple[Grammar, list[Sentence]]:
    """Return the grammar of ``file`` with what its wildcards ask for, and what is worth knowing of those."""
    closure = [files[one] for one in sorted(_closure(file, files), key=lambda one: one != file.path)]
    guests, notes = joined(closure, tops)
    place = places[file.path]
    if guests:
        parts = [(places[one.path], one.namespace) for one in (file, *guests)]
        place = driver(parts)
        closure += [files[one] for guest in guests for one in _closure(guest, files)]
        names = ", ".join(guest.path.name for guest in guests)
        notes.append(
            tell("{file} has room for what {names} declares; they are held together.", file=file.path.name, names=names)
        )
    newer = any(one.needs_11 for one in closure)
    marked = any(one.marked_11 for one in closure)
    return Grammar(place, xsd="1.1" if newer or marked else "1.0", plain=not newer), notes


def _made(folder: Path, source: Path, own: list[Path], manifest: Manifest, salt: str) -> Pack:
    files = {path: read_schema(path) for path in own}
    link(files)
    rules = manifest.schematron
    if rules is None:
        rules = tuple(sorted(folder.rglob("*.sch"))) if folder.is_dir() and source.suffix != ".xsd" else ()
    lists = [use.file for use in manifest.codelists]
    settings = [path for path in (folder / "pack.yaml", folder / "pack.yml") if path.is_file() and source != own[0]]
    key = digest([*files, *rules, *lists, *settings], f"{_FORMAT} {etree.LXML_VERSION} {salt}")
    if key in _loaded:
        return _loaded[key]
    places = staged(files)
    roots, notes = _roots(own, files, manifest)
    if not roots:
        raise PackError(f"{source} defines no root element: no schema in it has a global element that is not abstract")
    grammars: dict[Path, Grammar] = {}
    tops = [file for file in _tops(files) if file.path in own]
    for path in dict.fromkeys(roots.values()):
        grammars[path], more = _grammar(files[path], files, tops, places)
        notes += more
    found = _remembered(key)
    if found is None:
        found = []
        for path, grammar in grammars.items():
            found += _vet(path, grammar, [tag for tag, where in roots.items() if where == path])
        _remember(key, found)
    counts = tell(
        "{schemas} {schemas:schema|schemas}, {roots} root {roots:element|elements}, "
        "{rules} Schematron {rules:file|files}, {lists} code {lists:list|lists}.",
        schemas=len(files),
        roots=len(roots),
        rules=len(rules),
        lists=len(lists),
    )
    pack = Pack(
        name=manifest.name,
        version=manifest.version,
        source=source,
        roots={tag: grammars[path] for tag, path in roots.items()},
        code_lists=tuple(_governed(use, manifest) for use in manifest.codelists),
        schematron=_schematron(rules),
        notes=(counts, *notes, *found),
    )
    _loaded[key] = pack
    return pack


def load_pack(path: Path) -> Pack:
    """Return the pack in the folder or zip ``path``; raise :class:`PackError` if it cannot be used."""
    folder = folder_of(path)
    manifest = read_manifest(folder)
    own = list(dict.fromkeys([*schema_files(folder), *manifest.roots.values()]))
    if not own:
        raise PackError(f"{path} holds no schema (.xsd); name the folder that does")
    return _made(folder, path, own, manifest, str(path.resolve()))


def schema_pack(path: Path) -> Pack:
    """Return the pack of one schema ``path`` with what it includes; raise :class:`PackError` if it is no good."""
    if not path.is_file():
        raise PackError(f"there is no schema {path}; name an XSD file")
    return _made(path.parent, path, [path], Manifest(name=path.name, schematron=()), str(path.resolve()))


__all__ = ["load_pack", "schema_pack"]
