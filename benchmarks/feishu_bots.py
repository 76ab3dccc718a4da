"""The bots that are measured in `feishu`, each a process of its own: ours, and two that only echo.

    python -m benchmarks.feishu_bots sdk DOMAIN APP_ID APP_SECRET

`sdk` is what the vendor's documentation shows, with its asynchronous calls. `pooled` is the least there can
be: the same long connection without the dispatcher, and one pooled aiohttp session. `house` is the whole bot
with Feishu alone and a demo backend that draws nothing; `adapter` is its way to Feishu without the rest.
"""

import asyncio
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.settings import Settings

Names = tuple[str, str, str]


def sdk(names: Names) -> None:
    """lark-oapi alone."""
    import lark_oapi as lark
    from lark_oapi.api.im.v1 import ReplyMessageRequest, ReplyMessageRequestBody
    from lark_oapi.ws import client as ws

    domain, app_id, app_secret = names
    ws.loop = loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    rest = lark.Client.builder().app_id(app_id).app_secret(app_secret).domain(domain).build()
    tasks = set()

    async def answer(message: Any) -> None:
        text = json.dumps({"text": "echo"})
        body = ReplyMessageRequestBody.builder().msg_type("text").content(text).build()
        request = ReplyMessageRequest.builder().message_id(message.message_id).request_body(body).build()
        await rest.im.v1.message.areply(request)

    def heard(event: Any) -> None:
        task = loop.create_task(answer(event.event.message))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    handler = lark.EventDispatcherHandler.builder("", "").register_p2_im_message_receive_v1(heard).build()
    lark.ws.Client(app_id, app_secret, lark.LogLevel.ERROR, handler, domain).start()


async def pooled(names: Names) -> None:
    """The SDK's long connection and a pooled session."""
    import aiohttp

    from adapters.platforms.feishu.sdk import load

    ws: Any = load()  # the SDK has no types
    ws.loop = asyncio.get_running_loop()
    domain, app_id, app_secret = names
    tasks = set()
    async with aiohttp.ClientSession(domain) as session:
        body = {"app_id": app_id, "app_secret": app_secret}
        async with session.post("/open-apis/auth/v3/tenant_access_token/internal", json=body) as response:
            token = (await response.json())["tenant_access_token"]
        headers = {"Authorization": f"Bearer {token}"}

        async def answer(message: str) -> None:
            text = json.dumps({"text": "echo"})
            path = f"/open-apis/im/v1/messages/{message}/reply"
            said = {"msg_type": "text", "content": text}
            async with session.post(path, json=said, headers=headers) as response:
                await response.read()

        class Dispatcher:
            def _do_without_validation(self, payload: bytes) -> None:
                message = json.loads(payload)["event"]["message"]["message_id"]
                task = asyncio.create_task(answer(message))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        client = ws.Client(app_id, app_secret, event_handler=Dispatcher(), domain=domain)
        await client._connect()  # noqa: SLF001 - its `start` blocks the loop for good
        await client._ping_loop()  # noqa: SLF001 - the same


def configured(names: Names, folder: str) -> "Settings":
    """Feishu alone, and the demo."""
    from bot.settings import read

    domain, app_id, app_secret = names
    keys = {"FEISHU_APP_ID": app_id, "FEISHU_APP_SECRET": app_secret, "FEISHU_DOMAIN": domain}
    return read({"DATA_DIR": folder, "DEMO": "1", **keys})


async def adapter(names: Names) -> None:
    """Inkling's Feishu, before an inbox that only echoes: as much as the vendor's client does."""
    from adapters.clock import SystemClock
    from adapters.database.sqlite import Sqlite
    from adapters.media import MediaStore
    from adapters.platforms.feishu.platform import FeishuPlatform, Means
    from bot.message import Incoming, Kind, Outgoing, Pressed, Reply
    from bot.metrics import Metrics

    with TemporaryDirectory() as folder:
        settings, clock, tasks = configured(names, folder), SystemClock(), set()
        database = await Sqlite.open(settings.database)
        media = MediaStore(Path(folder) / "media", clock=clock)
        if settings.feishu is None:
            raise RuntimeError("Feishu is not switched on")
        platform = FeishuPlatform(settings.feishu, Means(database, media, Metrics(), clock))

        class Echo:
            async def message(self, message: Incoming) -> None:
                said = Outgoing(Kind.TEXT, "en", "echo")
                task = asyncio.create_task(platform.send(message.address, said, message.id))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

            def press(self, press: Pressed) -> Reply:
                return Reply()

        await platform.run(Echo())


async def house(names: Names) -> None:
    """Inkling."""
    from adapters.backends.demo import Demo
    from adapters.clock import SystemClock
    from adapters.database.sqlite import Sqlite
    from adapters.media import MediaStore
    from adapters.platforms.feishu.platform import FeishuPlatform, Means
    from bot.app import House, Parts
    from bot.metrics import Metrics

    with TemporaryDirectory() as folder:
        settings = configured(names, folder)
        if settings.feishu is None:
            raise RuntimeError("Feishu is not switched on")
        clock, metrics = SystemClock(), Metrics()
        database = await Sqlite.open(settings.database)
        media = MediaStore(Path(folder) / "media", clock=clock)
        demo = Demo(Path(folder) / "demo", media, clock, 1.0, draw=False, limit=1000)
        platform = FeishuPlatform(settings.feishu, Means(database, media, metrics, clock))
        await House(Parts(settings, clock, metrics, database, (demo,), (platform,), media)).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    called = (rest[0], rest[1], rest[2])
    if what == "sdk":
        sdk(called)
    else:
        asyncio.run({"pooled": pooled, "adapter": adapter, "house": house}[what](called))
