"""The way of a document through the gates: bytes, well-formedness, schema, code lists, rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lxml import etree

import schemas
from exchange.codec import decode_tree, shapes
from exchange.errors import CodecError, InvalidMessage, NotXML
from exchange.messages import NAMESPACE, ROOTS, Message, PixModel
from exchange.sentences import join, tell
from exchange.validation import engines
from exchange.validation import every_rule as _rules  # noqa: F401  (enters them)
from exchange.validation.codelists import unlisted
from exchange.validation.document import Prolog, claiming, element_places
from exchange.validation.engines import Engine
from exchange.validation.explain import placed
from exchange.validation.explain_places import Mark, marked
from exchange.validation.findings import Finding, Gate, Limits, Severity, Verdict
from exchange.validation.grading import OWN_GRADES, RuleConfig
from exchange.validation.rules import Break, Path
from exchange.validation.schema_gate import schema_gate
from exchange.validation.wellformed import before_schema, syntax_fault

LIMITS = Limits()


class PeekedHeader(NamedTuple):
    """The header of a message that need not be valid: what could be read as text, each part or None."""

    message_type: str | None
    message_id: str | None
    correlation_id: str | None
    sender: str | None
    recipient: str | None
    sent_at: str | None


def _version(prolog: Prolog) -> str:
    """Return the version to validate against: the one the root names, the newest where it names none we know."""
    return prolog.version if prolog.version in schemas.VERSIONS else schemas.VERSIONS[-1]


def _unknown_version(data: bytes, prolog: Prolog, limits: Limits) -> Finding | None:
    """Return the finding for a message of a version that is not known, or for what makes it no XML at all."""
    if prolog.version is None or prolog.version in schemas.VERSIONS or prolog.root not in ROOTS:
        return None
    fault = syntax_fault(data, limits)
    if fault is not None:
        return fault
    line, column = element_places(data, {0}).get(0, (0, 0))
    expected = join(schemas.VERSIONS, " or ")
    return Finding(
        gate="schema",
        code="VERSION",
        line=line,
        column=column,
        xpath=f"/{prolog.root}/@schemaVersion",
        value=prolog.version,
        expected=expected,
        text=tell(
            "Version {version} of the message set is not known here; expected {expected}.",
            version=prolog.version,
            expected=expected,
        ),
    )


def _names(message: Message, path: Path) -> list[tuple[str, int | None]]:
    """Return the elements on ``path`` with their index where they repeat."""
    steps: list[tuple[str, int | None]] = []
    cls: type[PixModel] = type(message)
    for part in path:
        if isinstance(part, int):
            steps[-1] = (steps[-1][0], part)
            continue
        shape = next(shape for shape in shapes(cls) if shape.name == part)
        steps.append((shape.element, None))
        if issubclass(shape.value_type, PixModel):
            cls = shape.value_type
    return steps


Children = dict[tuple[etree._Element, str], list[etree._Element]]
"""The children of one name of the elements looked at so far: many findings may lie side by side."""


def _find(root: etree._Element, steps: list[tuple[str, int | None]], known: Children) -> tuple[etree._Element, str]:
    """Return the deepest element on the way that exists, and the readable path of the whole."""
    element: etree._Element | None = root
    deepest = root
    xpath = "/" + etree.QName(root).localname
    for name, index in steps:
        twins: list[etree._Element] = []
        if element is not None:
            if (element, name) not in known:
                known[element, name] = element.findall(f"{{{NAMESPACE}}}{name}")
            twins = known[element, name]
        xpath += f"/{name}" + (f"[{(index or 0) + 1}]" if len(twins) > 1 else "")
        element = twins[index or 0] if len(twins) > (index or 0) else None
        deepest = element if element is not None else deepest
    return deepest, xpath


def _told(
    data: bytes,
    root: etree._Element,
    message: Message,
    found: Iterable[tuple[Gate, Severity, str, str | None, Break]],
) -> list[Finding]:
    """Return findings with their places, in the order of the document, for breaks of lists and rules: those of a
    value stand where it begins, all others at the element, or at the nearest one above what is missing."""
    located: list[tuple[etree._Element, Finding]] = []
    known: Children = {}
    for gate, severity, code, rule, broken in found:
        element, xpath = _find(root, _names(message, broken.path), known)
        finding = Finding(
            gate=gate,
            severity=severity,
            code=code,
            rule=rule,
            xpath=xpath,
            value=broken.value,
            expected=broken.expected,
            text=broken.text,
        )
        located.append((element, finding))
    wanted = {element for element, _ in located}
    numbers = {element: number for number, element in enumerate(root.iter("*")) if element in wanted}
    located.sort(key=lambda pair: numbers[pair[0]])
    places = marked(data, [Mark(numbers[element], finding.value is not None) for element, finding in located])
    return [placed(finding, place) for (_, finding), place in zip(located, places, strict=True)]


def _judged(data: bytes, root: etree._Element, message: Message, rules: bool, config: RuleConfig) -> list[Finding]:
    """Return what the code lists and, if wanted, the rules have against a message, graded by ``config``."""
    found: list[tuple[Gate, Severity, str, str | None, Break]] = []
    for name, broken in unlisted(message):
        grade = config.list_grade(name)
        if grade != "off":
            found.append(("codelist", grade, "12", None, broken))
    if rules:
        for rule, check, severity in config.rules_for(message.CODE):
            for broken in check(message):
                found.append(("rules", severity, rule.code, rule.id, broken))
    return _told(data, root, message, found) if found else []


def content_findings(data: bytes, root: etree._Element) -> list[Finding]:
    """Return what :func:`validate` says of ``data``, whose tree ``root`` is known to pass the gates before: findings of
    code lists and rules in their own grades, or the one of the schema gate for what the models do not take."""
    try:
        message = decode_tree(root, data)
    except CodecError as error:
        return [_undecodable(error)]
    return _judged(data, root, message, True, OWN_GRADES)


def _undecodable(error: CodecError) -> Finding:
    """Return the finding for what the schema lets through and the models do not; it means that they differ."""
    xpath = f"//{error.path}" if error.path else ""
    return Finding(gate="schema", code="100", line=1, column=1, xpath=xpath, text=str(error))


def validate(
    data: bytes,
    *,
    rules: bool = True,
    limits: Limits = LIMITS,
    config: RuleConfig = OWN_GRADES,
    engine: Engine = "lxml",
    version: str | None = None,
    share: bool = False,
) -> Verdict:
    """Return the verdict on ``data``. It never raises on account of what the bytes hold.

    A finding of the first three gates ends the way; code lists and rules are both asked. ``rules=False``
    leaves the last gate out; ``config`` grades rules and code lists anew; ``engine`` decides the schema gate;
    ``version`` is the version of the message set to hold against, as if the root named it; with ``share``, messages
    about the same goods share one consignment, for those who keep them.
    """
    prolog = before_schema(data, limits)
    if isinstance(prolog, Finding):
        return Verdict(valid=False, code=None, version=None, message=None, findings=(prolog,), total=1)
    if version is not None and prolog.version is not None:
        data = claiming(data, prolog, version)
    code = ROOTS[prolog.root].CODE if prolog.root is not None and prolog.root in ROOTS else None
    message: Message | None = None
    unknown = _unknown_version(data, prolog, limits) if version is None else None
    if unknown is not None:
        root, findings, total = None, [unknown], 1
    else:
        root, findings, total = schema_gate(data, engines.pix(version or _version(prolog)), limits, engine)
    if root is not None:
        try:
            message = decode_tree(root, data, share=share)
        except CodecError as error:
            findings, total = [_undecodable(error)], 1
        else:
            findings = _judged(data, root, message, rules, config)
            total = len(findings)
    valid = message is not None and not any(finding.severity == "error" for finding in findings)
    return Verdict(
        valid=valid,
        code=code,
        version=prolog.version,
        message=message,
        findings=tuple(findings[: limits.findings]),
        total=total,
    )


def warm(engine: Engine = "lxml") -> None:
    """Compile the schemas of all versions now, so that processes forked from this one need not."""
    for version in schemas.VERSIONS:
        engines.compiled(version)
        if engine != "lxml":
            engines.explained(version)


def parse_message(data: bytes, *, limits: Limits = LIMITS) -> Message:
    """Return the message in ``data`` if it passes all gates (warnings do not count).

    Raise :class:`NotXML` for the first two gates, :class:`InvalidMessage` with all findings for the others.
    """
    return message_of(validate(data, limits=limits, share=True))


def message_of(verdict: Verdict) -> Message:
    """Return the message of a verdict that is valid; raise as :func:`parse_message` does for one that is not."""
    if verdict.valid and verdict.message is not None:
        return verdict.message
    first = verdict.findings[0]
    if first.gate in ("bytes", "wellformed"):
        raise NotXML(first)
    raise InvalidMessage(verdict.findings)


def peek_header(data: bytes, *, limits: Limits = LIMITS) -> PeekedHeader | None:
    """Return the header of a well-formed document whether or not it is valid; None if there is no such thing."""
    if isinstance(before_schema(data, limits), Finding):
        return None
    try:
        root = engines.parse(data, None)
    except etree.XMLSyntaxError:
        return None
    header = root.find(f"{{{NAMESPACE}}}Header")
    if header is None:
        return None
    names = ("MessageType", "MessageID", "CorrelationID", "Sender", "Recipient", "SentAt")
    return PeekedHeader(*(header.findtext(f"{{{NAMESPACE}}}{name}") for name in names))


__all__ = [
    "LIMITS", "PeekedHeader", "content_findings", "message_of", "parse_message", "peek_header", "validate", "warm",
]  # fmt: skip
