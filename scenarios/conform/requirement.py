"""What a check verifies: a document, a section of it, and the sentence that is held."""

from __future__ import annotations

from dataclasses import dataclass

CONTRACT = "docs/conform.md"
SECURITY = "docs/security.md"
VALIDATE = "docs/validate.md"
IMAGES = "docs/images.md"
OPERATIONS = "docs/operations.md"
SEPARATE = "docs/separate-nodes.md"
PROOF = "docs/proof.md"
AGREEMENTS = "docs/agreements.md"
RULES = "docs/rules.md"
MESSAGES = "docs/messages.md"
HTTP = "RFC 9110"
PROBLEM = "RFC 9457"
JWS = "RFC 7515"
JWA = "RFC 7518"
BEST_PRACTICE = "RFC 8725"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement. ``document`` is a page of ours (its path) or an RFC, ``section`` a heading or number in it, or the
    id of a rule."""

    document: str
    section: str

    def __str__(self) -> str:
        numbered = self.document.startswith("RFC") and self.section[0].isdigit()
        return f"{self.document}, {'section ' if numbered else ''}{self.section}"


def requires(document: str, section: str) -> Requirement:
    """Return the requirement that stands at ``section`` of ``document``."""
    return Requirement(document, section)


__all__ = [
    "AGREEMENTS",
    "BEST_PRACTICE",
    "CONTRACT",
    "HTTP",
    "IMAGES",
    "JWA",
    "JWS",
    "MESSAGES",
    "OPERATIONS",
    "PROBLEM",
    "PROOF",
    "RULES",
    "SECURITY",
    "SEPARATE",
    "VALIDATE",
    "Requirement",
    "requires",
]
