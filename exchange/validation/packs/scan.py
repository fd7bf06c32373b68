"""What stands in the schema files of a pack: namespaces, root elements, what they take in, which XSD they need.

References are settled before any engine sees the files: each must lead to a file of the pack, or to one of the few
schemas that are known here (``xml:``, XLink, XML Signature and Encryption, SOAP, WSDL, XHTML). A reference to a network
is never followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree

from exchange.validation.packs.errors import PackError
from exchange.validation.packs.source import MOST_BYTES, MOST_FILES, scratch

XS = "{http://www.w3.org/2001/XMLSchema}"
_VC = "{http://www.w3.org/2007/XMLSchema-versioning}minVersion"
_ONLY_11 = tuple(XS + name for name in ("assert", "assertion", "alternative", "override", "openContent"))
_ONLY_11 += (f"{XS}defaultOpenContent", f"{XS}explicitTimezone")
_TAKES = {f"{XS}{name}" for name in ("include", "import", "redefine", "override")}
_KNOWN = {
    "http://www.w3.org/XML/1998/namespace": "XML/xml.xsd",
    "http://www.w3.org/1999/xlink": "XLINK/xlink.xsd",
    "http://www.w3.org/1999/xhtml": "XHTML/xhtml1-strict.xsd",
    "http://www.w3.org/2000/09/xmldsig#": "DSIG/xmldsig-core-schema.xsd",
    "http://www.w3.org/2009/xmldsig11#": "DSIG/xmldsig11-schema.xsd",
    "http://www.w3.org/2001/04/xmlenc#": "XENC/xenc-schema.xsd",
    "http://www.w3.org/2009/xmlenc11#": "XENC/xenc-schema-11.xsd",
    "http://schemas.xmlsoap.org/soap/envelope/": "WSDL/soap-envelope.xsd",
    "http://schemas.xmlsoap.org/soap/encoding/": "WSDL/soap-encoding.xsd",
    "http://schemas.xmlsoap.org/wsdl/": "WSDL/wsdl.xsd",
    "http://schemas.xmlsoap.org/wsdl/soap/": "WSDL/wsdl-soap.xsd",
}
"""Schemas that come with xmlschema, by namespace."""


@dataclass(slots=True)
class SchemaFile:
    """One XSD. ``elements``: local names of its global elements that are not abstract; ``needs_11``: whether it says
    what only XSD 1.1 knows, ``marked_11``: whether it merely names that version; ``includes`` and ``imports``: the
    files it takes in, ``rewritten`` whether a reference had to be changed to lead there."""

    path: Path
    namespace: str
    tree: etree._ElementTree
    elements: list[str]
    needs_11: bool
    marked_11: bool = False
    includes: list[Path] = field(default_factory=list)
    imports: list[Path] = field(default_factory=list)
    rewritten: bool = False


def read_schema(path: Path) -> SchemaFile:
    """Return what stands in ``path``; raise :class:`PackError` if it is no schema."""
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities="internal")  # type: ignore[arg-type]
    try:
        tree = etree.parse(str(path), parser)
    except (OSError, etree.XMLSyntaxError) as error:
        raise PackError(f"{path} is not well-formed XML: {error}") from error
    root = tree.getroot()
    if root.tag != f"{XS}schema":
        raise PackError(f"{path} is no XML Schema: its root is {root.tag}, not xs:schema")
    elements = [e.get("name", "") for e in root.findall(f"{XS}element") if e.get("abstract") not in ("true", "1")]
    below = max((node.get(_VC, "") for node in root.iterdescendants("*")), default="")
    needs_11 = below >= "1.1" or root.get(_VC, "") > "1.1" or next(root.iter(*_ONLY_11), None) is not None
    return SchemaFile(path, root.get("targetNamespace", ""), tree, elements, needs_11, root.get(_VC) == "1.1")


def schema_files(folder: Path) -> list[Path]:
    """Return the XSD files below ``folder`` in order; raise :class:`PackError` if there are too many."""
    found: list[Path] = []
    size = 0
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        for name in sorted(names):
            if name.lower().endswith(".xsd") and not name.startswith("."):
                found.append(Path(here, name))
                size += found[-1].stat().st_size if found[-1].is_file() else 0
        if len(found) > MOST_FILES or size > MOST_BYTES:
            raise PackError(f"{folder} holds more schemas than a pack may; name the folder of one message set")
    return found


def _known_schema(namespace: str) -> Path | None:
    import xmlschema

    name = _KNOWN.get(namespace)
    return Path(xmlschema.__file__).parent / "schemas" / name if name else None


def _led_to(file: SchemaFile, node: etree._Element, files: dict[Path, SchemaFile]) -> Path | None:
    """Return the file that a reference means, or None for an import that needs no file; refuse one that leads
    nowhere."""
    location = (node.get("schemaLocation") or "").strip()
    namespace = node.get("namespace", "")
    imports = node.tag == f"{XS}import"
    parts = urlsplit(location)
    local = parts.scheme in ("", "file") or len(parts.scheme) == 1
    if location and local:
        plain = unquote(parts.path) if parts.scheme in ("", "file") else location
        near = Path(os.path.normpath(file.path.parent / plain))
        if near.is_file():
            return near
    name = Path(unquote(parts.path)).name
    if name and not local and (file.path.parent / name).is_file():
        return file.path.parent / name
    same_name = [p for p in files if location and p.name == name]
    same_space = [p for p, other in files.items() if imports and other.namespace == namespace and p != file.path]
    found = next(iter(same_name or same_space), None) or (_known_schema(namespace) if imports else None)
    if found is not None or (imports and not location):
        return found
    what = f"the namespace {namespace}" if imports else "a file"
    remedy = "put that schema into the pack; a network is never asked" if not local else "put that file there"
    raise PackError(f"{file.path}, line {node.sourceline}: it takes in {what} from {location}; {remedy}")


def link(files: dict[Path, SchemaFile]) -> None:
    """Settle what each file takes in, changing references in its tree where they lead elsewhere.

    Files outside the pack's folder that are referred to are read and added to ``files``. Raise :class:`PackError` for
    a reference that leads nowhere.
    """
    waiting = list(files.values())
    while waiting:
        file = waiting.pop()
        for node in file.tree.getroot():
            if node.tag not in _TAKES:
                continue
            target = _led_to(file, node, files)
            if target is None:
                continue
            (file.imports if node.tag == f"{XS}import" else file.includes).append(target)
            given = (node.get("schemaLocation") or "").strip()
            if Path(os.path.normpath(file.path.parent / given)) != target or not given:
                node.set("schemaLocation", target.as_uri() if target.is_absolute() else str(target.resolve()))
                file.rewritten = True
            if target not in files:
                files[target] = read_schema(target)
                waiting.append(files[target])


def staged(files: dict[Path, SchemaFile]) -> dict[Path, Path]:
    """Return where each file is to be read from: its own place or, if any reference was changed, a copy."""
    if not any(file.rewritten for file in files.values()):
        return {path: path for path in files}
    folder = scratch()
    places = {path: folder / f"{number}" / path.name for number, path in enumerate(files)}
    for path, file in files.items():
        for node in file.tree.getroot():
            if node.tag in _TAKES and node.get("schemaLocation"):
                target = _target(file, node)
                if target in places:
                    node.set("schemaLocation", f"../{places[target].parent.name}/{target.name}")
        places[path].parent.mkdir()
        # The root alone: a document type declaration has served when its entities are resolved.
        places[path].write_bytes(etree.tostring(file.tree.getroot(), encoding="UTF-8", xml_declaration=True))
    return places


def _target(file: SchemaFile, node: etree._Element) -> Path:
    location = (node.get("schemaLocation") or "").strip()
    parts = urlsplit(location)
    return Path(os.path.normpath(file.path.parent / unquote(parts.path)))


def roots_of(file: SchemaFile, files: dict[Path, SchemaFile]) -> Iterator[str]:
    """Yield the root elements (Clark names) that ``file`` declares itself or through what it includes."""
    seen: set[Path] = set()
    waiting = [file.path]
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        space = files[path].namespace or file.namespace
        yield from (f"{{{space}}}{name}" if space else name for name in files[path].elements)
        waiting += files[path].includes


__all__ = ["XS", "SchemaFile", "link", "read_schema", "roots_of", "schema_files", "staged"]
