"""The page of rules in the documentation: the catalogue, what is checked in a message, and the code lists."""

from __future__ import annotations

from collections.abc import Iterator

import schemas
from exchange.codec import shapes
from exchange.messages import CATALOGUE, PixModel
from exchange.validation.catalogue import CatalogueRule, catalogue
from exchange.validation.codelists import governing
from exchange.validation.rules import REGISTRY

LEVELS = {"S": "one message", "X": "across messages", "A": "agreements and reference data"}


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _where(rule: CatalogueRule) -> str:
    parts = rule.in_a_message
    said = []
    if any(part.check is not None for part in parts):
        said.append("validator")
    if any(part.check is None for part in parts):
        said.append("schema")
    said += [f"`{name}`" for name in rule.nodes]
    return ", ".join(said) or "not applied"


def _catalogue() -> Iterator[str]:
    yield _row("rule", "level", "what it asks", "origin", "applied in", "not applied, and why")
    yield _row(*["---"] * 6)
    for rule in catalogue():
        yield _row(
            rule.id, f"{rule.level}, {LEVELS[rule.level]}", rule.requirement, rule.origin, _where(rule), rule.open
        )


def _checks() -> Iterator[str]:
    yield _row("rule", "part", "severity", "code", "messages", "what it asks", "origin", "kept by")
    yield _row(*["---"] * 8)
    for key in sorted(REGISTRY):
        rule = REGISTRY[key]
        names = " ".join(code for code in schemas.CODES if code in rule.messages)
        names = "all" if len(rule.messages) == len(schemas.CODES) else names
        kept = "schema" if rule.check is None else "validator"
        yield _row(rule.id, key[7:], rule.severity, rule.code, names, rule.requirement, rule.origin, kept)


def _fields(cls: type[PixModel], seen: set[type[PixModel]]) -> Iterator[tuple[str, str]]:
    """Yield (code list, class and field) for all fields of ``cls`` that a code list governs."""
    if cls in seen:
        return
    seen.add(cls)
    for shape in shapes(cls):
        if issubclass(shape.value_type, PixModel):
            yield from _fields(shape.value_type, seen)
        elif (name := governing(cls, shape.name)) is not None:
            yield name, f"{cls.__name__}/{shape.element}"


def governed() -> dict[str, tuple[str, ...]]:
    """Return which fields (class and element) each code list governs, over the whole message set."""
    found: dict[str, list[str]] = {name: [] for name in schemas.code_lists()}
    seen: set[type[PixModel]] = set()
    for cls in CATALOGUE.values():
        for name, field in _fields(cls, seen):
            found[name].append(field)
    return {name: tuple(fields) for name, fields in found.items()}


def _lists() -> Iterator[str]:
    yield _row("code list", "title", "codes", "complete", "source", "date", "mark", "fields")
    yield _row(*["---"] * 8)
    fields = governed()
    for name, entry in schemas.code_lists().items():
        count = str(len(schemas.code_list(name)))
        shown = ", ".join(fields[name])
        yield _row(name, entry["title"], count, entry["closed"], entry["source"], entry["date"], entry["mark"], shown)


def rules_page(written: str) -> str:
    """Return the page as Markdown; ``written`` says how it came about."""
    lines = [
        "# Rules and code lists",
        "",
        written,
        "",
        "## The catalogue",
        "",
        "A rule on one message is checked wherever a message is; what compares messages, or needs what a node "
        "remembers, is checked in nodes. In a file, *now* is the time at which the message was sent.",
        "",
        *_catalogue(),
        "",
        "## What is checked in a message",
        "",
        "Each part can be graded anew (`error`, `warning`, `off`) in a file for `corridor validate --config`:",
        "",
        "```yaml",
        "rules:",
        "  PIX-026: off        # the whole rule",
        "  PIX-024a: error     # one part",
        "codelists:",
        "  package_kinds: warning",
        "```",
        "",
        *_checks(),
        "",
        "## Code lists",
        "",
        "A value outside a complete list is an error (code 12). A list that is not complete is an extract: its codes "
        "have their meaning here, others may be right. Marks: verified against the source, recalled from memory, "
        "designed for this message set.",
        "",
        *_lists(),
    ]
    return "\n".join(lines) + "\n"


__all__ = ["governed", "rules_page"]
