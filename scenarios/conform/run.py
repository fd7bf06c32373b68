"""A conformance run: all checks against one node, one after the other, each bounded in time."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from exchange.errors import CorridorError
from exchange.http import TIME
from exchange.ledger import parse_time
from exchange.members import MEMBER_ID, role
from exchange.messages import format_time
from exchange.receipts import credential
from scenarios.conform.cast import cast_of
from scenarios.conform.check import Check, Failed, NotApplicable, Outcome, Result
from scenarios.conform.checks import ALL
from scenarios.conform.levels import LEVELS, Level
from scenarios.conform.partner import Partner
from scenarios.conform.probe import Probe
from scenarios.conform.requirement import Requirement
from scenarios.conform.trust import Trust, trust_for
from scenarios.conform.wire import NoAnswer, Wire, clean

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

DEFAULT = "china_europe_transit_fi"
DEFAULT_ARM = "recognition"
TIMEOUT = 10.0
"""Seconds within which an answer must have come."""
WITHIN = 300.0
"""Seconds within which the whole run must be over."""
PATIENCE = 3
"""Requests in a row without any answer after which nothing more is asked."""
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2190, 1, 1, tzinfo=UTC)
"""Times between which a node's clock may be."""
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class ConformError(CorridorError):
    """A conformance run cannot begin as it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to check. ``only``: numbers or groups of checks, all if empty; of them those of ``level``. ``timeout``:
    seconds an answer may take, ``within``: seconds the whole run may take. ``listen``: the port at which the run plays
    the node's partners (0 takes a free one); None plays none.

    Without ``scenario`` and ``arm``, those are taken that the node tells of itself, else the defaults.
    """

    url: str
    country: str
    scenario: str | None = None
    arm: str | None = None
    members: Path | None = None
    keys: Path | None = None
    only: Sequence[str] = field(default_factory=tuple)
    timeout: float = TIMEOUT
    within: float = WITHIN
    level: Level = "full"
    listen: int | None = None
    insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a run. ``mode`` is stepped or live, ``trust`` says whose keys were used; times in seconds, UTC."""

    url: str
    country: str
    scenario: str
    arm: str
    mode: str
    trust: str
    began: datetime
    seconds: float
    results: tuple[Result, ...]
    level: Level = "full"

    def count(self, outcome: Outcome) -> int:
        """Return how many checks came out so."""
        return sum(result.outcome == outcome for result in self.results)

    def requirements(self) -> list[tuple[Requirement, Outcome, tuple[Result, ...]]]:
        """Return each requirement with its verdict and the results of its checks, sorted by document and section.

        It failed if one of its checks did, and passed if one passed and none failed.
        """
        found: dict[Requirement, list[Result]] = {}
        for result in self.results:
            found.setdefault(result.check.requirement, []).append(result)
        order: tuple[Outcome, ...] = ("failed", "passed", "not applicable")
        return [
            (one, min((result.outcome for result in found[one]), key=order.index), tuple(found[one]))
            for one in sorted(found, key=str)
        ]

    @property
    def conforms(self) -> bool:
        """Whether no check failed and at least one passed."""
        return self.count("failed") == 0 and self.count("passed") > 0


@dataclass(frozen=True, slots=True)
class _Met:
    """What a node told of itself before the checks began."""

    stepped: bool
    now: datetime
    setting: dict[str, Any]


def chosen(only: Sequence[str], level: Level = "full") -> tuple[Check, ...]:
    """Return the checks of these numbers and groups, all if none is named, that belong to ``level``.

    Raise :class:`ConformError` for others.
    """
    groups = {check.group for check in ALL}
    numbers = {check.number for check in ALL}
    wanted = {one.lower() if one.lower() in groups else one.upper() for one in only}
    unknown = sorted(wanted - groups - numbers)
    if unknown:
        names = ", ".join(dict.fromkeys(check.group for check in ALL))
        raise ConformError(f"there is no check {', '.join(unknown)}; --list shows all. The groups are {names}")
    named = (check for check in ALL if not wanted or check.number in wanted or check.group in wanted)
    found = tuple(check for check in named if LEVELS.index(check.level) <= LEVELS.index(level))
    if not found:
        raise ConformError(f"none of these checks belongs to the level {level}; --level full has all")
    return found


async def conform(
    options: Options, progress: Callable[[Result], None] | None = None, *, loaded: Scenario | None = None
) -> Report:
    """Check the node of ``options``; ``progress`` is told of each result. ``loaded``: the scenario, if it is at hand.

    A node that does not answer, or answers garbage, fails its checks. Raise a :class:`CorridorError` for options that
    cannot be: a country that the scenario does not pass, keys that are missing, an unknown check.
    """
    if not MEMBER_ID.fullmatch(options.country) or role(options.country) != "service":
        raise ConformError(f"{options.country} is no service: write its country, as in KZ")
    checks = chosen(options.only, options.level)
    trust = trust_for(options.url, options.members, options.keys, insecure=options.insecure)
    began, clock = datetime.now(UTC).replace(microsecond=0), monotonic()
    async with Wire(options.url, options.country, options.timeout, trust.tls) as wire:
        met = await _meet(wire)
        scenario = loaded or _scenario(options, met)
        arm = options.arm or _arm(scenario, met)
        now = max(scenario.start, met.now + timedelta(minutes=1)) if met.stepped else met.now
        cast = cast_of(scenario, arm, options.country, now, trust.services())
        nonce = "".join(secrets.choice(_ALPHABET) for _ in range(6))
        probe = Probe(wire, trust, cast, stepped=met.stepped, now=now, nonce=nonce)
        if met.stepped:
            await _begin(wire, trust, options.country, now)
        end = _End(clock + options.within, options.within)
        async with AsyncExitStack() as open_:
            if options.listen is not None:
                partner = Partner(options.listen, trust, lambda: probe.now, wire.exchanges.append)
                probe.listening = await open_.enter_async_context(partner)
            results = [await _made(check, probe, end, progress) for check in checks]
    return Report(
        url=options.url,
        country=options.country,
        scenario=scenario.id,
        arm=arm,
        mode="stepped" if met.stepped else "live",
        trust="demo trust" if trust.demo else str(options.members),
        began=began,
        seconds=monotonic() - clock,
        results=tuple(results),
        level=options.level,
    )


async def _meet(wire: Wire) -> _Met:
    """Ask the node how its time goes. One that does not say is taken for live, one with an impossible time by ours."""
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        answer = await wire.ask("GET", "/health")
    except NoAnswer:
        return _Met(False, now, {})
    told = answer.document()
    setting = told.get("setting")
    try:
        theirs = parse_time(told["now"])
        if not EARLIEST <= theirs <= LATEST:
            theirs = now
    except (KeyError, TypeError, ValueError):
        theirs = now
    return _Met(told.get("stepped") is True, theirs, setting if isinstance(setting, dict) else {})


async def _begin(wire: Wire, trust: Trust, country: str, now: datetime) -> None:
    """Tell a stepped node when it is, so that every check begins at one time; whether it takes that is a check."""
    body = json.dumps({"now": format_time(now)}).encode()
    operator = f"{country}.OPERATOR"
    if not trust.has(operator):
        return
    proof = credential(trust.key(operator), "POST", "/time", now, node=country, body=body)
    headers = [("Content-Type", "application/json"), ("Authorization", proof), (TIME, format_time(now))]
    try:
        await wire.ask("POST", "/time", headers, body, who=operator)
    except NoAnswer:
        return


def _scenario(options: Options, met: _Met) -> Scenario:
    """Return the scenario asked for, else that which the node tells of, if we have it, else the default."""
    from scenarios.scenario import ScenarioError, load_scenario

    if options.scenario is not None:
        return load_scenario(options.scenario, ())
    told = met.setting.get("scenario")
    if isinstance(told, str) and told.replace("_", "").isalnum():
        try:
            return load_scenario(told, ())
        except ScenarioError:
            pass
    return load_scenario(DEFAULT, ())


def _arm(scenario: Scenario, met: _Met) -> str:
    """Return the arm that the node tells of, if the scenario has it, else the default, else the scenario's last."""
    for one in (met.setting.get("arm"), DEFAULT_ARM):
        if isinstance(one, str) and one in scenario.arms:
            return one
    return list(scenario.arms)[-1]


class _End:
    """When the run has to be over (``at``, monotonic seconds): the first check after that fails, the others wait."""

    def __init__(self, at: float, within: float) -> None:
        self._at = at
        self._within = within
        self._told = False

    def look(self) -> None:
        """Raise :class:`Failed` once the time is over, then :class:`NotApplicable`."""
        if monotonic() < self._at:
            return
        if self._told:
            raise NotApplicable(f"not asked: the time of the run was over ({self._within:g} s)")
        self._told = True
        raise Failed(f"the node answers so slowly that the {self._within:g} s of the run were over before this check")


async def _made(check: Check, probe: Probe, end: _End, progress: Callable[[Result], None] | None) -> Result:
    first = len(probe.wire.exchanges)
    outcome: Outcome = "passed"
    text = ""
    probe.check = check.number
    try:
        if probe.wire.silent >= PATIENCE:
            raise NotApplicable(f"not asked: the node gave no answer to {PATIENCE} requests in a row")
        end.look()
        await check.run(probe)
    except NotApplicable as reason:
        outcome, text = "not applicable", str(reason)
    except (Failed, NoAnswer) as reason:
        outcome, text = "failed", str(reason)
    except Exception as trouble:  # whatever a stranger's answer did to a check, the run goes on
        outcome, text = "failed", f"the answer cannot be judged: {type(trouble).__name__}: {trouble}"
    result = Result(check, outcome, clean(text), tuple(probe.wire.exchanges[first:]))
    if progress is not None:
        progress(result)
    return result


__all__ = ["DEFAULT", "PATIENCE", "TIMEOUT", "WITHIN", "ConformError", "Options", "Report", "chosen", "conform"]
