"""The world the services work in: vehicles, border sides, posts and background traffic in simulated time."""

from scenarios.world.works import WorldError
from scenarios.world.world import World

__all__ = ["World", "WorldError"]
