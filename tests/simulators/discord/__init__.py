"""Discord on loopback: gateway, REST, CDN, with its limits and deadlines, and people who use it."""

from tests.simulators.discord.people import Participant
from tests.simulators.discord.server import Discord

__all__ = ["Discord", "Participant"]
