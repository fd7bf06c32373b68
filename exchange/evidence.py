"""Evidence of one case: its messages, signatures, receipts and ledger entries in one file that proves itself.

============================  =========================================================================================
``evidence.json``             the node, the case, the head, when it was made, and the SHA-256 of every other member
``head.jws``                  the node's signed statement (compact JWS, typ ``pix-evidence``): its ledger's head, and
                              the SHA-256 of ``evidence.json``
``chain.bin``                 64 bytes for each entry of the whole ledger: its mark and its digest
``entries.jsonl``             the entries of the case, in full
``messages/<SHA-256>.xml``    the exact bytes of the messages that these entries name
``signatures.json``           the signature each came under; the node's own messages are signed when this is made
``receipts.json``             the receipts that the node gave, and those it got
``keys.json``                 the public keys at the time, and ``certificates/``: to read, never to trust
============================  =========================================================================================

The chain runs from the ledger's first entry to its head, so positions and order are proven; and since every mark
shows whether its entry is of the case (:mod:`exchange.ledger`), so is that none of the case's entries was left out.
:mod:`exchange.evidence_check` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exchange.evidence_file import (
    CHAIN,
    ENTRIES,
    HEAD,
    KEYS,
    MANIFEST,
    README,
    RECEIPTS,
    SIGNATURES,
    EvidenceError,
    message_file,
    pack,
)
from exchange.ledger import Head, LedgerEntry, canonical, entry_digest, link, mark
from exchange.members import Members
from exchange.messages import format_time
from exchange.proofs import Checkpoint
from exchange.signatures import PrivateKey, digest
from exchange.store import Store, StoredMessage

FORMAT = "corridor-evidence-1"
EVIDENCE = "pix-evidence"
MOST_ENTRIES = 2_000_000
"""Longest ledger that evidence is made from: 128 MB of digests."""
_READ_ME = """\
Evidence of one case from the ledger of a customs service's node. Check it with

    corridor evidence --check FILE --members MEMBERS.yaml

which needs nothing but this file and keys that you trust; the keys in keys.json and certificates/ are to read only.
"""


@dataclass(slots=True)
class _Read:
    """What a pass over the ledger gives."""

    chain: bytearray = field(default_factory=bytearray)
    entries: list[LedgerEntry] = field(default_factory=list)
    head: Head = field(default_factory=Head)


async def make_evidence(
    store: Store, node: str, case: str, key: PrivateKey, members: Members, now: datetime
) -> tuple[bytes, Head]:
    """Return the evidence of ``case`` (a UCR) as the bytes of a file, and the head it reaches to.

    ``key`` is the node's; ``now`` (UTC, wall clock) is when the statements are signed.

    Raise :class:`EvidenceError` if the ledger has no such case, or is not whole.
    """
    read = await _read(store, case)
    if not read.entries:
        raise EvidenceError(f"the ledger of {node} has no case {case}; 'corridor ledger show' lists the cases")
    refs = {entry.message for entry in read.entries if entry.message is not None}
    ids = sorted({ref.id for ref in refs})
    keys = {(ref.sender, ref.id) for ref in refs}
    messages = [one for one in await store.messages_of(ids) if (one.sender, one.id) in keys]
    held = {(one.sender, one.id, digest(one.data)) for one in messages if isinstance(one.data, bytes)}
    if held != {(ref.sender, ref.id, ref.sha256) for ref in refs}:
        raise EvidenceError(f"the store lacks messages of the case {case}; 'corridor ledger verify' says which")
    given = {f"{sender} {ident}": token for (sender, ident), (_, token) in (await store.receipts_given(ids)).items()}
    got = {f"{one.sender} {one.message_id}": one.receipt for one in await store.outbox_of(ids) if one.receipt}
    named = {f"{sender} {message_id}" for sender, message_id in keys}
    receipts = {
        "given": {name: token for name, token in given.items() if name in named},
        "got": {name: token for name, token in got.items() if name in named},
    }
    involved = sorted({node, *(one.sender for one in messages), *(one.recipient for one in messages)})
    files = {
        README: _READ_ME.encode(),
        CHAIN: bytes(read.chain),
        ENTRIES: b"".join(_line(entry) for entry in read.entries),
        SIGNATURES: _json({f"{one.sender} {one.id}": _signature(one, node, key, now) for one in messages}),
        RECEIPTS: _json(receipts),
        KEYS: _json({"members": [_public(members, member) for member in involved]}),
        **{message_file(one.sha256): one.data for one in messages},
        **_certificates(members, involved),
    }
    manifest = {
        "format": FORMAT,
        "node": node,
        "case": case,
        "head": {"position": read.head.position, "hash": read.head.hash},
        "time": format_time(now),
        "files": {name: digest(data) for name, data in files.items()},
    }
    files[MANIFEST] = _json(manifest)
    head = Checkpoint(node=node, head=read.head, time=now)
    files[HEAD] = head.sign(key, EVIDENCE, case=case, manifest=digest(files[MANIFEST])).encode()
    return pack(files), read.head


async def _read(store: Store, case: str) -> _Read:
    read, before = _Read(), bytes(32)
    async for entry in store.ledger():
        if entry.position > MOST_ENTRIES:
            raise EvidenceError(f"the ledger is longer than {MOST_ENTRIES} entries, too long for one file of evidence")
        marked = mark(before, entry.case)
        content = entry_digest(entry.kind, entry.case, entry.at, entry.message, entry.data)
        after = link(before, marked, content)
        if entry.position != read.head.position + 1 or after.hex() != entry.hash:
            place = read.head.position + 1
            raise EvidenceError(f"the ledger is not whole at position {place}: see 'corridor ledger verify'")
        read.chain += marked + content
        if entry.case == case:
            read.entries.append(entry)
        before, read.head = after, Head(entry.position, entry.hash)
    return read


def _signature(one: StoredMessage, node: str, key: PrivateKey, now: datetime) -> str | None:
    return key.sign_bytes(one.data, now) if one.sender == node else one.signature


def _line(entry: LedgerEntry) -> bytes:
    ref = entry.message
    about: Mapping[str, Any] = {
        "position": entry.position,
        "kind": entry.kind,
        "case": entry.case,
        "at": format_time(entry.at),
        "message": None if ref is None else {"sender": ref.sender, "id": ref.id, "sha256": ref.sha256},
        "data": entry.data,
    }
    return canonical(about).encode() + b"\n"


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _public(members: Members, member: str) -> dict[str, Any]:
    found = members.get(member)
    keys = []
    for key in found.keys.values() if found else ():
        row: dict[str, Any] = key.public.jwk()
        for name, moment in (("not_before", key.not_before), ("not_after", key.not_after)):
            if moment is not None:
                row[name] = format_time(moment)
        keys.append(row)
    return {"id": member, "keys": keys}


def _certificates(members: Members, involved: list[str]) -> dict[str, bytes]:
    files = {}
    for member in involved:
        found = members.get(member)
        for number, certificate in enumerate(found.certificates if found else (), 1):
            files[f"certificates/{member}-{number}.pem"] = certificate.pem.encode()
    return files


__all__ = ["EVIDENCE", "FORMAT", "MOST_ENTRIES", "make_evidence"]
