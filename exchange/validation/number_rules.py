"""The rules PIX-002 to PIX-011: the numbers of a message, its containers, wagons and seals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from exchange import identifiers
from exchange.codec import shapes
from exchange.errors import IdentifierError
from exchange.messages import (
    AdvanceDeclaration,
    AnticipatedArrivalRecord,
    AnticipatedTransitRecord,
    ArrivalAdvice,
    ControlResult,
    Departure,
    Incident,
    Message,
    PixModel,
    RegistrationResult,
    Seal,
    SealFound,
    TransportMeans,
)
from exchange.validation.rules import Break, Path, register

WITH_CONSIGNMENT = "ADV AAR ATR"
Shipped = AdvanceDeclaration | AnticipatedArrivalRecord | AnticipatedTransitRecord


def asks(check: Callable[[str], None]) -> Callable[[str], str | None]:
    """Return ``check`` as a question with a remembered answer: what is wrong with a value, or None."""

    @lru_cache(maxsize=8192)
    def ask(value: str) -> str | None:
        try:
            check(value)
        except IdentifierError as error:
            return str(error)
        return None

    return ask


_container_fault = asks(identifiers.check_container)
_wagon_fault = asks(identifiers.check_wagon)
_mrn_fault = asks(identifiers.check_mrn)
_pi_fault = asks(identifiers.check_pi_number)


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


@register("PIX-002", "REG RCG NCK", "an answer names the message it answers", "NCTS R0008, C0511", code="13")
def correlation_given(message: Message) -> Iterator[Break]:
    if message.header.correlation_id is None:
        text = f"A {message.CODE} answers a message, so it needs that message's id as correlation id."
        yield Break(("header", "correlation_id"), None, "the id of the message that is answered", text)


@register("PIX-002a", "ADV", "a declaration answers nothing", "NCTS R0008, C0511", code="15")
def correlation_absent(message: Message) -> Iterator[Break]:
    if message.header.correlation_id is not None:
        text = "An advance declaration answers no message, so it has no correlation id."
        yield Break(("header", "correlation_id"), message.header.correlation_id, "no correlation id", text)


@cache
def _numbered(cls: type[PixModel]) -> tuple[tuple[str, bool, bool, bool], ...]:
    """Return (field, whether it repeats, whether its entries are numbered, whether to look inside)."""
    found = []
    for shape in shapes(cls):
        if issubclass(shape.value_type, PixModel):
            numbered = shape.repeats and "sequence_number" in shape.value_type.model_fields
            inside = bool(_numbered(shape.value_type))
            if numbered or inside:
                found.append((shape.name, shape.repeats, numbered, inside))
    return tuple(found)


def _misnumbered(model: PixModel, path: Path) -> Iterator[Break]:
    for name, repeats, numbered, inside in _numbered(type(model)):
        value: Any = getattr(model, name)
        if value is None:
            continue
        if not repeats:
            yield from _misnumbered(value, (*path, name))
            continue
        for index, entry in enumerate(value):
            if numbered and entry.sequence_number != index + 1:
                where = (*path, name, index, "sequence_number")
                text = f"Entry {index + 1} of its list has the sequence number {entry.sequence_number}."
                yield Break(where, str(entry.sequence_number), str(index + 1), text)
            if inside:
                yield from _misnumbered(entry, (*path, name, index))


@register(
    "PIX-004",
    "ADV AAR ATR CTD CTR ARR DCR NCK",
    "sequence numbers of a list run 1, 2, 3 … without gaps",
    "NCTS R0987, R0988",
)
def sequence_numbers(message: Message) -> Iterator[Break]:
    yield from _misnumbered(message, ())


@register(
    "PIX-005",
    "REG",
    "the date in a PI number exists; its country is the registering service's",
    "EEC Board Decision 52 of 2018",
)
def pi_number(message: RegistrationResult) -> Iterator[Break]:
    number = message.pi_number
    if number is None:
        return
    fault = _pi_fault(number)
    if fault is not None:
        yield Break(("pi_number",), number, "country/DDMMYY/nine characters with a real date", sentence(fault))
    elif number[:2] != message.header.sender[:2]:
        text = f"PI number {number} names {number[:2]}, but {message.header.sender[:2]} registered the declaration."
        yield Break(("pi_number",), number, f"a number that begins with {message.header.sender[:2]}/", text)


_WITH_MRN = "REG REL DEP AAR ATR CTR ARR NCF INC DCR WRO"


@register("PIX-006", _WITH_MRN, "the check digit of an MRN is right", "NCTS R0028", code="93")
def mrn_digit(message: Any) -> Iterator[Break]:
    if message.mrn is not None:
        fault = _mrn_fault(message.mrn)
        if fault is not None:
            yield Break(("mrn",), message.mrn, "an MRN with its check digit", sentence(fault))


@register("PIX-006a", "ADV", "the check digit of a previous MRN is right", "NCTS R0028", code="93")
def previous_mrn_digit(message: AdvanceDeclaration) -> Iterator[Break]:
    if message.previous_mrn is not None:
        fault = _mrn_fault(message.previous_mrn)
        if fault is not None:
            yield Break(("previous_mrn",), message.previous_mrn, "an MRN with its check digit", sentence(fault))


@register(
    "PIX-006b",
    "REL AAR ATR",
    "the country in an MRN is that of the service of departure, which sends this",
    "NCTS R0028",
    code="93",
)
def mrn_country(message: Any) -> Iterator[Break]:
    country = message.header.sender[:2]
    if message.mrn[2:4] != country:
        text = (
            f"MRN {message.mrn} was given in {message.mrn[2:4]}, but {country} sends this as service of departure."
        )
        yield Break(("mrn",), message.mrn, f"{country} in places 3 and 4", text)


@register("PIX-007", WITH_CONSIGNMENT, "the check digit of a container number is right", "ISO 6346")
def container_digits(message: Shipped) -> Iterator[Break]:
    for index, equipment in enumerate(message.consignment.transport_equipment):
        if equipment.container_id is not None:
            fault = _container_fault(equipment.container_id)
            if fault is not None:
                path = ("consignment", "transport_equipment", index, "container_id")
                yield Break(path, equipment.container_id, "a number with its check digit", sentence(fault))


def _wagons(means: Iterable[TransportMeans], path: Path) -> Iterator[Break]:
    for index, one in enumerate(means):
        if one.identification_type == "20":
            fault = _wagon_fault(one.id)
            if fault is not None:
                yield Break((*path, index, "id"), one.id, "a wagon number with its check digit", sentence(fault))


@register(
    "PIX-008",
    WITH_CONSIGNMENT,
    "a wagon number has 12, 8 or (China) 7 digits and its check digit",
    "UIC 438-2, numbering of the 1520 mm railways",
)
def wagon_digits(message: Shipped) -> Iterator[Break]:
    consignment = message.consignment
    yield from _wagons(consignment.transport_means, ("consignment", "transport_means"))
    if consignment.transport_means[0].mode_code != "2":
        return
    for index, equipment in enumerate(consignment.transport_equipment):
        if equipment.means_id is not None:
            fault = _wagon_fault(equipment.means_id)
            if fault is not None:
                path = ("consignment", "transport_equipment", index, "means_id")
                yield Break(path, equipment.means_id, "a wagon number with its check digit", sentence(fault))


@register("PIX-008a", "DEP", "a wagon number has its check digit", "UIC 438-2, numbering of the 1520 mm railways")
def departing_wagon_digits(message: Departure) -> Iterator[Break]:
    yield from _wagons(message.transport_means, ("transport_means",))


@register("PIX-008b", "INC", "a wagon number has its check digit", "UIC 438-2, numbering of the 1520 mm railways")
def changed_wagon_digits(message: Incident) -> Iterator[Break]:
    yield from _wagons(message.former_means, ("former_means",))
    yield from _wagons(message.new_means, ("new_means",))


@register(
    "PIX-009",
    WITH_CONSIGNMENT,
    "the container indicator is true if and only if a container is named",
    "NCTS C0055, C0872",
)
def container_indicator(message: Shipped) -> Iterator[Break]:
    consignment = message.consignment
    any_container = any(e.container_id is not None for e in consignment.transport_equipment)
    if any_container != consignment.container_indicator:
        path = ("consignment", "container_indicator")
        text = (
            "The container indicator is false, but a container is named."
            if any_container
            else "The container indicator is true, but no container is named."
        )
        given = "false" if any_container else "true"
        yield Break(path, given, "true" if any_container else "false, or a container", text)


@register("PIX-010", WITH_CONSIGNMENT, "the number of seals is the count of seals", "NCTS R0106, C0569")
def number_of_seals(message: Shipped) -> Iterator[Break]:
    for index, equipment in enumerate(message.consignment.transport_equipment):
        if equipment.number_of_seals != len(equipment.seals):
            path = ("consignment", "transport_equipment", index, "number_of_seals")
            text = f"{equipment.number_of_seals} seals are announced, but {len(equipment.seals)} follow."
            yield Break(path, str(equipment.number_of_seals), str(len(equipment.seals)), text)


def _repeated(seals: Iterable[tuple[Path, Seal | SealFound]]) -> Iterator[Break]:
    seen: set[str] = set()
    for path, seal in seals:
        if seal.id in seen:
            text = f"Seal {seal.id} stands twice in the message."
            yield Break((*path, "id"), seal.id, "a seal number that stands once", text)
        seen.add(seal.id)


@register("PIX-011", WITH_CONSIGNMENT, "seal numbers are unique in the message", "NCTS R0107")
def unique_seals(message: Shipped) -> Iterator[Break]:
    equipment = message.consignment.transport_equipment
    if sum(len(e.seals) for e in equipment) != len({seal.id for e in equipment for seal in e.seals}):
        yield from _repeated(
            (("consignment", "transport_equipment", i, "seals", j), seal)
            for i, e in enumerate(equipment)
            for j, seal in enumerate(e.seals)
        )


@register("PIX-011a", "ARR", "seal numbers are unique in the message", "NCTS R0107")
def unique_found_seals(message: ArrivalAdvice) -> Iterator[Break]:
    yield from _repeated((("seals_found", i), seal) for i, seal in enumerate(message.seals_found))


@register("PIX-011b", "CTR", "no seal is taken off twice, or put on twice", "NCTS R0107")
def unique_changed_seals(message: ControlResult) -> Iterator[Break]:
    yield from _repeated((("seals_removed", i), seal) for i, seal in enumerate(message.seals_removed))
    yield from _repeated((("seals_affixed", i), seal) for i, seal in enumerate(message.seals_affixed))
