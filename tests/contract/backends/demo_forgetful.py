"""The demo backend without `find`, as the services that know no reference of ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.media import MediaStore
from tests.contract.backends.bench import Bench
from tests.contract.backends.demo import DemoBench


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    media = MediaStore(folder / "media")
    made = DemoBench(folder / "demo", media, can_find=False)
    yield made
    await made.backend.close()
    await media.close()
