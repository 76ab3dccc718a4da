"""The house as a whole: puts the parts together, starts them, keeps them, drains them."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from functools import partial

from bot import catalog, texts
from bot.app.lock import DataLock
from bot.app.parts import Parts, open_parts
from bot.engine import Engine, Office
from bot.errors import DatabaseError, PlatformError
from bot.ledger import Ledger, Times
from bot.notifier import Notifier, Words
from bot.offers import Offers
from bot.outbox import Outbox
from bot.ports import Platform
from bot.runner import Limits, Runner
from bot.settings import Settings
from prefs import Preferences

log = logging.getLogger(__name__)

#: Seconds that the first look at the catalogues may take before people are let in.
FIRST_OFFERS_WITHIN = 15.0
#: Seconds after which the words are read that understanding needs.
WARM_UP_AFTER = 0.5
#: Seconds between two rounds of upkeep, and between two counts of the jobs.
UPKEEP_EVERY = 3600.0
COUNT_EVERY = 10.0
#: Seconds after which something that broke is begun again.
MENDED_AFTER = 60.0
DAY = 86_400.0


class House:
    """One running bot."""

    def __init__(self, parts: Parts, limits: Limits | None = None) -> None:
        settings = parts.settings
        platforms = {platform.name: platform for platform in parts.platforms}
        self.parts = parts
        self.ledger = Ledger(parts.database)
        self.offers = Offers(parts.backends, settings.backend_order, parts.clock, parts.metrics)
        self.outbox = Outbox(platforms, parts.clock, parts.metrics)
        words = Words(texts.load(), catalog.load(), self.offers.name)
        parts.menu.open(self.offers, words)
        self.notifier = Notifier(words, self.outbox, self.ledger, self.offers, settings.progress)
        self.runner = Runner(self.ledger, self.notifier, self.offers, platforms, limits or Limits())
        self.times = Times()
        self.engine = Engine(
            Office(
                self.ledger,
                Preferences(parts.database),
                self.offers,
                self.notifier,
                self.runner,
                platforms,
                self.times,
                settings.language,
            )
        )
        self.server = parts.server(self.health)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up what the last process left, then let people in. Raises SettingsError for a taken port."""
        if self.server is not None:
            await self.server.start()
        # Connecting has the processor first; whoever writes before the words are read waits for them.
        self._keep(self.engine.warm_up, "words", WARM_UP_AFTER)
        first = asyncio.create_task(self.offers.refresh())
        self._tasks.add(first)
        first.add_done_callback(self._tasks.discard)
        await asyncio.wait((first,), timeout=FIRST_OFFERS_WITHIN)
        resumed = await self.runner.resume()
        await self.notifier.answer_owed()
        if resumed:
            log.info("%d unfinished jobs are taken up again", resumed)
        self._keep(self._refresh, "offers")
        self._keep(self._upkeep, "upkeep")
        self._keep(self._count, "count")
        for platform in self.parts.platforms:
            self._keep(partial(self._receive, platform), platform.name)

    async def start_unless(self, stopped: asyncio.Event) -> bool:
        """The same; False where a stop is wished for first: what is not taken up waits for the next start."""
        start, stop = asyncio.create_task(self.start()), asyncio.create_task(stopped.wait())
        try:
            await asyncio.wait((start, stop), return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                await start
            return not stopped.is_set()
        finally:
            for task in (start, stop):
                task.cancel()
            await asyncio.wait((start, stop))

    def _keep(self, work: Callable[[], Awaitable[None]], name: str, pause: float = 0.0) -> None:
        """Have it done for as long as the house stands; should it break, it is begun again."""

        async def kept() -> None:
            if pause:
                await self.parts.clock.sleep(pause)
            await work()

        def over(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and (error := task.exception()):
                log.error("%s broke, and is begun again in %.0f s", name, MENDED_AFTER, exc_info=error)
                self._keep(work, name, MENDED_AFTER)

        task = asyncio.create_task(kept(), name=name)
        self._tasks.add(task)
        task.add_done_callback(over)

    async def _receive(self, platform: Platform) -> None:
        try:
            await platform.run(self.engine)
        except PlatformError as error:
            log.error("%s: %s", platform.name, error)  # noqa: TRY400 - a sentence for the operator, no traceback

    async def _refresh(self) -> None:
        while True:
            await self._learn()
            await self.offers.wait_and_refresh()
            self.runner.review()

    async def _learn(self) -> None:
        try:
            await self.times.refresh(self.ledger, self.parts.clock.now())
        except DatabaseError as error:
            log.warning("the times are not learned anew: %s", error)

    async def _upkeep(self) -> None:
        """Forget what is old: claims, ended jobs, their pictures."""
        settings, clock = self.parts.settings, self.parts.clock
        while True:
            try:
                needed = await self.ledger.sweep(clock.now(), settings.keep_days * DAY)
                for platform in self.parts.platforms:
                    await platform.prune(clock.now() - settings.keep_days * DAY)
                if self.parts.media is not None:
                    await self.parts.media.sweep(needed, settings.keep_days, int(settings.keep_gb * 1e9))
            except (DatabaseError, OSError) as error:
                log.warning("the upkeep is put off: %s", error)
            await clock.sleep(UPKEEP_EVERY)

    async def _count(self) -> None:
        gauge = self.parts.metrics.jobs
        while True:
            with contextlib.suppress(DatabaseError):
                for state, count in (await self.ledger.states()).items():
                    gauge.labels(state.value).set(count)
            await self.parts.clock.sleep(COUNT_EVERY)

    async def health(self) -> tuple[bool, dict[str, object]]:
        """Whether people can reach the bot and it can remember what they say."""
        platforms = {platform.name: platform.connected for platform in self.parts.platforms}
        try:
            oldest, database = await self.ledger.oldest_owed(), await self.parts.database.writable()
        except DatabaseError:
            oldest, database = None, False
        ok = database and all(platforms.values())
        age = round(max(0.0, self.parts.clock.now() - oldest), 1) if oldest else 0.0
        return ok, {
            "status": "ok" if ok else "down",
            "oldest_undelivered_seconds": age,
            "database": database,
            "platforms": platforms,
        }

    async def stop(self, seconds: float) -> None:
        """Drain: what was said is recorded, what is on the wire awaited, the rest left to the next start."""
        await asyncio.gather(self.engine.drain(seconds), self.runner.drain(seconds))
        kept = list(self._tasks)
        for task in kept:
            task.cancel()
        await asyncio.gather(*kept, return_exceptions=True)
        await self.engine.close()
        await self.notifier.close()
        await self.outbox.close()
        if self.server is not None:
            await self.server.close()


async def run(settings: Settings) -> None:
    """The bot, until a signal stops it.

    Raises SettingsError, DatabaseError or AlreadyRunning, each with a plain sentence, where it cannot start.
    """
    lock = DataLock(settings.data_dir, settings.database)
    lock.take()
    try:
        async with open_parts(settings) as parts:
            house = House(parts)
            stopped = _stop_on_signals()
            try:
                if await house.start_unless(stopped):
                    _greet(house)
                    await stopped.wait()
                log.info("Stopping; unfinished pictures go on at the next start")
            finally:
                await house.stop(settings.drain_seconds)
    finally:
        lock.release()


def _greet(house: House) -> None:
    platforms = ", ".join(platform.name for platform in house.parts.platforms)
    backends = ", ".join(backend.name for backend in house.offers.backends)
    log.info("Inkling is up: %s; pictures by %s", platforms, backends)
    if house.server is not None:
        log.info("Web chat: %s", house.server.url)


def _stop_on_signals() -> asyncio.Event:
    """An event that the first SIGTERM or SIGINT sets; the second one ends the process at once."""
    stopped = asyncio.Event()

    def stop() -> None:
        if stopped.is_set():
            os._exit(1)
        stopped.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return stopped
