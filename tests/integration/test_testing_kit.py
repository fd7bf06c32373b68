"""The testing kit: what a developer writes with it, in memory and over HTTP, and what it says when something fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from exchange.messages import ControlResult
from scenarios.testing import Network, Refused
from scenarios.world.mail import Control

Make = Callable[..., Awaitable[Network]]
FI = "china_europe_transit_fi"


@pytest.mark.parametrize("transport", ["memory", "http"])
async def test_a_scan_made_in_china_counts_in_kazakhstan(corridor_network: Make, transport: str) -> None:
    net = await corridor_network(FI, arm="recognition", transport=transport, select={"SCAN": 1.0})
    goods = net.goods()
    await goods.travel(to="99101")
    kz = net["KZ"].case(goods)
    assert kz.received("ATR", "CN")
    assert kz.was_recognised("SCAN", issuer="CN")
    assert "SCAN" not in await goods.clear("99101")
    assert not kz.was_controlled("SCAN")
    assert (net["KZ"].url is None) == (transport == "memory")


async def test_without_agreements_the_same_goods_are_scanned_again(corridor_network: Make) -> None:
    net = await corridor_network(FI, arm="baseline", select={"SCAN": 1.0})
    goods = net.goods()
    await goods.travel(to="99101")
    assert not net["KZ"].case(goods).received("ATR")
    assert "SCAN" in await goods.clear("99101")
    assert net["KZ"].case(goods).was_controlled("SCAN", "99101")


async def test_a_broken_seal_ends_the_recognition(corridor_network: Make) -> None:
    net = await corridor_network(FI, select={"SCAN": 1.0})
    goods = net.goods()
    await goods.travel(to="99101")
    demanded = await goods.arrive("99101", seal="BROKEN")
    assert "SCAN" in {control.form for control in demanded}
    kz = net["KZ"].case(goods)
    assert kz.refused("SCAN", reason="SEAL")
    assert set(kz.must_be_controlled("99101")) == {control.form for control in demanded}


async def test_a_cut_link_delays_and_loses_nothing(corridor_network: Make) -> None:
    net = await corridor_network(FI)
    net.faults.cut("CN", "KZ")
    goods = net.goods()
    await goods.travel(to="9912")
    kz = net["KZ"].case(goods)
    assert not kz.is_known()
    net.faults.restore("CN", "KZ")
    await net.wait(hours=2)
    assert kz.received("ATR", "CN")


async def test_a_service_that_is_down_is_told_later_and_messages_can_be_doubled_or_held_up(
    corridor_network: Make,
) -> None:
    net = await corridor_network(FI)
    net.faults.down("FI")
    net.faults.double("ATR", recipient="KZ")
    net.faults.hold("ATR", recipient="RU", hours=30)
    goods = net.goods()
    await goods.travel(to="9912")
    assert net["KZ"].case(goods).messages.count("ATR") == 1
    assert not net["FI"].case(goods).is_known()
    net.faults.up("FI")
    await net.wait(hours=2)
    assert net["FI"].case(goods).received("AAR", "CN")


async def test_answers_explain_themselves(corridor_network: Make) -> None:
    net = await corridor_network(FI)
    goods = net.goods()
    await goods.travel(to="99101")
    wrong = net["KZ"].case(goods).was_recognised("PHYSICAL")
    assert not wrong
    assert "no: results offered to KZ: SCAN of CN ACCEPTED (CONDITIONAL)" in repr(wrong)
    assert "ATR CN→KZ" in repr(wrong)
    assert "nothing of this case" in repr(net["RU"].case("8CNNOBODY.X").is_known())


async def test_what_a_node_does_not_accept_and_what_cannot_be_is_said(corridor_network: Make) -> None:
    net = await corridor_network(FI)
    goods = net.goods()
    with pytest.raises(Refused, match=r"KZ refused CTR of KZ\.KTZ"):
        await goods.tell(
            "KZ.KTZ",
            ControlResult,
            act_number="1",
            office="99101",
            presentation="ENTRY",
            form="SCAN",
            extent="FULL",
            began_at=net.now - timedelta(hours=1),
            ended_at=net.now,
            result="A1",
            offence_indicator=False,
        )
    with pytest.raises(ValueError, match="time goes one way"):
        await net.until(net.now - timedelta(seconds=1))
    with pytest.raises(ValueError, match="99999 is not on the way"):
        await goods.travel(to="99999")
    with pytest.raises(KeyError, match="no service US"):
        net["US"]
    with pytest.raises(ValueError, match="has no arm 'magic'"):
        Network(FI, arm="magic")
    with pytest.raises(ValueError, match=r"'SCANN': the forms .* are WEIGHING, SCAN, PHYSICAL"):
        Network(FI, select={"SCANN": 1.0})
    with pytest.raises(ValueError, match="15 for SCAN: give a share from 0 to 1"):
        Network(FI, select={"SCAN": 15})


async def test_goods_are_the_scenarios_next_ones_with_the_fields_asked_for(corridor_network: Make) -> None:
    net = await corridor_network(FI)
    first, second = net.goods(), net.goods(country_of_dispatch="CN")
    assert first.ucr != second.ucr
    assert first.offices == ("9911", "9912", "99101", "99206010", "FI542700", "FI999900")
    with pytest.raises(ValueError, match="no further"):
        net.goods("no-such-flow")


async def test_a_control_can_find_something(corridor_network: Make) -> None:
    net = await corridor_network(FI, arm="baseline", select={"PHYSICAL": 1.0})
    goods = net.goods()
    await goods.travel(to="99101")
    demanded = await goods.arrive("99101")
    while demanded and demanded[0].form != "PHYSICAL":
        demanded = await goods.control("99101", demanded[0])
    await goods.control("99101", Control("PHYSICAL", "FULL"), result="B1")
    assert net["KZ"].case(goods).is_in("DETAINED")


def test_messages_are_made_with_the_fields_a_test_cares_about(corridor_message: Callable[..., object]) -> None:
    one, other = corridor_message("AAR", seed=1), corridor_message("AAR", seed=2)
    assert one != other
    told = corridor_message("ARR", sender="KZ.99101", office="99101")
    assert (told.header.sender, told.office) == ("KZ.99101", "99101")  # type: ignore[attr-defined]
    with pytest.raises(KeyError, match="no message 'XYZ'"):
        corridor_message("XYZ")
    with pytest.raises(KeyError, match="AAR has no field colour"):
        corridor_message("AAR", colour="red")


async def test_a_fault_of_what_there_is_not_is_refused_and_so_is_a_time_without_a_zone(corridor_network: Make) -> None:
    net = await corridor_network(FI)
    for wrong in (
        lambda: net.faults.cut("CN", "KK"),
        lambda: net.faults.down("CN.9911"),
        lambda: net.faults.lose("ART"),
        lambda: net.faults.hold("ATR", recipient="Kazakhstan", hours=1),
    ):
        with pytest.raises(ValueError, match=r"CN, KZ, RU, FI|the catalogue has"):
            wrong()
    with pytest.raises(ValueError, match="no zone"):
        await net.until("2018-03-06T00:00:00")
    with pytest.raises(ValueError, match="http"):
        net.key("KZ")
    goods = net.goods()
    assert repr(net["KZ"].case(goods)) == "<no case in KZ>"
    await goods.travel(to="9912")
    assert repr(net["CN"].case(goods)).startswith(f"<case {goods.ucr} in CN: ")
