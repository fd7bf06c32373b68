"""Faults on purpose: what becomes of a message between two services, decided by luck alone.

Delivery faults cost simulated time only. They concern the exchange between services: a service's own posts and traders
are on its own network. The fate of an attempt is a pure function of (luck, message without run and arm, attempt, time),
so that every transport, and every arm that sends the same message, meets the same fate.
"""

from exchange.faults.fate import UNHARMED, DeliveryFaults, Fate
from exchange.faults.kinds import Clock, Delay, Duplicate, Fault, Link, Loss, Outage, Partition, RandomOutages, Reorder
from exchange.faults.plan import Faults

__all__ = [
    "UNHARMED",
    "Clock",
    "Delay",
    "DeliveryFaults",
    "Duplicate",
    "Fate",
    "Fault",
    "Faults",
    "Link",
    "Loss",
    "Outage",
    "Partition",
    "RandomOutages",
    "Reorder",
]
