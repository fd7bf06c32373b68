"""Results as SARIF 2.1.0 (OASIS), as code hosts and editors show it: one result a finding."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

from scenarios.validation.checking import Checked
from scenarios.validation.formats import Summary, more

if TYPE_CHECKING:
    from exchange.validation import Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_MORE = "MORE"


def _release() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("customs-corridor")
    except PackageNotFoundError:
        return "0"


def _uri(file: str) -> str:
    if file == "<stdin>":
        return "stdin"
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _location(file: str, finding: Finding | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if finding is not None and finding.line > 0:
        physical["region"] = {"startLine": finding.line, "startColumn": max(finding.column, 1)}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding is not None and finding.xpath:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.xpath, "kind": "element"}]
    return location


def _result(file: str, finding: Finding) -> dict[str, Any]:
    extra = {"gate": finding.gate, "value": finding.value, "expected": finding.expected}
    return {
        "ruleId": finding.rule or finding.code,
        "level": finding.severity,
        "message": {"text": finding.text},
        "locations": [_location(file, finding)],
        "properties": {key: value for key, value in extra.items() if value is not None},
    }


def _rule(identity: str) -> dict[str, Any]:
    from exchange.validation import CODES, REGISTRY

    rule = next((one for one in REGISTRY.values() if one.id == identity), None)
    told = {"id": identity}
    text = rule.requirement if rule is not None else CODES.get(identity)
    if identity == _MORE:
        text = "more findings than are shown"
    return {**told, "shortDescription": {"text": text}} if text else told


def write(results: Iterable[Checked], out: TextIO) -> Summary:
    """Write all results as one SARIF log."""
    summary = Summary()
    rules: dict[str, None] = {}
    separator = "\n"
    run = '"columnKind": "unicodeCodePoints", "results": ['
    out.write(f'{{"$schema": {json.dumps(SCHEMA)}, "version": "2.1.0", "runs": [{{{run}')
    for checked in results:
        told = [_result(checked.file, finding) for finding in checked.findings]
        rest = more(checked)
        if rest:
            said = {"ruleId": _MORE, "level": "note", "message": {"text": rest}}
            told.append({**said, "locations": [_location(checked.file, None)]})
        for result in told:
            out.write(separator + json.dumps(result, ensure_ascii=False))
            separator = ",\n"
            rules.setdefault(result["ruleId"])
        summary = summary.plus(checked)
    driver = {"name": "corridor validate", "version": _release(), "rules": [_rule(one) for one in rules]}
    out.write('\n], "tool": ' + json.dumps({"driver": driver}, ensure_ascii=False))
    out.write(', "invocations": [{"executionSuccessful": true}]}]}\n')
    return summary


__all__ = ["SCHEMA", "write"]
