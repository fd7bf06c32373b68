"""``corridor evidence``: make a file that proves the history of one case, or check one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.commands.ledger import BAD, GOOD, WRONG, print_json, read_members, run, store_url

if TYPE_CHECKING:
    from exchange.evidence_check import Proof


def make_command(
    ucr: str, *, store: str, node: str, keys: Path, members: Path | None, out: Path | None, json_output: bool
) -> int:
    """Write the evidence of the case ``ucr`` from the ledger of ``node`` to ``out`` (``<UCR>.evidence.zip``).

    Return 0, or 2 if it cannot be made.
    """
    out = out or Path(f"{ucr}.evidence.zip")
    return run(_make(ucr, store, node, keys, members, out, json_output), "evidence")


async def _make(ucr: str, store: str, node: str, keys: Path, members: Path | None, out: Path, json_output: bool) -> int:
    from exchange.certificates import wall_clock
    from exchange.evidence import make_evidence
    from exchange.store import open_store
    from scenarios.live.credentials import Credentials

    known = read_members(members, keys)
    assert known is not None
    key = Credentials.load(keys, node, known).key
    opened = await open_store(store_url(store), node, reading=True)
    try:
        data, head = await make_evidence(opened, node, ucr, key, known, wall_clock().replace(microsecond=0))
    finally:
        await opened.close()
    _write(out, data)
    if json_output:
        print_json({"file": str(out), "bytes": len(data), "head": {"position": head.position, "hash": head.hash}})
    else:
        print(f"{out}: the case {ucr} up to position {head.position} of the ledger of {node} ({len(data)} bytes)")
        print(f"  Check it anywhere: corridor evidence --check {out} --members MEMBERS.yaml")
    return GOOD


def _write(out: Path, data: bytes) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(data)


def check_command(file: Path, *, members: Path, json_output: bool) -> int:
    """Check the file of evidence ``file`` by the keys of ``members``.

    Return 0 if it holds, 1 if not, 2 if a file cannot be read.
    """
    from exchange.errors import CorridorError
    from exchange.evidence_check import BadEvidence, check_evidence
    from exchange.evidence_file import LONGEST, EvidenceError
    from exchange.members import Members

    try:
        known = Members.load(members)
        with file.open("rb") as opened:
            data = opened.read(LONGEST + 1)
    except (CorridorError, OSError) as error:
        print(f"corridor evidence: {error}", file=sys.stderr)
        return WRONG
    try:
        proof = check_evidence(data, known)
    except EvidenceError as error:
        faults = error.faults if isinstance(error, BadEvidence) else (str(error),)
        if json_output:
            print_json({"file": str(file), "good": False, "faults": list(faults)})
        else:
            print(f"{file}: PROVES NOTHING")
            for fault in faults:
                print(f"  {fault}")
        return BAD
    if json_output:
        print_json(_report(file, proof))
    else:
        _tell(file, proof)
    return GOOD


def _report(file: Path, proof: Proof) -> dict[str, Any]:
    head = proof.checkpoint.head
    return {
        "file": str(file),
        "good": True,
        "node": proof.checkpoint.node,
        "case": proof.case,
        "entries": proof.entries,
        "head": {"position": head.position, "hash": head.hash},
        "time": f"{proof.checkpoint.time:%Y-%m-%dT%H:%M:%SZ}",
        "proven": list(proof.proven),
        "not_proven": list(proof.open),
    }


def _tell(file: Path, proof: Proof) -> None:
    print(f"{file}: HOLDS. Case {proof.case}, from the ledger of {proof.checkpoint.node}")
    print("Proven:")
    for line in proof.proven:
        print(f"  {line}")
    print("Not proven:")
    for line in proof.open:
        print(f"  {line}")


__all__ = ["check_command", "make_command"]
