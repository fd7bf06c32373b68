"""The errors of ``exchange``, one small tree.

::

    CorridorError
    ├── CodecError         an XML document is no PIX message, or a value does not fit its model
    ├── IdentifierError    an identifier has the wrong form or check digit (also a ValueError)
    ├── InvalidMessage     a document broke the schema, a code list or a rule; carries the findings
    └── NotXML             the bytes are no XML document that Corridor reads; carries the finding
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange.validation.findings import Finding


class CorridorError(Exception):
    """What went wrong, in one sentence that names the place and the remedy."""


class CodecError(CorridorError):
    """An XML document is no PIX message, or a value does not fit its model.

    ``path`` names the element, as in ``Consignment/GoodsItem[2]/HSCode``; empty for the document.
    """

    def __init__(self, text: str, path: str = "") -> None:
        super().__init__(f"{path}: {text}" if path else text)
        self.path = path


class IdentifierError(CorridorError, ValueError):
    """An identifier has the wrong form or the wrong check digit."""


class InvalidMessage(CorridorError):
    """The document is XML but no valid message; ``findings`` says why, errors first."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        first = findings[0].text if findings else "the message is invalid"
        more = len(findings) - 1
        super().__init__(first if more < 1 else f"{first} (and {more} more)")
        self.findings = findings


class NotXML(CorridorError):
    """The bytes are not an XML document that Corridor reads; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


__all__ = ["CodecError", "CorridorError", "IdentifierError", "InvalidMessage", "NotXML"]
