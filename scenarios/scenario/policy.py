"""What services select, what controls find, and what a run must show, as a scenario file states it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StrictStr

from exchange.messages.base import ControlForm, Presentation
from scenarios.scenario.figures import Distance, Figure, Hours, HoursRange, Share, Strict

DocumentWork = Literal["none", "check", "capture_and_check", "discharge"]


class RiskRule(Strict):
    """A rule that targets a consignment by facts known in every arm; ``share`` of the matching goods are selected."""

    id: Annotated[StrictStr, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: StrictStr
    form: ControlForm
    share: Share
    hs: tuple[StrictStr, ...] = Field(default=(), description="Prefixes of HS codes; none: any goods.")
    origin: tuple[StrictStr, ...] = Field(default=(), description="Countries of origin; none: any.")
    traders: tuple[StrictStr, ...] = Field(default=(), description="Trader ids; none: any.")


class SelectionFile(Strict):
    """What an office selects at one presentation, as the file says it."""

    documents: DocumentWork = "none"
    scan: Share | None = Field(default=None, description="Left out at the office that assumptions name.")
    physical: Share
    weighing: Share | None = None
    scheme: tuple[ControlForm, ...] = Field(
        default=(), description="Forms made for every scheme consignment where results are recognised onward."
    )


class ControlPolicyFile(Strict):
    """The controls of an office, as the file says them."""

    presentations: Mapping[Presentation, SelectionFile]
    residual: Share | None = Field(
        default=None, description="Recognised controls made all the same. Left out: what the agreement says."
    )
    lead_time: Hours | None = Field(default=None, description="Information later than this before arrival is LATE.")
    rules: tuple[RiskRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What an office selects at one presentation: shares of consignments (0–1)."""

    documents: DocumentWork
    scan: float
    physical: float
    weighing: float
    scheme: tuple[ControlForm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetingRule:
    """A risk rule: ``share`` (0–1) of the goods that match is selected for ``form``, as targeted."""

    id: str
    title: str
    form: ControlForm
    share: float
    hs: tuple[str, ...]
    origin: tuple[str, ...]
    traders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPolicy:
    """The controls of an office with the assumptions applied; ``lead_time`` in hours, none where not asked for.

    ``residual``: share of recognised controls made all the same (0–1); None: as the agreement has it.
    """

    office: str
    country: str
    presentations: Mapping[Presentation, Selection]
    residual: float | None
    lead_time: float | None
    rules: tuple[TargetingRule, ...]


class Grades(Strict):
    """Probability of a find by the consignment's concealment grade."""

    easy: Share
    hard: Share


class Detection(Strict):
    """How many consignments are irregular, where that arises, and what each form of control finds."""

    irregular_on_list: Share
    irregular_off_list: Share
    arises_on_the_way: Share
    hard: Share = Field(description="Share of hard concealment among the irregular.")
    seal_shows: Share = Field(description="An irregularity that arose on the way shows at the seal, each entry side.")
    documentary: Grades
    weighing: Grades
    scan: Grades
    physical: Grades

    def share(self, form: ControlForm, grade: Literal["easy", "hard"]) -> float:
        """Return the probability (0–1) that a control of ``form`` finds an irregularity of ``grade``."""
        grades: Grades = getattr(self, form.lower())
        return (grades.easy if grade == "easy" else grades.hard).value


class Delivery(Strict):
    """Faults of delivery between services: information that comes late or unusable."""

    late_share: Share = Field(description="Consignments whose AAR, ATR and CTR are delayed.")
    late_by: Hours


class Assistance(Strict):
    """What the people of a service find out when they are asked for assistance; the rest cannot be found out.

    How many days that takes stands in the liaison directory.
    """

    explains: Share = Field(description="Answers that explain what was found.")
    offence: Share = Field(description="Answers that tell of an offence.")


class Switch(Figure):
    """An assumption that is true or not; ``is`` says yes or no."""

    UNITS = "'yes' or 'no'"

    def parse(self) -> bool:
        return self.match(r"yes|no")[0] == "yes"

    @property
    def value(self) -> bool:
        """Whether the assumption holds."""
        return self.parse()


class EntryScan(Strict):
    """The share scanned at an entry office."""

    office: StrictStr
    share: Share


class Assumptions(Strict):
    """The two modelling choices that move the result most."""

    wagons_wait_for_customs: Switch
    scan_share_at_entry: EntryScan


class Check(Strict):
    """An expectation of the run; which fields it needs depends on its ``kind``."""

    name: StrictStr
    kind: Literal[
        "coverage_kept_under_faults",
        "coverage_gain_at_least",
        "coverage_loss_at_most",
        "finds_no_fewer",
        "ends_as_without_faults",
        "images_repaired",
        "nothing_doubled",
        "nothing_lost",
        "nothing_parked",
        "out_of_turn_refused",
        "worked_under_fallback",
        "utilisation_at_most",
        "delivered_all",
        "distance_at_least",
        "saved_not_negative",
        "journey_between",
        "side_between",
        "side_saves_at_least",
        "side_saves_at_most",
        "last_through_within",
        "waits_at_home_between",
        "recognised_by_chain",
        "recognition_refused_for",
        "export_mass_differs_between",
        "export_unknown_between",
        "settled_between",
        "recovered_between",
        "days_to_settle_between",
    ]
    arm: StrictStr | None = None
    over: StrictStr | None = Field(
        default=None, description="The arm that hours saved at a side are counted from; without it the baseline."
    )
    limit: Share | None = None
    hours: Hours | None = Field(default=None, description="For hours saved at a side, or between two flows.")
    band: HoursRange | None = None
    length: Distance | None = Field(default=None, description="Of the whole way of a flow.")
    shares: tuple[Share, Share] | None = Field(default=None, description="Least and greatest share.")
    side: StrictStr | None = None
    flow: StrictStr | None = None
    other: StrictStr | None = Field(default=None, description="The flow that flow is compared with.")
    reason: StrictStr | None = Field(
        default=None, description="Code for which a result does not count, of those in docs/recognition.md."
    )


__all__ = [
    "Assistance",
    "Assumptions",
    "Check",
    "ControlPolicy",
    "ControlPolicyFile",
    "Delivery",
    "Detection",
    "DocumentWork",
    "EntryScan",
    "Grades",
    "RiskRule",
    "Selection",
    "SelectionFile",
    "Switch",
    "TargetingRule",
]
