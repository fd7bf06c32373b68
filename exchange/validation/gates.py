"""The way of a document through the gates: bytes, well-formedness, schema, code lists, rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from xml.parsers import expat

from lxml import etree

import schemas
from exchange.codec import decode_tree, shapes
from exchange.errors import CodecError, InvalidMessage, NotXML
from exchange.messages import NAMESPACE, ROOTS, Message, PixModel
from exchange.validation import content_rules as _content  # noqa: F401  (enters its rules)
from exchange.validation import engines
from exchange.validation import number_rules as _numbers  # noqa: F401  (enters its rules)
from exchange.validation.codelists import unlisted
from exchange.validation.document import Prolog, check_bytes, element_places, read_prolog, survey
from exchange.validation.explain import explain, placed
from exchange.validation.explain_large import explain_large
from exchange.validation.findings import Finding, Gate, Limits, Severity, Verdict
from exchange.validation.grading import OWN_GRADES, RuleConfig
from exchange.validation.rules import Break, Path

LIMITS = Limits()


class PeekedHeader(NamedTuple):
    """The header of a message that need not be valid: what could be read as text, each part or None."""

    message_type: str | None
    message_id: str | None
    correlation_id: str | None
    sender: str | None
    recipient: str | None
    sent_at: str | None


def _before_schema(data: bytes, limits: Limits) -> Prolog | Finding:
    """Pass the bytes gate and look at the prolog; return it, or what is wrong."""
    return check_bytes(data, limits) or read_prolog(data)


def _version(prolog: Prolog) -> str:
    """Return the version to validate against: the one the root names, the newest where it names none we know."""
    return prolog.version if prolog.version in schemas.VERSIONS else schemas.VERSIONS[-1]


def _syntax_fault(data: bytes, limits: Limits) -> Finding | None:
    """Return why ``data`` is not well-formed or is too deep, or None."""
    try:
        engines.parse(data, None)
        depth = survey(data).depth
    except etree.XMLSyntaxError as error:
        line, column = error.position
        if "Excessive depth" in (error.msg or ""):
            text = f"Elements are nested more than {limits.depth} deep here."
            return Finding(
                gate="wellformed",
                code="DEPTH",
                line=line,
                column=column,
                expected=f"at most {limits.depth} levels",
                text=text,
            )
        reason = (error.msg or "a syntax error").split(", line ")[0].strip()
        text = f"This is not well-formed XML: {reason[:200]}."
        return Finding(
            gate="wellformed",
            code="SYNTAX",
            line=line or 0,
            column=column or 0,
            expected="well-formed XML",
            text=text,
        )
    except expat.ExpatError as error:
        text = f"This is not well-formed XML: {expat.ErrorString(error.code)}."
        return Finding(
            gate="wellformed",
            code="SYNTAX",
            line=error.lineno,
            column=error.offset + 1,
            expected="well-formed XML",
            text=text,
        )
    if depth > limits.depth:
        text = f"Elements are nested {depth} deep; the limit is {limits.depth}."
        expected = f"at most {limits.depth} levels"
        return Finding(gate="wellformed", code="DEPTH", line=1, column=1, expected=expected, text=text)
    return None


def _unknown_version(data: bytes, prolog: Prolog) -> Finding | None:
    if prolog.root not in ROOTS or prolog.version is None or prolog.version in schemas.VERSIONS:
        return None
    line, column = element_places(data, {0}).get(0, (0, 0))
    expected = " or ".join(schemas.VERSIONS)
    return Finding(
        gate="schema",
        code="VERSION",
        line=line,
        column=column,
        xpath=f"/{prolog.root}/@schemaVersion",
        value=prolog.version,
        expected=expected,
        text=f"Version {prolog.version} of the message set is not known here; expected {expected}.",
    )


def _schema_faults(data: bytes, prolog: Prolog, limits: Limits) -> tuple[list[Finding], int]:
    """Return what the schema has against a well-formed document, and the total number."""
    unknown = _unknown_version(data, prolog)
    if unknown is not None:
        return [unknown], 1
    version = _version(prolog)
    if survey(data).elements > limits.explained_elements:
        found, total = explain_large(data, version)
    else:
        found, total = explain(data, version, limits)
    if found:
        return found, total
    try:
        engines.parse(data, version)
    except etree.XMLSyntaxError as error:
        text = f"The schema refuses the document: {(error.msg or '').replace('{' + NAMESPACE + '}', '')}"
        return [Finding(gate="schema", code="100", line=1, column=1, xpath=f"/{prolog.root}", text=text)], 1
    return [], 0


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


def _find(root: etree._Element, steps: list[tuple[str, int | None]]) -> tuple[etree._Element, str]:
    """Return the deepest element on the way that exists, and the readable path of the whole."""
    element: etree._Element | None = root
    deepest = root
    xpath = "/" + etree.QName(root).localname
    for name, index in steps:
        twins = element.findall(f"{{{NAMESPACE}}}{name}") if element is not None else []
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
    """Return findings with their places, in the order of the document, for breaks of lists and rules."""
    waiting: list[tuple[int, Finding]] = []
    numbers = {element: number for number, element in enumerate(root.iter("*"))}
    for gate, severity, code, rule, broken in found:
        element, xpath = _find(root, _names(message, broken.path))
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
        waiting.append((numbers[element], finding))
    places = element_places(data, {number for number, _ in waiting})
    waiting.sort(key=lambda pair: pair[0])
    return [placed(finding, places.get(number, (0, 0))) for number, finding in waiting]


def _judged(
    data: bytes, root: etree._Element, message: Message, rules: bool, config: RuleConfig
) -> list[Finding]:
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


def _undecodable(error: CodecError) -> Finding:
    """Return the finding for what the schema lets through and the models do not; it means that they differ."""
    xpath = f"//{error.path}" if error.path else ""
    return Finding(gate="schema", code="100", line=1, column=1, xpath=xpath, text=str(error))


def validate(
    data: bytes, *, rules: bool = True, limits: Limits = LIMITS, config: RuleConfig = OWN_GRADES
) -> Verdict:
    """Return the verdict on ``data``. It never raises on account of what the bytes hold.

    A finding of the first three gates ends the way; code lists and rules are both asked. ``rules=False``
    leaves the last gate out; ``config`` grades rules and code lists anew.
    """
    prolog = _before_schema(data, limits)
    if isinstance(prolog, Finding):
        return Verdict(valid=False, code=None, version=None, message=None, findings=(prolog,), total=1)
    code = ROOTS[prolog.root].CODE if prolog.root is not None and prolog.root in ROOTS else None
    message: Message | None = None
    try:
        root = engines.parse(data, _version(prolog))
    except etree.XMLSyntaxError:
        fault = _syntax_fault(data, limits)
        findings, total = ([fault], 1) if fault is not None else _schema_faults(data, prolog, limits)
    else:
        try:
            message = decode_tree(root, data)
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


def parse_message(data: bytes, *, limits: Limits = LIMITS) -> Message:
    """Return the message in ``data`` if it passes all gates (warnings do not count).

    Raise :class:`NotXML` for the first two gates, :class:`InvalidMessage` with all findings for the others.
    """
    verdict = validate(data, limits=limits)
    if verdict.valid and verdict.message is not None:
        return verdict.message
    first = verdict.findings[0]
    if first.gate in ("bytes", "wellformed"):
        raise NotXML(first)
    raise InvalidMessage(verdict.findings)


def peek_header(data: bytes, *, limits: Limits = LIMITS) -> PeekedHeader | None:
    """Return the header of a well-formed document whether or not it is valid; None if there is no such thing."""
    if isinstance(_before_schema(data, limits), Finding):
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


__all__ = ["LIMITS", "PeekedHeader", "parse_message", "peek_header", "validate"]
