"""A job as a database row and back. No SQL statements and no decisions."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from bot.errors import Reason
from bot.job import Job, Outcome, Request, State
from bot.message import Action, Address, Attachment, Kind, Line, Media, Outgoing, Person, Press, Price
from bot.ports import Row

COLUMNS = (
    "id, state, outcome, person, platform, chat, topic, task, model, size,"
    " called, created_at, submitted_at, finished_at, data"
)
#: Fields that stand in the column `data`.
_DATA = (
    "address", "language", "request", "subject", "emoji", "hint", "hint_model", "notes", "price",
    "expected", "backend", "reason", "reason_link", "ticket", "results", "suggested", "proposal",
    "parent", "declined",
)  # fmt: skip


def to_row(job: Job) -> Row:
    """The row of a job, in the order of COLUMNS."""
    data = {name: getattr(job, name) for name in _DATA}
    data["person"] = asdict(job.person)
    return (
        job.id,
        job.state.value,
        job.outcome.value if job.outcome else None,
        job.person.key,
        job.address.platform,
        job.address.chat,
        job.address.topic,
        job.request.task,
        job.model,
        job.request.size,
        job.called,
        job.created_at,
        job.submitted_at,
        job.finished_at,
        orjson.dumps(data, default=str).decode(),
    )


def from_row(row: Row) -> Job:
    """The job in a row."""
    columns = dict(zip(COLUMNS.split(", "), row, strict=True))
    data: dict[str, Any] = orjson.loads(columns["data"])
    return Job(
        id=columns["id"],
        state=State(columns["state"]),
        outcome=Outcome(columns["outcome"]) if columns["outcome"] else None,
        person=Person(**data["person"]),
        address=Address(**data["address"]),
        language=data["language"],
        request=_request(data["request"]),
        model=columns["model"],
        called=columns["called"],
        created_at=columns["created_at"],
        submitted_at=columns["submitted_at"],
        finished_at=columns["finished_at"],
        subject=data["subject"],
        emoji=data["emoji"],
        hint=data["hint"],
        hint_model=data["hint_model"],
        notes=tuple(data["notes"]),
        price=Price(**data["price"]) if data["price"] else None,
        expected=(data["expected"][0], data["expected"][1]),
        backend=data["backend"],
        reason=Reason(data["reason"]) if data["reason"] else None,
        reason_link=data["reason_link"],
        ticket=data["ticket"],
        results=tuple(media(item) for item in data["results"]),
        suggested=data["suggested"],
        proposal=data.get("proposal", ""),
        parent=data["parent"],
        declined=data["declined"],
    )


def media(item: dict[str, Any]) -> Media:
    """One picture or film from its JSON."""
    return Media(**{**item, "path": Path(item["path"])})


def owed_to_json(to: Address, message: Outgoing) -> str:
    """An answer that is owed, as JSON. It has no media."""
    return orjson.dumps({"to": to, "message": message}, default=str).decode()


def owed_from_json(text: str) -> tuple[Address, Outgoing]:
    """An answer that is owed."""
    data = orjson.loads(text)
    message = data["message"]
    return Address(**data["to"]), Outgoing(
        **{
            **message,
            "kind": Kind(message["kind"]),
            "lines": tuple(Line(**line) for line in message["lines"]),
            "media": (),
            "actions": tuple(
                Action(**{**item, "press": Press(item["press"])}) for item in message["actions"]
            ),
        }
    )


def _request(data: dict[str, Any]) -> Request:
    return Request(
        **{
            **data,
            "pixels": tuple(data["pixels"]) if data["pixels"] else None,
            "attachments": tuple(Attachment(**item) for item in data["attachments"]),
            "inputs": tuple(media(item) for item in data["inputs"]),
        }
    )
