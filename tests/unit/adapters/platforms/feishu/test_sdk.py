"""The SDK's client, imported lightly where that works and whole where it does not, each in a process."""

import asyncio
import json
import sys
from typing import Any

from tests.contract.platforms.stage import until
from tests.simulators.feishu import FeishuSimulator

LIGHT = """
import json, resource, sys, time
began = time.perf_counter()
from adapters.platforms.feishu import sdk
client = sdk.load()
import adapters.platforms.feishu.client
print(json.dumps({
    "seconds": time.perf_counter() - began,
    "modules": sum(name.startswith("lark_oapi") for name in sys.modules),
    "is": client.__name__,
}))
"""

#: The bot's long connection with an SDK whose client cannot be had without its package; then, in the same
#: process, the SDK's own client and REST as anybody would use them.
WHOLE = """
import asyncio, json, logging, sys, threading
from importlib.abc import MetaPathFinder

class Moved(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        package = sys.modules.get("lark_oapi")
        if name == "lark_oapi.ws.client" and not hasattr(package, "__file__"):
            raise ImportError("the client needs its package")

sys.meta_path.insert(0, Moved())
domain, app_id, app_secret, chat = sys.argv[1:]
logging.basicConfig(level=logging.WARNING, format="%(message)s")

from adapters.clock import SystemClock
from adapters.platforms.feishu.longlink import LongLink
from adapters.platforms.feishu.transport import Rest
from bot.settings import Feishu

async def listen():
    heard = asyncio.get_running_loop().create_future()
    async def take(raw):
        heard.set_result(json.loads(raw)["event"]["message"]["content"])
    rest = Rest(Feishu(app_id, app_secret, domain, "ws", "", "", (), ()), SystemClock())
    link = LongLink(take)
    serving = asyncio.create_task(link.serve(await rest.discover(), lambda: None))
    text = json.loads(await asyncio.wait_for(heard, 60))["text"]
    await asyncio.sleep(0.2)  # for the receipt
    print("heard", text, flush=True)
    await link.close()
    await asyncio.wait({serving}, timeout=5)
    await rest.close()

asyncio.run(listen())

import lark_oapi as lark
import lark_oapi.ws.client as ws
from lark_oapi.api.im.v1 import CreateMessageRequest, CreateMessageRequestBody
print("whole", hasattr(lark, "Client"), flush=True)
rest = lark.Client.builder().app_id(app_id).app_secret(app_secret).domain(domain).build()

def answer(event):
    content = json.dumps({"text": "echo " + json.loads(event.event.message.content)["text"]})
    body = CreateMessageRequestBody.builder().receive_id(chat).msg_type("text").content(content).build()
    request = CreateMessageRequest.builder().receive_id_type("chat_id").request_body(body).build()
    rest.im.v1.message.create(request)

handler = lark.EventDispatcherHandler.builder("", "").register_p2_im_message_receive_v1(answer).build()
ws.loop = asyncio.new_event_loop()
asyncio.set_event_loop(ws.loop)
client = lark.ws.Client(app_id, app_secret, lark.LogLevel.ERROR, handler, domain)
client.start()
"""


async def start(script: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_light_import_is_light() -> None:
    process = await start(LIGHT)
    out, errors = await asyncio.wait_for(process.communicate(), 30)
    found: dict[str, Any] = json.loads(out)
    assert found["is"] == "lark_oapi.ws.client"
    assert found["modules"] < 120
    assert not errors


async def test_where_the_light_import_fails_the_whole_sdk_does_the_same_work() -> None:
    async with FeishuSimulator() as simulator:
        world, people = simulator.world, simulator.people
        person = world.add_user("Ada")
        chat = world.private_chat(person.open_id)
        process = await start(WHOLE, simulator.domain, world.app_id, world.app_secret, chat.id)
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            await simulator.connected(timeout=60)
            people.say(chat, person, "draw")
            assert await process.stdout.readline() == b"heard draw\n"
            assert await process.stdout.readline() == b"whole True\n"
            assert b"the light import of lark_oapi failed" in await process.stderr.readline()
            await simulator.world.until(lambda: not simulator.link.connections, 30)
            await simulator.connected(timeout=30)
            people.say(chat, person, "hello")
            echo = await simulator.reads(lambda shown: shown.text.startswith("echo"), chat=chat, timeout=20)
            await until(lambda: len(simulator.link.acks) == 2)
        finally:
            process.kill()
            await process.wait()
        assert echo.shown.text == "echo hello"
        assert [ack.code for ack in simulator.link.acks] == [200, 200]
        assert not simulator.violations
