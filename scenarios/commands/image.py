"""``corridor image``: a simulated scanner picture of a container's load."""

from __future__ import annotations

import json
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from scenarios.imaging.loads import Trick

GOOD, WRONG = 0, 2


def image_command(
    hs: str,
    *,
    out: Path,
    irregular: Literal["easy", "hard"] | None,
    trick: Trick | None,
    inspected: bool,
    seed: int,
    scale: float,
    json_output: bool,
) -> int:
    """Write the picture of a load of the HS code ``hs`` to ``out``; return the exit code.

    ``irregular``: how easily what is wrong is seen, None for nothing; ``trick``: what it is, None as luck has it;
    ``inspected``: as it was stowed back after an inspection; ``scale``: pixels a metre. 0 written, 2 wrong use or
    no place to write.
    """
    from exchange.luck import Luck
    from scenarios.imaging.scanner import Load, scan

    if re.fullmatch(r"[0-9]{2}([0-9]{2}){0,4}", hs) is None or not 1 <= int(hs[:2]) <= 97:
        return _complain(f"--hs {hs}: is no HS code; give two to ten digits of chapters 01 to 97, as 847130")
    data = scan(Load(hs=hs, irregular=irregular, trick=trick, inspected=inspected), Luck(seed), hs, scale)
    digest = sha256(data).hexdigest()
    try:
        out.write_bytes(data)
    except OSError as error:
        return _complain(f"{out} cannot be written: {error.strerror or error}")
    if json_output:
        about = {"file": str(out), "media_type": "image/png", "size": len(data), "sha256": digest}
        print(json.dumps(about | {"location": f"/images/{digest}"}, indent=1))
    else:
        print(f"{out}: {len(data):,} bytes, SHA-256 {digest}")
    return GOOD


def _complain(text: str) -> int:
    print(f"corridor image: {text}", file=sys.stderr)
    return WRONG


__all__ = ["image_command"]
