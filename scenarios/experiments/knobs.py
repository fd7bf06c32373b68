"""Knobs: short names for what one wants to turn in any scenario, each a change of many keys at once.

=================  ===================================================================================================
``listed``         share of each flow's consignors that stand on the agreed list (in the order of the file; rounded to
                   whole traders)
``lead_time``      how long before arrival every entry office asks for the information; later is too late to be used
``residual``       share of the controls that are made although a recognised result would waive them, at all offices
``late``           share of consignments whose information is not there when the goods arrive
``outage``         share of the days of each service on which its node is down for some hours (a fault ``outages``); its
                   luck is the node's and the day's, the same in all arms
``in_force``       only these agreements are in force (joined by ``+``) of those that the arms assume so; the others are
                   as in the baseline
``trains_a_day``   background trains: ``120 %`` of what the file says on every line, or ``9``: so many a day on the
                   first line that has a rate of its own, the other lines in proportion
``scan_at_entry``  share scanned at the entry office that the scenario's assumptions name
=================  ===================================================================================================

Any other key is one of the scenario file, as ``corridor run --set`` takes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exchange.agreements import IN_FORCE, registry
from exchange.errors import CorridorError
from scenarios.scenario.arms import BASELINE

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

NEW = "set for this run"
"""Source of a figure that the file does not have."""
OUTAGES = "outages"
"""The id of the fault that a scenario without one gets, and the kind of it."""
LASTS = "U(2, 24) h"
"""How long a node is down on such a day (designed: from a repair the same morning to a lost day)."""
_SHARE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")
_HOURS = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(h|d)")
_TRAINS = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?: ?trains/d)?")


class KnobError(CorridorError):
    """A value does not fit its knob, or the scenario has nothing that the knob turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """A knob: its title, values to sweep by default, and the ``key.path=value`` that a value stands for.

    ``among``: gives the usual values of a scenario, where they depend on it.
    """

    key: str
    title: str
    values: tuple[str, ...] = ()
    turn: Callable[[Scenario, str], list[str]]
    among: Callable[[Scenario], tuple[str, ...]] | None = None

    def usual(self, scenario: Scenario) -> tuple[str, ...]:
        """Return the values that a sweep of this knob without any tries in ``scenario``."""
        return self.values if self.among is None else self.among(scenario)


def _share(key: str, value: str) -> float:
    found = _SHARE.fullmatch(value.strip())
    if found is None or float(found[1]) > 100:
        raise KnobError(f"{key}={value}: give a share from 0 % to 100 %, as {key}=5%")
    return float(found[1])


def _listed(scenario: Scenario, value: str) -> list[str]:
    share = _share("listed", value) / 100
    listed: dict[str, bool] = {}
    for flow in scenario.flows:
        if flow.scheme:
            whole = int(share * len(flow.consignors) + 0.5)
            for number, trader in enumerate(flow.consignors):
                listed.setdefault(trader, number < whole)
    if not listed:
        raise KnobError(f"listed={value}: no flow of {scenario.id} falls under an agreement, so the list has no effect")
    return [f"traders.{trader}.on_list={str(on).lower()}" for trader, on in listed.items()]


def _lead_time(scenario: Scenario, value: str) -> list[str]:
    found = _HOURS.fullmatch(value.strip())
    if found is None:
        raise KnobError(f"lead_time={value}: give hours or days before arrival, as lead_time=4h")
    figure = f"{found[1]} {found[2]}"
    offices = {side.office for side in scenario.sides.values() if side.direction == "entry" and not side.knows}
    chosen = [office for office in scenario.policies if office in offices]
    if not chosen:
        raise KnobError(f"lead_time={value}: no entry office of {scenario.id} asks for information before arrival")
    return [
        f"policies.{office}.lead_time={figure}"
        if scenario.policies[office].lead_time is not None
        else f'policies.{office}.lead_time={{is: "{figure}", mark: designed, source: "{NEW}"}}'
        for office in chosen
    ]


def _residual(scenario: Scenario, value: str) -> list[str]:
    share = f"{_share('residual', value):g} %"
    return [f"policies.{office}.residual={share}" for office in scenario.policies]


def _late(scenario: Scenario, value: str) -> list[str]:
    share = f"{_share('late', value):g} %"
    timed = [flow.id for flow in scenario.flows if flow.vehicles.lead is not None]
    return [f"delivery.late_share={share}", *(f"flows.{flow}.vehicles.lead.late_share={share}" for flow in timed)]


def _outage(scenario: Scenario, value: str) -> list[str]:
    share = _share("outage", value)
    known = [number for number, fault in enumerate(scenario.faults) if fault.kind == OUTAGES]
    if known:
        return [f"faults.{number}.days={share:g} %" for number in known]
    if not share:
        return []
    faults = [fault.model_dump(mode="json", by_alias=True, exclude_none=True) for fault in scenario.faults]
    basis = {"mark": "designed", "source": NEW}
    fault = {"kind": OUTAGES, "id": OUTAGES, "days": {"is": f"{share:g} %", **basis}, "lasts": {"is": LASTS, **basis}}
    return [f"faults={json.dumps([*faults, fault])}"]


def _assumed(scenario: Scenario) -> dict[str, list[str]]:
    """Return the agreements that arms other than the baseline put in force, each with these arms."""
    found: dict[str, list[str]] = {}
    for arm, statuses in scenario.arms.items():
        for agreement, status in statuses.items():
            if arm != BASELINE and status.startswith(IN_FORCE):
                found.setdefault(agreement, []).append(arm)
    return found


def _each_alone(scenario: Scenario) -> tuple[str, ...]:
    """Return the agreements that can be in force alone: in all arms but the baseline, so that none is left without."""
    arms = [arm for arm in scenario.arms if arm != BASELINE]
    return tuple(agreement for agreement, where in _assumed(scenario).items() if where == arms)


def _in_force(scenario: Scenario, value: str) -> list[str]:
    assumed = _assumed(scenario)
    kept = [part.strip() for part in value.split("+")]
    strange = [part for part in kept if part not in assumed]
    if strange:
        raise KnobError(
            f"in_force={value}: no arm of {scenario.id} has {strange[0] or 'that'!r} in force: name one or more of "
            f"{', '.join(assumed) or 'none'}, joined by +"
        )
    before, actual = scenario.arms[BASELINE], registry()
    return [
        f"arms.{arm}.{agreement}={before.get(agreement) or actual[agreement].status}"
        for agreement, arms in assumed.items()
        if agreement not in kept
        for arm in arms
    ]


def _trains_a_day(scenario: Scenario, value: str) -> list[str]:
    rates = {
        key: side.background.rate
        for key, side in scenario.sides.items()
        if side.background is not None and side.background.rate is not None
    }
    trains = {key: rate.value for key, rate in rates.items() if rate.is_.endswith("trains/d")}
    if not trains:
        raise KnobError(f"trains_a_day={value}: no border side of {scenario.id} has background trains of its own")
    share, number = _SHARE.fullmatch(value.strip()), _TRAINS.fullmatch(value.strip())
    if share is not None:
        factor = float(share[1]) / 100
    elif number is not None:
        factor = float(number[1]) / next(iter(trains.values()))
    else:
        raise KnobError(f"trains_a_day={value}: give trains, as trains_a_day=9, or a share, as trains_a_day=120%")
    return [f"sides.{key}.background.rate={rate * factor:.6f} trains/d" for key, rate in trains.items()]


def _scan_at_entry(_scenario: Scenario, value: str) -> list[str]:
    return [f"assumptions.scan_share_at_entry.share={_share('scan_at_entry', value):g} %"]


_ALL = (
    Knob(key="listed", title="Consignors on the list", values=("0 %", "25 %", "50 %", "75 %", "100 %"), turn=_listed),
    Knob(key="lead_time", title="Lead time asked for", values=("2 h", "12 h", "24 h", "168 h"), turn=_lead_time),
    Knob(key="residual", title="Residual control", values=("0 %", "2 %", "10 %", "25 %", "50 %"), turn=_residual),
    Knob(key="outage", title="Days with an outage of each node", values=("0 %", "5 %", "20 %", "50 %"), turn=_outage),
    Knob(key="trains_a_day", title="Background trains", values=("80 %", "90 %", "100 %", "110 %"), turn=_trains_a_day),
)
KNOBS: Mapping[str, Knob] = {
    knob.key: knob
    for knob in (
        *_ALL,
        Knob(key="late", title="Information missing at arrival", values=("0 %", "5 %", "20 %", "50 %"), turn=_late),
        Knob(key="in_force", title="Agreement in force alone", turn=_in_force, among=_each_alone),
        Knob(
            key="scan_at_entry",
            title="Scanned at entry",
            values=("0 %", "15 %", "50 %", "100 %"),
            turn=_scan_at_entry,
        ),
    )
}
"""Key → knob."""
SWEPT_BY_ALL = tuple(knob.key for knob in _ALL)
"""What ``--sweep all`` turns."""


def expand(scenario: Scenario, settings: Sequence[str]) -> list[str]:
    """Return ``settings`` (``KEY=VALUE``) as keys of the scenario file, knobs resolved for ``scenario``.

    Raise KnobError for a value that does not fit its knob.
    """
    expanded: list[str] = []
    for setting in settings:
        key, equals, value = setting.partition("=")
        expanded += KNOBS[key].turn(scenario, value) if equals and key in KNOBS else [setting]
    return expanded


def title(key: str) -> str:
    """Return the name of a key in words; of a file's key, itself."""
    return KNOBS[key].title if key in KNOBS else key


__all__ = ["KNOBS", "SWEPT_BY_ALL", "Knob", "KnobError", "expand", "title"]
