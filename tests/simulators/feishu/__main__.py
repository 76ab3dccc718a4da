"""The simulator by hand: a private chat in the terminal.

Lines are sent as messages; `/press LABEL` presses a button of the newest card that has it; `/picture FILE`
sends a picture; `/cut` breaks the long connection; `/quit` ends.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.simulators.feishu import Chat, FeishuSimulator, User


async def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8701)
    parser.add_argument("--webhook", default="", help="send events to this address instead")
    options = parser.parse_args()
    async with FeishuSimulator(options.port) as simulator:
        if options.webhook:
            simulator.events.way, simulator.webhook.url = "webhook", options.webhook
        world = simulator.world
        print(f"FEISHU_APP_ID={world.app_id}\nFEISHU_APP_SECRET={world.app_secret}")
        print(
            f"FEISHU_DOMAIN={simulator.domain}\nFEISHU_VERIFICATION_TOKEN={simulator.webhook.verification_token}"
        )
        person = world.add_user("You")
        chat = world.private_chat(person.open_id)
        watch = asyncio.create_task(_watch(simulator, chat))
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip() == "/quit":
                break
            await _do(simulator, chat, person, line.strip())
        watch.cancel()


async def _do(simulator: FeishuSimulator, chat: Chat, person: User, line: str) -> None:
    command, _, rest = line.partition(" ")
    if command == "/cut":
        simulator.link.cut()
    elif command == "/picture":
        simulator.people.picture(chat, person, await asyncio.to_thread(Path(rest).read_bytes))
    elif command == "/press":
        for message in reversed(simulator.said(chat)):
            if any(rest in button.label for button in message.shown.buttons):
                print(await simulator.people.press(message, rest, person))
                return
        print("no such button")
    elif line:
        simulator.people.say(chat, person, line)


async def _watch(simulator: FeishuSimulator, chat: Chat) -> None:
    printed: dict[str, int] = {}
    while True:
        async with simulator.world.changed:
            await simulator.world.changed.wait()
        for message in simulator.said(chat):
            if printed.get(message.id) != len(message.versions):
                printed[message.id] = len(message.versions)
                shown = message.shown
                print(f"\n[{shown.kind} #{len(message.versions)}] {shown.title}\n{shown.text}")
                print(*(f"<{button.label}>" for button in shown.buttons), *shown.images, sep=" ")


if __name__ == "__main__":
    asyncio.run(main())
