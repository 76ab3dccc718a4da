"""Where preferences are kept. Reads here; writes are handed out as statements.

So the writer can put a preference into the same transaction as the message that caused it.
"""

from typing import Any, Protocol, get_args

from prefs.rules import Change, Kind, Save

Statements = tuple[tuple[str, tuple[Any, ...]], ...]


class Connection(Protocol):
    """What the store needs of a database."""

    async def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""


class Preferences:
    """The model of choice per person and kind of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of(self, person: str) -> dict[Kind, str]:
        """What this person prefers, by kind; kinds without a preference are absent."""
        rows = await self._connection.rows("SELECT kind, model FROM preferences WHERE person = ?", (person,))
        return {kind: model for kind, model in rows if kind in get_args(Kind)}

    def changing(self, person: str, change: Change | None, now: float) -> Statements:
        """The statements of a change that `rules.change` found; none for None."""
        if change is None:
            return ()
        if isinstance(change, Save):
            return self.saving(person, change.kind, change.model, now)
        return self.clearing(person, change.kind)

    def saving(self, person: str, kind: Kind, model: str, now: float) -> Statements:
        """Remember the model. `now`: Unix seconds."""
        return (
            (
                "INSERT INTO preferences (person, kind, model, saved_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET model = excluded.model, saved_at = excluded.saved_at",
                (person, kind, model, now),
            ),
        )

    def clearing(self, person: str, kind: Kind | None = None) -> Statements:
        """Forget the model for one kind, or for all."""
        if kind is None:
            return (("DELETE FROM preferences WHERE person = ?", (person,)),)
        return (("DELETE FROM preferences WHERE person = ? AND kind = ?", (person, kind)),)

    def forgetting(self, person: str) -> Statements:
        """Delete all that is kept of a person here."""
        return self.clearing(person)
