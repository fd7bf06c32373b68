"""The folder of nodes that run side by side on this machine: keys, members file, stores and logs of one scenario.

::

    <folder>/members.yaml  ca.pem  <member>/…     as 'corridor keys' makes them
    <folder>/stores/<country>.sqlite
    <folder>/logs/<country>.log
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from exchange.errors import CorridorError
from exchange.keyring import MEMBERS, make
from exchange.members import OPERATOR, Members
from scenarios.parties import members as participants

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

HOST = "127.0.0.1"
PORT_BASE = 8640
"""Where posts and traders are reached; the services take the ports behind it, in the order of their names."""


class HouseholdError(CorridorError):
    """A folder does not fit the scenario, or the way its nodes are to be reached."""


@dataclass(frozen=True, slots=True)
class Household:
    """See the module."""

    folder: Path
    members: Members
    countries: tuple[str, ...]

    @classmethod
    def set_up(cls, folder: Path, scenario: Scenario, *, tls: bool, port_base: int | None) -> Household:
        """Return the folder of ``scenario``, with new keys and addresses if it has none yet.

        What is there is kept. Raise :class:`HouseholdError` if it is of another scenario or has other addresses.
        """
        countries = tuple(sorted(scenario.services))
        wanted = addresses(countries, participants(scenario), PORT_BASE if port_base is None else port_base, tls=tls)
        if (folder / MEMBERS).exists():
            found = Members.load(folder / MEMBERS)
            _fits(folder, found, wanted, ports=port_base is not None)
        else:
            found = make(folder, wanted)
        for name in ("stores", "logs"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        return cls(folder, found, countries)

    @property
    def members_file(self) -> Path:
        """Where the members file stands."""
        return self.folder / MEMBERS

    def store(self, country: str) -> str:
        """Return the URL of the store of a country's node."""
        return f"sqlite:///{self.folder / 'stores' / country}.sqlite"

    def log(self, country: str) -> Path:
        """Return the file that takes what a country's node says on standard error."""
        return self.folder / "logs" / f"{country}.log"

    def forget_stores(self) -> None:
        """Remove the nodes' stores: they begin anew."""
        for country in self.countries:
            for path in (self.folder / "stores").glob(f"{country}.sqlite*"):
                path.unlink()


def addresses(countries: tuple[str, ...], people: tuple[str, ...], base: int, *, tls: bool) -> dict[str, str | None]:
    """Return where everybody is reached: ``people`` at port ``base``, the services behind it, operators nowhere.

    Raise :class:`HouseholdError` if there are not that many ports.
    """
    if not 1 <= base <= 65_535 - len(countries):
        raise HouseholdError(f"--port-base {base}: needs {len(countries) + 1} ports from there, up to 65535")
    scheme = "https" if tls else "http"
    wanted: dict[str, str | None] = {}
    for place, country in enumerate(countries, 1):
        wanted[country] = f"{scheme}://{HOST}:{base + place}"
        wanted[f"{country}.{OPERATOR}"] = None
    return wanted | {member: f"{scheme}://{HOST}:{base}/{member}" for member in people}


def _fits(folder: Path, found: Members, wanted: dict[str, str | None], *, ports: bool) -> None:
    missing = sorted(member for member in wanted if member not in found)
    if missing:
        raise HouseholdError(
            f"{folder / MEMBERS} is of another scenario: it lacks {', '.join(missing[:5])}; take another --dir"
        )
    for member, url in wanted.items():
        there = found.url(member)
        if url is None or there == url:
            continue
        if there is None or urlsplit(there).scheme != urlsplit(url).scheme:
            raise HouseholdError(
                f"{folder / MEMBERS} has {member} at {there}; TLS or not was decided when it was made: "
                "take another --dir for the other"
            )
        if ports:
            raise HouseholdError(
                f"{folder / MEMBERS} has {member} at {there}; leave --port-base out, or take another --dir"
            )


__all__ = ["HOST", "PORT_BASE", "Household", "HouseholdError", "addresses"]
