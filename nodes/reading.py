"""Reading a message as a node does: through all gates, by the node's grades, in a version that the agreement allows."""

from __future__ import annotations

import schemas
from exchange.agreements import Agreement
from exchange.errors import InvalidMessage
from exchange.messages import Message
from exchange.sentences import join, tell
from exchange.validation import validate
from exchange.validation.document import element_places
from exchange.validation.findings import Finding
from exchange.validation.gates import message_of
from nodes.standing import Standing


def read_message(data: bytes, standing: Standing) -> Message:
    """Return the message in ``data``; warnings do not count.

    Raise :class:`NotXML` for the first two gates, :class:`InvalidMessage` with all findings for the others, and for a
    message of a partner in a version newer than that of the agreement it goes under.
    """
    verdict = validate(data, config=standing.rules, share=True)
    message = message_of(verdict)
    newer = _too_new(data, standing, message, verdict.version or schemas.VERSIONS[0])
    if newer is not None:
        raise InvalidMessage((newer,))
    return message


def _too_new(data: bytes, standing: Standing, message: Message, version: str) -> Finding | None:
    """Return the finding on a version that the agreement with the sender does not allow, or None."""
    header = message.header
    if version == schemas.VERSIONS[0] or "." in header.sender or header.recipient != standing.country:
        return None
    agreement = _governing(standing, message)
    if agreement is None:
        return None  # the decision refuses it
    known = schemas.VERSIONS
    if known.index(version) <= known.index(agreement.schema_version):
        return None
    line, column = element_places(data, {0}).get(0, (0, 0))
    allowed = join(known[: known.index(agreement.schema_version) + 1], " or ")
    return Finding(
        gate="schema",
        code="VERSION",
        line=line,
        column=column,
        xpath=f"/{type(message).__name__}/@schemaVersion",
        value=version,
        expected=allowed,
        text=tell(
            "The agreement {id} allows version {allowed} of the message set, not {version}.",
            id=agreement.id,
            allowed=allowed,
            version=version,
        ),
    )


def _governing(standing: Standing, message: Message) -> Agreement | None:
    """Return the agreement that a partner's message goes under: the one it names, if that covers it; else the first."""
    header = message.header
    code, parties, day = message.CODE, (header.sender, standing.country), header.sent_at.date()
    name = header.agreement_id
    named = standing.agreements[name] if name is not None and name in standing.agreements else None
    if named is not None and code in named.codes and named.applies(*parties, day):
        return named
    return standing.agreements.covering(code, *parties, day)


__all__ = ["read_message"]
