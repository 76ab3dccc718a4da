"""People in the simulated Discord: they write, reply, use commands, press, choose and fill in forms.

Their client is as strict as the real one: it offers only the commands that the bot registered, only options
of the right type, only buttons that are there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.simulators.discord import checks
from tests.simulators.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT
from tests.simulators.discord.messages import file_type
from tests.simulators.discord.state import (
    THREAD,
    Channel,
    File,
    Interaction,
    Json,
    Message,
    User,
)

if TYPE_CHECKING:
    from tests.simulators.discord.server import Discord

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, ATTACHMENT, NUMBER = 1, 2, 3, 4, 5, 11, 10
TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    ATTACHMENT: (tuple,),
    NUMBER: (int, float),
}

#: A file's name and bytes.
Named = tuple[str, bytes]


class NotOffered(AssertionError):
    """The person's client does not offer this."""


class Participant:
    """One person and their client."""

    def __init__(self, discord: Discord, user: User) -> None:
        self._discord = discord
        self._world = discord.world
        self.user = user
        self._last_said: dict[int, float] = {}

    @property
    def name(self) -> str:
        return self.user.name

    def direct(self) -> Channel:
        """Their direct chat with the bot."""
        return self._world.private_channel(self._world.bot, self.user)

    # Messages ---------------------------------------------------------------------------------------

    async def says(
        self,
        text: str,
        channel: Channel | None = None,
        *,
        files: tuple[Named, ...] = (),
        reply_to: Message | None = None,
        ping: bool = True,
        at: float | None = None,
        kind: int = 0,
        webhook: bool = False,
    ) -> Message:
        """Write a message. "@Inkling" in it becomes a mention; a reply mentions, as clients do by default.

        `kind`: a message of Discord's own that says it, such as 6 for a pin. `webhook`: not a person, but a
        webhook that bears their name.
        """
        place = channel or self._discord.channel
        self._wait_for_slow_mode(place)
        message = Message(self._world.snowflake(), place.id, self.user, created=at or self._world.now())
        message.content = text.replace(f"@{self._world.bot.name}", f"<@{self._world.bot.id}>")
        named = dict.fromkeys(int(user) for user in re.findall(r"<@(\d+)>", message.content))
        message.mentions = [user for user in named if user in self._world.users]
        message.files = [self._upload(file) for file in files]
        if reply_to is not None:
            message.reference, message.kind = reply_to.id, 19
            if ping and reply_to.author.id not in message.mentions:
                message.mentions.append(reply_to.author.id)
        message.kind, message.webhook = kind or message.kind, webhook
        self._world.messages[message.id] = message
        await self._discord.messages.announce(message, "MESSAGE_CREATE")
        return message

    async def forwards(self, message: Message, channel: Channel) -> Message:
        forwarded = Message(self._world.snowflake(), channel.id, self.user, created=self._world.now())
        forwarded.forwarded = message
        self._world.messages[forwarded.id] = forwarded
        await self._discord.messages.announce(forwarded, "MESSAGE_CREATE")
        return forwarded

    async def edits(self, message: Message, text: str) -> None:
        message.content, message.edited = text, self._world.now()
        message.mentions = [self._world.bot.id] if f"@{self._world.bot.name}" in text else []
        await self._discord.messages.announce(message, "MESSAGE_UPDATE")

    async def deletes(self, message: Message) -> None:
        await self._discord.messages.remove(message)

    def _wait_for_slow_mode(self, channel: Channel) -> None:
        now = self._world.now()
        if now - self._last_said.get(channel.id, 0) < channel.slow_mode:
            raise NotOffered("slow mode")
        self._last_said[channel.id] = now

    def _upload(self, named: Any) -> File:
        name, data = named
        file = File(self._world.snowflake(), name, file_type(data), data)
        self._world.files[file.id] = file
        return file

    # Commands ---------------------------------------------------------------------------------------

    async def slash(
        self, command: str, channel: Channel | None = None, *, guest: bool = False, **options: Any
    ) -> Interaction:
        """Use a slash command, such as "imagine" or "model set"; `guest`: installed by the user alone."""
        place = channel or self._discord.channel
        definition, path = self._command(command, place, guest=guest)
        inner = self._find(definition, path)
        data = self._head(definition)
        filled = self._filled(inner, options, data)
        for word in reversed(path):
            filled = [{"type": SUBCOMMAND, "name": word, "options": filled}]
        data["options"] = filled
        return await self._begin(COMMAND, place, data, guest=guest)

    async def types(
        self, command: str, option: str, text: str, channel: Channel | None = None, **others: Any
    ) -> list[Json]:
        """Begin to fill in an option that completes itself; what is offered."""
        place = channel or self._discord.channel
        definition, path = self._command(command, place, guest=False)
        inner = self._find(definition, path)
        known = {o["name"]: o for o in inner.get("options", [])}
        if not known[option].get("autocomplete"):
            raise NotOffered(f"{option} does not complete itself")
        data = self._head(definition)
        filled: list[Json] = [
            {"type": known[k]["type"], "name": k, "value": v, "focused": False} for k, v in others.items()
        ]
        filled.append({"type": known[option]["type"], "name": option, "value": text, "focused": True})
        for word in reversed(path):
            filled = [{"type": SUBCOMMAND, "name": word, "options": filled}]
        data["options"] = filled
        interaction = await self._begin(AUTOCOMPLETE, place, data)
        await self._discord.interactions.wait_for(lambda: interaction.answered is not None, 3.0)
        return interaction.choices or []

    async def menu(self, name: str, message: Message, *, guest: bool = False) -> Interaction:
        """Use a command from a message's menu."""
        definition = next((c for c in self._world.commands if c["name"] == name and c.get("type") == 3), None)
        if definition is None:
            raise NotOffered(f"no menu entry {name}")
        resolved = {"messages": {str(message.id): self._discord.wire.message(message)}}
        data = {**self._head(definition), "type": 3, "target_id": str(message.id), "resolved": resolved}
        return await self._begin(COMMAND, self._world.channels[message.channel], data, guest=guest)

    def _command(self, command: str, place: Channel, *, guest: bool) -> tuple[Json, list[str]]:
        name, *path = command.split()
        definition = next(
            (c for c in self._world.commands if c["name"] == name and c.get("type", 1) == 1), None
        )
        if definition is None:
            raise NotOffered(f"no command {name}")
        context = 0 if place.guild else 1 if self._world.bot.id in place.recipients else 2
        if context not in definition.get("contexts", [0, 1, 2]):
            raise NotOffered(f"{name} is not offered in context {context}")
        if (1 if guest else 0) not in definition.get("integration_types", [0]):
            raise NotOffered(f"{name} is not installed this way")
        return definition, path

    def _find(self, definition: Json, path: list[str]) -> Json:
        inner = definition
        for word in path:
            found = [
                o for o in inner.get("options", []) if o["name"] == word and o["type"] in (SUBCOMMAND, GROUP)
            ]
            if not found:
                raise NotOffered(f"no subcommand {word}")
            inner = found[0]
        return inner

    def _head(self, definition: Json) -> Json:
        return {"id": definition["id"], "name": definition["name"], "type": definition.get("type", 1)}

    def _filled(self, inner: Json, options: dict[str, Any], data: Json) -> list[Json]:
        known = {o["name"]: o for o in inner.get("options", [])}
        missing = [n for n, o in known.items() if o.get("required") and n not in options]
        if missing or set(options) - set(known):
            raise NotOffered(f"options: missing {missing}, unknown {set(options) - set(known)}")
        return [self._value(known[name], value, data) for name, value in options.items()]

    def _value(self, option: Json, value: Any, data: Json) -> Json:
        kind = option["type"]
        if not isinstance(value, TYPES[kind]):
            raise NotOffered(f"{option['name']} does not take {value!r}")
        offered = [c["value"] for c in option.get("choices", [])]
        if offered and value not in offered:
            raise NotOffered(f"{option['name']} offers {offered}")
        low, high = option.get("min_value", value), option.get("max_value", value)
        if kind in (INTEGER, NUMBER) and not low <= value <= high:
            raise NotOffered(f"{option['name']} lies between {low} and {high}")
        if kind == ATTACHMENT:
            file = self._upload(value)
            resolved = data.setdefault("resolved", {}).setdefault("attachments", {})
            resolved[str(file.id)] = {**self._discord.wire.file(file, 0), "ephemeral": True}
            value = str(file.id)
        return {"type": kind, "name": option["name"], "value": value}

    # Buttons, selects, forms ------------------------------------------------------------------------

    async def presses(self, message: Message, label: str, *, guest: bool = False) -> Interaction:
        """Press the button whose label holds these words."""
        for item in checks.walk(message.components):
            if item.get("type") == 2 and label in (item.get("label") or "") and not item.get("disabled"):
                data = {"component_type": 2, "custom_id": item["custom_id"], "id": 1}
                return await self._component(message, data, guest=guest)
        raise NotOffered(f"no button {label!r}")

    async def chooses(self, message: Message, label: str, *, guest: bool = False) -> Interaction:
        """Choose the entry of a select whose label holds these words."""
        for item in checks.walk(message.components):
            for option in item.get("options", []) if item.get("type") == 3 else []:
                if label in option["label"]:
                    data = {"component_type": 3, "custom_id": item["custom_id"], "values": [option["value"]]}
                    return await self._component(message, {**data, "id": 1}, guest=guest)
        raise NotOffered(f"no entry {label!r}")

    async def submits(self, form: Interaction, text: str) -> Interaction:
        """Fill in the form that an interaction opened, and send it."""
        if form.modal is None:
            raise NotOffered("no form is open")
        parts = []
        for part in form.modal["components"]:
            field = part["component"] if part["type"] == 18 else part["components"][0]
            limit = field.get("max_length", 4000)
            if len(text) > limit or (field.get("required", True) and not text):
                raise NotOffered(f"the field takes 1 to {limit} characters")
            value = {"type": 4, "custom_id": field["custom_id"], "value": text, "id": 2}
            wrapped = {"component": value} if part["type"] == 18 else {"components": [value]}
            parts.append({"type": part["type"], "id": 1, **wrapped})
        data = {"custom_id": form.modal["custom_id"], "components": parts}
        place = self._world.channels[form.channel]
        return await self._begin(MODAL_SUBMIT, place, data, message=form.message, guest=form.guest)

    async def _component(self, message: Message, data: Json, *, guest: bool) -> Interaction:
        place = self._world.channels[message.channel]
        return await self._begin(COMPONENT, place, data, message=message.id, guest=guest)

    async def _begin(
        self, kind: int, place: Channel, data: Json, *, message: int | None = None, guest: bool = False
    ) -> Interaction:
        if place.kind == THREAD and place.archived:
            raise NotOffered("the thread is archived")
        begin = self._discord.interactions.begin
        return await begin(kind, self.user, place.id, data, message=message, guest=guest)
