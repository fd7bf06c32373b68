"""One file from its name to its verdict, as it is told: the judge that options ask for, and what it finds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scenarios.validation.files import STDIN, Input, read
from scenarios.validation.quotes import Quote, quotes

if TYPE_CHECKING:
    from exchange.validation import Finding, Verdict
    from exchange.validation.engines import Engine

Judge = Callable[[bytes], "Verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to judge. ``pack``: a folder or zip, ``schema``: one XSD; without either it is our own message set.

    ``version``: validate against this version of our set, whatever the root names. ``config``: a file that grades
    rules anew. ``quote``: whether the lines of findings are wanted.
    """

    rules: bool = True
    pack: Path | None = None
    schema: Path | None = None
    version: str | None = None
    config: Path | None = None
    engine: Engine = "lxml"
    quote: bool = True


class Checked(NamedTuple):
    """One file with what is to be told of it; ``quotes`` has one entry a finding if they were wanted."""

    file: str
    valid: bool
    code: str | None
    version: str | None
    findings: tuple[Finding, ...]
    total: int
    quotes: tuple[Quote | None, ...]


def _silent(_name: str, _note: str) -> None:
    pass


def judge(options: Options, tell: Callable[[str, str], None] = _silent) -> Judge:
    """Return the function that judges bytes. What it needs is loaded now, so that it is there before workers fork.

    ``tell`` is given the name of a pack and what was found in it, a sentence at a time.

    Raise :class:`exchange.errors.CorridorError` if pack, schema or configuration are not what they should be.
    """
    from exchange.validation import gates
    from exchange.validation.grading import OWN_GRADES, load_rule_config

    rules, engine = options.rules, options.engine
    if options.pack is not None or options.schema is not None:
        from exchange.validation.packs import load_pack, schema_pack

        pack = load_pack(options.pack) if options.pack is not None else schema_pack(options.schema or Path())
        for note in pack.notes:
            tell(pack.name, note)
        return lambda data: pack.validate(data, rules=rules, engine=engine)
    config = load_rule_config(options.config) if options.config is not None else OWN_GRADES
    version = options.version
    gates.warm(engine)
    return lambda data: gates.validate(data, rules=rules, config=config, engine=engine, version=version)


def _refused(name: str, code: str, expected: str, text: str) -> Checked:
    from exchange.validation import Finding

    finding = Finding(gate="bytes", code=code, expected=expected, text=text)
    return Checked(name, False, None, None, (finding,), 1, (None,))


def unreadable(name: str, error: OSError) -> Checked:
    """Return what is told of a file that cannot be read."""
    reason = error.strerror or str(error)
    text = reason if reason.endswith(".") else f"The file cannot be read: {reason}."
    return _refused(name, "READ", "a readable file", text)


def crashed(name: str) -> Checked:
    """Return what is told of a file whose check ended its process, which had no other in hand."""
    text = "The process that was checking this file, and no other, ended without a verdict; the file was not checked."
    return _refused(name, "CRASH", "a document that can be checked", text)


def exhausted(name: str) -> Checked:
    """Return what is told of a file for whose check there is too little memory."""
    text = "There is too little memory to check this file. Check it with fewer --workers, or where there is more."
    return _refused(name, "CRASH", "a document that can be checked", text)


def check(given: Input, verdict_on: Judge, quote: bool) -> Checked:
    """Return one file with its verdict. What the file holds, or that it cannot be read, never raises."""
    from exchange.validation import LIMITS

    name = given.name
    try:
        try:
            data = sys.stdin.buffer.read(LIMITS.size + 1) if given.path == STDIN else read(given, LIMITS.size)
        except OSError as error:
            return unreadable(name, error)
        return check_bytes(name, data, verdict_on, quote)
    except MemoryError:
        return exhausted(name)


def check_bytes(name: str, data: bytes, verdict_on: Judge, quote: bool) -> Checked:
    """Return what is told of ``data``, under the name of a file."""
    verdict = verdict_on(data)
    findings = verdict.findings
    shown = quotes(data, findings) if quote and findings else ()
    return Checked(name, verdict.valid, verdict.code, verdict.version, findings, verdict.total, shown)


__all__ = ["Checked", "Judge", "Options", "check", "check_bytes", "crashed", "judge", "unreadable"]
