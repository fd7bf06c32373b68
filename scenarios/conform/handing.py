"""The demo trust as files, for a node that is not ours: it reads there whom to believe, and with which key to sign."""

from __future__ import annotations

from pathlib import Path

from exchange.keyring import MEMBERS
from exchange.members import OPERATOR, role
from exchange.trust import SIGNING
from scenarios.conform.cast import cast_of
from scenarios.conform.run import DEFAULT, DEFAULT_ARM, ConformError
from scenarios.live.demo_trust import PARTNERS_PORT, demo_key, demo_members


def write_demo_trust(folder: Path, country: str, scenario: str | None, arm: str | None) -> tuple[Path, Path]:
    """Write ``members.yaml`` and the signing key of ``country`` into ``folder``; return their paths.

    The members are all that a conformance run of this scenario and arm speaks for, and all of the scenario itself;
    where such a run, or a replay, plays them stands beside each.
    Raise :class:`ConformError` if there are such files already.
    """
    from scenarios.parties import members as people
    from scenarios.scenario import load_scenario

    loaded = load_scenario(scenario or DEFAULT, ())
    cast = cast_of(loaded, arm or DEFAULT_ARM, country, loaded.start)
    services = [*loaded.services, *(f"{one}.{OPERATOR}" for one in loaded.services)]
    ids = sorted({*services, *people(loaded), *cast.members})
    listed, key = folder / MEMBERS, folder / country / SIGNING
    for path in (listed, key):
        if path.exists():
            raise ConformError(f"{path} is there already; give another folder")
    key.parent.mkdir(parents=True, exist_ok=True)
    played = {one for one in ids if one.partition(".")[0] != country or role(one) == "participant"}
    demo_members(ids, {one: f"http://127.0.0.1:{PARTNERS_PORT}/{one}" for one in played}).save(listed)
    demo_key(country).save(key)
    return listed, key


__all__ = ["write_demo_trust"]
