"""What a person says or presses, turned into what happens."""

from bot.engine.desk import Office
from bot.engine.engine import Engine

__all__ = ["Engine", "Office"]
