"""A scenario: parties, route, traffic, border sides, agreements, arms, faults and checks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, StrictStr, model_validator

from exchange.messages.base import CountryCode, format_time
from exchange.validation.grading import RuleConfig, rule_config
from scenarios.scenario.assumed import AssumedStatus, WhatIf
from scenarios.scenario.border import Name, Side
from scenarios.scenario.faults import FaultFile
from scenarios.scenario.figures import Figure, FigureRow, Hours, Strict, split_unit
from scenarios.scenario.images import Images
from scenarios.scenario.lists import ListChange, Variant
from scenarios.scenario.policy import (
    Assistance,
    Assumptions,
    Check,
    ControlPolicy,
    ControlPolicyFile,
    Delivery,
    Detection,
    Selection,
    TargetingRule,
)
from scenarios.scenario.sailing import Line
from scenarios.scenario.services import ELSEWHERE, Elsewhere, WallSeconds, split
from scenarios.scenario.traffic import Flow, Office, Place, RoutePoint, Trader

ARMS = ("baseline", "advance", "recognition")


def _start(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError('a time must be text: write it in quotes, in UTC, as "2018-03-05T00:00:00Z"')
    if value == "now":
        return datetime.now(UTC).replace(microsecond=0)
    try:
        time = datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise ValueError(f'{value!r} is no time: write it in UTC, as "2018-03-05T00:00:00Z"') from None
    return time.replace(tzinfo=UTC)


class Scenario(Strict):
    """Everything a run needs to know; see ``scenario.schema.json`` beside the shipped files for their format."""

    id: Annotated[StrictStr, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$")]
    title: StrictStr
    description: StrictStr
    reference_period: StrictStr
    start: Annotated[datetime, BeforeValidator(_start)] = Field(
        description='When the world begins, in UTC; "now": when the file is read.'
    )
    pace: Annotated[float, Field(gt=0, le=1e9)] | None = Field(
        default=None, description="Simulated seconds that pass in a wall second where services run elsewhere, at most."
    )
    time_limit: WallSeconds | None = Field(
        default=None,
        description="Wall time after which a run with services elsewhere is ended.",
        json_schema_extra={"type": ["string", "number", "null"]},
    )
    seed: Annotated[int, Field(ge=0, strict=True)] = 1
    replications: Annotated[int, Field(ge=1, le=10000, strict=True)] = 10
    warm_up: Hours
    services: Annotated[tuple[CountryCode, ...], Field(min_length=1)]
    elsewhere: Mapping[CountryCode, Elsewhere] = Field(default_factory=dict)
    via: StrictStr | None = Field(default=None, description="The way chosen, where flows name several.")
    what_if: WhatIf = Field(
        description="Agreements assumed otherwise than they are: those that arms name, or agreement → status."
    )
    arms: Mapping[StrictStr, Mapping[StrictStr, AssumedStatus]] = Field(
        description="Arm → agreement → status, as 'in force from 2018-01-01'."
    )
    assumptions: Assumptions
    places: Mapping[StrictStr, Place]
    offices: Mapping[StrictStr, Office]
    traders: Mapping[Annotated[StrictStr, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,11}$")], Trader]
    flows: Annotated[tuple[Flow, ...], Field(min_length=1)]
    sailings: Mapping[Name, Line] = Field(default_factory=dict, description="Lines whose ships sail at a schedule.")
    sides: Mapping[StrictStr, Side]
    policies: Mapping[StrictStr, ControlPolicyFile] = Field(description="Office → what it selects.")
    detection: Detection
    delivery: Delivery
    illustrative: StrictStr | None = Field(
        default=None, min_length=3, description="Why its results illustrate and measure nothing; shown with them."
    )
    rules: Mapping[StrictStr, Literal["error", "warning", "off"]] = Field(
        default_factory=dict, description="Rule of the catalogue, or part of one (PIX-024a) → its grade in the nodes."
    )
    versions: Mapping[StrictStr, Literal["1.0", "1.1"]] = Field(
        default_factory=dict, description="Agreement → version of the message set, where it is another than agreed."
    )
    images: Images | None = Field(default=None, description="Inspection images that posts take and services fetch.")
    faults: tuple[FaultFile, ...] = Field(default=(), description="Faults of delivery on purpose.")
    assistance: Assistance | None = Field(
        default=None, description="People who answer requests for mutual assistance, simulated in every service."
    )
    list_changes: tuple[ListChange, ...] = Field(
        default=(), description="Traders taken off the list of participants, or put back, while it runs."
    )
    variant: Name | None = Field(default=None, description="The variant chosen.")
    variants: Mapping[Name, Variant] = Field(default_factory=dict, description="What it can also be run with, by name.")
    checks: tuple[Check, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _services(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and ELSEWHERE in given:
            raise ValueError(f"{ELSEWHERE} is no key: 'services' says where a service runs, as {{KZ: {{url: …}}}}")
        return split(given)

    def model_post_init(self, context: Any) -> None:
        """Let sides know their country and flows their route, as far as the file's references hold."""
        for side in self.sides.values():
            if side.office in self.offices:
                side._country = self.offices[side.office].country
        for flow in self.flows:
            flow._route = self._route(flow)

    def _route(self, flow: Flow) -> tuple[RoutePoint, ...]:
        points, km = [], 0.0
        for number, stop in enumerate(flow.stops):
            if number and number <= len(flow.legs):
                km += flow.legs[number - 1].length.value
            place = self.places.get(stop.place)
            if place is None:
                return ()
            points.append(RoutePoint(stop.place, place.name, place.country, place.position.lat, place.position.lon, km))
        return tuple(points)

    @cached_property
    def books(self) -> bool:
        """Return whether any flow books its times at the border: then all flows are asked how long they wait."""
        return any(flow.vehicles.booking is not None for flow in self.flows)

    @property
    def warm_up_hours(self) -> float:
        """Return the hours of background alone that are not counted."""
        return self.warm_up.value

    @cached_property
    def controls(self) -> Mapping[str, ControlPolicy]:
        """Return the controls of each office with the assumptions applied."""
        return {office: self._policy(office, policy) for office, policy in self.policies.items()}

    def _policy(self, office: str, policy: ControlPolicyFile) -> ControlPolicy:
        assumed = self.assumptions.scan_share_at_entry
        selections = {}
        for presentation, selection in policy.presentations.items():
            scan = selection.scan.value if selection.scan else 0.0
            if office == assumed.office and presentation == "ENTRY":
                scan = assumed.share.value
            selections[presentation] = Selection(
                documents=selection.documents,
                scan=scan,
                physical=selection.physical.value,
                weighing=selection.weighing.value if selection.weighing else 0.0,
                scheme=selection.scheme,
            )
        return ControlPolicy(
            office=office,
            country=self.offices[office].country,
            presentations=selections,
            residual=policy.residual.value if policy.residual else None,
            lead_time=policy.lead_time.value if policy.lead_time else None,
            rules=tuple(
                TargetingRule(
                    id=rule.id,
                    title=rule.title,
                    form=rule.form,
                    share=rule.share.value,
                    hs=rule.hs,
                    origin=rule.origin,
                    traders=rule.traders,
                )
                for rule in policy.rules
            ),
        )

    @cached_property
    def grades(self) -> RuleConfig:
        """Return the rules as the nodes grade them."""
        return rule_config({"rules": self.rules}, self.id)

    def on_list(self, consignor: str, consignee: str) -> bool:
        """Return whether both traders stand on the agreed list."""
        return self.traders[consignor].on_list and self.traders[consignee].on_list

    def member(self, trader: str) -> str:
        """Return the member id of ``trader`` (``CN.XA001``)."""
        return f"{self.traders[trader].country}.{trader}"

    def post(self, office: str) -> str:
        """Return the member id of the post at ``office`` (``KZ.99101``)."""
        return f"{self.offices[office].country}.{office}"

    def reporting_office(self, flow: Flow, stop: int) -> str | None:
        """Return the office whose post reports what happens to goods at ``stop``: its own, else the nearest on the
        flow's way in that country, those ahead first; None if there is none."""
        country = self.places[flow.stops[stop].place].country
        for other in (*flow.stops[stop:], *reversed(flow.stops[:stop])):
            office = other.office if other.side is None else self.sides[other.side].office
            if office is not None and self.offices[office].country == country:
                return office
        return None

    @property
    def sides_passed(self) -> tuple[str, ...]:
        """Return the keys of the border sides that flows pass, in their order."""
        return tuple(dict.fromkeys(side for flow in self.flows for side in flow.sides))

    def figures(self) -> list[FigureRow]:
        """Return every figure of the file, in its order."""
        return list(_figures("", self))

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the resolved content, in hexadecimal."""
        content = self.model_dump(mode="json", by_alias=True)
        content["start"] = format_time(self.start)
        for key in (ELSEWHERE, "pace", "time_limit"):
            del content[key]  # where and how fast nodes run is no part of the world
        if self.images is None:
            del content["images"]  # a scenario without any keeps the digest it had
        del content["variants"]  # what it adds stands in the scenario once it is chosen
        for key in ("rules", "faults", "versions", "sailings", "list_changes"):
            if not content[key]:
                del content[key]  # a scenario that states none of these keeps the digest it had
        text = json.dumps(_stated(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()


class ByContent:
    """A scenario as part of a key: two of the same content, such as those of two tasks, are one to it."""

    __slots__ = ("scenario",)

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def __hash__(self) -> int:
        return hash(self.scenario.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByContent) and self.scenario.digest == other.scenario.digest


LATER = frozenset(
    {
        "alert",
        "assistance",
        "booking",
        "carrier",
        "declared_ahead",
        "differs",
        "hours",
        "illustrative",
        "inspections",
        "length",
        "mode",
        "opening_on",
        "other",
        "over",
        "reason",
        "residual",
        "sailing",
        "shares",
        "staff",
        "variant",
        "via",
        "week",
    }
)
"""Keys that the format got later: a file that does not state them keeps the digest it had."""


def _stated(value: Any) -> Any:
    """Return ``value`` without the keys of LATER that are not stated."""
    if isinstance(value, dict):
        return {key: _stated(part) for key, part in value.items() if part is not None or key not in LATER}
    return [_stated(part) for part in value] if isinstance(value, list) else value


def _figures(path: str, value: object) -> Iterator[FigureRow]:
    if isinstance(value, Figure):
        amount, unit = split_unit(value.is_)
        yield FigureRow(path, amount, unit, value.mark, value.source)
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _figures(f"{path}.{field.alias or name}".lstrip("."), getattr(value, name))
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _figures(f"{path}.{key}", part)
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            yield from _figures(f"{path}.{number}", part)


__all__ = ["ARMS", "Scenario"]
