"""Jobs, claimed messages, and what has been shown of them: the memory that survives a crash."""

from bot.ledger.ledger import OFFER_OPEN, Ledger, Shown
from bot.ledger.times import Times

__all__ = ["OFFER_OPEN", "Ledger", "Shown", "Times"]
