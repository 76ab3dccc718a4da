"""The ledger: record, move (compare-and-set), what is unfinished, what was last.

All SQL about jobs stands here. Who moves a job, and why, is in `runner` and `engine`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.job import CANCELLABLE, Event, Job, Outcome, State
from bot.ledger.rows import COLUMNS, from_row, owed_from_json, owed_to_json, to_row
from bot.message import Address, Media, MessageRef, Outgoing, Person
from bot.ports import Database, Statement

#: Seconds for which an offer to retry stays open.
OFFER_OPEN = 600.0
#: Seconds for which it may stay noted that an answer is owed which was shown. Should the process die
#: meanwhile, it is sent again under its key, as if that had been a moment earlier.
PAID_LINGERS = 0.25
#: Seconds for which a claimed message is remembered: longer than any platform re-delivers.
CLAIMS_KEPT = 24 * 3600.0

_INSERT = f"INSERT INTO jobs ({COLUMNS}) VALUES ({', '.join('?' * 15)})"  # noqa: S608 - constant names
_SELECT = f"SELECT {COLUMNS} FROM jobs"  # noqa: S608 - constant names


@dataclass(frozen=True, slots=True)
class Shown:
    """One step of a job that was sent, or was about to be."""

    step: str
    #: None while it is not known whether the message arrived.
    ref: MessageRef | None
    percent: int = -1


class Ledger:
    """What the bot remembers of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Claims --------------------------------------------------------------------------------------------

    async def claim(
        self, message: tuple[str, str], content: str, now: float, effects: list[Statement]
    ) -> bool:
        """Claim (platform, message id) together with its effects; False if it was claimed before.

        `content` is the second key: the same message delivered again under a new id has the same one.
        """
        platform, identity = message
        seen = (
            "INSERT INTO seen (platform, message, content, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (platform, identity, content, now),
        )
        return await self._database.commit([seen, *effects])

    async def is_claimed(self, platform: str, message: str) -> bool:
        """Whether a message has been claimed already."""
        seen = "SELECT 1 FROM seen WHERE platform = ? AND message = ?"
        return bool(await self._database.rows(seen, (platform, message)))

    # Jobs ----------------------------------------------------------------------------------------------

    def inserting(self, job: Job) -> Statement:
        """The statement that records a new job, to be committed with its claim."""
        return _INSERT, to_row(job)

    async def move(self, job: Job, event: Event, **changes: Any) -> Job | None:
        """Move a job; None if somebody else has moved it before. Whoever gets None stops."""
        return await self._replace(job, job.after(event, **changes))

    async def amend(self, job: Job, **changes: Any) -> Job | None:
        """Change what is known of a job without moving it; None if it has moved on."""
        return await self._replace(job, replace(job, **changes))

    def moving(self, old: Job, new: Job) -> Statement:
        """The statement that moves a job if it still stands where it stood.

        It writes what changes and nothing else: what others have noted meanwhile stays.
        """
        columns = zip(COLUMNS.split(", "), to_row(old), to_row(new), strict=True)
        changes = {name: value for name, before, value in columns if value != before or name == "state"}
        names = ", ".join(f"{name} = ?" for name in changes)
        return f"UPDATE jobs SET {names} WHERE id = ? AND state = ?", (  # noqa: S608 - constant names
            *changes.values(),
            new.id,
            old.state.value,
        )

    async def _replace(self, old: Job, new: Job) -> Job | None:
        return new if await self._database.commit([self.moving(old, new)]) else None

    async def get(self, job_id: str) -> Job | None:
        """The job with this id."""
        return await self._one(f"{_SELECT} WHERE id = ?", job_id)

    async def unfinished(self) -> list[Job]:
        """All jobs that owe something, oldest first."""
        rows = await self._database.rows(f"{_SELECT} WHERE state <> 'ended' ORDER BY created_at, id")
        return [from_row(row) for row in rows]

    async def last_of(self, person: Person, place: Address) -> Job | None:
        """The person's last job in this chat and topic."""
        return await self._newest(person, place)

    async def last_drawn(self, person: Person, place: Address) -> Job | None:
        """The person's newest job in this chat and topic that has a picture."""
        return await self._newest(person, place, "AND outcome = 'succeeded'")

    async def _newest(self, person: Person, place: Address, further: str = "") -> Job | None:
        return await self._one(
            f"{_SELECT} WHERE person = ? AND platform = ? AND chat = ? AND topic = ? {further}"
            " ORDER BY created_at DESC, id DESC LIMIT 1",
            person.key,
            place.platform,
            place.chat,
            place.topic,
        )

    async def jobs_of(self, person: Person, place: Address, limit: int) -> list[Job]:
        """The person's newest jobs in this chat: what was drawn in private stays private."""
        rows = await self._database.rows(
            f"{_SELECT} WHERE person = ? AND platform = ? AND chat = ?"
            " ORDER BY created_at DESC, id DESC LIMIT ?",
            (person.key, place.platform, place.chat, limit),
        )
        return [from_row(row) for row in rows]

    async def cancellable_of(self, person: Person, place: Address | None = None) -> tuple[Job, ...]:
        """The person's jobs (in this chat) that may still be called off, newest first."""
        marks = ", ".join("?" * len(CANCELLABLE))
        here = " AND platform = ? AND chat = ?" if place else ""
        rows = await self._database.rows(
            f"{_SELECT} WHERE person = ?{here} AND state IN ({marks}) ORDER BY created_at DESC, id DESC",
            (person.key, *((place.platform, place.chat) if place else ()), *sorted(CANCELLABLE)),
        )
        return tuple(from_row(row) for row in rows)

    async def called(self, person: Person, place: Address) -> list[Job]:
        """The person's jobs in this chat whose one in the picture has a name, newest first."""
        rows = await self._database.rows(
            f"{_SELECT} WHERE person = ? AND platform = ? AND chat = ?"
            " AND called <> '' AND outcome = 'succeeded' ORDER BY created_at DESC LIMIT 50",
            (person.key, place.platform, place.chat),
        )
        return [from_row(row) for row in rows]

    async def durations(self, since: float) -> list[tuple[str, str, str, float]]:
        """(model, task, size, seconds) of the orders that came out well since then, newest first."""
        rows = await self._database.rows(
            "SELECT model, task, size, finished_at - submitted_at FROM jobs WHERE outcome = 'succeeded'"
            " AND finished_at > ? AND submitted_at > 0 ORDER BY finished_at DESC LIMIT 5000",
            (since,),
        )
        return [(model, task, size, float(seconds)) for model, task, size, seconds in rows]

    def calling_off(self, job: Job, now: float) -> Statement:
        """The statement that calls a job off wherever it stands, to be committed with the claim of the wish.

        It may have moved since the wish was understood; too late is only what has an outcome already.
        """
        marks = ", ".join("?" * len(CANCELLABLE))
        return (
            f"UPDATE jobs SET state = ?, outcome = ?, finished_at = ? WHERE id = ? AND state IN ({marks})",  # noqa: S608 - question marks
            (State.DELIVERING.value, Outcome.CANCELLED.value, now, job.id, *sorted(CANCELLABLE)),
        )

    def declining(self, job: Job) -> Statement:
        """The statement that closes the offer to retry that an ended job has left open."""
        return self.moving(job, replace(job, declined=True))

    async def keep_late(self, job: Job, results: tuple[Media, ...]) -> None:
        """Keep what a cancelled job brought after all, for "my jobs"."""
        now = await self.get(job.id)
        while now is not None and now.outcome is Outcome.CANCELLED:
            if await self.amend(now, results=results):
                return
            now = await self.get(job.id)  # it has ended in this moment

    async def _one(self, sql: str, *parameters: Any) -> Job | None:
        rows = await self._database.rows(sql, parameters)
        return from_row(rows[0]) if rows else None

    # What was shown ------------------------------------------------------------------------------------

    async def show(self, job_id: str, shown: Shown) -> None:
        """Remember a step: before it is sent (no ref yet), and after. A percent never falls."""
        ref = shown.ref or MessageRef("", "", "")
        await self._database.commit(
            [
                (
                    "INSERT INTO shown (job, step, platform, chat, message, percent)"
                    " VALUES (?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT (job, step) DO UPDATE SET"
                    " platform = COALESCE(NULLIF(excluded.platform, ''), shown.platform),"
                    " chat = COALESCE(NULLIF(excluded.chat, ''), shown.chat),"
                    " message = COALESCE(NULLIF(excluded.message, ''), shown.message),"
                    " percent = CASE WHEN excluded.percent > shown.percent"
                    " THEN excluded.percent ELSE shown.percent END",
                    (job_id, shown.step, ref.platform, ref.chat, ref.id, shown.percent),
                )
            ]
        )

    async def shown(self, job_id: str) -> dict[str, Shown]:
        """What has been shown of a job, by step."""
        rows = await self._database.rows(
            "SELECT step, platform, chat, message, percent FROM shown WHERE job = ?", (job_id,)
        )
        return {
            step: Shown(step, MessageRef(platform, chat, message) if message else None, percent)
            for step, platform, chat, message, percent in rows
        }

    async def by_message(self, ref: MessageRef) -> Job | None:
        """The job that one of the bot's messages belongs to."""
        rows = await self._database.rows(
            "SELECT job FROM shown WHERE platform = ? AND chat = ? AND message = ?",
            (ref.platform, ref.chat, ref.id),
        )
        return await self.get(rows[0][0]) if rows else None

    # Answers that are owed ------------------------------------------------------------------------------

    def owing(self, key: str, now: float, to: Address, message: Outgoing) -> Statement:
        """The statement that owes an answer, to be committed with the claim that causes it."""
        return "INSERT INTO owed (key, at, data) VALUES (?, ?, ?)", (key, now, owed_to_json(to, message))

    async def paid(self, key: str) -> None:
        """An owed answer has been shown, or never can be."""
        await self._database.commit([("DELETE FROM owed WHERE key = ?", (key,))], PAID_LINGERS)

    async def owed(self) -> list[tuple[str, Address, Outgoing]]:
        """All answers still owed, oldest first."""
        rows = await self._database.rows("SELECT key, data FROM owed ORDER BY at, key")
        return [(key, *owed_from_json(data)) for key, data in rows]

    # Upkeep --------------------------------------------------------------------------------------------

    async def states(self) -> dict[State, int]:
        """How many jobs are in each state."""
        rows = await self._database.rows(
            "SELECT state, COUNT(*) FROM jobs WHERE state <> 'ended' GROUP BY state"
        )
        living = {State(state): count for state, count in rows}
        ((total,),) = await self._database.rows("SELECT COUNT(*) FROM jobs")
        return {**dict.fromkeys(State, 0), **living, State.ENDED: total - sum(living.values())}

    async def oldest_owed(self) -> float | None:
        """When the oldest outcome that nobody has been told yet became known (Unix seconds)."""
        rows = await self._database.rows(
            # "Not ended" says nothing new, and leads to the small index.
            "SELECT MIN(finished_at) FROM jobs WHERE state <> 'ended' AND state = 'delivering'"
        )
        return rows[0][0] if rows else None

    async def sweep(self, now: float, keep_seconds: float) -> set[Path]:
        """Forget old claims and old ended jobs; returns the files that the remaining jobs need."""
        old = now - keep_seconds
        ended = "SELECT id FROM jobs WHERE state = 'ended' AND finished_at < ?"
        await self._database.commit([("DELETE FROM seen WHERE at < ?", (now - CLAIMS_KEPT,))])
        await self._database.commit([(f"DELETE FROM shown WHERE job IN ({ended})", (old,))])  # noqa: S608 - from above
        await self._database.commit([("DELETE FROM jobs WHERE state = 'ended' AND finished_at < ?", (old,))])
        return _files(await self.unfinished())

    def forgetting(self, person: Person) -> list[Statement]:
        """Statements that delete all that is kept of a person, save jobs that are still owed."""
        mine = "SELECT id FROM jobs WHERE person = ? AND state = 'ended'"
        return [
            (f"DELETE FROM shown WHERE job IN ({mine})", (person.key,)),  # noqa: S608 - from above
            ("DELETE FROM jobs WHERE person = ? AND state = 'ended'", (person.key,)),
        ]

    async def files_of(self, person: Person) -> set[Path]:
        """Pictures of a person's ended jobs that no other job needs."""
        rows = await self._database.rows(f"{_SELECT} WHERE person = ? AND state = 'ended'", (person.key,))
        ended = [from_row(row) for row in rows]
        needed: set[Path] = set()
        # Whoever goes on from a picture does so where it was shown.
        for place in {(job.address.platform, job.address.chat) for job in ended}:
            others = await self._database.rows(
                f"{_SELECT} WHERE platform = ? AND chat = ? AND task <> 'text_to_image'"
                " AND (person <> ? OR state <> 'ended')",
                (*place, person.key),
            )
            needed |= _files(from_row(row) for row in others)
        return _files(ended) - needed


def _files(jobs: Iterable[Job]) -> set[Path]:
    return {media.path for job in jobs for media in (*job.results, *job.request.inputs)}


def offer_is_open(job: Job | None, now: float) -> bool:
    """Whether a person's last job has left an offer to retry that still stands."""
    return (
        job is not None
        and job.state in (State.DELIVERING, State.ENDED)
        and job.outcome in (Outcome.FAILED, Outcome.UNKNOWN, Outcome.INTERRUPTED)
        and not job.declined
        and now - job.finished_at < OFFER_OPEN
    )
