"""Inspection images, as a scenario file states them: who takes them, and over what line they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StrictStr, field_validator

from nodes.imaging import LARGEST
from scenarios.scenario.figures import Bytes, LineSpeed, Share, Strict

if TYPE_CHECKING:
    from exchange.agreements import Agreement
    from scenarios.scenario.border import Customs
    from scenarios.scenario.model import Scenario


PICTURED = frozenset({"SCAN", "PHYSICAL"})
"""Forms of control of which an agreement can ask for an image."""


class Images(Strict):
    """Posts that give a simulated picture with each scan, or with each inspection too; the line to fetch them.

    The pictures are small. ``stands_for`` says how large a scanner's own file is, which sets the time of a transfer.
    """

    offices: Annotated[tuple[StrictStr, ...], Field(min_length=1)] = Field(
        description="Offices whose scanner gives an image with each scan."
    )
    inspections: bool | None = Field(
        default=None,
        description="Each inspection of scenario goods at these offices ends with a scan of what was stowed back, "
        "which takes its time; its image belongs to the act of inspection. What is seized is not scanned.",
    )
    scanner: Literal["XRAY", "GAMMA", "BACKSCATTER", "NEUTRON"] = "XRAY"
    scan_mode: Literal["PORTAL", "GANTRY", "MOBILE", "RAIL"] = "GANTRY"
    stands_for: Bytes = Field(description="Size of a scanner's own file, for the time that a transfer takes.")
    line: LineSpeed = Field(description="Speed of the line between the services.")
    corrupted: Share = Field(description="Transfers in which the image changes on the way.")

    @field_validator("stands_for")
    @classmethod
    def _fetched_at_all(cls, value: Bytes) -> Bytes:
        if value.value > LARGEST:
            raise ValueError(f"{value.is_} is more than is fetched, {LARGEST / 1_000_000:.0f} MB: give less")
        return value


def image_problems(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the location and the sentence of what cannot be about a scenario's images."""
    for number, office in enumerate(scenario.images.offices if scenario.images is not None else ()):
        works = [side.customs for side in scenario.sides.values() if side.office == office]
        works += [found.customs for code, found in scenario.offices.items() if code == office]
        if office not in scenario.offices:
            names = ", ".join(sorted(scenario.offices))
            yield ("images", "offices", number), f"office {office!r} does not exist: correct it; known are {names}"
        elif not any(customs is not None and customs.scan for customs in works):
            yield (
                ("images", "offices", number),
                f"office {office} scans nothing: state customs.scan there",
            )
        elif scenario.images is not None and scenario.images.inspections and _by_vehicle(works):
            yield (
                ("images", "inspections"),
                f"office {office} scans whole vehicles, so what an inspection stowed back cannot be scanned alone: "
                "state a scan per consignment in customs.scan, or leave images.inspections out",
            )


def _by_vehicle(works: list[Customs | None]) -> bool:
    return any(step.per == "vehicle" for customs in works if customs is not None for step in customs.scan)


def unpictured(scenario: Scenario, agreement: Agreement) -> str | None:
    """Return why results under an agreement in force could never count for want of images; None if some can.

    Where the agreement asks for images, and offices of its parties make scans or inspections for it (``scheme``), one
    of them must have a scanner that gives any.
    """
    terms = agreement.recognition
    if terms is None or not terms.image_duty:
        return None
    making = [
        office
        for office, policy in scenario.controls.items()
        if scenario.offices[office].country in agreement.parties
        and any(PICTURED & terms.forms & set(made.scheme) for made in policy.presentations.values())
    ]
    if not making or (scenario.images is not None and set(scenario.images.offices) & set(making)):
        return None
    return (
        "asks for an image with each scan and inspection, but no office that makes them for its parties "
        f"({', '.join(making)}) gives any, so each result would be refused for its image: name one that scans under "
        "images.offices, or take the agreement out"
    )


__all__ = ["Images", "image_problems", "unpictured"]
