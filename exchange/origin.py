"""Proof of origin of a control result that a third service has passed on.

The one who passes it on vouches for it by its own signature. Whoever wants more asks it for the original
(``GET /messages/{id}/origin``, ``id`` that of the message it got): the bytes as the originator signed them, and the
signature. :func:`prove` holds them against the result that came. Where several services passed it on, each link of the
chain is proven so: what the second one got names the original in turn.
"""

from __future__ import annotations

from hashlib import sha256

import schemas
from exchange.codec import decode, encode
from exchange.errors import CorridorError
from exchange.members import Members
from exchange.messages import VERSION, ControlResult, Message
from exchange.messages.parts import Attachment
from exchange.proofs import Signers
from exchange.signatures import BadSignature
from exchange.validation.control_rules import ORIGINAL

WRITTEN = (
    "act_number",
    "office",
    "presentation",
    "form",
    "extent",
    "began_at",
    "ended_at",
    "scope",
    "result",
    "offence_indicator",
    "declared_mass",
    "found_mass",
    "seals_removed",
    "seals_affixed",
    "text",
)
"""What of a control result stays as its originator wrote it, besides its attachments."""
SAME = (*WRITTEN, "ucr")
"""What the original and the result that is passed on must agree in."""


class NotProven(CorridorError):
    """The original does not prove a result that was passed on."""


def fingerprint(result: ControlResult, version: str = VERSION) -> tuple[str, int]:
    """Return SHA-256 (hexadecimal) and size in bytes of a result as the codec writes it in ``version``.

    They are those of the bytes that were signed, where a node wrote them.
    """
    data = encode(result, version)
    return sha256(data).hexdigest(), len(data)


def original_named(message: Message) -> Attachment | None:
    """Return the attachment by which a control result that is passed on names its original; None for all else."""
    if not isinstance(message, ControlResult):
        return None
    return next((one for one in message.attachments if one.media_type == ORIGINAL), None)


def without_original(attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """Return the attachments of a result without the one that names an original."""
    return tuple(one for one in attachments if one.media_type != ORIGINAL)


def prove(passed_on: ControlResult, original: bytes, signature: str, members: Members) -> str:
    """Return the id of the service that signed ``original``, the result that ``passed_on`` says it is.

    ``signature``: the detached JWS that the original came under. Raise :class:`NotProven` with what does not fit.
    """
    named = original_named(passed_on)
    if named is None:
        raise NotProven(f"{passed_on.header.message_id} names no original: it has no attachment of type {ORIGINAL}")
    first = decode(original)
    if not isinstance(first, ControlResult):
        raise NotProven(f"the original is a {first.CODE} ({first.NAME}), not a control result")
    exact = (sha256(original).hexdigest(), len(original))
    if (named.sha256, named.size) not in (exact, *(fingerprint(first, version) for version in schemas.VERSIONS)):
        raise NotProven(f"digest or size of the original are not those that {passed_on.header.message_id} names")
    differing = [name for name in SAME if getattr(first, name) != getattr(passed_on, name)]
    if without_original(first.attachments) != without_original(passed_on.attachments):
        differing.append("attachments")
    if differing:
        raise NotProven(f"the result that was passed on differs from its original in {', '.join(differing)}")
    sender = first.header.sender
    if not first.may_forward:
        raise NotProven(f"{sender} did not allow {first.header.message_id} to be passed on")
    if first.header.recipient != passed_on.header.sender:
        raise NotProven(f"the original went to {first.header.recipient}, not to {passed_on.header.sender}")
    try:
        Signers(members).message(signature, original, sender)
    except BadSignature as error:
        raise NotProven(f"the signature of the original does not hold: {error}") from error
    return sender


__all__ = ["ORIGINAL", "WRITTEN", "NotProven", "fingerprint", "original_named", "prove", "without_original"]
