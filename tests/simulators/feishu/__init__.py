"""A tenant of Feishu on loopback: discovery, long connection, webhooks, REST, cards, people.

Stateful and strict: what Feishu refuses is refused with its code, and written down as a violation.
By hand: `python -m tests.simulators.feishu --port 8701`, then start the bot with the settings that it prints.
"""

from tests.simulators.feishu.cards import Button, Field, Shown
from tests.simulators.feishu.people import Pressed
from tests.simulators.feishu.rules import ApiError, Fault
from tests.simulators.feishu.server import FeishuSimulator
from tests.simulators.feishu.world import Chat, Message, User, Violation

__all__ = [
    "ApiError",
    "Button",
    "Chat",
    "Fault",
    "FeishuSimulator",
    "Field",
    "Message",
    "Pressed",
    "Shown",
    "User",
    "Violation",
]
