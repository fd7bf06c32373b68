"""Evidence proves itself, and no byte of it can be changed unseen: not by a stranger, and not by the node itself."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exchange.codec import encode
from exchange.evidence import EVIDENCE, make_evidence
from exchange.evidence_check import BadEvidence, Proof, check_evidence
from exchange.evidence_file import EvidenceError, pack, unpack
from exchange.identifiers import mrn
from exchange.ledger import Head, MessageRef, canonical, chained
from exchange.members import Member, MemberKey, Members
from exchange.messages import AdvanceDeclaration, ArrivalAdvice, Header, Message, SealFound, WriteOff
from exchange.proofs import Checkpoint
from exchange.receipts import Receipt
from exchange.references import message_id
from exchange.signatures import PrivateKey, digest
from exchange.store import Accepted, OutboxRow, Store, StoredMessage, Writes, open_store
from tests.journey import START, UCR, consignment

NOW = START + timedelta(days=6)
MADE = datetime(2026, 5, 1, tzinfo=UTC)
OTHER = UCR.replace("T01", "T02")
WHO = ("KZ", "RU", "KZ.KTZ", "KZ.99101", "FI")
KEYS = {member: PrivateKey.generate(f"{member}-1") for member in WHO}
MEMBERS = Members(Member.of(member, None, key.public) for member, key in KEYS.items())


def header(sender: str, recipient: str, code: str, ucr: str) -> Header:
    return Header(
        message_id=message_id(sender, recipient, code, ucr, 1),
        message_type=code,
        sender=sender,
        recipient=recipient,
        sent_at=NOW,
        ordinal=1,
    )


def filing(ucr: str) -> Message:
    about = header("KZ.KTZ", "KZ", "ADV", ucr)
    return AdvanceDeclaration(header=about, ucr=ucr, kind="CARRIER_FILING", office="99101", consignment=consignment())


def arrival(ucr: str) -> Message:
    seals = (SealFound(sequence_number=1, id="CN0001", state="INTACT"),)
    about = header("KZ.99101", "KZ", "ARR", ucr)
    return ArrivalAdvice(header=about, ucr=ucr, office="99101", presentation="ENTRY", arrived_at=NOW, seals_found=seals)


def write_off(recipient: str, ucr: str) -> Message:
    number = mrn("18", "KZ", "123456789ABC", "J")
    return WriteOff(header=header("KZ", recipient, "WRO", ucr), ucr=ucr, mrn=number, written_off_at=NOW, result="A1")


async def fill(store: Store) -> None:
    """Write a ledger of two cases: what KZ received from its trader and post, and sent to RU and FI."""
    head, writes = Head(), Writes()
    for ucr in (UCR, OTHER):
        for message in (filing(ucr), arrival(ucr), write_off("RU", ucr), write_off("FI", ucr)):
            about, data = message.header, encode(message)
            ref = MessageRef(about.sender, about.message_id, digest(data))
            own = about.sender == "KZ"
            words = canonical({"n": 1, "text": "дело"})
            kind = "issued" if own else "received"
            entry = chained(head, kind=kind, case=ucr, at=NOW, message=ref, data=words)
            head = Head(entry.position, entry.hash)
            writes.entries.append(entry)
            entry = chained(head, kind="selected", case=OTHER, at=NOW, message=None, data=canonical({}))
            head = Head(entry.position, entry.hash)
            writes.entries.append(entry)
            place = writes.entries[-2]
            receipt = Receipt(
                message=ref.id,
                sender=ref.sender,
                sha256=ref.sha256,
                recipient=about.recipient,
                time=NOW,
                position=place.position,
                hash=place.hash,
            ).sign(KEYS[about.recipient])
            signature = None if own else KEYS[about.sender].sign_bytes(data, NOW)
            writes.messages.append(
                StoredMessage(
                    id=ref.id,
                    sender=ref.sender,
                    recipient=about.recipient,
                    case=ucr,
                    sha256=ref.sha256,
                    data=data,
                    signature=signature,
                )
            )
            if own:
                row = OutboxRow(
                    message_id=ref.id,
                    sender="KZ",
                    recipient=about.recipient,
                    case=ucr,
                    ordinal=1,
                    since=NOW,
                    due=NOW,
                    receipt=receipt if about.recipient == "RU" else None,
                )
                writes.outbox.append(row)
            else:
                position = place.position
                writes.accepted.append(
                    Accepted(id=ref.id, sender=ref.sender, sha256=ref.sha256, position=position, receipt=receipt)
                )
    await store.write(writes)


@pytest.fixture
async def store() -> Any:
    made = await open_store("sqlite://", "KZ", threaded=False)
    await fill(made)
    yield made
    await made.close()


@pytest.fixture
async def evidence(store: Store) -> bytes:
    data, head = await make_evidence(store, "KZ", UCR, KEYS["KZ"], MEMBERS, MADE)
    assert head == await store.head()
    return data


async def test_it_proves_origin_receipt_order_completeness_and_head(evidence: bytes) -> None:
    proof = check_evidence(evidence, MEMBERS)
    assert isinstance(proof, Proof)
    assert (proof.case, proof.entries, proof.checkpoint.head.position) == (UCR, 4, 16)
    said = "\n".join(proof.proven)
    assert "4 of 4 messages are signed" in said and "KZ 2, KZ.99101 1, KZ.KTZ 1" in said
    assert "KZ receipted 2 messages" in said
    assert "others receipted what KZ sent (RU 1)" in said
    assert "positions 1 to 7" in said
    assert "none of the other 12 entries up to position 16" in said
    left = "\n".join(proof.open)
    assert "that FI received message" in left and "that RU received" not in left
    assert [(receipt.recipient, receipt.position) for receipt in proof.receipts] == [("KZ", 3), ("KZ", 1), ("RU", 5)]


async def test_the_same_ledger_key_and_time_give_the_same_bytes(evidence: bytes, store: Store) -> None:
    again, _ = await make_evidence(store, "KZ", UCR, KEYS["KZ"], MEMBERS, MADE)
    assert again == evidence


async def test_any_flipped_byte_of_any_member_is_found(evidence: bytes) -> None:
    luck = random.Random(7)
    for name, content in unpack(evidence).items():
        for place in {0, len(content) - 1, *(luck.randrange(len(content)) for _ in range(25))}:
            changed = bytearray(content)
            changed[place] ^= 1 << luck.randrange(8)
            with pytest.raises(EvidenceError):
                check_evidence(pack(unpack(evidence) | {name: bytes(changed)}), MEMBERS)


async def test_any_flipped_byte_of_the_file_is_found(evidence: bytes) -> None:
    luck = random.Random(7)
    end = len(evidence)
    for place in [*range(60), *range(end - 120, end), *(luck.randrange(end) for _ in range(150))]:
        changed = bytearray(evidence)
        changed[place] ^= 1 << luck.randrange(8)
        with pytest.raises(EvidenceError):
            check_evidence(bytes(changed), MEMBERS)


def resigned(files: dict[str, bytes], case: str = UCR) -> bytes:
    """Return the file as the node itself could make it: manifest and head signed anew over what it now holds."""
    manifest = json.loads(files["evidence.json"])
    manifest["files"] = {
        name: digest(data) for name, data in files.items() if name not in ("evidence.json", "head.jws")
    }
    head = Head(manifest["head"]["position"], manifest["head"]["hash"])
    files["evidence.json"] = json.dumps(manifest).encode()
    statement = Checkpoint(node="KZ", head=head, time=MADE)
    files["head.jws"] = statement.sign(
        KEYS["KZ"], EVIDENCE, case=case, manifest=digest(files["evidence.json"])
    ).encode()
    return pack(files)


def lines(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def written(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(canonical(row).encode() + b"\n" for row in rows)


def drop_an_entry(files: dict[str, bytes]) -> None:
    rows = lines(files["entries.jsonl"])
    del rows[1]
    files["entries.jsonl"] = written(rows)


def add_an_entry(files: dict[str, bytes]) -> None:
    rows = lines(files["entries.jsonl"])
    files["entries.jsonl"] = written([*rows, rows[-1] | {"position": 8}])


def change_an_entry(files: dict[str, bytes]) -> None:
    rows = lines(files["entries.jsonl"])
    rows[0]["at"] = "2018-03-05T00:00:00Z"
    files["entries.jsonl"] = written(rows)


def swap_entries(files: dict[str, bytes]) -> None:
    rows = lines(files["entries.jsonl"])
    rows[0]["position"], rows[1]["position"] = rows[1]["position"], rows[0]["position"]
    files["entries.jsonl"] = written(rows)


def change_the_chain(files: dict[str, bytes]) -> None:
    files["chain.bin"] = files["chain.bin"][:-1] + b"?"


def shorten_the_chain(files: dict[str, bytes]) -> None:
    files["chain.bin"] = files["chain.bin"][:-64]


def hide_in_the_chain(files: dict[str, bytes]) -> None:
    drop_an_entry(files)
    chain = bytearray(files["chain.bin"])
    chain[128:160] = bytes(32)
    files["chain.bin"] = bytes(chain)


def swap_signatures(files: dict[str, bytes]) -> None:
    tokens = json.loads(files["signatures.json"])
    first, second = list(tokens)[:2]
    tokens[first], tokens[second] = tokens[second], tokens[first]
    files["signatures.json"] = json.dumps(tokens).encode()


def swap_receipts(files: dict[str, bytes]) -> None:
    tokens = json.loads(files["receipts.json"])
    first, second = list(tokens["given"])
    tokens["given"] = {first: tokens["given"][second], second: tokens["given"][first]}
    files["receipts.json"] = json.dumps(tokens).encode()


def sign_for_another(files: dict[str, bytes]) -> None:
    tokens = json.loads(files["signatures.json"])
    name = next(name for name in tokens if name.startswith("KZ.KTZ "))
    data = encode(filing(UCR))
    tokens[name] = KEYS["KZ"].sign_bytes(data, NOW)
    files["signatures.json"] = json.dumps(tokens).encode()


def drop_a_message(files: dict[str, bytes]) -> None:
    del files[f"messages/{digest(encode(filing(UCR)))}.xml"]


def add_a_message(files: dict[str, bytes]) -> None:
    data = encode(filing(OTHER))
    files[f"messages/{digest(data)}.xml"] = data


def nonsense(name: str, text: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files[name] = text.encode()

    return change


@pytest.mark.parametrize(
    "change",
    [
        drop_an_entry,
        add_an_entry,
        change_an_entry,
        swap_entries,
        change_the_chain,
        shorten_the_chain,
        hide_in_the_chain,
        swap_signatures,
        swap_receipts,
        sign_for_another,
        drop_a_message,
        add_a_message,
        nonsense("entries.jsonl", ""),
        nonsense("entries.jsonl", "[1]\n"),
        nonsense("entries.jsonl", '{"position": true, "message": null}\n'),
        nonsense("receipts.json", '{"given": 1, "got": {}}'),
        nonsense("signatures.json", "[" * 100_000),
    ],
)
async def test_not_even_the_node_can_make_a_false_one_from_this_ledger(
    evidence: bytes, change: Callable[[dict[str, bytes]], None]
) -> None:
    files = unpack(evidence)
    assert check_evidence(resigned(dict(files)), MEMBERS)
    change(files)
    with pytest.raises(BadEvidence):
        check_evidence(resigned(files), MEMBERS)


async def test_what_is_missing_is_said_to_be_open(evidence: bytes) -> None:
    files = unpack(evidence)
    files["receipts.json"] = b'{"given": {}, "got": {}}'
    tokens = json.loads(files["signatures.json"])
    name = next(name for name in tokens if name.startswith("KZ.KTZ "))
    tokens[name] = None
    files["signatures.json"] = json.dumps(tokens).encode()
    proof = check_evidence(resigned(files), MEMBERS)
    assert sum("there is no receipt" in one for one in proof.open) == 4
    assert any("no signature was kept" in one for one in proof.open)
    assert any("3 of 4 messages are signed" in one for one in proof.proven)


async def test_only_trusted_keys_count_and_only_in_their_time(evidence: bytes) -> None:
    with pytest.raises(BadEvidence, match="no registered key"):
        check_evidence(evidence, Members(()))
    strange = [Member.of(m, None, PrivateKey.generate(f"{m}-1").public) for m in WHO]
    with pytest.raises(BadEvidence, match=r"head\.jws"):
        check_evidence(evidence, Members(strange))
    late = Member("KZ", None, {"KZ-1": MemberKey(KEYS["KZ"].public, not_before=MADE + timedelta(days=1))})
    with pytest.raises(BadEvidence, match="was not valid at"):
        check_evidence(evidence, Members([late]))
    ended = Member("KZ.KTZ", None, {"KZ.KTZ-1": MemberKey(KEYS["KZ.KTZ"].public, not_after=NOW)})
    others = [Member.of(m, None, KEYS[m].public) for m in WHO if m != "KZ.KTZ"]
    assert check_evidence(evidence, Members([ended, *others]))


async def test_no_evidence_is_made_of_an_unknown_case_or_a_broken_ledger(store: Store) -> None:
    with pytest.raises(EvidenceError, match="no case 8XX"):
        await make_evidence(store, "KZ", "8XX", KEYS["KZ"], MEMBERS, MADE)

    def tamper(connection: Any) -> None:
        connection.exec_driver_sql("UPDATE entries SET kind = 'x' WHERE position = 5")
        connection.commit()

    await store._run(tamper)
    with pytest.raises(EvidenceError, match="not whole at position 5"):
        await make_evidence(store, "KZ", UCR, KEYS["KZ"], MEMBERS, MADE)


def zipped(*members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no zip"),
        (b"PK\x03\x04" + bytes(100), "no zip"),
        (zipped(("../../etc/passwd", b"x")), "no place"),
        (zipped(("/etc/passwd", b"x")), "no place"),
        (zipped(("messages/../head.jws", b"x")), "no place"),
        (zipped(("notes.txt", b"x")), "no place"),
        (zipped(("head.jws", bytes(10_000_000)), compression=zipfile.ZIP_DEFLATED), "more than it is long"),
        (zipped(("head.jws", b"x" * 20), compression=zipfile.ZIP_BZIP2), "compressed"),
        (zipped(("head.jws", b"x")), "not as it was written"),
        (pack({"head.jws": b"x"}), "lacks chain.bin"),
    ],
)
def test_hostile_files_are_refused(data: bytes, says: str) -> None:
    with pytest.raises(EvidenceError, match=says):
        check_evidence(data, MEMBERS)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_doubled_members_are_refused() -> None:
    with pytest.raises(EvidenceError, match="comes twice"):
        check_evidence(zipped(("head.jws", b"x"), ("head.jws", b"y")), MEMBERS)
