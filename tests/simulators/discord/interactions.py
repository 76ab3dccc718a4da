"""Interactions in the simulated Discord: three seconds, fifteen minutes, one first answer, follow-ups."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

from tests.simulators.discord import checks, command_checks
from tests.simulators.discord.gateway import Gateway
from tests.simulators.discord.messages import UNKNOWN_MESSAGE, Draft, Messages
from tests.simulators.discord.rest import Call, Refusal
from tests.simulators.discord.state import (
    EPHEMERAL,
    LOADING,
    Interaction,
    Json,
    Message,
    User,
    World,
)
from tests.simulators.discord.wire import Wire

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
PONG, ANSWER, DEFERRED_ANSWER, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9

#: Which first answers each kind of interaction takes.
ANSWERS = {
    COMMAND: {ANSWER, DEFERRED_ANSWER, MODAL},
    COMPONENT: {ANSWER, DEFERRED_ANSWER, DEFERRED_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {ANSWER, DEFERRED_ANSWER, DEFERRED_UPDATE, UPDATE},
}

FIRST_ANSWER_WITHIN = 3.0
TOKEN_LIFE = 15 * 60.0
GUEST_FOLLOWUPS = 5

UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
ALREADY_ANSWERED = (400, 40060, "Interaction has already been acknowledged.")
TOKEN_DEAD = (401, 50027, "Invalid Webhook Token")


class Interactions:
    """Operations with an interaction's token."""

    def __init__(self, world: World, wire: Wire, gateway: Gateway, messages: Messages) -> None:
        self._world = world
        self._wire = wire
        self._gateway = gateway
        self._messages = messages
        self._changed = asyncio.Condition()

    async def begin(
        self,
        kind: int,
        user: User,
        channel: int,
        data: Json,
        *,
        message: int | None = None,
        guest: bool = False,
    ) -> Interaction:
        """A person does something; the bot is told."""
        world = self._world
        interaction = Interaction(
            world.snowflake(), secrets.token_urlsafe(48), kind, user, channel, world.now(), data, message
        )
        interaction.guest = guest
        world.interactions[interaction.token] = interaction
        await self._gateway.dispatch("INTERACTION_CREATE", self._wire.interaction(interaction))
        return interaction

    async def wait_for(self, condition: Callable[[], bool], timeout: float = 5.0) -> None:
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(condition)

    # Handlers ---------------------------------------------------------------------------------------

    async def callback(self, call: Call) -> Json | None:
        interaction = self._world.interactions.get(call.path["token"])
        if interaction is None or str(interaction.id) != call.path["interaction"]:
            raise Refusal(*UNKNOWN_INTERACTION)
        if interaction.answered is not None:
            self._world.violate("answered twice", f"interaction {interaction.id}")
            raise Refusal(*ALREADY_ANSWERED)
        if self._world.now() - interaction.created > FIRST_ANSWER_WITHIN:
            self._world.violate("answered late", f"{self._world.now() - interaction.created:.2f} s")
            raise Refusal(*UNKNOWN_INTERACTION)
        kind, data = self._checked(interaction, call)
        message = await self._apply(interaction, kind, data, call)
        interaction.answered, interaction.answered_at = kind, self._world.now()
        await self._notify()
        return self._response(interaction, kind, message) if call.query.get("with_response") == "1" else None

    def _checked(self, interaction: Interaction, call: Call) -> tuple[int, Json]:
        body = call.body or {}
        problems = checks.unknown_fields(body, {"type", "data", "attachments"})
        kind, data = body.get("type"), body.get("data") or {}
        if kind not in ANSWERS[interaction.kind]:
            problems.append(("type", f"{kind} does not answer {interaction.kind}"))
        if kind == DEFERRED_ANSWER and (set(data) - {"flags"} or data.get("flags", 0) & ~EPHEMERAL):
            problems.append(("data", "a deferral takes the ephemeral flag alone"))
        if kind == MODAL:
            problems += checks.modal(data)
        if kind == CHOICES:
            problems += command_checks.check_choices(data.get("choices") or [], "data")
        if problems:
            raise Refusal(400, 50035, "Invalid Form Body", problems)
        return int(kind or 0), data

    async def _apply(self, interaction: Interaction, kind: int, data: Json, call: Call) -> Message | None:
        if kind == CHOICES:
            interaction.choices = data.get("choices") or []
        if kind == MODAL:
            interaction.modal = data
        if kind == ANSWER:
            draft = Draft(data, call.uploads, checks.WEBHOOK_FIELDS)
            draft.check()
            return await self._post(interaction, draft, original=True)
        if kind == DEFERRED_ANSWER:
            interaction.pending = True
            loading = Draft({"flags": LOADING | data.get("flags", 0)}, [], set())
            return await self._post(interaction, loading, original=True)
        if kind == UPDATE and interaction.message is not None:
            target = self._world.messages[interaction.message]
            await self._messages.change(target, data, call.uploads, checks.WEBHOOK_EDIT_FIELDS)
            return target
        if kind == DEFERRED_UPDATE:
            interaction.original = interaction.message
        return None

    async def _post(self, interaction: Interaction, draft: Draft, *, original: bool) -> Message:
        channel = self._world.channels[interaction.channel]
        message = self._messages.make(draft, channel, self._world.bot)
        message.interaction = interaction.id
        message.kind = 20 if original and interaction.kind == COMMAND else 0
        if message.flags & EPHEMERAL:
            message.seen_by = interaction.user.id
        if original:
            interaction.original = message.id
            interaction.ephemeral = message.seen_by is not None
        if not message.loading:
            self._messages.ring(message, draft.body)
        await self._messages.announce(message, "MESSAGE_CREATE")
        return message

    def _response(self, interaction: Interaction, kind: int, message: Message | None) -> Json:
        inner: Json = {"id": str(interaction.id), "type": interaction.kind}
        body: Json = {"interaction": inner}
        if message is not None:
            inner |= {
                "response_message_id": str(message.id),
                "response_message_loading": message.loading,
                "response_message_ephemeral": bool(message.flags & EPHEMERAL),
            }
            body["resource"] = {"type": kind, "message": self._wire.message(message)}
        elif kind not in (MODAL, CHOICES):
            body["resource"] = {"type": kind}
        return body

    async def get(self, call: Call) -> Json:
        return self._wire.message(self._target(self._alive(call), call))

    async def edit(self, call: Call) -> Json:
        interaction = self._alive(call)
        message = self._target(interaction, call)
        was_loading = message.loading
        ephemeral = message.flags & EPHEMERAL
        answer = await self._messages.change(
            message, call.body or {}, call.uploads, checks.WEBHOOK_EDIT_FIELDS
        )
        message.flags |= ephemeral
        if was_loading:
            interaction.pending = False
            self._messages.ring(message, call.body or {})
        await self._notify()
        return answer

    async def delete(self, call: Call) -> None:
        await self._messages.remove(self._target(self._alive(call), call))

    async def follow_up(self, call: Call) -> Json:
        """Execute the webhook: a further message; the first one after a deferral becomes the original."""
        interaction = self._alive(call)
        if interaction.answered is None:
            raise Refusal(*UNKNOWN_WEBHOOK)
        draft = Draft(call.body or {}, call.uploads, checks.WEBHOOK_FIELDS)
        draft.check()
        if interaction.pending and interaction.original is not None:
            interaction.pending = False
            message = self._world.messages[interaction.original]
            return await self._messages.change(message, draft.body, call.uploads, checks.WEBHOOK_FIELDS)
        interaction.followups += 1
        if interaction.guest and interaction.followups > GUEST_FOLLOWUPS:
            self._world.violate("follow-ups", f"more than {GUEST_FOLLOWUPS}")
            raise Refusal(
                400, 40094, "This interaction has reached the maximum number of follow up messages."
            )
        message = await self._post(interaction, draft, original=False)
        await self._notify()
        return self._wire.message(message)

    def _alive(self, call: Call) -> Interaction:
        if call.path["application"] != str(self._world.bot.id):
            raise Refusal(*UNKNOWN_WEBHOOK)
        interaction = self._world.interactions.get(call.path["token"])
        if interaction is None:
            raise Refusal(*UNKNOWN_WEBHOOK)
        if self._world.now() - interaction.created > TOKEN_LIFE:
            raise Refusal(*TOKEN_DEAD)
        return interaction

    def _target(self, interaction: Interaction, call: Call) -> Message:
        wanted = call.path["message"]
        if interaction.answered is None:
            raise Refusal(*UNKNOWN_WEBHOOK)
        number = interaction.original if wanted == "@original" else int(wanted)
        message = self._world.messages.get(number or 0)
        belongs = message is not None and (
            message.interaction == interaction.id or message.id == interaction.message
        )
        if message is None or message.deleted or not belongs:
            raise Refusal(*UNKNOWN_MESSAGE)
        return message

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # What people see --------------------------------------------------------------------------------

    def failed(self) -> list[Interaction]:
        """Interactions of which the person read "This interaction failed" or sees a spinner for ever."""
        now = self._world.now()
        return [i for i in self._world.interactions.values() if self._unanswered(i, now)]

    def _unanswered(self, interaction: Interaction, now: float) -> bool:
        age = now - interaction.created
        if interaction.answered is None:
            return interaction.kind != AUTOCOMPLETE and age > FIRST_ANSWER_WITHIN
        return interaction.pending and age > TOKEN_LIFE


def option(kind: int, name: str, value: Any) -> Json:
    return {"type": kind, "name": name, "value": value}
