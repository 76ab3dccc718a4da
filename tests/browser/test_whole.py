"""The whole bot as a person meets it: `inkling run` with no credentials at all, and a browser."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

#: The shortest time that progress is shown for is 20 s; this lets SeeDream take 21 to 43 s.
SPEED = "1.4"
LONGEST = 75_000


async def start(folder: Path) -> tuple[asyncio.subprocess.Process, str]:
    """A bot of its own, and where its page is."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder / "data"),
        "DEMO_SPEED": SPEED,
        "WEB_PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        cwd=folder,
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    said = b""
    while b"Web chat: " not in said:
        said = await asyncio.wait_for(process.stderr.readline(), 30)
        assert said, "the bot ended before its page was up"
    found = re.search(rb"http://[\d.]+:\d+", said)
    assert found
    return process, found[0].decode()


async def end(process: asyncio.subprocess.Process) -> int:
    process.terminate()
    _, code = await asyncio.gather(process.communicate(), process.wait())
    return code


@pytest_asyncio.fixture(loop_scope="module")
async def address(tmp_path: Path) -> AsyncIterator[str]:
    process, url = await start(tmp_path)
    yield url
    assert await end(process) == 0


async def wish(browser: Browser, address: str, locale: str, text: str) -> Page:
    context = await browser.new_context(locale=locale)
    page = await context.new_page()
    await page.goto(address)
    box = page.get_by_role("textbox", name="消息" if locale == "zh-CN" else "Message")
    await box.fill(text)
    await box.press("Enter")
    return page


async def lives_through_it(page: Page) -> None:
    """The four kinds in order, a bar that keeps to its rules, and a picture."""
    bar = page.get_by_role("progressbar")
    await expect(bar).to_be_visible(timeout=LONGEST)
    assert 0 < int(await bar.get_attribute("aria-valuenow") or 0) <= 95
    picture = page.locator("[data-kind=success] img")
    await expect(picture).to_be_visible(timeout=LONGEST)
    await picture.evaluate("image => image.decode()")
    kinds = await page.locator("[data-kind]").evaluate_all("all => all.map(x => x.dataset.kind)")
    assert kinds == ["user", "ack", "start", "progress", "success"]
    jobs = await page.locator("[data-job]").evaluate_all("all => all.map(x => x.dataset.job)")
    assert len(set(jobs)) == 1
    await expect(bar).to_have_count(0)


async def test_two_people_live_through_the_whole_protocol_in_their_own_language(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    chinese, english = await asyncio.gather(
        wish(browser, address, "zh-CN", "画一只可爱的猫咪"),
        wish(browser, address, "en-US", "a fox in the snow, 16:9"),
    )
    await asyncio.gather(lives_through_it(chinese), lives_through_it(english))
    await expect(chinese.locator("[data-kind=start]")).to_contain_text("开始生成图片")
    await expect(english.locator("[data-kind=start]")).to_contain_text("SeeDream 4.5")
    width, height = await english.locator("[data-kind=success] img").evaluate(
        "x => [x.naturalWidth, x.naturalHeight]"
    )
    assert width / height == pytest.approx(16 / 9, abs=0.02)
    for page, name in ((chinese, "zh"), (english, "en")):
        await page.screenshot(path=tmp_path / f"{name}.png")
        await page.context.close()
