"""The composition root: the only place that knows the concrete classes."""

from bot.app.house import House, run
from bot.app.parts import Parts, open_parts

__all__ = ["House", "Parts", "open_parts", "run"]
