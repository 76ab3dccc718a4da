"""A real house with Feishu alone and the demo backend, in which time runs faster.

Everything by environment as for `inkling run`, and BEGAN (Unix seconds) and SPEED for its clock.
"""

import asyncio
import os
import time
from dataclasses import dataclass

from adapters.backends.demo import Demo
from adapters.database.sqlite import Sqlite
from adapters.media import MediaStore
from adapters.platforms.feishu.platform import FeishuPlatform, Means
from bot.app import House, Parts
from bot.app.menu import Menu
from bot.language import about_picture
from bot.metrics import Metrics
from bot.settings import Settings, read


@dataclass(frozen=True, slots=True)
class FastClock:
    """`bot.ports.Clock`, `speed` times as fast since `began`, which outlives the process."""

    began: float
    speed: float

    def now(self) -> float:
        return self.began + (time.time() - self.began) * self.speed

    def monotonic(self) -> float:
        return time.monotonic() * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self.speed)


async def main(settings: Settings) -> None:
    """Until it is killed."""
    assert settings.feishu is not None
    clock = FastClock(float(os.environ["BEGAN"]), float(os.environ["SPEED"]))
    metrics = Metrics()
    database = await Sqlite.open(settings.database)
    media = MediaStore(settings.data_dir / "media", clock=clock)
    menu = Menu()
    means = Means(database, media, metrics, clock, menu, about_picture=about_picture)
    platform = FeishuPlatform(settings.feishu, means)
    demo = Demo(settings.data_dir / "demo", media, clock, 1.0)
    house = House(Parts(settings, clock, metrics, database, (demo,), (platform,), media, menu=menu))
    await house.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(read(os.environ)))
