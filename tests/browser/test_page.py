"""The conversation in a real browser, in front of a bot by script."""

import asyncio

import pytest
from playwright.async_api import expect

from bot.message import Press
from tests.browser.conftest import Open
from tests.browser.hands import kinds, message, say
from tests.browser.house import WORDS, House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize(
    ("locale", "language", "wish"),
    [("zh-CN", "zh", "画一只可爱的猫咪"), ("en-GB", "en", "a fox in the snow, 16:9")],
)
async def test_a_wish_is_answered_by_the_four_kinds_in_order_and_a_picture(
    open_page: Open, house: House, locale: str, language: str, wish: str
) -> None:
    page = await open_page(locale=locale)
    await say(page, wish, language)
    picture = message(page, "success").locator("img")
    await expect(picture).to_be_visible()
    assert await kinds(page) == ["user", "ack", "start", "progress", "success"]
    await expect(message(page, "ack")).to_contain_text(WORDS[language]["ack"].format(wish))
    await picture.evaluate("image => image.decode()")
    assert (await picture.get_attribute("src") or "").startswith("/chat/media/")
    assert await message(page, "start").get_attribute("data-job") == await message(
        page, "success"
    ).get_attribute("data-job")
    assert house.inbox.heard[0].locale == language
    assert await page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")


async def test_the_log_and_what_one_writes_with_have_their_names(open_page: Open) -> None:
    page = await open_page()
    await expect(page.get_by_role("log", name="Conversation")).to_be_attached()
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Add pictures")).to_be_visible()


async def test_progress_is_never_ahead_of_what_the_bot_said_and_never_left_standing(
    open_page: Open, house: House
) -> None:
    house.inbox.gate = gate = asyncio.Semaphore(0)
    page = await open_page(reduced_motion="no-preference")
    await page.evaluate(
        """() => { window.seen = []; setInterval(() => {
            const bar = document.querySelector('[role=progressbar]');
            if (bar) window.seen.push([Number(bar.ariaValueNow),
                bar.firstElementChild.offsetWidth / bar.offsetWidth * 100]);
        }, 20); }"""
    )
    await say(page, "a fox")
    bar = page.get_by_role("progressbar", name="Progress")
    for steps, percent in ((3, "33"), (1, "66")):
        for _ in range(steps):
            gate.release()
        await expect(bar).to_have_attribute("aria-valuenow", percent)
    gate.release()
    await expect(message(page, "progress")).to_have_attribute("data-settled", "true")
    seen = await page.evaluate("window.seen")
    said = [now for now, _ in seen]
    assert said == sorted(said)
    assert set(said) == {33, 66}
    assert all(width <= now + 0.5 for now, width in seen)
    await expect(page.get_by_role("progressbar")).to_have_count(0)
    await expect(message(page, "progress")).to_contain_text("Done after 41 s")
    await expect(message(page, "progress")).to_have_attribute("aria-live", "off")
    assert await message(page, "success").get_attribute("aria-live") is None


async def test_several_pictures_are_a_gallery_with_full_size_on_click(open_page: Open) -> None:
    page = await open_page()
    await say(page, "four foxes")
    pictures = message(page, "success").locator(".picture")
    await expect(pictures).to_have_count(4)
    await pictures.nth(1).click()
    box = page.get_by_role("dialog", name="Picture viewer")
    await expect(box).to_be_visible()
    await expect(box).to_contain_text("2 / 4")
    await page.keyboard.press("ArrowRight")
    await expect(box).to_contain_text("3 / 4")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await expect(box).to_contain_text("4 / 4")
    width = await box.locator("img").evaluate("image => image.naturalWidth")
    assert width == 256
    for _ in range(8):
        await page.keyboard.press("Tab")
        assert await page.evaluate(
            "['lightbox', ''].includes(document.activeElement.closest('dialog')?.id ?? '')"
        )
    await page.keyboard.press("Escape")
    await expect(box).to_be_hidden()
    await expect(pictures.nth(1)).to_be_focused()


async def test_a_picture_can_be_downloaded(open_page: Open) -> None:
    page = await open_page()
    await say(page, "a fox")
    async with page.expect_download() as caught:
        await page.get_by_role("link", name="Download picture").click()
    download = await caught.value
    assert download.suggested_filename.startswith("inkling-")
    assert (await download.path()).stat().st_size > 1000


async def test_the_vendors_link_opens_without_telling_where_from(open_page: Open) -> None:
    page = await open_page()
    await say(page, "a fox link")
    link = page.get_by_role("link", name="https://example.com/pictures/1.png")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")


async def test_a_result_can_be_answered(open_page: Open, house: House) -> None:
    page = await open_page()
    await say(page, "a fox")
    await page.get_by_role("button", name="Reply", exact=True).click()
    await expect(page.locator("#quote")).to_contain_text("Replying to this result")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await say(page, "make it an oil painting")
    await expect(message(page, "success")).to_have_count(2)
    answer = house.inbox.heard[1]
    assert answer.reply_to is not None
    assert answer.reply_attachments == ()
    await expect(message(page, "user").nth(1).locator(".quoted img")).to_be_visible()
    await expect(page.locator("#quote")).to_be_hidden()


async def test_one_picture_of_several_can_be_answered_from_its_full_size(
    open_page: Open, house: House
) -> None:
    page = await open_page()
    await say(page, "four foxes")
    await message(page, "success").locator(".picture").nth(2).click()
    await page.get_by_role("button", name="Edit this picture").click()
    await expect(page.locator("#quote")).to_contain_text("picture 3")
    await say(page, "bluer")
    await expect(message(page, "success")).to_have_count(2)
    (chosen,) = house.inbox.heard[1].reply_attachments
    media = await house.platform.fetch(chosen)
    assert media.path.name.endswith("-2.png")


async def test_cancel_is_pressed_once_however_often_it_is_clicked(open_page: Open, house: House) -> None:
    page = await open_page()
    await say(page, "slow")
    button = page.get_by_role("button", name="Cancel")
    await button.evaluate("button => { button.click(); button.click(); button.click(); }")
    await expect(page.get_by_role("status").filter(has_text="Cancelling")).to_be_visible()
    await expect(message(page, "cancelled")).to_contain_text("Cancelled")
    await expect(button).to_be_hidden()
    assert [press.press for press in house.inbox.presses] == [Press.CANCEL]


async def test_a_failure_offers_buttons_that_try_again(open_page: Open, house: House) -> None:
    page = await open_page()
    await say(page, "fail")
    failure = message(page, "failure")
    await expect(failure.get_by_role("link")).to_have_attribute(
        "href", "https://www.imaclaw.ai/imaclaw/subscription"
    )
    button = failure.get_by_role("button", name="Nano Banana Pro")
    await button.click()
    await expect(message(page, "text")).to_contain_text("switch: Nano Banana Pro")
    await expect(button).to_have_attribute("aria-disabled", "true")
    assert house.inbox.presses[0].value == "Nano Banana Pro"


async def test_a_form_opens_as_a_dialog_and_its_text_goes_back(open_page: Open, house: House) -> None:
    page = await open_page()
    await say(page, "a fox")
    button = page.get_by_role("button", name="Change it")
    await button.click()
    sheet = page.get_by_role("dialog", name="Change it")
    await expect(sheet.get_by_label("What should change?")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    assert len(house.inbox.presses) == 1
    await button.click()
    await sheet.get_by_label("What should change?").fill("bluer")
    await sheet.get_by_role("button", name="Go").click()
    await expect(message(page, "text")).to_contain_text("edit: bluer")
    assert house.inbox.presses[-1].text == "bluer"


async def test_history_is_there_after_a_reload_and_in_another_tab(open_page: Open) -> None:
    page = await open_page()
    await say(page, "a fox")
    await expect(message(page, "progress")).to_have_attribute("data-settled", "true")
    before = await kinds(page)
    await page.reload()
    await expect(message(page, "success").locator("img")).to_be_visible()
    assert await kinds(page) == before
    other = await page.context.new_page()
    await other.goto(page.url)
    await expect(message(other, "success").locator("img")).to_be_visible()
    await say(page, "another fox")
    await expect(message(other, "success")).to_have_count(2)
