"""What happens when something arrives: a message, a command, a press, a form, an option being typed.

Only routing and the first three seconds of an interaction; what it means is the conversation's.
"""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, replace

import discord

from adapters.platforms.discord import commands, receive, rights
from adapters.platforms.discord.answers import DEFER_AFTER, TOKEN_LIFE, Answers, Open, State
from adapters.platforms.discord.buttons import ButtonId, Json, modal, typed
from adapters.platforms.discord.commands import Used
from adapters.platforms.discord.hooks import ANSWER, CHOICES, DEFER_UPDATE, MODAL, Hooks
from adapters.platforms.discord.layout import EPHEMERAL, Body
from adapters.platforms.discord.markdown import cut, escaped
from adapters.platforms.discord.place import PLATFORM, Ticket, created_at, number
from adapters.platforms.discord.rest import Rest
from adapters.platforms.discord.transport import Live
from adapters.platforms.discord.words import Words
from bot.background import Background
from bot.errors import Passing, PlatformError
from bot.job import idempotency_key
from bot.message import Address, Attachment, Form, Incoming, Language, MessageRef, Press, Reply
from bot.ports import Clock, Inbox, Models

log = logging.getLogger(__name__)

#: How many ids of messages and interactions are remembered, so that what is dispatched twice is heard once.
_REMEMBERED = 4096
#: Seconds for asking Discord for something before the person is told that it did not work.
_ANSWER_WITHIN = 2.0
_USE = "use"


@dataclass(frozen=True, slots=True)
class Reception:
    """What arrivals are handled with."""

    inbox: Inbox
    answers: Answers
    hooks: Hooks
    words: Words
    models: Models
    clock: Clock
    listening: frozenset[str]


class Arrivals:
    """Fulfils `transport.Events`."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._words = reception.words
        self._answers = reception.answers
        self._seen: OrderedDict[int, None] = OrderedDict()
        #: Pictures of messages that somebody is about to use, by channel and message.
        self._chosen: OrderedDict[tuple[int, int], tuple[Attachment, ...]] = OrderedDict()
        self._background = Background("Discord")
        self._live: Live | None = None

    async def ready(self, live: Live) -> None:
        """Know the application, and have its commands registered."""
        self._live = live
        application = self._reception.hooks.application = live.client.application_id or 0
        self._background.spawn(self._register(live.rest, application))

    async def _register(self, rest: Rest, application: int) -> None:
        wanted = commands.definitions(self._words)
        try:
            if commands.same(await rest.commands(application), wanted):
                return
            await rest.register(application, wanted)
            log.info("Discord: %d commands are registered", len(wanted))
        except PlatformError as error:
            log.warning("Discord: the commands are not registered: %s", error)

    async def close(self) -> None:
        """Stop what is in the background."""
        await self._background.close()

    # Messages ---------------------------------------------------------------------------------------

    async def message(self, message: discord.Message) -> None:
        """Hand a message over, if it is for the bot and the bot can draw there."""
        client = self._live.client if self._live else None
        if client is None or client.user is None:
            return
        if not receive.concerns(message, client.user, self._reception.listening):
            return
        if not self._is_new(message.id):
            return
        incoming = self._timed(receive.incoming(message, client.user))
        lacking = rights.missing(client, message.channel.id)
        if not lacking:
            await self._reception.inbox.message(incoming)
        elif incoming.mentioned:
            await self._tell_lacking(message, lacking)

    async def _tell_lacking(self, message: discord.Message, lacking: list[str]) -> None:
        """Say what is missing before anything is spent: there if possible, else directly."""
        language = receive.guessed(message.content)
        say = self._words.say
        named = say(language, "locale.and").join(say(language, f"rights.{key}") for key in lacking)
        place = f"<#{message.channel.id}>"
        body = Body(content=say(language, "rights.missing", place=place, rights=named))
        key = idempotency_key("rights", str(message.id))
        try:
            rest = self._logged_in()
            if lacking == ["attach"]:
                await rest.create(message.channel.id, body, key, message.id)
            else:
                await rest.create(await rest.direct(message.author.id), body, key)
        except PlatformError as error:
            log.info("nobody can be told which rights are missing: %s", error)

    # Interactions -----------------------------------------------------------------------------------

    async def interaction(self, interaction: discord.Interaction) -> None:
        """Answer an interaction, or see to it that it is answered in time."""
        if not self._is_new(interaction.id):
            return
        data: Json = dict(interaction.data or {})
        kind = interaction.type
        try:
            if kind is discord.InteractionType.autocomplete:
                await self._complete(interaction, commands.used(data))
            elif kind is discord.InteractionType.application_command and data.get("type") == commands.MENU:
                await self._open_use(interaction, data)
            elif kind is discord.InteractionType.application_command:
                await self._command(interaction, commands.used(data))
            elif kind is discord.InteractionType.modal_submit:
                await self._submitted(interaction, data)
            elif kind is discord.InteractionType.component:
                await self._pressed(interaction, data)
        except PlatformError as error:
            log.info("Discord: an interaction could not be answered: %s", error)

    async def _complete(self, interaction: discord.Interaction, used: Used) -> None:
        models = self._reception.models(self._language(interaction))
        choices = commands.completions(used, models)
        await self._respond(interaction, CHOICES, {"choices": choices})

    async def _command(self, interaction: discord.Interaction, used: Used) -> None:
        language = self._language(interaction)
        files = (used.attachments.get(str(value)) for value in used.options.values())
        given = tuple(
            Attachment(f"0/0/{one['id']}", one["url"], one.get("filename", ""), one.get("size", 0))
            for one in files
            if one
        )
        meant = commands.with_model(used, self._reception.models(language))
        if meant is None:
            typed = cut(str(used.options["model"]), 50)
            await self._toast(interaction, self._words.say(language, "card.no_model", model=typed))
            return
        text = commands.said(meant, language, self._words)
        await self._hand_over(interaction, Said(text, given, quiet=used.quiet))

    async def _hand_over(self, interaction: discord.Interaction, said: "Said") -> None:
        """Give it to the conversation, whose first message becomes the interaction's answer."""
        ticket = receive.ticket(interaction, owed=True, quiet=said.quiet)
        self._background.spawn(self._put_off(self._answers.opened(ticket)))
        channel = str(interaction.channel_id)
        incoming = Incoming(
            id=str(interaction.id),
            person=receive.person(interaction.user),
            address=Address(PLATFORM, channel, token=str(ticket)),
            text=said.text,
            sent_at=created_at(interaction.id),
            attachments=said.attachments,
            reply_to=said.reply_to,
            reply_attachments=said.reply_attachments,
            locale=receive.language(interaction),
        )
        await self._reception.inbox.message(self._timed(incoming))

    async def _put_off(self, one: Open) -> None:
        """Defer the answer if there is none after a second; take the spinner away if there never is one."""
        clock = self._reception.clock
        await clock.sleep(DEFER_AFTER)
        try:
            await self._answers.defer(one)
            if one.state is not State.DEFERRED:
                return
            await clock.sleep(TOKEN_LIFE - DEFER_AFTER)
            if self._answers.expire(one):
                await self._answers.withdraw(one)
        except PlatformError as error:
            log.info("Discord: an answer could not be put off: %s", error)

    # Presses and forms ------------------------------------------------------------------------------

    async def _pressed(self, interaction: discord.Interaction, data: Json) -> None:
        button = ButtonId.read(str(data.get("custom_id", "")))
        if button is None:
            await self._respond(interaction, DEFER_UPDATE)
        elif button.press is Press.DELETE:
            await self._delete(interaction, button)
        else:
            await self._press(interaction, button, data)

    async def _press(self, interaction: discord.Interaction, button: ButtonId, data: Json) -> None:
        pressed = receive.pressed(interaction, button, data)
        async with self._answers.answering(Ticket.read(pressed.address.token)) as one:
            reply = self._reception.inbox.press(pressed)
            await self._show(interaction, reply, str(data["custom_id"]))
            one.toast = bool(reply.toast) and reply.form is None

    async def _show(self, interaction: discord.Interaction, reply: Reply, custom_id: str) -> None:
        if reply.form is not None:
            await self._respond(interaction, MODAL, modal(reply.form, custom_id))
        elif reply.toast:
            await self._toast(interaction, reply.toast)
        else:
            await self._respond(interaction, DEFER_UPDATE)

    async def _submitted(self, interaction: discord.Interaction, data: Json) -> None:
        custom_id = str(data.get("custom_id", ""))
        button = ButtonId.read(custom_id)
        if button is not None:
            await self._press(interaction, button, data)
            return
        mark, _, message = custom_id.partition("|")
        if mark == _USE:
            await self._used(interaction, number(message), typed(data))
        else:
            await self._respond(interaction, DEFER_UPDATE)

    async def _delete(self, interaction: discord.Interaction, button: ButtonId) -> None:
        """Remove a result for the person whose it is."""
        say = self._words.say
        if button.owner != str(interaction.user.id):
            await self._toast(interaction, say(self._language(interaction), "card.not_yours"))
            return
        message = interaction.message.id if interaction.message else 0
        try:
            async with asyncio.timeout(_ANSWER_WITHIN):
                if receive.is_guest(interaction):
                    await self._respond(interaction, DEFER_UPDATE)
                    await self._reception.hooks.delete(interaction.token, str(message))
                    return
                await self._logged_in().delete(interaction.channel_id or 0, message)
            await self._toast(interaction, say(button.language, "card.deleted"))
        except (PlatformError, TimeoutError) as error:
            log.info("a message is not deleted: %s", error)
            await self._toast(interaction, say(button.language, "card.not_deleted"))

    # "Use this picture" -----------------------------------------------------------------------------

    async def _open_use(self, interaction: discord.Interaction, data: Json) -> None:
        """Ask what should become of the pictures in a message."""
        language, target = self._language(interaction), str(data.get("target_id", ""))
        message = ((data.get("resolved") or {}).get("messages") or {}).get(target) or {}
        pictures = receive.raw_pictures(message)
        say = self._words.say
        if not pictures:
            await self._toast(interaction, say(language, "use.nothing"))
            return
        self._chosen[interaction.channel_id or 0, number(target)] = pictures
        while len(self._chosen) > _REMEMBERED:
            self._chosen.popitem(last=False)
        form = Form(say(language, "use.title"), say(language, "use.label"), "")
        await self._respond(interaction, MODAL, modal(form, f"{_USE}|{target}"))

    async def _used(self, interaction: discord.Interaction, message: int, text: str) -> None:
        """Draw with the pictures of a message in this very channel: no form reaches into another one."""
        channel = interaction.channel_id or 0
        pictures = self._chosen.get((channel, message))
        if pictures is None:
            try:
                async with asyncio.timeout(_ANSWER_WITHIN):
                    pictures = receive.raw_pictures(await self._logged_in().get(channel, message))
            except (PlatformError, TimeoutError) as error:
                log.info("a chosen message is gone: %s", error)
                await self._toast(interaction, self._words.say(self._language(interaction), "card.lost"))
                return
        ref = MessageRef(PLATFORM, str(channel), str(message))
        await self._hand_over(interaction, Said(f"/imagine {text}", (), ref, pictures))

    # Small things -----------------------------------------------------------------------------------

    def _logged_in(self) -> Rest:
        if self._live is None:
            raise Passing("not logged in")
        return self._live.rest

    def _timed(self, incoming: Incoming) -> Incoming:
        """The same with its time by this machine's clock: a wrong one makes nobody's message stale."""
        ahead = self._live.ahead if self._live else 0.0
        return replace(incoming, sent_at=incoming.sent_at + ahead) if ahead else incoming

    def _language(self, interaction: discord.Interaction) -> Language:
        return receive.language(interaction) or "en"

    async def _toast(self, interaction: discord.Interaction, text: str) -> None:
        data = {"content": escaped(text), "flags": EPHEMERAL, "allowed_mentions": {"parse": []}}
        await self._respond(interaction, ANSWER, data)

    async def _respond(self, interaction: discord.Interaction, kind: int, data: Json | None = None) -> None:
        """Answer at once, with what is no message of a job; a lost answer is not repeated."""
        ticket = Ticket(interaction.user.id, interaction.id, interaction.token)
        await self._reception.hooks.first(ticket, kind, data)

    def _is_new(self, identity: int) -> bool:
        """Whether it has not been heard before: a resumed session may tell things twice."""
        if identity in self._seen:
            return False
        self._seen[identity] = None
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said through an interaction."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: MessageRef | None = None
    reply_attachments: tuple[Attachment, ...] = ()
    #: The answer is for this person alone.
    quiet: bool = False
