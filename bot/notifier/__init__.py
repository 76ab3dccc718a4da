"""From what happens to a job to a message in the outbox."""

from bot.notifier.notifier import Notifier
from bot.notifier.words import Words

__all__ = ["Notifier", "Words"]
