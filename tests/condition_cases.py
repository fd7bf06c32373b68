"""Cases of the rules PIX-049 and PIX-050, as :mod:`tests.rule_cases` has them for the others."""

from __future__ import annotations

import re

from tests.rule_cases import Edit, both, lose, swap


def cut(element: str) -> Edit:
    """Return the edit that takes out the first ``element`` with all it holds."""

    def edit(data: bytes) -> bytes:
        changed = re.sub(rf"(?s) *<{element}>.*?</{element}>\n".encode(), b"", data, count=1)
        assert changed != data, f"{element} is not in the sample"
        return changed

    return edit


def all_of(element: str) -> Edit:
    """Return the edit that takes out every ``element`` with all it holds."""
    return lambda data: re.sub(rf"(?s) *<{element}>.*?</{element}>\n".encode(), b"", data)


REASON = "<Reason><Code>SCOPE</Code></Reason>"
TO_TRADER = "<Recipient>CN.91610131MA6TXA0001</Recipient>"
DECIDED = "  <Accepted>true</Accepted>\n  <DecidedAt>2017-11-11T06:10:00Z</DecidedAt>\n</Invalidation>"
KNOWN_TO_TRADER = "<Recipient>KZ.KTZ</Recipient>"

BREAKING: list[tuple[str, str, Edit, str]] = [
    ("PIX-049", "DRQ", lose("MRN"), "/MRN"),
    ("PIX-049a", "DRS", cut("ExportData"), "/ExportData"),
    ("PIX-049a", "DRS", swap("<Result>FOUND", "<Result>NOT_FOUND"), "/ExportData"),
    ("PIX-049b", "INV", swap("</Invalidation>", "  <Accepted>true</Accepted>\n</Invalidation>"), "/DecidedAt"),
    (
        "PIX-049b",
        "INV",
        swap("</Invalidation>", "  <DecidedAt>2017-11-11T06:10:00Z</DecidedAt>\n</Invalidation>"),
        "/DecidedAt",
    ),
    ("PIX-049c", "ENR", lose("ArrivedAt"), "/ArrivedAt"),
    ("PIX-049c", "ENR", both(swap("<Outcome>ARRIVED", "<Outcome>NOT_ARRIVED"), lose("Result")), "/ArrivedAt"),
    ("PIX-049d", "ENR", both(swap("<Outcome>ARRIVED", "<Outcome>NOT_ARRIVED"), lose("ArrivedAt")), "/Result"),
    ("PIX-049e", "IMG", swap("/images/7a", "/images/8a"), "/Location"),
    ("PIX-049f", "REG", lose("PINumber"), "/PINumber"),
    (
        "PIX-049f",
        "REG",
        both(swap("<Result>REGISTERED", "<Result>REFUSED"), swap("</MRN>", f"</MRN>{REASON}")),
        "/PINumber",
    ),
    ("PIX-049g", "SLT", swap("<Stage>REQUESTED", "<Stage>REFUSED"), "/Reason"),
    ("PIX-049g", "MAS", swap("<Outcome>ANSWERED", "<Outcome>REFUSED"), "/Reason"),
    (
        "PIX-049g",
        "RCG",
        both(swap("<Outcome>ACCEPTED", "<Outcome>REFUSED"), swap("<Stage>CONDITIONAL", "<Stage>LAPSED")),
        "/Reason",
    ),
    ("PIX-049h", "SLT", swap("<Stage>REQUESTED", "<Stage>CONFIRMED"), "/SlotNumber"),
    (
        "PIX-049h",
        "SLT",
        swap("</Stage>", "</Stage>\n  <SlotNumber>K-0117</SlotNumber>"),
        "/SlotNumber",
    ),
    ("PIX-049i", "RCG", swap("<Stage>CONDITIONAL", "<Stage>LAPSED"), "/Stage"),
    ("PIX-049j", "MAQ", both(swap("<Subject>DOCUMENT", "<Subject>PARTY"), cut("Party")), "/Party"),
    ("PIX-049k", "DSC", swap("<Found>1549", "<Found>1550"), "/Discrepancy"),
    ("PIX-049l", "DSC", swap("<Result>A4", "<Result>A1"), "/Result"),
    ("PIX-049m", "DSS", swap("<Outcome>EXPLAINED", "<Outcome>UPHELD"), "Resolution/Outcome"),
    ("PIX-049n", "PDC", swap("    <ContainerID>CSQU3054383</ContainerID>\n", ""), "UnitDecision[1]/ContainerID"),
    ("PIX-049o", "PDC", swap("<Channel>GREEN", "<Channel>RED"), "UnitDecision[1]/Form"),
    ("PIX-049o", "PDC", swap("<Channel>YELLOW", "<Channel>GREEN"), "UnitDecision[2]/Form"),
    (
        "PIX-049p",
        "ALR",
        both(
            lambda d: re.sub(
                rb"(?s)(<Flight>\s*<ModeCode>)4(</ModeCode>\s*<IdentificationType>)40(.*?<ID>)[^<]*",
                rb"\g<1>3\g<2>30\g<3>AB123",
                d,
            )
        ),
        "Flight/ModeCode",
    ),
    ("PIX-049q", "INV", both(lose("PINumber"), lose("MRN")), "/PINumber"),
    ("PIX-049r", "AMD", lambda d: re.sub(rb" *<(Before|After)>.*\n", b"", d), "/Change"),
    ("PIX-049s", "LST", lose("PreviousVersion"), "/PreviousVersion"),
    ("PIX-049t", "STS", swap("<State>CLEARED", "<State>UNKNOWN"), "/KnownMessage[1]"),
    ("PIX-049u", "REL", lambda d: re.sub(rb"<LimitDate>2017", b"<LimitDate>2016", d), "/LimitDate"),
    ("PIX-049v", "ENQ", swap("<AnswerBy>2018", "<AnswerBy>2017"), "/AnswerBy"),
    ("PIX-050", "PDC", swap("<Recipient>CN</Recipient>", TO_TRADER), "/Header/Recipient"),
    ("PIX-050", "CTD", swap("<Recipient>KZ.99101</Recipient>", KNOWN_TO_TRADER), "/Header/Recipient"),
    ("PIX-050", "ALR", lambda d: re.sub(rb"<Recipient>[A-Z]{2}<", b"<Recipient>RU.KTZ<", d), "/Header/Recipient"),
    (
        "PIX-050",
        "STS",
        both(swap("<Recipient>CN</Recipient>", KNOWN_TO_TRADER)),
        "/KnownMessage[1]",
    ),
]

KEEPING: list[tuple[str, str, Edit]] = [
    (
        "PIX-049",
        "DRQ",
        both(
            swap("  <Import", "  <ExportDeclarationNumber>9911-17-1</ExportDeclarationNumber>\n  <Import"), lose("MRN")
        ),
    ),
    ("PIX-049a", "DRS", both(swap("<Result>FOUND", "<Result>NOT_FOUND"), cut("ExportData"))),
    ("PIX-049b", "INV", swap("</Invalidation>", DECIDED)),
    (
        "PIX-049c",
        "ENR",
        both(swap("<Outcome>ARRIVED", "<Outcome>NOT_ARRIVED"), lose("ArrivedAt"), lose("Result")),
    ),
    ("PIX-049d", "ENR", lose("Result")),
    ("PIX-049e", "IMG", swap("7aa18e69", "8aa18e69", 2)),
    (
        "PIX-049f",
        "REG",
        both(swap("<Result>REGISTERED", "<Result>REFUSED"), lose("PINumber"), swap("</MRN>", f"</MRN>{REASON}")),
    ),
    (
        "PIX-049g",
        "RCG",
        both(
            swap("<Outcome>ACCEPTED", "<Outcome>REFUSED"),
            swap("<Stage>CONDITIONAL", "<Stage>LAPSED"),
            swap("</DecidedAt>", f"</DecidedAt>{REASON}"),
        ),
    ),
    (
        "PIX-049h",
        "SLT",
        both(swap("<Stage>REQUESTED", "<Stage>CONFIRMED"), swap("</Stage>", "</Stage><SlotNumber>K-1</SlotNumber>")),
    ),
    ("PIX-049i", "RCG", swap("<Stage>CONDITIONAL", "<Stage>CONFIRMED")),
    ("PIX-049j", "MAQ", swap("<Subject>DOCUMENT", "<Subject>PARTY")),
    ("PIX-049k", "DSC", lose("Found")),
    ("PIX-049l", "DSC", swap("<Result>A4", "<Result>A5")),
    ("PIX-049m", "DSS", both(swap("<Outcome>EXPLAINED", "<Outcome>UPHELD"), swap("<Solved>true", "<Solved>false"))),
    ("PIX-049n", "PDC", swap("<ContainerID>CSQU3054383</ContainerID>", "<MeansID>94261831</MeansID>")),
    ("PIX-049o", "PDC", swap("<Channel>YELLOW", "<Channel>RED")),
    ("PIX-049p", "ALR", lambda d: d),
    ("PIX-049q", "INV", lose("PINumber")),
    ("PIX-049r", "AMD", lambda d: re.sub(rb" *<Before>.*\n", b"", d, count=1)),
    ("PIX-049s", "LST", both(lose("PreviousVersion"), all_of("AddedParticipant"), all_of("RemovedParticipant"))),
    ("PIX-049t", "STS", both(swap("<State>CLEARED", "<State>UNKNOWN"), all_of("KnownMessage"))),
    ("PIX-049u", "REL", lambda d: re.sub(rb"(<ReleasedAt>)(.{10})(.*?)(<LimitDate>).{10}", rb"\1\2\3\4\2", d)),
    ("PIX-049v", "ENQ", swap("<AnswerBy>2018-01-01", "<AnswerBy>2017-12-05")),
    ("PIX-050", "STS", both(swap("<Recipient>CN</Recipient>", KNOWN_TO_TRADER), all_of("KnownMessage"))),
    (
        "PIX-050",
        "CTD",
        both(
            swap("<Recipient>KZ.99101</Recipient>", KNOWN_TO_TRADER),
            swap("<NotificationType>0", "<NotificationType>2"),
            all_of("RequiredControl"),
        ),
    ),
    ("PIX-050", "WRO", lambda d: re.sub(rb"<Recipient>[^<]*<", b"<Recipient>CN.XA001<", d)),
]

__all__ = ["BREAKING", "KEEPING"]
