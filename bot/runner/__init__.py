"""A job's way from the queue to its end."""

from bot.runner.limits import Limits
from bot.runner.runner import Runner

__all__ = ["Limits", "Runner"]
