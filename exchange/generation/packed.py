"""Documents and mutants by a pack: its schemas, its code lists, its Schematron rules."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from lxml import etree

from exchange.generation.documents import Kind, make_document, serialised
from exchange.generation.errors import CannotMake
from exchange.generation.mutants import Expected, Mutant, Mutation, NotBroken, escaped, spliced
from exchange.generation.mutate import mutate_document
from exchange.generation.outline import Node, outline
from exchange.generation.reading import root_of
from exchange.sentences import tell
from exchange.validation.packs import Pack

_ATTEMPTS = 12
UNLISTED = ("ZZZZZ", "zz", "00", "Z9Z9Z9", "99999", "-", "0", "1")
"""Values that stand on few code lists."""


def _governed(pack: Pack, root: etree._Element) -> list[tuple[Any, etree._Element, str | None, str]]:
    """Return (code list, element, attribute or None, value) of every value in ``root`` that a code list governs."""
    found: list[tuple[Any, etree._Element, str | None, str]] = []
    for governed in pack.code_lists:
        for place in governed.places:
            nodes: Any = place(root)
            for node in nodes if isinstance(nodes, list) else ():
                if isinstance(node, etree._Element):
                    found.append((governed, node, None, (node.text or "").strip()))
                elif getattr(node, "is_attribute", False):
                    found.append((governed, node.getparent(), str(node.attrname), str(node).strip()))
    return found


def _with_codes(pack: Pack, data: bytes, luck: Random) -> bytes:
    """Return ``data`` with a code of its list wherever a list governs a value."""
    root = etree.fromstring(data)
    for governed, element, attribute, value in _governed(pack, root):
        if value not in governed.codes and governed.codes:
            code = luck.choice(sorted(governed.codes))
            if attribute is None:
                element.text = code
            else:
                element.set(attribute, code)
    return serialised(root)


def make_pack_document(pack: Pack, root: str | None = None, *, kind: Kind = "minimal", seed: int = 0) -> bytes:
    """Return a document of ``pack`` that begins with element ``root`` (local or Clark name), valid by all its gates.

    ``root`` may be left out where the pack has one root element. Equal arguments give equal bytes. Raise
    :class:`CannotMake` if no valid document is found; its message says what stood in the way.
    """
    tag = root_of(pack, root)
    schema = pack.roots[tag].explained
    reason = ""
    for attempt in range(_ATTEMPTS):
        data = make_document(schema, tag, kind=kind, seed=seed + 1_000_003 * attempt)
        if pack.code_lists:
            data = _with_codes(pack, data, Random(f"{seed}/{attempt}"))
        verdict = pack.validate(data)
        if verdict.valid:
            return data
        first = next(finding for finding in verdict.findings if finding.severity == "error")
        reason = f"{first.xpath or '/'}: {first.text}"
        if kind == "minimal" and first.gate == "rules":
            break
    name = tag.rpartition("}")[2]
    raise CannotMake(f"no {name} was found that passes all gates of {pack.name}; the last failed at {reason}")


def mutate_with_pack(data: bytes, pack: Pack) -> Mutation:
    """Return the mutants of ``data`` by the schema of its root element in ``pack`` and by the pack's code lists.

    Raise :class:`CannotMake` if ``data`` is no valid document of the pack.
    """
    verdict = pack.validate(data)
    if not verdict.valid:
        first = next(finding for finding in verdict.findings if finding.severity == "error")
        raise CannotMake(f"the document is not valid itself, line {first.line}: {first.text} Mend that first")
    root = etree.fromstring(data)
    made = mutate_document(data, pack.roots[str(root.tag)].explained)
    mutants, left = list(made.mutants), list(made.not_broken)
    for one in _unlisted(data, pack, root):
        (mutants if isinstance(one, Mutant) else left).append(one)  # type: ignore[arg-type]
    for rules in pack.schematron:
        why = "rules of Schematron are not broken on purpose: what breaks one cannot be told from its text"
        left.append(NotBroken(breaks=rules.path.name, at="/", reason=why))
    return Mutation(mutants=tuple(mutants), not_broken=tuple(left))


def _unlisted(data: bytes, pack: Pack, root: etree._Element) -> list[Mutant | NotBroken]:
    """Return a mutant for each place (without positions) and list, or why there is none."""
    nodes = list(outline(data).walk())
    elements = list(root.iter("*"))
    found: dict[tuple[str, str], Mutant | NotBroken] = {}
    for governed, element, attribute, value in _governed(pack, root):
        node = nodes[elements.index(element)]
        short = attribute.rpartition("}")[2] if attribute else None
        at = node.shape() + (f"/@{short}" if short else "")
        if (governed.name, at) in found:
            continue
        why = f"no value was found that the schema takes and {governed.name} does not hold"
        found[governed.name, at] = NotBroken(breaks="codelist", at=at, reason=why)
        span = _span(data, node, short)
        if span is None:
            continue
        for text in UNLISTED:
            if text in governed.codes:
                continue
            changed = spliced(data, (*span, escaped(text)))
            told = [one for one in pack.validate(changed).findings if one.gate == "codelist"]
            if len(told) == 1:
                xpath = node.xpath() + (f"/@{short}" if short else "")
                due = Expected(gate="codelist", severity=governed.severity, code="12", line=node.line,
                               column=told[0].column, xpath=xpath)  # fmt: skip
                change = tell(
                    "'{text}' instead of '{value}', which is not on the list {name}",
                    text=text,
                    value=value,
                    name=governed.name,
                )
                found[governed.name, at] = Mutant(breaks="codelist", at=at, change=change, data=changed, expected=due)
                break
    return list(found.values())


def _span(data: bytes, node: Node, attribute: str | None) -> tuple[int, int] | None:
    """Return where the value of ``node`` or its attribute stands in ``data``, or None if it is not plain text."""
    if attribute is None:
        return (node.open_end, node.close) if not node.children and node.close != node.end else None
    written = re.compile(rb"\s(?:[^\s=]+:)?" + re.escape(attribute.encode()) + rb"\s*=\s*[\"']([^\"']*)")
    match = written.search(data, node.start, node.open_end)
    return match.span(1) if match else None


__all__ = ["make_pack_document", "mutate_with_pack"]
