"""A Discord to talk to by hand: `python -m tests.simulators.discord --port 8700`.

Every line that is typed is said by a person in #pictures ("/imagine a fox" uses the command, "press LABEL"
presses a button of the last message); what changes in the channel is printed.
"""

import argparse
import asyncio
import sys

from tests.simulators.discord.people import NotOffered, Participant
from tests.simulators.discord.server import Discord


async def follow(discord: Discord, person: Participant) -> None:
    """Print what is new or has changed, forever."""
    before: list[str] = []
    known = 0
    while True:
        lines = discord.transcript(viewer=person)
        for index, line in enumerate(lines):
            if index >= len(before) or before[index] != line:
                print(line, flush=True)
        before = lines
        for violation in discord.violations[known:]:
            print(f"!! {violation.rule}: {violation.detail}", flush=True)
        known = len(discord.violations)
        await asyncio.sleep(0.2)


async def act(discord: Discord, person: Participant, line: str) -> None:
    """Do what a line says."""
    word, _, rest = line.partition(" ")
    if word == "/imagine":
        await person.slash("imagine", prompt=rest)
    elif word.startswith("/"):
        await person.slash(line[1:])
    elif word == "press":
        await person.presses(discord.said()[-1], rest)
    else:
        await person.says(f"@{discord.world.bot.name} {line}")


async def main(port: int) -> None:
    """Serve until the input ends."""
    async with Discord(port) as discord:
        person = discord.person("Ada")
        print(f"DISCORD_TOKEN={discord.token} DISCORD_API_BASE={discord.api_base}", flush=True)
        printing = asyncio.create_task(follow(discord, person))
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                await act(discord, person, line.strip())
            except NotOffered as error:
                print(f"(not offered: {error})", flush=True)
        printing.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8700)
    asyncio.run(main(parser.parse_args().port))
