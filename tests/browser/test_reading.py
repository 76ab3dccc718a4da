"""Whether everybody can read and reach everything: far up, by keyboard, at night, on a phone."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.message import Kind, Outgoing
from tests.browser.conftest import Open
from tests.browser.hands import message, say
from tests.browser.house import House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


async def test_somebody_who_reads_further_up_is_told_of_news_and_not_pulled_down(open_page: Open) -> None:
    page = await open_page()
    await say(page, "four foxes")
    await expect(message(page, "progress")).to_have_attribute("data-settled", "true")
    assert await from_end(page) < 5
    await page.locator("#scroll").evaluate("box => box.scrollTo(0, 0)")
    await expect(page.locator("#pill")).to_be_hidden()
    await message(page, "success").get_by_role("button", name="One more").evaluate("button => button.click()")
    await expect(page.get_by_role("button", name="New messages")).to_be_visible()
    assert await page.locator("#scroll").evaluate("box => box.scrollTop") == 0
    await page.get_by_role("button", name="New messages").click()
    await expect(page.locator("#pill")).to_be_hidden()
    await page.wait_for_function(
        "() => { const b = document.getElementById('scroll');"
        "return b.scrollHeight - b.scrollTop - b.clientHeight < 5; }"
    )


async def from_end(page: Page) -> float:
    left: float = await page.locator("#scroll").evaluate("b => b.scrollHeight - b.scrollTop - b.clientHeight")
    return left


async def test_a_long_history_is_read_from_its_end_upwards(open_page: Open, house: House) -> None:
    page = await open_page()
    await say(page, "a fox")
    await expect(message(page, "progress")).to_have_attribute("data-settled", "true")
    here = house.inbox.heard[0].address
    for number in range(70):
        await house.platform.send(here, Outgoing(Kind.TEXT, "en", f"Line {number}"), f"line {number}")
    await expect(message(page, "text")).to_have_count(70)
    await page.reload()
    await expect(page.locator("[data-kind]")).to_have_count(60)
    await expect(message(page, "text").last).to_be_in_viewport()
    await page.get_by_role("button", name="Show earlier messages").click()
    await expect(page.locator("[data-kind]")).to_have_count(75)
    await expect(message(page, "user")).to_contain_text("a fox")
    await expect(page.locator("#earlier")).to_be_hidden()


async def test_everything_is_reached_by_keyboard_in_the_order_in_which_it_is_seen(open_page: Open) -> None:
    page = await open_page()
    await say(page, "a fox")
    await expect(message(page, "progress")).to_have_attribute("data-settled", "true")
    await page.locator("#scroll").evaluate("box => { box.tabIndex = -1; box.focus(); }")
    names = []
    for _ in range(8):
        await page.keyboard.press("Tab")
        names.append(
            await page.evaluate(
                "(x => x.getAttribute('aria-label') || x.textContent.trim())(document.activeElement)"
            )
        )
    assert names == [
        "View full size: Picture",
        "Download picture",
        "One more",
        "Change it",
        "Reply",
        "Add pictures",
        "Message",
        "Send",
    ]


async def test_who_wants_less_motion_gets_none(open_page: Open, house: House) -> None:
    page = await open_page()
    await say(page, "slow")
    await expect(message(page, "start")).to_be_visible()
    running = "document.getAnimations().filter(x => x.playState === 'running').length"
    for _ in range(30):  # what has begun may end; what goes on for ever never would
        if await page.evaluate(running) == 0:
            return
        await page.wait_for_timeout(100)
    raise AssertionError("something moves on")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_it_can_be_read_by_day_and_night_on_a_phone_and_on_a_desk(
    open_page: Open, tmp_path: Path, scheme: str, width: int
) -> None:
    page = await open_page(
        color_scheme=scheme, viewport={"width": width, "height": 760}, reduced_motion="reduce"
    )
    await expect(page.get_by_role("heading", name="What shall I draw?")).to_be_visible()
    await page.screenshot(path=tmp_path / "empty.png")
    poor = await page.evaluate(CONTRAST)
    for wish in ("four foxes link, 16:9", "fail", "slow https://example.com/" + "long" * 40):
        await say(page, wish)
        await expect(message(page, "start").last).to_be_visible()
        await expect(page.locator("#thinking")).to_be_hidden()
    await expect(message(page, "failure")).to_be_visible()
    await page.screenshot(path=tmp_path / "conversation.png")
    poor += await page.evaluate(CONTRAST)
    assert poor == []
    for box in ("document.documentElement", "document.getElementById('scroll')"):
        assert await page.evaluate(f"{box}.scrollWidth <= {box}.clientWidth")
    small = "[...document.querySelectorAll('button')].filter(x => x.offsetHeight && x.offsetHeight < 24)"
    assert await page.evaluate(f"{small}.map(x => x.outerHTML)") == []


async def test_a_token_is_asked_for_in_a_friendly_way(open_page: Open, house: House) -> None:
    await house.close()
    house.token = "open-sesame-please"
    await house.open()
    page = await open_page()
    await expect(page.get_by_role("heading", name="Enter the access token")).to_be_visible()
    await page.get_by_label("Token").fill("wrong")
    await page.get_by_role("button", name="Enter").click()
    await expect(page.get_by_role("alert")).to_contain_text("not right")
    await page.get_by_label("Token").fill(house.token)
    await page.keyboard.press("Enter")
    await say(page, "a fox")
    await expect(message(page, "success").locator("img")).to_be_visible()
    assert "open-sesame" not in page.url
