"""A real browser, Debian's chromium, and a page in it that must not complain."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from shutil import which

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.browser.house import House

CHROMIUM = which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

#: Opens a page in a browser of its own: keyword arguments are Playwright's for a context.
Open = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail("CI needs chromium for the tests of the web page")
        pytest.skip("chromium is not installed, so the web page is not tried in a browser")
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield made
        await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await House(tmp_path).open()
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(browser: Browser, house: House) -> AsyncIterator[Open]:
    """Pages whose console, requests and scripts are watched: nothing foreign, no error."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def open_(path: str = "/", **options: object) -> Page:
        usual = {"locale": "en-US", "viewport": {"width": 1100, "height": 800}, "reduced_motion": "reduce"}
        wanted = usual | options
        context = await browser.new_context(**wanted)  # type: ignore[arg-type]  # keyword by keyword
        context.set_default_timeout(8000)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: complaints.extend(foreign(request.url, house)))
        await page.goto(house.url + path)
        return page

    yield open_
    for context in contexts:
        await context.close()
    away = ("ERR_CONNECTION_REFUSED", "status of 503")
    assert [text for text in complaints if not any(sign in text for sign in away)] == []


def foreign(url: str, house: House) -> list[str]:
    own = (house.url, house.url.replace("http", "ws"), "blob:")
    return [] if url.startswith(own) else [f"asks elsewhere: {url}"]
