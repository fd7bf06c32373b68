"""The Schematron rules of a pack, by the XSLT 1.0 reference implementation that comes with lxml."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from exchange.validation.findings import Severity
from exchange.validation.packs.errors import PackError

_isoschematron: Any = import_module("lxml.isoschematron")
_SCH = "{http://purl.oclc.org/dsdl/schematron}schema"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_Access: Any = etree.XSLTAccessControl  # the stubs know no arguments
_NO_ACCESS = _Access(read_file=False, write_file=False, create_dir=False, read_network=False, write_network=False)
_MILD = ("warn", "warning", "info", "information", "hint")


class Failed(NamedTuple):
    """An assertion that does not hold: the node it speaks of, which rule it is, what it tests and says."""

    node: etree._Element
    rule: str
    severity: Severity
    test: str
    text: str


class Rules:
    """One Schematron file, ready to be asked. It reads no file and asks no network while it judges."""

    def __init__(self, path: Path) -> None:
        parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
        try:
            tree = etree.parse(str(path), parser)
        except (OSError, etree.XMLSyntaxError) as error:
            raise PackError(f"{path} is not well-formed XML: {error}") from error
        root = tree.getroot()
        if root.tag != _SCH:
            raise PackError(f"{path} is no ISO Schematron: its root is {root.tag}, not {_SCH}")
        binding = root.get("queryBinding", "xslt")
        if binding.lower() != "xslt":
            raise PackError(
                f"{path}: the query binding {binding} is not available, only xslt (XSLT 1.0); rewrite them for it, "
                "or name the Schematron files to use in pack.yaml under schematron"
            )
        try:
            made = _isoschematron.Schematron(tree, store_xslt=True)
            self._sheet = etree.XSLT(made.validator_xslt, access_control=_NO_ACCESS)
        except (etree.SchematronParseError, etree.XSLTError, ValueError) as error:
            raise PackError(f"{path} is no good Schematron: {str(error).splitlines()[0]}") from error
        self.path = path

    def failed(self, tree: etree._ElementTree) -> Iterator[Failed]:
        """Yield what does not hold in ``tree``, and what reports itself."""
        try:
            report = self._sheet(tree).getroot()
        except etree.XSLTApplyError as error:
            text = f"The rules of {self.path.name} cannot be applied: {str(error).splitlines()[0]}."
            yield Failed(tree.getroot(), self.path.name, "error", "", text)
            return
        for entry in report.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
            nodes: Any = tree.xpath(entry.get("location", "/*"))
            found = nodes[0] if isinstance(nodes, list) and nodes else tree.getroot()
            node = found if isinstance(found, etree._Element) else found.getparent()
            words = str(entry.xpath("string(*[local-name()='text'])"))
            grade = (entry.get("role") or entry.get("flag") or "").lower()
            text = " ".join(words.split()) or f"{entry.get('test')} does not hold."
            yield Failed(
                node if node is not None else tree.getroot(),
                entry.get("id") or self.path.stem,
                "warning" if grade in _MILD else "error",
                entry.get("test") or "",
                text,
            )


__all__ = ["Failed", "Rules"]
