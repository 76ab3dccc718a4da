"""The session ids: which one a job goes to, and which ones are set aside. Never shows an id."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from adapters.backends.jimeng_api.models import Region, region_of
from bot.errors import Reason
from bot.ports import Clock

log = logging.getLogger(__name__)

#: Seconds for which an id rests: a login that has expired may be renewed; a suspicion must cool down.
REST = {Reason.LOGIN_EXPIRED: 1800.0, Reason.ACCOUNT_BLOCKED: 1800.0}


@dataclass(slots=True)
class Account:
    """One session id. Its `name` is what logs and people may see."""

    session_id: str = field(repr=False)
    name: str
    region: Region
    rests_until: float = 0.0
    why: Reason = Reason.LOGIN_EXPIRED


class Accounts:
    """All session ids of one service."""

    def __init__(self, session_ids: Iterable[str], clock: Clock) -> None:
        self._clock = clock
        self.all = tuple(
            Account(session_id, f"jimeng-api {place}", region_of(session_id))
            for place, session_id in enumerate(session_ids, 1)
        )

    def for_order(self, reference: str) -> list[Account]:
        """The live ids, the one that this order sticks to first: the same one after any restart."""
        live = [account for account in self.all if account.rests_until <= self._clock.monotonic()]
        return sorted(live, key=lambda account: _rank(reference, account.session_id), reverse=True)

    def rest(self, account: Account, why: Reason) -> None:
        """Set an id aside for a while."""
        account.rests_until = self._clock.monotonic() + REST[why]
        account.why = why
        log.warning("%s is set aside for %d minutes: %s", account.name, REST[why] // 60, why)

    def revive(self, account: Account) -> None:
        """An id has answered well: it is live."""
        account.rests_until = 0.0

    def why_none(self) -> Reason:
        """Why no id is live."""
        return self.all[0].why if self.all else Reason.CONFIGURATION

    def hide(self, text: str) -> str:
        """The text without any session id in it."""
        for account in self.all:
            token = account.session_id.rsplit("@", 1)[-1]
            for secret in (account.session_id, token, token.split("-", 1)[-1]):
                text = text.replace(secret, "…") if len(secret) >= 6 else text
        return text


def _rank(reference: str, session_id: str) -> bytes:
    # Rendezvous hashing: when one id goes, only its own orders move to another.
    return hashlib.sha256(f"{reference}\0{session_id}".encode()).digest()
