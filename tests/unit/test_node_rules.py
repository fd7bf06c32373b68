"""The rules across messages, as nodes apply them: each is broken once, with its code and id in the answer, and kept."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange.codec import decode
from exchange.messages import (
    AdvanceDeclaration,
    Amendment,
    ArrivalAdvice,
    ControlResult,
    DataRequest,
    Departure,
    FunctionalRejection,
    Header,
    InspectionImage,
    Message,
    NotificationOfCrossing,
    ParticipantList,
    Place,
    RecognitionResponse,
    Seal,
    SealFound,
    SealIntegrity,
)
from exchange.messages.declaration import Change
from exchange.messages.enquiry import DataResponse, ExportData
from exchange.messages.parts import Attachment, MonetaryAmount
from exchange.references import message_id
from tests.journey import COUNTRY, UCR, Journey, consignment, demanded

DIGEST = "ab" * 32
MRN = "18CN9911A0004711J9"
CHANGES = (Change(sequence_number=1, pointer="/Amendment/Consignment", before="1", after="2"),)


def rejection(messages: tuple[Message, ...]) -> tuple[str, str | None]:
    """Return code and rule of the one rejection among ``messages``."""
    [found] = [message for message in messages if isinstance(message, FunctionalRejection)]
    return found.errors[0].code, found.errors[0].rule_id


def mrn_of(journey: Journey) -> str:
    return str(next(m["mrn"] for m in journey.case("CN")["movements"]))


def answered(journey: Journey, to: str, sender: str = "KZ") -> tuple[Message, ...]:
    return journey.hear(
        RecognitionResponse, sender, "CN", to=to, control_result_id=to, act_number="9911/SCAN/FULL", form="SCAN",
        office="99101", outcome="ACCEPTED", stage="CONDITIONAL", decided_at=journey.now,
    )  # fmt: skip


async def test_002_an_answer_to_what_was_never_sent_to_its_sender_is_rejected() -> None:
    journey = Journey("recognition")
    await journey.leave_xian()
    assert rejection(answered(journey, "00000000-0000-4000-8000-000000000000")) == ("14", "PIX-002")
    sent = [i.header.message_id for i in journey.transport.log if i.code == "CTR" and i.header.recipient == "KZ"]
    await journey.wait(minutes=5)
    [offered] = sent or [
        i.header.message_id for i in journey.transport.log if i.code == "CTR" and i.header.recipient == "KZ"
    ]
    assert rejection(answered(journey, offered, sender="FI")) == ("14", "PIX-002")
    assert answered(journey, offered) == ()


@pytest.mark.parametrize(("days", "expired"), [(30, False), (30.01, True)])
async def test_028_a_filing_expires_after_thirty_days(days: float, expired: bool) -> None:
    journey = Journey()
    await journey.file("99101")
    await journey.wait(days=days)
    replies = await journey.arrive("99101", "ENTRY")
    if not expired:
        assert demanded(replies)
        return
    assert rejection(replies) == ("92", "PIX-028")
    await journey.file("99101")
    assert demanded(await journey.arrive("99101", "ENTRY"))


async def test_028_a_declaration_without_departure_expires() -> None:
    journey = Journey()
    await journey.declare()
    await journey.wait(days=31)
    assert rejection(await journey.arrive("9911", "DEPARTURE")) == ("92", "PIX-028")
    assert journey.case("CN")["state"] == "EXPIRED"


async def amended(journey: Journey, sender: str = "CN.XA001", number: int = 1, **changes: Any) -> tuple[Message, ...]:
    return await journey.tell(
        Amendment, sender, mrn=mrn_of(journey), office="9911", amendment_number=number,
        consignment=consignment(**changes), changes=CHANGES,
    )  # fmt: skip


async def test_029_what_identifies_a_declaration_may_not_be_amended_and_nothing_after_release() -> None:
    journey = Journey()
    await journey.declare()
    [equipment] = consignment().transport_equipment
    other = equipment.model_copy(update={"container_id": "MSKU6011672"})
    assert rejection(await amended(journey, transport_equipment=(other,))) == ("14", "PIX-029")
    assert rejection(await amended(journey, sender="CN.XA002")) == ("14", "PIX-029")
    assert rejection(await amended(journey, number=2)) == ("92", "PIX-030")
    assert [m.CODE for m in await amended(journey, gross_mass=Decimal(18100))] == ["REG"]
    assert [m.CODE for m in await amended(journey, number=2, gross_mass=Decimal(18200))] == ["REG"]
    await journey.work("9911", "DEPARTURE", await journey.arrive("9911", "DEPARTURE"))
    assert rejection(await amended(journey, number=3)) == ("92", "PIX-029")


async def test_031_seals_that_a_notice_or_a_control_put_on_are_those_last_known() -> None:
    for told, lost in ((False, True), (True, False)):
        journey = Journey("recognition")
        await journey.leave_xian()
        await journey.wait(days=4)
        if told:
            journey.hear(
                SealIntegrity, "CN", mrn=mrn_of(journey), office="9912", presentation="EXIT", checked_at=journey.now,
                seals_found=(SealFound(sequence_number=1, id="CN0001", state="BROKEN"),),
                seals_affixed=(Seal(sequence_number=1, id="CN0002"),),
            )  # fmt: skip
        await journey.wait(days=1)
        await journey.file("99101")
        await journey.tell(
            ArrivalAdvice, "KZ.99101", office="99101", presentation="ENTRY", arrived_at=journey.now,
            seals_found=(SealFound(sequence_number=1, id="CN0002", state="INTACT"),),
        )  # fmt: skip
        [offer] = journey.case("KZ")["recognitions"]
        assert (offer["stage"] == "LAPSED") is lost


async def test_032_a_change_of_gauge_without_an_incident_is_irregular() -> None:
    from exchange.messages import Incident

    for told in (False, True):
        journey = Journey()
        await journey.file("99101")
        await journey.work("99101", "ENTRY", await journey.arrive("99101", "ENTRY"))
        if told:
            await journey.tell(
                Incident, "KZ.99101", office="99101", incident_code="3", occurred_at=journey.now,
                place=Place(country_code="KZ", name="Altynkol"), under_customs_supervision=True,
            )  # fmt: skip
        await journey.cross("99101", "ENTRY")
        assert [i["rule"] for i in journey.case("KZ")["irregularities"]] == ([] if told else ["PIX-032"])


async def test_035_an_act_number_is_used_once_and_no_control_begins_before_registration() -> None:
    journey = Journey("recognition")
    await journey.declare()
    await journey.arrive("9911", "DEPARTURE")
    assert rejection(await journey.control("9911", "DEPARTURE", "DOCUMENTARY", "CHECK")) == ("14", "PIX-035")
    await journey.wait(hours=2)
    assert demanded(await journey.control("9911", "DEPARTURE", "DOCUMENTARY", "CHECK")) == [("SCAN", "FULL")]
    again: dict[str, Any] = {
        "office": "9911", "presentation": "DEPARTURE", "form": "SCAN", "extent": "FULL", "result": "A1",
        "began_at": journey.now - timedelta(minutes=10), "ended_at": journey.now, "offence_indicator": False,
    }  # fmt: skip
    used = await journey.tell(ControlResult, "CN.9911", act_number="9911/DOCU/CHEC", **again)
    assert rejection(used) == ("14", "PIX-035")
    assert demanded(await journey.tell(ControlResult, "CN.9911", act_number="9911/2", **again)) == []


async def pictured(journey: Journey, **changes: Any) -> tuple[Message, ...]:
    """Let Kazakhstan hear of a scan with one file, and of an image of it."""
    await journey.leave_xian()
    await journey.wait(minutes=5)
    file = Attachment(sequence_number=1, media_type="image/jpeg", sha256=DIGEST, size=1000)
    act: dict[str, Any] = {"mrn": mrn_of(journey), "act_number": "9911/7", "office": "9911"}
    journey.hear(
        ControlResult, "CN", **act, presentation="DEPARTURE", form="SCAN", extent="FULL", result="A1",
        began_at=journey.now - timedelta(hours=1), ended_at=journey.now, offence_indicator=False, attachments=(file,),
    )  # fmt: skip
    image: dict[str, Any] = {
        "image_id": "1", "scanner_id": "S", "scanner_kind": "XRAY", "scan_mode": "RAIL",
        "captured_at": journey.now - timedelta(minutes=30), "container_id": "CSQU3054383", "media_type": "image/jpeg",
        "sha256": DIGEST, "size": 1000, "location": f"/images/{DIGEST}",
    }  # fmt: skip
    return journey.hear(InspectionImage, "CN", **act, **(image | changes))


async def test_036_and_038_an_image_fits_its_act() -> None:
    journey = Journey("recognition")
    assert await pictured(journey) == ()
    assert [image["id"] for image in journey.case("KZ")["images"]] == ["1"]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"size": 1001}, "PIX-036"),
        ({"sha256": "cd" * 32, "location": "/images/" + "cd" * 32}, "PIX-036"),
        ({"container_id": "MSKU6011672"}, "PIX-038"),
        ({"captured_at": journey.now - timedelta(days=1)}, "PIX-038"),
    ]
    for changes, rule in wrong:
        broken = Journey("recognition")
        made = await pictured(broken, **changes)
        assert rejection(made) == ("14", rule)
        [lapsed] = [m for m in made if isinstance(m, RecognitionResponse)]
        assert (lapsed.outcome, lapsed.stage, lapsed.reasons[0].code) == ("REFUSED", "LAPSED", "IMAGE")
        assert broken.case("KZ")["images"] == []


@pytest.mark.parametrize("consents", [False, True])
async def test_044_a_result_of_another_service_goes_no_further_without_its_consent(consents: bool) -> None:
    """An image goes no further at all: it stays with the service that took it."""
    journey = Journey("recognition")
    assert await pictured(journey) == ()
    offered: dict[str, Any] = {
        "mrn": mrn_of(journey), "act_number": "9911/8", "office": "9911", "presentation": "DEPARTURE", "form": "SCAN",
        "extent": "FULL", "result": "A1", "began_at": journey.now - timedelta(hours=1), "ended_at": journey.now,
        "offence_indicator": False, "may_forward": consents,
    }  # fmt: skip
    told = journey.hear(ControlResult, "CN", **offered)
    assert [m.header.recipient for m in told if isinstance(m, ControlResult)] == (["FI"] if consents else [])
    await journey.wait(days=5)
    for office, presentation, days in (("99101", "ENTRY", 1), ("99206010", "EXIT", 6), ("FI542700", "ENTRY", 1)):
        await journey.work(office, presentation, await journey.arrive(office, presentation))
        await journey.cross(office, presentation)
        await journey.wait(days=days)
    exchanged = [decode(item.xml or b"") for item in journey.transport.log if len(item.header.sender) == 2]
    between = [one for one in exchanged if isinstance(one, ControlResult | InspectionImage)]
    assert {(one.header.sender, one.header.recipient, one.act_number) for one in between} >= {
        ("CN", country, "9911/SCAN/FULL") for country in ("KZ", "FI")
    }
    assert [one for one in between if COUNTRY[one.office] != one.header.sender] == []


async def test_040_goods_that_nobody_expected_are_asked_for_at_departure_and_marked() -> None:
    journey = Journey("advance")
    body: dict[str, Any] = {"office": "99101", "presentation": "ENTRY", "arrived_at": journey.now}
    core = journey.cores["KZ"]
    message = ArrivalAdvice(header=journey.header("ARR", "KZ.99101", "KZ"), ucr=UCR, mrn=MRN, **body)
    decision = core.decide(message, journey.now)
    assert rejection(decision.reply) == ("90", "PIX-040")
    [asked] = [o.message for o in decision.send]
    assert isinstance(asked, DataRequest)
    assert (asked.header.recipient, asked.mrn, asked.purpose) == ("CN", MRN, "UNANNOUNCED_ARRIVAL")
    assert journey.case("KZ")["diverted"] == ["99101"]
    expected = Journey("advance")
    await expected.file("99101")
    await expected.arrive("99101", "ENTRY")
    assert expected.case("KZ")["diverted"] == []


async def test_041_times_are_in_order_over_the_whole_history() -> None:
    journey = Journey("advance")
    await journey.declare()
    await journey.work("9911", "DEPARTURE", await journey.arrive("9911", "DEPARTURE"))
    early = journey.now - timedelta(hours=1)
    means = journey.goods.transport_means
    told = await journey.tell(Departure, "CN.9911", office="9911", departed_at=early, transport_means=means)
    assert rejection(told) == ("14", "PIX-041")
    await journey.depart()
    left = journey.now
    await journey.wait(days=5)
    await journey.file("99101")
    arrival: dict[str, Any] = {"office": "99101", "presentation": "ENTRY"}
    told = await journey.tell(ArrivalAdvice, "KZ.99101", **arrival, arrived_at=left - timedelta(minutes=1))
    assert rejection(told) == ("14", "PIX-041")
    await journey.work("99101", "ENTRY", await journey.arrive("99101", "ENTRY"))
    told = await journey.tell(NotificationOfCrossing, "KZ.99101", **arrival, crossed_at=left)
    assert rejection(told) == ("14", "PIX-041")
    told = journey.hear(
        NotificationOfCrossing, "KZ", "CN", mrn=mrn_of(journey), **arrival, crossed_at=left - timedelta(days=1)
    )
    assert rejection(told) == ("14", "PIX-041")
    assert await journey.cross("99101", "ENTRY") == ()


@pytest.mark.parametrize(("hours", "odd"), [(20, ["PIX-042"]), (40, [])])
async def test_042_a_train_that_comes_too_soon_is_irregular(hours: float, odd: list[str]) -> None:
    goods = consignment()
    first = goods.itinerary[0].model_copy(update={"place": Place(unlocode="CNXIA")})
    goods = goods.model_copy(update={"itinerary": (first, *goods.itinerary[1:])})
    journey = Journey("advance", goods=goods)
    await journey.leave_xian()
    await journey.wait(hours=hours)
    await journey.arrive("9912", "EXIT")
    assert [i["rule"] for i in journey.case("CN")["irregularities"]] == odd


async def test_043_a_result_that_does_not_come_in_six_days_is_enquired_for() -> None:
    def lost(message: Message, due: Any) -> Any:
        return None if message.CODE == "DCR" else due

    for faults, asked in ((lost, ["ENQ"]), (None, [])):
        journey = Journey("advance", faults=faults, enquiry_after=timedelta(days=6))
        await journey.leave_xian()
        await journey.wait(days=16)
        await journey.file("FI542700")
        await journey.work("FI542700", "ENTRY", await journey.arrive("FI542700", "ENTRY"))
        await journey.cross("FI542700", "ENTRY")
        await journey.wait(hours=5)
        await journey.arrive("FI999900", "DESTINATION")
        await journey.wait(days=5.9)
        assert [c for c in journey.codes("CN", "FI") if c == "ENQ"] == []
        await journey.wait(days=1)
        assert [c for c in journey.codes("CN", "FI") if c == "ENQ"] == asked
        assert journey.codes("FI", "CN").count("ENR") == len(asked)


async def test_043_goods_that_never_arrive_are_enquired_for_after_the_time_limit() -> None:
    journey = Journey("advance", enquiry_after=timedelta(days=6))
    await journey.leave_xian()
    await journey.wait(days=66.9)
    assert "ENQ" not in journey.codes("CN", "FI")
    await journey.wait(days=1)
    assert journey.codes("CN", "FI").count("ENQ") == 1
    assert [m["state"] for m in journey.case("CN")["movements"]] == ["UNDER_ENQUIRY"]


def listed(journey: Journey, version: int, *ids: str) -> ParticipantList:
    from exchange.messages import Participant

    header = Header(
        message_id=message_id("CN", "KZ", "LST", "", version), message_type="LST", sender="CN", recipient="KZ",
        sent_at=journey.now, ordinal=version,
    )  # fmt: skip
    people = tuple(Participant(sequence_number=n, id=i, name=i, country_code="CN") for n, i in enumerate(ids, 1))
    return ParticipantList(
        header=header, list_id="scheme", list_version=version, valid_from=journey.now, participants=people
    )


def test_045_versions_of_a_list_only_rise() -> None:
    journey = Journey("recognition")
    core = journey.cores["KZ"]
    assert core.decide(listed(journey, 2, "XA001"), journey.now).refusal is None
    refusal = core.decide(listed(journey, 1, "XA001"), journey.now).refusal
    assert refusal is not None
    assert refusal.status == 422
    assert "PIX-045" in refusal.text
    assert core.decide(listed(journey, 3, "XA001"), journey.now).refusal is None


@pytest.mark.parametrize("still_listed", [True, False])
async def test_045_who_is_taken_off_loses_the_pending_recognition(still_listed: bool) -> None:
    journey = Journey("recognition")
    await journey.leave_xian()
    await journey.wait(minutes=5)
    core = journey.cores["KZ"]
    core.decide(listed(journey, 1, "XA001"), journey.now)
    core.decide(listed(journey, 2, *(["XA001"] if still_listed else [])), journey.now)
    await journey.wait(days=5)
    await journey.file("99101")
    controls = demanded(await journey.arrive("99101", "ENTRY"))
    [offer] = journey.case("KZ")["recognitions"]
    assert offer["reasons"] == ([] if still_listed else ["NOT_LISTED"])
    assert (("SCAN", "FULL") in controls) is not still_listed


def exported(mass: str = "18000", value: str = "90000") -> ExportData:
    goods = consignment()
    amount = MonetaryAmount(amount=Decimal(value), currency_code="USD")
    [item] = goods.goods_items
    return ExportData(
        mrn=MRN, export_office="9911", export_date="2018-03-04", consignor=goods.consignor, consignee=goods.consignee,
        transport_means=goods.transport_means, terms_of_delivery="FCA", transport_equipment=goods.transport_equipment,
        goods_items=(item.model_copy(update={"gross_mass": Decimal(mass), "statistical_value": amount}),),
        invoice_amount=amount,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (exported(), ["MATCH"]),
        (exported(mass="18900"), ["MATCH"]),
        (exported(mass="19440"), ["MASS"]),
        (exported(value="99000"), ["MATCH"]),
        (exported(value="101000"), ["VALUE"]),
        (exported().model_copy(update={"transport_equipment": ()}), ["CONTAINER", "SEAL"]),
    ],
)
async def test_046_export_data_are_compared_with_the_declaration_here(data: ExportData, found: list[str]) -> None:
    [item] = consignment().goods_items
    value = MonetaryAmount(amount=Decimal(90000), currency_code="USD")
    goods = consignment(goods_items=(item.model_copy(update={"statistical_value": value}),))
    journey = Journey("advance", goods=goods)
    filing = AdvanceDeclaration(
        header=journey.header("ADV", "KZ.KTZ", "KZ"), ucr=UCR, kind="CARRIER_FILING", office="99101", previous_mrn=MRN,
        consignment=goods,
    )  # fmt: skip
    [asked] = [o.message for o in journey.cores["KZ"].decide(filing, journey.now).send]
    assert isinstance(asked, DataRequest)
    assert (asked.header.recipient, asked.purpose) == ("CN", "IMPORT_DECLARATION")
    made = journey.hear(DataResponse, "CN", to=asked.header.message_id, result="FOUND", export_data=data)
    assert made == ()
    assert journey.case("KZ")["export_check"] == found
