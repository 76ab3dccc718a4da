"""Dialogues as text: who says what, and everything that the bot shows in answer.

    ann: 画一只可爱的猫咪
        ack | 好的！来帮你画一只可爱的猫咪 🐱
    …60
        success | ✅ 图片生成好了！ / 模型：SeeDream 4.5 / … / [再来一张] [改图] (1 picture)
    ann presses 再来一张

What people do stands at the margin, what they then see is indented; `~` before a kind: an earlier message now
looks like this. `…60` lets a minute pass, `restart` kills the process and starts it again, `ann replies: …`
answers the newest result, `backend fails with timeout` is what happens to the next order.

`python -m tests.scenario.dialogue FILE` plays the margin of a file and prints the whole dialogue.
"""

import re
import sys
from dataclasses import replace
from pathlib import Path

from bot.errors import GenerationFailed, OutcomeUnknown, Reason
from bot.message import Kind, Outgoing
from tests.fakes import Call, FakeBackend, FakePlatform, MemoryDatabase, Stage, kill, opened, parts, run

SETTLE = 3.0


def shown(message: Outgoing) -> str:
    """A message on one line."""
    rows = message.text.split("\n")
    rows += [" ".join(f"[{action.label}]" for action in message.actions)] if message.actions else []
    count = len(message.media)
    rows += [f"({count} picture{'s' if count > 1 else ''})"] if count else []
    return " / ".join(rows)


class Play:
    """One dialogue on its way."""

    def __init__(self) -> None:
        self.platform = FakePlatform()
        self.backend = FakeBackend()
        self.database = MemoryDatabase()
        self._seen = 0

    def news(self) -> list[str]:
        """What has been shown since the last look."""
        entries = self.platform.transcript[self._seen :]
        self._seen = len(self.platform.transcript)
        return [
            f"{'~' if entry.what == 'edit' else ''}{entry.message.kind.value} | {shown(entry.message)}"
            for entry in entries
        ]

    async def do(self, stage: Stage, line: str) -> None:
        """One line of the margin."""
        if line.startswith("…"):
            await stage.house.parts.clock.sleep(float(line[1:]))
        elif match := re.fullmatch(r"backend fails with (\w+)", line):
            self._fail(match[1])
        elif match := re.fullmatch(r"(\w+) presses (.+?)(?: and types (.+))?", line):
            self._press(match[1], match[2], match[3] or "")
        elif match := re.fullmatch(r"(\w+) replies: (.+)", line):
            newest = self.platform.sent(kind=Kind.SUCCESS)[-1].ref
            message = self.platform.incoming(match[2], who=match[1], chat="room")
            await self.platform.deliver(replace(message, reply_to=newest))
        elif match := re.fullmatch(r"(\w+): (.+)", line):
            await self.platform.say(match[2], who=match[1], chat="room")
        else:
            raise ValueError(f"nobody knows what this means: {line}")
        await stage.house.parts.clock.sleep(0 if line.startswith("…") else SETTLE)

    def _fail(self, name: str) -> None:
        if name == "unknown_outcome":
            self.backend.submits.append(Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME)))
            self.backend.finds = "nothing"
        else:
            self.backend.results.append(GenerationFailed(Reason(name)))

    def _press(self, who: str, label: str, text: str) -> None:
        for message in reversed(list(self.platform.standing.values())):
            for action in message.actions:
                if action.label == label:
                    self.platform.press(action, who=who, chat="room", text=text)
                    return
        raise ValueError(f"there is no button {label}")


async def play(lines: list[str]) -> list[str]:
    """The whole dialogue: the margin as given, and under each line what was then seen."""
    margin = [line.rstrip() for line in lines if line.strip() and not line.startswith((" ", "#"))]
    scene = Play()
    told: list[str] = []
    while margin:
        made = parts(scene.platform, (scene.backend,), scene.database)
        async with opened(made) as stage:
            if told:
                await made.clock.sleep(SETTLE)
                told += [f"    {news}" for news in scene.news()]
            while margin and margin[0] != "restart":
                line = margin.pop(0)
                await scene.do(stage, line)
                told += [line, *(f"    {news}" for news in scene.news())]
            if margin:
                told.append(margin.pop(0))
                await kill()
    return told


def read(path: Path) -> list[str]:
    """The lines of a dialogue's file that count."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return [line.rstrip() for line in lines if line.strip() and not line.startswith("#")]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print("\n".join(run(play(read(Path(name))))))
