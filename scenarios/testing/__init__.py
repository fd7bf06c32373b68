"""The testing kit: a network of nodes in one line, goods on their way through it, time, faults, and what came of it.

::

    async def test_a_scan_made_in_china_counts_in_kazakhstan(corridor_network):
        net = await corridor_network("china_europe_transit_fi", arm="recognition")
        goods = net.goods()
        await goods.travel(to="99101")
        assert net["KZ"].case(goods).was_recognised("SCAN")

pytest finds the fixtures by itself once Corridor is installed (:mod:`scenarios.testing.plugin`).
"""

from scenarios.testing.case import Case, Finding
from scenarios.testing.goods import Goods, Refused
from scenarios.testing.network import Network, Service
from scenarios.testing.switches import Switches

__all__ = ["Case", "Finding", "Goods", "Network", "Refused", "Service", "Switches"]
