"""Does a file of evidence prove what it says? Read with nothing but that file and the members' keys.

Every byte of the file is bound: the zip to its members, the members to ``evidence.json``, that to the signed head, the
entries to the chain, the chain to the signed head, the messages to the entries, signatures and receipts to the messages
and to registered keys.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from exchange.errors import CorridorError
from exchange.evidence import EVIDENCE, FORMAT
from exchange.evidence_file import (
    CHAIN,
    ENTRIES,
    HEAD,
    MANIFEST,
    RECEIPTS,
    SIGNATURES,
    EvidenceError,
    message_file,
    unpack,
)
from exchange.ledger import Head, MessageRef, canonical, entry_digest, link, mark, parse_time
from exchange.members import Members
from exchange.messages import Message, format_time
from exchange.proofs import Checkpoint, Signers
from exchange.receipts import Receipt
from exchange.signatures import BadSignature, digest
from exchange.validation import parse_message

_ENTRY = 64
"""Bytes of one entry in the chain."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a file of evidence proves, and what it leaves open. ``receipts`` are all that hold, given and got."""

    checkpoint: Checkpoint
    case: str
    entries: int
    proven: tuple[str, ...]
    open: tuple[str, ...]
    receipts: tuple[Receipt, ...]


class BadEvidence(EvidenceError):
    """The evidence does not hold; ``faults`` says everything that was found."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        more = len(faults) - 1
        super().__init__(faults[0] + (f" (and {more} more)" if more else ""))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class _Entry:
    position: int
    kind: str
    at: datetime
    message: MessageRef | None
    digest: bytes


def check_evidence(data: bytes, members: Members) -> Proof:
    """Return what the file ``data`` proves by the keys of ``members``. Raise :class:`BadEvidence` if it does not hold,
    :class:`EvidenceError` if it is no file of evidence at all."""
    files = unpack(data)
    return _Check(files, Signers(members)).proof()


class _Check:
    def __init__(self, files: Mapping[str, bytes], signers: Signers) -> None:
        self._files = files
        self._signers = signers
        self._faults: list[str] = []
        self._open: list[str] = []
        self._signed: Counter[str] = Counter()
        self._given: list[Receipt] = []
        self._got: list[Receipt] = []

    def proof(self) -> Proof:
        checkpoint, case = self._head()
        entries = self._entries(case)
        hashes = self._chain(case, entries, checkpoint.head)
        messages = self._messages(case, entries)
        node = checkpoint.node
        self._signatures(messages)
        self._receipts(node, messages, hashes)
        if self._faults:
            raise BadEvidence(tuple(self._faults))
        return Proof(
            checkpoint=checkpoint,
            case=case,
            entries=len(entries),
            proven=self._proven(checkpoint, case, entries, len(messages)),
            open=(*self._open, *_always_open(checkpoint, messages)),
            receipts=(*self._given, *self._got),
        )

    # --- the statement and what it covers ---------------------------------------------------------------------

    def _head(self) -> tuple[Checkpoint, str]:
        """Return the signed statement and the case. Nothing else is looked at unless the manifest is its own."""
        missing = {MANIFEST, HEAD, CHAIN, ENTRIES, SIGNATURES, RECEIPTS} - self._files.keys()
        if missing:
            raise EvidenceError(f"the file lacks {', '.join(sorted(missing))}")
        try:
            checkpoint, claims = self._signers.checkpoint(self._files[HEAD].decode("ascii"), EVIDENCE)
        except (BadSignature, UnicodeDecodeError) as error:
            raise BadEvidence((f"{HEAD}: {error}",)) from error
        if claims.get("manifest") != digest(self._files[MANIFEST]):
            raise BadEvidence((f"{MANIFEST}: was changed: it is not what {checkpoint.node} signed",))
        manifest = _object(self._files[MANIFEST], MANIFEST)
        case = claims.get("case")
        stated = {
            "format": FORMAT,
            "node": checkpoint.node,
            "case": case,
            "head": {"position": checkpoint.head.position, "hash": checkpoint.head.hash},
            "time": format_time(checkpoint.time),
        }
        listed = manifest.pop("files", None)
        if manifest != stated or not isinstance(listed, dict) or not isinstance(case, str) or not case:
            raise BadEvidence((f"{MANIFEST}: says something else than {HEAD}",))
        present = {name: data for name, data in self._files.items() if name not in (MANIFEST, HEAD)}
        for name in sorted(listed.keys() ^ present.keys()):
            self._faults.append(f"{name}: {'is missing' if name in listed else 'was added'}")
        for name in sorted(listed.keys() & present.keys()):
            if digest(present[name]) != listed[name]:
                self._faults.append(f"{name}: was changed: it does not have the digest that {checkpoint.node} signed")
        if self._faults:
            raise BadEvidence(tuple(self._faults))
        return checkpoint, case

    # --- the ledger -------------------------------------------------------------------------------------------

    def _entries(self, case: str) -> dict[int, _Entry]:
        entries: dict[int, _Entry] = {}
        for number, line in enumerate(self._files[ENTRIES].splitlines(), 1):
            where = f"{ENTRIES} line {number}"
            row = _object(line, where)
            try:
                if isinstance(row["position"], bool) or not isinstance(row["position"], int):
                    raise ValueError("its position is no number")
                ref = None if row["message"] is None else MessageRef(**row["message"])
                at, data = parse_time(row["at"]), row["data"]
                if canonical(json.loads(data)) != data:
                    raise ValueError("its data is not canonical JSON")
                if ref is not None and not all(isinstance(one, str) for one in (ref.sender, ref.id, ref.sha256)):
                    raise ValueError("its message is not named by three texts")
                content = entry_digest(row["kind"], row["case"], at, ref, data)
                entry = _Entry(row["position"], row["kind"], at, ref, content)
            except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
                raise BadEvidence((f"{where}: is no entry: {error}",)) from error
            if row["case"] != case or entry.position in entries:
                self._faults.append(f"{where}: is of another case, or comes twice")
            entries[entry.position] = entry
        if not entries:
            raise BadEvidence((f"{ENTRIES}: has no entries",))
        return entries

    def _chain(self, case: str, entries: Mapping[int, _Entry], head: Head) -> dict[int, bytes]:
        """Follow the chain to its head; return the hashes at the positions of the case."""
        chain = self._files[CHAIN]
        if len(chain) != head.position * _ENTRY:
            raise BadEvidence((f"{CHAIN}: has {len(chain)} bytes, not {_ENTRY} for each of {head.position} entries",))
        before, hashes = bytes(32), {}
        for position in range(1, head.position + 1):
            start = (position - 1) * _ENTRY
            marked, content = chain[start : start + 32], chain[start + 32 : start + _ENTRY]
            entry = entries.get(position)
            if (marked == mark(before, case)) != (entry is not None):
                what = "is not of the case, as its mark shows" if entry else "is of the case and was left out"
                self._faults.append(f"{CHAIN}: the entry at position {position} {what}")
            if entry is not None and entry.digest != content:
                self._faults.append(f"{ENTRIES}: the entry at position {position} does not have the chain's digest")
            before = link(before, marked, content)
            if entry is not None:
                hashes[position] = before
        if before.hex() != head.hash:
            self._faults.append(f"{CHAIN}: does not lead to the signed head")
        for position in sorted(entries.keys() - hashes.keys()):
            self._faults.append(f"{ENTRIES}: there is no position {position} in the chain")
        return hashes

    # --- the messages -----------------------------------------------------------------------------------------

    def _messages(self, case: str, entries: Mapping[int, _Entry]) -> dict[str, tuple[MessageRef, bytes, Message]]:
        """Return the messages of the entries by ``<sender> <id>``, each with its bytes."""
        refs = {entry.message for entry in entries.values() if entry.message is not None}
        messages = {}
        for ref in sorted(refs, key=lambda one: (one.sender, one.id, one.sha256)):
            name, data = f"{ref.sender} {ref.id}", self._files.get(message_file(ref.sha256))
            if data is None or digest(data) != ref.sha256:
                self._faults.append(f"message {name}: its bytes are missing or changed")
                continue
            try:
                message = parse_message(data)
            except CorridorError as error:
                self._faults.append(f"message {name}: cannot be read: {error}")
                continue
            header = message.header
            if (header.sender, header.message_id, message.ucr) != (ref.sender, ref.id, case) or name in messages:
                self._faults.append(f"message {name}: is another message than its entry says, or comes twice")
            messages[name] = (ref, data, message)
        extra = {name for name in self._files if name.startswith("messages/")}
        extra -= {message_file(ref.sha256) for ref in refs}
        self._faults.extend(f"{name}: belongs to no entry of the case" for name in sorted(extra))
        return messages

    def _signatures(self, messages: Mapping[str, tuple[MessageRef, bytes, Message]]) -> None:
        tokens = _object(self._files[SIGNATURES], SIGNATURES)
        self._only(tokens, messages, SIGNATURES)
        for name, (ref, data, _) in messages.items():
            token = tokens.get(name)
            if token is None:
                self._open.append(f"origin of message {name}: no signature was kept")
                continue
            self._held(f"{SIGNATURES}: {name}", partial(self._signers.message, token, data, ref.sender))
            self._signed[ref.sender] += 1

    def _receipts(
        self, node: str, messages: Mapping[str, tuple[MessageRef, bytes, Message]], hashes: Mapping[int, bytes]
    ) -> None:
        receipts = _object(self._files[RECEIPTS], RECEIPTS)
        given, got = receipts.get("given"), receipts.get("got")
        if set(receipts) != {"given", "got"} or not isinstance(given, dict) or not isinstance(got, dict):
            raise BadEvidence((f"{RECEIPTS}: has given and got, each by message",))
        for tokens in (given, got):
            self._only(tokens, messages, RECEIPTS)
        for name, (ref, _, message) in messages.items():
            recipient = message.header.recipient
            token = (got if ref.sender == node else given).get(name)
            if token is None:
                whom = recipient if ref.sender == node else node
                self._open.append(f"that {whom} received message {name} ({message.CODE}): there is no receipt")
                continue
            receipt = self._held(f"{RECEIPTS}: {name}", partial(self._signers.receipt, token))
            if receipt is None:
                continue
            if (receipt.sender, receipt.message, receipt.sha256, receipt.recipient) != (
                ref.sender,
                ref.id,
                ref.sha256,
                recipient,
            ):
                self._faults.append(f"{RECEIPTS}: {name}: is for another message, other bytes or another recipient")
            if ref.sender == node:
                self._got.append(receipt)
                continue
            if hashes.get(receipt.position, b"").hex() != receipt.hash:
                self._faults.append(f"{RECEIPTS}: {name}: names a place in the ledger that the chain does not have")
            self._given.append(receipt)

    def _only(self, tokens: Mapping[str, Any], messages: Mapping[str, Any], where: str) -> None:
        self._faults.extend(
            f"{where}: {name[:100]}: is no message of the case" for name in tokens if name not in messages
        )

    def _held(self, where: str, check: Callable[[], Any]) -> Any:
        try:
            return check()
        except (BadSignature, AttributeError, TypeError, ValueError) as error:
            self._faults.append(f"{where}: {error}")
            return None

    # --- in words ---------------------------------------------------------------------------------------------

    def _proven(
        self, checkpoint: Checkpoint, case: str, entries: Mapping[int, _Entry], messages: int
    ) -> tuple[str, ...]:
        node, end = checkpoint.node, checkpoint.head.position
        signed = ", ".join(f"{member} {count}" for member, count in sorted(self._signed.items()))
        said = [
            f"origin: {sum(self._signed.values())} of {messages} messages are signed over exactly these bytes by their "
            f"senders ({signed or 'none'})",
            f"receipt: {node} receipted {len(self._given)} messages, each at its place in this ledger",
            f"order: {len(entries)} entries stand at the positions {min(entries)} to {max(entries)} of one chain",
            f"completeness: none of the other {end - len(entries)} entries up to position {end} is of the case {case}",
            f"head: {node} stated at {format_time(checkpoint.time)} that its ledger ended so ({checkpoint.head.hash})",
        ]
        if self._got:
            counts = Counter(receipt.recipient for receipt in self._got)
            partners = ", ".join(f"{member} {count}" for member, count in sorted(counts.items()))
            said.insert(2, f"receipt: others receipted what {node} sent ({partners})")
        return tuple(said)


def _always_open(checkpoint: Checkpoint, messages: Mapping[str, tuple[MessageRef, bytes, Message]]) -> tuple[str, ...]:
    node = checkpoint.node
    said = [
        f"that what the messages say is true, and that the clock of {node} was right",
        f"that {node} recorded all that happened, and what it recorded behind position {checkpoint.head.position}",
        f"that {node} shows everybody the same ledger: hold this head against receipts and checkpoints of others "
        "('corridor ledger verify --against')",
    ]
    if any(ref.sender == node for ref, _, _ in messages.values()):
        said.insert(0, f"when {node} sent its own messages: their signatures here were made with the evidence")
    return tuple(said)


def _object(data: bytes, where: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadEvidence((f"{where}: is not JSON",)) from error
    if not isinstance(value, dict):
        raise BadEvidence((f"{where}: is no JSON object",))
    return value


__all__ = ["BadEvidence", "Proof", "check_evidence"]
