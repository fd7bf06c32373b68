"""How a version of the message set comes from the one before it.

A folder ``schemas/pix/<version>`` with a file ``additions.xml`` holds nothing else that was written by hand: schemas
and samples are those of the version before, with the additions in their places. ``python -m schemas.evolution`` writes
them; a test fails when they are not what this module would write.
"""

from __future__ import annotations

import re
import sys
from importlib.resources.abc import Traversable
from pathlib import Path
from textwrap import dedent, indent

from lxml import etree

import schemas

_XS = "http://www.w3.org/2001/XMLSchema"
_DECLARED = f' xmlns:xs="{_XS}"'


def _source(node: etree._Element) -> str:
    """Return the children of ``node`` as they are written, without indentation."""
    parts = [etree.tostring(child, encoding="unicode").replace(_DECLARED, "") for child in node]
    return dedent((node.text or "").strip("\n") + "".join(parts)).rstrip()


def _extended(text: str, kind: str, added: str) -> str:
    """Return the schema ``text`` with ``added`` at the end of the sequence of the complex type ``kind``."""
    start = text.index(f'<xs:complexType name="{kind}">')
    end = text.index("    </xs:sequence>", start)
    return text[:end] + indent(added, " " * 6) + "\n" + text[end:]


def _filled(text: str, element: str, added: str) -> str:
    """Return the sample ``text`` with ``added`` at the end of the first ``element``."""
    found = re.search(rf"^( *)</{element}>", text, re.MULTILINE)
    if found is None:
        raise LookupError(f"the sample has no element {element} to put an addition into")
    return text[: found.start()] + indent(added, found[1] + "  ") + "\n" + text[found.start() :]


def _renamed(text: str, before: str, version: str) -> str:
    """Return ``text`` with the number of its version changed where it stands for the version."""
    for old in (
        'schemaVersion="{}"',
        'elementFormDefault="qualified" version="{}"',
        'enumeration value="{}"',
        "PIX {}",
    ):
        text = text.replace(old.format(before), old.format(version))
    return text


def _read(folder: Traversable, name: str) -> str:
    return folder.joinpath(*name.split("/")).read_text(encoding="utf-8")


def evolved(version: str) -> dict[str, str]:
    """Return the text of every file of ``version`` that follows from its additions, by its path in the folder.

    Raise :class:`LookupError` if there is no such version or an addition has no place, :class:`FileNotFoundError` if
    the version has no additions, as the first one has none.
    """
    additions = etree.fromstring(schemas.message_set(version).joinpath("additions.xml").read_bytes())
    before = additions.get("to", "")
    folder = schemas.message_set(before)
    names = ["common.xsd", "pix.xsd"]
    names += [name for code in schemas.CODES for name in (f"{code}.xsd", f"samples/{code}.xml")]
    files = {name: _renamed(_read(folder, name), before, version) for name in names}
    for node in additions.iterfind("extend"):
        files["common.xsd"] = _extended(files["common.xsd"], node.get("type", ""), _source(node))
    for node in additions.iterfind("types"):
        added = indent(_source(node), "  ")
        files["common.xsd"] = files["common.xsd"].replace("</xs:schema>", f"\n{added}\n</xs:schema>")
    for node in additions.iterfind("sample"):
        name = f"samples/{node.get('code')}.xml"
        files[name] = _filled(files[name], node.get("into", ""), _source(node))
    return files


def main(folder: str) -> None:
    """Write all versions but the first into ``folder`` (the one that has a folder for each version)."""
    for version in schemas.VERSIONS[1:]:
        for name, text in evolved(version).items():
            path = Path(folder, version, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "schemas/pix")

__all__ = ["evolved", "main"]
