"""For each rule a case that breaks it alone, and one that just keeps it: edits of the sample messages.

Keyed by the rule's key in the registry; :mod:`tests.unit.test_rules` holds that none is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import schemas

Edit = Callable[[bytes], bytes]


def sample(code: str) -> bytes:
    """Return the sample message of ``code``."""
    return schemas.sample(code).read_bytes()


def swap(old: str, new: str, count: int = 1) -> Edit:
    """Return the edit that puts ``new`` for ``old`` in its first places; it must be there."""

    def edit(data: bytes) -> bytes:
        assert old.encode() in data, f"{old} is not in the sample"
        return data.replace(old.encode(), new.encode(), count)

    return edit


def both(*edits: Edit) -> Edit:
    """Return the edit that makes all of ``edits``, in their order."""

    def edit(data: bytes) -> bytes:
        for one in edits:
            data = one(data)
        return data

    return edit


def lose(element: str) -> Edit:
    """Return the edit that takes out every ``element`` on a line of its own."""

    def edit(data: bytes) -> bytes:
        changed = re.sub(rf" *<{element}>.*</{element}>\n".encode(), b"", data)
        assert changed != data, f"{element} is not in the sample"
        return changed

    return edit


def means(mode: str, kind: str, number: str) -> Edit:
    """Return the edit that makes the first means of transport one of ``mode`` with this identification."""
    new = rf"<ModeCode>{mode}</ModeCode>\g<1><IdentificationType>{kind}</IdentificationType>\g<1><ID>{number}<".encode()
    old = rb"<ModeCode>2</ModeCode>(\s+)<IdentificationType>21</IdentificationType>\s+<ID>[^<]*<"
    return lambda data: re.sub(old, new, data, count=1)


def without_stops(*numbers: int) -> Edit:
    """Return the edit that takes stops out of the itinerary and numbers the others anew."""

    def edit(data: bytes) -> bytes:
        stops = re.findall(rb"(?s) *<ItineraryStop>.*?</ItineraryStop>\n", data)
        kept = [stop for number, stop in enumerate(stops, 1) if number not in numbers]
        renumbered = [
            re.sub(rb"(<SequenceNumber>)\d+", rb"\g<1>%d" % number, stop) for number, stop in enumerate(kept, 1)
        ]
        return data.replace(b"".join(stops), b"".join(renumbered))

    return edit


lose_seal: Edit = lambda data: re.sub(rb"(?s) *<Seal>.*?</Seal>\n", b"", data, count=1)  # noqa: E731
unsealed = both(
    swap("      <ContainerID>CSQU3054383</ContainerID>\n", ""),
    swap("<NumberOfSeals>1", "<NumberOfSeals>0"),
    lose_seal,
)
in_2025 = swap("2017-11-", "2025-11-", 99)
by_road = both(
    means("3", "30", "AB123"), swap("<Office>9911<", "<Office>9923<"), swap("<Office>9912<", "<Office>9922<")
)
to_russia = both(
    without_stops(3, 5, 6),
    swap("<Office>99206010", "<Office>99612020"),
    swap("<CountryOfDestination>FI", "<CountryOfDestination>RU"),
)
WAIVED = "<NumberOfSeals>0</NumberOfSeals><SealWaiverCode>W1</SealWaiverCode>"
LATE_RELEASE = (
    swap("<ReleasedAt>2017-11-12", "<ReleasedAt>2017-11-16"),
    swap("<SentAt>2017-11-12", "<SentAt>2017-11-17"),
)


def _removed(*ids: str) -> str:
    return "".join(
        f"  <SealRemoved><SequenceNumber>{n}</SequenceNumber><ID>{one}</ID></SealRemoved>\n"
        for n, one in enumerate(ids, 1)
    )


SEALS_TWICE = _removed("A", "A")
SEALS_CHANGED = _removed("A", "B") + "  <SealAffixed><SequenceNumber>1</SequenceNumber><ID>A</ID></SealAffixed>\n"

BREAKING: list[tuple[str, str, Edit, str]] = [
    ("PIX-002", "REG", lambda d: re.sub(rb"    <CorrelationID>.*\n", b"", d), "/Header/CorrelationID"),
    ("PIX-002", "RCG", lambda d: re.sub(rb"    <CorrelationID>.*\n", b"", d), "/Header/CorrelationID"),
    ("PIX-002", "NCK", lambda d: re.sub(rb"    <CorrelationID>.*\n", b"", d), "/Header/CorrelationID"),
    (
        "PIX-002a",
        "ADV",
        swap("<Sender>", "<CorrelationID>00000000-0000-0000-0000-000000000000</CorrelationID>\n    <Sender>"),
        "/Header/CorrelationID",
    ),
    (
        "PIX-004",
        "AAR",
        swap("<TransportEquipment>\n      <SequenceNumber>2", "<TransportEquipment>\n      <SequenceNumber>3"),
        "TransportEquipment[2]/SequenceNumber",
    ),
    (
        "PIX-004",
        "AAR",
        swap("<Seal>\n        <SequenceNumber>1", "<Seal>\n        <SequenceNumber>2"),
        "TransportEquipment[1]/Seal/SequenceNumber",
    ),
    ("PIX-004", "CTD", swap("<SequenceNumber>1", "<SequenceNumber>2"), "RequiredControl/SequenceNumber"),
    ("PIX-004", "ARR", swap("<SequenceNumber>2", "<SequenceNumber>1"), "SealFound[2]/SequenceNumber"),
    ("PIX-005", "REG", swap("CN/111117", "CN/310217"), "/PINumber"),
    ("PIX-005", "REG", swap("CN/111117", "KZ/111117"), "/PINumber"),
    ("PIX-006", "WRO", swap("17CN9911A0004711J0", "17CN9911A0004711J1"), "/WriteOff/MRN"),
    ("PIX-006b", "AAR", swap("17CN9911A0004711J0", "24GB000246J8NY33L7"), "/MRN"),
    (
        "PIX-006a",
        "ADV",
        swap("  <Consignment>", "  <PreviousMRN>24GB000246J8NY33L8</PreviousMRN>\n  <Consignment>"),
        "/PreviousMRN",
    ),
    ("PIX-007", "AAR", swap("CSQU3054383", "CSQU3054384"), "TransportEquipment[1]/ContainerID"),
    ("PIX-008", "AAR", swap("<MeansID>94261831", "<MeansID>94261832"), "TransportEquipment[1]/MeansID"),
    ("PIX-008a", "INC", swap("<ID>94261831", "<ID>94261832"), "NewMeans[1]/ID"),
    ("PIX-008a", "DEP", swap("<ID>5281347", "<ID>52813"), "TransportMeans[2]/ID"),
    ("PIX-009", "AAR", swap("<ContainerIndicator>true", "<ContainerIndicator>false"), "/ContainerIndicator"),
    ("PIX-009", "AAR", lambda d: re.sub(rb" *<ContainerID>.*\n", b"", d), "/ContainerIndicator"),
    ("PIX-010", "AAR", swap("<NumberOfSeals>1", "<NumberOfSeals>2"), "TransportEquipment[1]/NumberOfSeals"),
    ("PIX-011", "AAR", swap("CN881205", "CN881204"), "TransportEquipment[2]/Seal/ID"),
    ("PIX-011a", "ARR", swap("CN881205", "CN881204"), "SealFound[2]/ID"),
    ("PIX-011b", "CTR", swap("  <ValidUntil>", SEALS_TWICE + "  <ValidUntil>"), "SealRemoved[2]/ID"),
    ("PIX-013", "AAR", swap("<NetMass>12180", "<NetMass>14210.6"), "GoodsItem[1]/NetMass"),
    ("PIX-013", "AAR", swap("<NetMass>12180", "<NetMass>0"), "GoodsItem[1]/NetMass"),
    ("PIX-014", "AAR", swap("<GrossMass>41730.5", "<GrossMass>41730.3"), "/Consignment/GrossMass"),
    ("PIX-016", "AAR", swap("<Kind>CT</Kind>", "<Kind>VR</Kind>"), "GoodsItem[1]/Packaging/Quantity"),
    ("PIX-016", "AAR", swap("<Quantity>4060</Quantity>", ""), "GoodsItem[1]/Packaging/Quantity"),
    ("PIX-017", "AAR", swap("<HSCode>847130", "<HSCode>777130"), "GoodsItem[1]/HSCode"),
    (
        "PIX-018",
        "AAR",
        swap("<IdentificationType>21", "<IdentificationType>30"),
        "TransportMeans/IdentificationType",
    ),
    (
        "PIX-018a",
        "DEP",
        both(
            swap("<ModeCode>2", "<ModeCode>3", 2),
            swap("<IdentificationType>21", "<IdentificationType>31"),
            swap("<IdentificationType>20", "<IdentificationType>31"),
        ),
        "TransportMeans[1]/IdentificationType",
    ),
    (
        "PIX-018a",
        "DEP",
        both(
            swap("<ModeCode>2", "<ModeCode>3", 2),
            swap("<IdentificationType>21", "<IdentificationType>30"),
            swap("<IdentificationType>20", "<IdentificationType>30"),
        ),
        "TransportMeans[2]/IdentificationType",
    ),
    ("PIX-018a", "INC", swap("<IdentificationType>20", "<IdentificationType>30"), "FormerMeans/IdentificationType"),
    ("PIX-021", "AAR", swap("<CountryOfDestination>FI", "<CountryOfDestination>CN"), "/CountryOfDestination"),
    ("PIX-022", "AAR", swap("<Name>Altynkol</Name>", ""), "ItineraryStop[3]/Place/Name"),
    ("PIX-022a", "INC", swap("<CountryCode>KZ</CountryCode>", ""), "/Incident/Place/CountryCode"),
    ("PIX-024", "AAR", swap("2017-11-15T22:00:00Z", "2017-11-15T04:00:00Z"), "ItineraryStop[3]/ETA"),
    ("PIX-024a", "AAR", swap("<SentAt>2017-11-12", "<SentAt>2017-11-27"), "ItineraryStop[6]/ETA"),
    ("PIX-039", "CTD", swap("<NotificationType>0", "<NotificationType>2"), "/RequiredControl"),
    ("PIX-005", "REG", swap("CN/111117", "CN/141117"), "/PINumber"),
    ("PIX-005a", "AMD", swap("CN/111117", "CN/121117"), "/PINumber"),
    ("PIX-006", "DRS", swap("17CN9911A0004711J0", "17CN9911A0004711J1"), "ExportData/MRN"),
    ("PIX-007", "DRS", swap("CSQU3054383", "CSQU3054384"), "/ContainerID"),
    ("PIX-007a", "IMG", swap("CSQU3054383", "CSQU3054384"), "/InspectionImage/ContainerID"),
    ("PIX-012", "AAR", unsealed, "TransportEquipment[1]/SealWaiverCode"),
    ("PIX-015", "AAR", swap("<GrossMass>41730.5", "<GrossMass>79741"), "/Consignment/GrossMass"),
    ("PIX-016a", "AAR", swap("<Marks>KK 1-4060</Marks>", ""), "GoodsItem[1]/Packaging/Marks"),
    ("PIX-018a", "DEP", means("1", "10", "9074728"), "TransportMeans[1]/ID"),
    ("PIX-018a", "DEP", means("1", "10", "IMO9074729"), "TransportMeans[1]/ID"),
    (
        "PIX-023",
        "AAR",
        both(swap("<Office>FI999900", "<Office>FI542700"), swap("<Role>DES", "<Role>ENT")),
        "[6]/Office",
    ),
    ("PIX-023a", "AAR", swap("<CountryOfDispatch>CN", "<CountryOfDispatch>KZ"), "ItineraryStop[1]/CountryCode"),
    ("PIX-023a", "AAR", swap("<CountryOfDestination>FI", "<CountryOfDestination>NO"), "ItineraryStop[6]/CountryCode"),
    ("PIX-023b", "AAR", without_stops(3, 4), "ItineraryStop[3]/CountryCode"),
    ("PIX-023c", "AAR", both(by_road, without_stops(3, 4)), "ItineraryStop[3]/CountryCode"),
    ("PIX-024b", "ATR", both(*LATE_RELEASE), "Record/ETA"),
    ("PIX-025", "AAR", swap("<Role>EXT", "<Role>DEP"), "ItineraryStop[2]/Role"),
    ("PIX-025", "AAR", swap("<CountryCode>KZ", "<CountryCode>RU"), "ItineraryStop[3]/CountryCode"),
    ("PIX-025a", "AAR", swap("<Office>FI542700", "<Office>FI499300"), "ItineraryStop[5]/Office"),
    ("PIX-025b", "AAR", swap("<Office>99101<", "<Office>99109<"), "ItineraryStop[3]/Office"),
    ("PIX-026", "AAR", both(in_2025, swap("24T16:00", "24T16:30")), "ItineraryStop[5]/ETA"),
    ("PIX-035", "CTR", swap("<EndedAt>2017-11-12T04:15", "<EndedAt>2017-11-12T03:30"), "/EndedAt"),
    ("PIX-035a", "CTR", swap("<Office>9911<", "<Office>99101<"), "/Office"),
    (
        "PIX-035a",
        "IMG",
        both(swap("<Office>9911<", "<Office>FI542700<"), swap("<MayForward>true<", "<MayForward>false<")),
        "/Office",
    ),
    ("PIX-037", "CTR", swap("<FoundMass>41690", "<FoundMass>37500"), "/ControlResult/Result"),
    ("PIX-038", "IMG", lose("ContainerID"), "/ContainerID"),
    ("PIX-041", "ARR", swap("<ArrivedAt>2017-11-15T22:40", "<ArrivedAt>2017-11-15T22:47"), "/ArrivedAt"),
    ("PIX-041", "CTR", swap("<EndedAt>2017-11-12T04:15", "<EndedAt>2017-11-12T06:15"), "/EndedAt"),
    ("PIX-041a", "SLT", swap("<NotAfter>2017-11-21T08", "<NotAfter>2017-11-21T06"), "/NotAfter"),
    ("PIX-041a", "UNA", swap("<EndsAt>2017-11-19", "<EndsAt>2017-11-18"), "/EndsAt"),
    ("PIX-041a", "CTR", swap("<ValidUntil>2017-12-12", "<ValidUntil>2017-11-12"), "/ValidUntil"),
    ("PIX-045", "LST", swap("<ListVersion>7", "<ListVersion>6"), "/ListVersion"),
    ("PIX-045a", "LST", swap("91230000MA18SFH002", "91230000MA18SFH009"), "/AddedParticipant/ID"),
    ("PIX-045a", "LST", swap("91220000MA14HCN003", "91610131MA6TXA0001"), "/RemovedParticipant/ID"),
    ("PIX-043", "WRO", swap("<Result>A4", "<Result>B1"), "/WriteOff/Result"),
    ("PIX-048", "AAR", swap("<CurrencyCode>USD", "<CurrencyCode>EUR"), "GoodsItem[2]/StatisticalValue/CurrencyCode"),
    (
        "PIX-048a",
        "AAR",
        both(in_2025, swap("<CurrencyCode>USD", "<CurrencyCode>HRK", 3)),
        "GoodsItem[1]/StatisticalValue/CurrencyCode",
    ),
]

KEEPING: list[tuple[str, str, Edit]] = [
    ("PIX-005", "REG", swap("CN/111117", "CN/290216")),
    ("PIX-008", "AAR", swap("<MeansID>94261831", "<MeansID>5281347")),
    ("PIX-008", "AAR", swap("<MeansID>94261831", "<MeansID>218124712173")),
    ("PIX-013", "AAR", swap("<NetMass>12180", "<NetMass>14210.5")),
    ("PIX-013", "AAR", both(swap("<NetMass>12180", "<NetMass>0"), swap("<Quantity>4060", "<Quantity>0"))),
    ("PIX-014", "AAR", swap("<GrossMass>41730.5", "<GrossMass>41730.4")),
    ("PIX-016", "AAR", both(swap("<Kind>CT</Kind>", "<Kind>VR</Kind>"), swap("<Quantity>4060</Quantity>", ""))),
    ("PIX-017", "AAR", swap("<HSCode>847130", "<HSCode>8471300000")),
    (
        "PIX-018a",
        "DEP",
        both(
            swap("<ModeCode>2", "<ModeCode>3", 2),
            swap("<IdentificationType>21", "<IdentificationType>30"),
            swap("<IdentificationType>20", "<IdentificationType>31"),
        ),
    ),
    ("PIX-022a", "INC", swap("<CountryCode>KZ</CountryCode>", "<UNLOCODE>KZHOR</UNLOCODE>")),
    (
        "PIX-024a",
        "AAR",
        both(
            swap("<SentAt>2017-11-12", "<SentAt>2017-11-27"),
            swap("<FallbackIndicator>false", "<FallbackIndicator>true"),
        ),
    ),
    (
        "PIX-039",
        "CTD",
        both(
            swap("<NotificationType>0", "<NotificationType>2"),
            lambda d: re.sub(rb"(?s)  <RequiredControl>.*</RequiredControl>\n", b"", d),
        ),
    ),
    ("PIX-002", "REG", lambda d: re.sub(rb"(<CorrelationID>).{8}", rb"\g<1>00000000", d)),
    ("PIX-002a", "LST", swap("<Ordinal>1", "<Ordinal>2")),
    ("PIX-004", "ARR", lambda d: re.sub(rb"(?s)  <SealFound>\n    <SequenceNumber>3.*?</SealFound>\n", b"", d)),
    ("PIX-005a", "AMD", lose("PINumber")),
    ("PIX-006", "WRO", swap("17CN9911A0004711J0", "24GB000246J8NY33L7")),
    ("PIX-006a", "ADV", swap("  <Consignment>", "  <PreviousMRN>24GB000246J8NY33L7</PreviousMRN>\n  <Consignment>")),
    ("PIX-006b", "AAR", swap("<Sender>CN", "<Sender>CN")),
    ("PIX-007", "AAR", swap("CSQU3054383", "MSKU6011672")),
    ("PIX-007a", "IMG", swap("CSQU3054383", "MSKU6011672")),
    ("PIX-008a", "INC", swap("<ID>94261831", "<ID>218124712173")),
    ("PIX-009", "AAR", both(swap("<ContainerIndicator>true", "<ContainerIndicator>false"), lose("ContainerID"))),
    ("PIX-010", "AAR", both(swap("<NumberOfSeals>1", "<NumberOfSeals>0"), lose_seal)),
    ("PIX-011", "AAR", swap("CN881205", "CN881204X")),
    ("PIX-011a", "ARR", swap("CN881205", "CN881204X")),
    ("PIX-011b", "CTR", swap("  <ValidUntil>", SEALS_CHANGED + "  <ValidUntil>")),
    ("PIX-012", "AAR", both(unsealed, swap("<NumberOfSeals>0</NumberOfSeals>", WAIVED))),
    ("PIX-015", "AAR", swap("<GrossMass>41730.5", "<GrossMass>79740")),
    ("PIX-016a", "AAR", both(swap("<Marks>KK 1-4060</Marks>", ""), swap("<Kind>CT", "<Kind>NG"))),
    ("PIX-018", "AAR", means("2", "20", "94261831")),
    ("PIX-018a", "DEP", means("1", "10", "9074729")),
    ("PIX-021", "AAR", swap("<CountryOfDestination>FI", "<CountryOfDestination>SE")),
    ("PIX-022", "AAR", swap("<Name>Altynkol</Name>", "<Name>A</Name>")),
    ("PIX-023", "AAR", both(swap("<Office>FI999900", "<Office>FI542700"))),
    ("PIX-023a", "AAR", swap("<CountryOfDestination>FI", "<CountryOfDestination>EE")),
    ("PIX-023b", "AAR", without_stops(2)),
    ("PIX-023b", "AAR", without_stops(3)),
    ("PIX-023c", "AAR", both(by_road, to_russia)),
    ("PIX-024", "AAR", swap("2017-11-15T22:00:00Z", "2017-11-15T04:00:01Z")),
    ("PIX-024b", "ATR", both(*LATE_RELEASE, swap("<FallbackIndicator>false", "<FallbackIndicator>true"))),
    ("PIX-025", "AAR", swap("<Role>EXT", "<Role>TRA")),
    ("PIX-025a", "AAR", swap("<Office>FI542700", "<Office>FI826750")),
    ("PIX-025b", "AAR", swap("<Office>FI542700", "<Office>FI826750")),
    ("PIX-026", "AAR", in_2025),
    ("PIX-035", "CTR", swap("<EndedAt>2017-11-12T04:15:00", "<EndedAt>2017-11-12T03:30:01")),
    ("PIX-035a", "CTR", swap("<Office>9911<", "<Office>9912<")),
    ("PIX-035a", "CTR", swap("<Office>9911<", "<Office>9999<")),
    ("PIX-035a", "IMG", swap("<Office>9911<", "<Office>FI542700<")),
    ("PIX-037", "CTR", swap("<FoundMass>41690", "<FoundMass>37558")),
    ("PIX-037", "CTR", both(swap("<FoundMass>41690", "<FoundMass>30000"), swap("<Result>A1", "<Result>A5"))),
    ("PIX-038", "IMG", swap("<ContainerID>CSQU3054383</ContainerID>", "<MeansID>94261831</MeansID>")),
    ("PIX-041", "ARR", swap("<ArrivedAt>2017-11-15T22:40", "<ArrivedAt>2017-11-15T22:46")),
    ("PIX-041a", "UNA", swap("<EndsAt>2017-11-19T00:00:00Z", "<EndsAt>2017-11-18T20:00:01Z")),
    ("PIX-045", "LST", swap("<ListVersion>7", "<ListVersion>9")),
    ("PIX-045a", "LST", swap("91230000MA18SFH002", "91230000MA18SFH009", 2)),
    ("PIX-043", "WRO", swap("<Result>A4", "<Result>A3")),
    ("PIX-048", "AAR", swap("<CurrencyCode>USD", "<CurrencyCode>EUR", 3)),
    ("PIX-048", "AAR", lambda d: re.sub(rb"(?s) *<StatisticalValue>.*?</StatisticalValue>\n", b"", d, count=1)),
    ("PIX-048a", "AAR", swap("<CurrencyCode>USD", "<CurrencyCode>HRK", 3)),
]
