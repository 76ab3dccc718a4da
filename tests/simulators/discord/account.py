"""The bot's own account in the simulated Discord: who it is, its commands, its direct chats."""

from tests.simulators.discord import command_checks
from tests.simulators.discord.gateway import Gateway
from tests.simulators.discord.rest import Call, Refusal
from tests.simulators.discord.state import Guild, Json, World
from tests.simulators.discord.wire import Wire

COMMANDS_PER_DAY = 200


class Account:
    """Operations that concern no channel."""

    def __init__(self, world: World, wire: Wire, gateway: Gateway) -> None:
        self._world = world
        self._wire = wire
        self._gateway = gateway

    async def me(self, _call: Call) -> Json:
        return {**self._wire.user(self._world.bot), "verified": True, "mfa_enabled": True, "email": None}

    async def guild(self, call: Call) -> Json:
        """A server; its channels and members come from routes of their own."""
        guild = self._joined(call)
        return {
            name: value
            for name, value in self._wire.guild(guild).items()
            if name not in ("channels", "threads", "members", "presences", "voice_states")
        }

    async def member(self, call: Call) -> Json:
        guild = self._joined(call)
        if int(call.path["user"]) not in guild.members:
            raise Refusal(404, 10007, "Unknown Member")
        return self._wire.member(self._world.users[int(call.path["user"])], guild)

    def _joined(self, call: Call) -> Guild:
        guild = self._world.guilds.get(int(call.path["guild"]))
        if guild is None or not guild.joined:
            raise Refusal(404, 10004, "Unknown Guild")
        return guild

    async def application(self, _call: Call) -> Json:
        bot = self._world.bot
        # Flags: limited Message Content (1 << 19) where it is switched on in the portal.
        return {
            "id": str(bot.id),
            "name": bot.name,
            "icon": None,
            "description": "",
            "rpc_origins": [],
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": self._wire.user(self._world.owner),
            "verify_key": "0" * 64,
            "team": None,
            "flags": 1 << 19 if self._world.message_content_allowed else 0,
            "bot": self._wire.user(bot),
            "integration_types_config": {"0": {}, **({"1": {}} if self._world.user_install else {})},
        }

    async def gateway(self, _call: Call) -> Json:
        return {"url": self._wire.base.replace("http", "ws", 1) + "/gateway"}

    async def gateway_bot(self, call: Call) -> Json:
        used = len(self._gateway.identifies)
        limit = {"total": 1000, "remaining": 1000 - used, "reset_after": 86_400_000, "max_concurrency": 1}
        return {**await self.gateway(call), "shards": self._gateway.shards, "session_start_limit": limit}

    async def list_commands(self, call: Call) -> list[Json]:
        self._own(call)
        if call.query.get("with_localizations") == "true":
            return self._world.commands
        return [without_translations(command) for command in self._world.commands]

    async def put_commands(self, call: Call) -> list[Json]:
        self._own(call)
        problems = command_checks.commands(call.body)
        if problems:
            raise Refusal(400, 50035, "Invalid Form Body", problems)
        known = {(c.get("type", 1), c["name"]): c for c in self._world.commands}
        new = [c for c in call.body if (c.get("type", 1), c["name"]) not in known]
        if self._world.commands_created + len(new) > COMMANDS_PER_DAY:
            raise Refusal(
                400, 30034, "Max number of daily application command creates has been reached (200)"
            )
        self._world.commands_created += len(new)
        self._world.commands = [
            {
                "id": known.get((c.get("type", 1), c["name"]), {}).get("id") or str(self._world.snowflake()),
                "application_id": str(self._world.bot.id),
                "version": str(self._world.snowflake()),
                "default_member_permissions": None,
                "type": 1,
                **c,
            }
            for c in call.body
        ]
        return self._world.commands

    async def guilds(self, _call: Call) -> list[Json]:
        return [
            {"id": str(g.id), "name": g.name, "icon": None, "owner": False, "permissions": str(g.everyone)}
            for g in self._world.guilds.values()
            if g.joined
        ]

    async def open_dm(self, call: Call) -> Json:
        user = self._world.users.get(int((call.body or {}).get("recipient_id", 0)))
        if user is None or user.bot:
            raise Refusal(400, 50033, "Invalid Recipient(s)")
        return self._wire.channel(self._world.private_channel(self._world.bot, user))

    def _own(self, call: Call) -> None:
        if call.path["application"] != str(self._world.bot.id):
            raise Refusal(403, 20012, "You are not authorized to perform this action on this application")


def without_translations(item: Json) -> Json:
    """A command or option as it is listed where translations are not asked for."""
    plain = {key: value for key, value in item.items() if not key.endswith("_localizations")}
    if "options" in plain:
        plain["options"] = [without_translations(option) for option in plain["options"]]
    return plain
