"""``corridor ledger`` and ``corridor evidence`` as a user types them, over real files."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from exchange.codec import encode
from exchange.keyring import make
from exchange.ledger import Head, MessageRef, canonical, chained
from exchange.members import Members
from exchange.receipts import Receipt
from exchange.signatures import PrivateKey, digest
from exchange.store import Accepted, OutboxRow, StoredMessage, Writes, open_store
from scenarios.cli import app
from tests.unit.test_evidence import NOW, UCR, arrival, filing, write_off

COUNT = 3


@dataclass(frozen=True)
class Desk:
    """A folder with the keys, KZ's ledger, and RU's, which holds receipts of KZ for what RU sent."""

    folder: Path

    def run(self, *words: str) -> tuple[int, str]:
        """Run the command; return exit code and output."""
        text = [word.replace("@", f"{self.folder}/") for word in words]
        found = CliRunner().invoke(app, text, catch_exceptions=False)
        return found.exit_code, found.output

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json")[1])

    def tamper(self, *statements: str) -> None:
        connection = sqlite3.connect(self.folder / "kz.db")
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()


async def _fill(folder: Path, members: Members) -> None:
    keys = {}
    for member in members:
        [kid] = member.keys
        keys[member.id] = PrivateKey.load(folder / "keys" / member.id / "signing.pem", kid)
    kz = await open_store(f"sqlite:///{folder}/kz.db", "KZ", synchronous="OFF")
    ru = await open_store(f"sqlite:///{folder}/ru.db", "RU", synchronous="OFF")
    head, ours, theirs = Head(), Writes(), Writes()
    for message in (filing(UCR), arrival(UCR), write_off("RU", UCR)):
        about, data = message.header, encode(message)
        ref = MessageRef(about.sender, about.message_id, digest(data))
        entry = chained(head, kind="received", case=UCR, at=NOW, message=ref, data=canonical({}))
        head = Head(entry.position, entry.hash)
        token = Receipt(
            message=ref.id,
            sender=ref.sender,
            sha256=ref.sha256,
            recipient="KZ",
            time=NOW,
            position=entry.position,
            hash=entry.hash,
        ).sign(keys["KZ"])
        signature = None if about.sender == "KZ" else keys[about.sender].sign_bytes(data, NOW)
        ours.entries.append(entry)
        ours.messages.append(
            StoredMessage(
                id=ref.id,
                sender=ref.sender,
                recipient=about.recipient,
                case=UCR,
                sha256=ref.sha256,
                data=data,
                signature=signature,
            )
        )
        if about.sender != "KZ":
            ours.accepted.append(
                Accepted(id=ref.id, sender=ref.sender, sha256=ref.sha256, position=entry.position, receipt=token)
            )
        # As if RU had sent it: what matters is the receipt of KZ in RU's hands.
        theirs.outbox.append(
            OutboxRow(
                message_id=ref.id,
                sender="RU",
                recipient="KZ",
                case=UCR,
                ordinal=1,
                since=NOW,
                due=NOW,
                state="delivered",
                receipt=token,
            )
        )
        (folder / f"receipt-{entry.position}.json").write_text(json.dumps({"receipt": token}))
    await kz.write(ours)
    await ru.write(theirs)
    await kz.close()
    await ru.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proof")
    members = make(folder / "keys", {"KZ": None, "RU": None, "KZ.KTZ": None, "KZ.99101": None, "FI": None})
    asyncio.run(_fill(folder, members))
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Desk:
    shutil.copytree(made, tmp_path / "desk")
    return Desk(tmp_path / "desk")


MEMBERS = ("--members", "@keys/members.yaml")


def test_a_whole_ledger_is_said_to_be_whole(desk: Desk) -> None:
    code, said = desk.run("ledger", "verify", "@kz.db", "--node", "KZ")
    assert code == 0 and "WHOLE" in said and "3 entries" in said and "--against" in said
    found = desk.json("ledger", "verify", "@kz.db", "--node", "KZ")
    assert found["good"] is True and found["faults"] == [] and found["head"]["position"] == COUNT


@pytest.mark.parametrize(
    ("statement", "position", "kind"),
    [
        ("UPDATE entries SET data = '{\"x\":1}' WHERE position = 2", 2, "changed"),
        ("DELETE FROM entries WHERE position = 2", 2, "missing"),
        ("UPDATE messages SET data = data || x'20' WHERE sender = 'KZ.99101'", 2, "bytes"),
        ("UPDATE accepted SET receipt = replace(receipt, '.', '-') WHERE sender = 'KZ.99101'", 2, "receipt"),
    ],
)
def test_tampering_is_named_at_its_position(desk: Desk, statement: str, position: int, kind: str) -> None:
    desk.tamper(statement)
    code, said = desk.run("ledger", "verify", "@kz.db", "--node", "KZ")
    assert code == 1 and f"position {position}: {kind.upper()}" in said and "BROKEN: 1 faults at 1" in said
    found = desk.json("ledger", "verify", "@kz.db", "--node", "KZ")
    assert [(fault["position"], fault["kind"]) for fault in found["faults"]] == [(position, kind)]
    assert desk.run("ledger", "checkpoint", "@kz.db", "--node", "KZ", "--keys", "@keys")[0] == 1


@pytest.mark.parametrize("source", ["store", "url", "receipt", "checkpoint", "evidence"])
def test_a_missing_tail_is_found_by_what_others_hold(desk: Desk, source: str) -> None:
    node = ("--node", "KZ")
    assert desk.run("ledger", "checkpoint", "@kz.db", *node, "--keys", "@keys", "--out", "@kz.checkpoint")[0] == 0
    assert desk.run("evidence", UCR, "--store", "@kz.db", *node, "--keys", "@keys", "--out", "@e.zip")[0] == 0
    where = {
        "store": "@ru.db",
        "url": "sqlite:///@ru.db",
        "receipt": f"@receipt-{COUNT}.json",
        "checkpoint": "@kz.checkpoint",
        "evidence": "@e.zip",
    }[source]
    command = ("ledger", "verify", "@kz.db", *node, "--against", where, *MEMBERS)
    code, said = desk.run(*command)
    assert code == 0 and "statements of others hold" in said
    desk.tamper(f"DELETE FROM entries WHERE position = {COUNT}")
    assert desk.run("ledger", "verify", "@kz.db", *node)[0] == 0
    code, said = desk.run(*command)
    assert code == 1 and f"position {COUNT}: TAIL" in said


def test_what_others_hold_must_be_signed_by_the_node(desk: Desk) -> None:
    base = ("ledger", "verify", "@kz.db", "--node", "KZ")
    token = json.loads((desk.folder / "receipt-1.json").read_text())["receipt"]
    (desk.folder / "forged").write_text(token[:-4] + "AAAA")
    code, said = desk.run(*base, "--against", "@forged", *MEMBERS)
    assert code == 2 and "forged: statement 1" in said
    (desk.folder / "lines").write_text(f"{token}\n{token}\n")
    assert desk.json(*base, "--against", "@lines", *MEMBERS)["claims"] == 2
    for source, says in (("@nothing", "cannot be read"), ("@keys/ca.pem", "statement 1"), ("@keys", "cannot be read")):
        code, said = desk.run(*base, "--against", source, *MEMBERS)
        assert code == 2 and says in said
    assert desk.run(*base, "--against", "@lines")[0] == 2
    (desk.folder / "empty").write_text("")
    assert desk.run(*base, "--against", "@empty", *MEMBERS)[0] == 2


def test_statements_about_other_ledgers_do_not_count(desk: Desk) -> None:
    found = desk.json("ledger", "verify", "@ru.db", "--node", "RU", "--against", "@receipt-1.json", *MEMBERS)
    assert found["good"] is True and found["claims"] == 0


def test_cases_and_entries_are_shown(desk: Desk) -> None:
    code, said = desk.run("ledger", "show", "@kz.db", "--node", "KZ")
    assert code == 0 and UCR in said
    rows = desk.json("ledger", "show", "@kz.db", "--node", "KZ", "--case", UCR)
    assert [row["message"] for row in rows] == ["ADV KZ.KTZ → KZ", "ARR KZ.99101 → KZ", "WRO KZ → RU"]
    assert desk.run("ledger", "show", "@kz.db", "--node", "KZ", "--case", "8XX")[0] == 1


def test_evidence_is_made_and_checked(desk: Desk) -> None:
    make_it = ("evidence", UCR, "--store", "@kz.db", "--node", "KZ", "--keys", "@keys", "--out", "@e.zip")
    code, said = desk.run(*make_it)
    assert code == 0 and "corridor evidence --check" in said
    code, said = desk.run("evidence", "--check", "@e.zip", *MEMBERS)
    assert code == 0 and "HOLDS" in said and "Not proven:" in said
    found = desk.json("evidence", "--check", "@e.zip", *MEMBERS)
    assert found["good"] is True and found["case"] == UCR and found["entries"] == COUNT
    file = desk.folder / "e.zip"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    code, said = desk.run("evidence", "--check", "@e.zip", *MEMBERS)
    assert code == 1 and "PROVES NOTHING" in said
    assert desk.json("evidence", "--check", "@e.zip", *MEMBERS)["good"] is False


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("evidence", "8XX", "--store", "@kz.db", "--node", "KZ", "--keys", "@keys"), "no case 8XX"),
        (("evidence", UCR, "--store", "@kz.db", "--node", "RU", "--keys", "@keys"), "holds node KZ"),
        (("evidence", UCR, "--store", "@kz.db", "--node", "KZ", "--keys", "@nowhere"), "cannot be read"),
        (("evidence", UCR), "or --check"),
        (("evidence", "--check", "@e.zip"), "goes with --members"),
        (("evidence", "--check", "@nothing.zip", *MEMBERS), "No such file"),
        (("ledger", "verify", "@nothing.db", "--node", "KZ"), "no such store"),
        (("ledger", "verify", "mysql://h/x", "--node", "KZ"), "no address of a store"),
        (("ledger", "verify", "@keys/members.yaml", "--node", "KZ"), "not a database"),
        (("ledger", "show", "@kz.db", "--node", "RU"), "holds node KZ, not RU"),
    ],
)
def test_wrong_use_is_told_in_words(desk: Desk, words: tuple[str, ...], says: str) -> None:
    code, said = desk.run(*words)
    assert code == 2, said
    assert says in " ".join(said.split())
