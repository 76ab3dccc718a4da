"""The page in a real browser, in front of a bot by script."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from bot.message import Kind, Outgoing, Press
from tests.browser.conftest import Open
from tests.browser.house import WORDS, House, draw

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NAMES = {"en": ("Message", "Send"), "zh": ("消息", "发送")}
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


async def say(page: Page, text: str, language: str = "en") -> None:
    box = page.get_by_role("textbox", name=NAMES[language][0])
    await box.fill(text)
    await page.get_by_role("button", name=NAMES[language][1], exact=True).click()


async def kinds(page: Page) -> list[str]:
    found: list[str] = await page.locator("[data-kind]").evaluate_all("all => all.map(x => x.dataset.kind)")
    return found


def message(page: Page, kind: str) -> Any:
    return page.locator(f"[data-kind={kind}]")


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
    house.inbox.pace = 0.3
    page = await open_page(reduced_motion="no-preference")
    await page.evaluate(
        """() => { window.seen = []; setInterval(() => {
            const bar = document.querySelector('[role=progressbar]');
            if (bar) window.seen.push([Number(bar.ariaValueNow),
                bar.firstElementChild.offsetWidth / bar.offsetWidth * 100]);
        }, 20); }"""
    )
    await say(page, "a fox")
    await expect(page.get_by_role("progressbar", name="Progress")).to_have_attribute("aria-valuenow", "66")
    await expect(message(page, "progress")).to_have_attribute("data-settled", "true")
    seen = await page.evaluate("window.seen")
    said = [now for now, _ in seen]
    assert said == sorted(said)
    assert set(said) == {33, 66}
    assert all(width <= now + 0.5 for now, width in seen)
    await expect(page.get_by_role("progressbar")).to_have_count(0)
    await expect(message(page, "progress")).to_contain_text("Done after 41 s")


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


async def test_a_picture_without_the_vendors_link_can_be_downloaded(open_page: Open) -> None:
    page = await open_page()
    await say(page, "a fox")
    async with page.expect_download() as caught:
        await page.get_by_role("link", name="Download original").click()
    download = await caught.value
    assert download.suggested_filename.startswith("inkling-")
    assert (await download.path()).stat().st_size > 1000


async def test_the_vendors_link_opens_without_telling_where_from(open_page: Open) -> None:
    page = await open_page()
    await say(page, "a fox link")
    link = page.get_by_role("link", name="https://example.com/pictures/1.png")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(page.get_by_role("link", name="Download original")).to_have_count(0)


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


async def test_what_is_written_while_the_bot_is_away_arrives_once_when_it_is_back(
    open_page: Open, house: House
) -> None:
    page = await open_page()
    await say(page, "a fox")
    await expect(message(page, "progress")).to_have_attribute("data-settled", "true")
    await house.close()
    await say(page, "a second fox")
    await expect(message(page, "user").nth(1)).to_contain_text("sent again by itself")
    await expect(page.locator("#connection")).to_contain_text("Reconnecting")
    await house.open()
    await expect(message(page, "success")).to_have_count(2)
    await expect(page.locator("#connection")).to_have_text("")
    assert [heard.text for heard in house.inbox.heard] == ["a second fox"]
    assert await kinds(page) == ["user", "ack", "start", "progress", "success"] * 2


async def test_an_unsent_message_survives_a_reload_and_can_be_taken_back(
    open_page: Open, house: House
) -> None:
    page = await open_page()
    house.running.cancel()
    await page.wait_for_function("document.querySelector('#connection').dataset.state === 'connected'")
    await say(page, "a fox")
    await expect(message(page, "user")).to_contain_text("sent again by itself")
    await page.reload()
    await expect(message(page, "user")).to_contain_text("a fox")
    await page.get_by_role("button", name="Discard").click()
    await expect(message(page, "user")).to_have_count(0)
    await expect(page.get_by_role("heading", name="What shall I draw?")).to_be_visible()
    assert house.inbox.heard == []


async def test_an_example_is_put_into_words_and_not_yet_sent(open_page: Open, house: House) -> None:
    page = await open_page()
    await page.get_by_role("button", name="A fox in the snow, 16:9").click()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("A fox in the snow, 16:9")
    assert house.inbox.heard == []
    await page.keyboard.press("Enter")
    await expect(message(page, "success").locator("img")).to_be_visible()
    await expect(page.locator("#welcome")).to_be_hidden()


async def test_enter_sends_shift_enter_does_not_and_neither_does_an_input_method(
    open_page: Open, house: House
) -> None:
    page = await open_page()
    box = page.get_by_role("textbox", name="Message")
    await box.fill("one")
    await box.press("Shift+Enter")
    await box.press_sequentially("two")
    for sign in ({"isComposing": True}, {"keyCode": 229}):
        await box.evaluate(
            "(box, keys) => box.dispatchEvent(new KeyboardEvent('keydown', keys))",
            {"key": "Enter", "bubbles": True, **sign},
        )
    await expect(box).to_have_value("one\ntwo")
    tall = await box.evaluate("box => box.clientHeight")
    await box.press("Enter")
    await expect(message(page, "user")).to_contain_text("one\ntwo")
    assert await box.evaluate("box => box.clientHeight") < tall


async def test_pictures_are_picked_shown_and_sent_along(
    open_page: Open, house: House, tmp_path: Path
) -> None:
    page = await open_page()
    files = [draw(tmp_path / f"{number}.png", 60, 40, number).path for number in range(3)]
    await page.locator("#files").set_input_files(files)
    await expect(page.locator("#tray li[data-state=here]")).to_have_count(3)
    await page.get_by_role("button", name="Remove 1.png").click()
    await say(page, "fuse the two")
    await expect(message(page, "user").locator("img")).to_have_count(2)
    await expect(message(page, "success")).to_be_visible()
    attachments = house.inbox.heard[0].attachments
    assert [attachment.name for attachment in attachments] == ["0.png", "2.png"]
    assert (await house.platform.fetch(attachments[0])).width == 60


async def test_a_picture_is_taken_from_the_clipboard_and_by_dropping(open_page: Open, tmp_path: Path) -> None:
    page = await open_page()
    data = draw(tmp_path / "a.png", 60, 40, 1).path.read_bytes()
    for event in ("paste", "drop"):
        await page.evaluate(
            """([kind, bytes]) => {
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(bytes)], kind + '.png', {type: 'image/png'}));
                const event = kind === 'paste'
                    ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})
                    : new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
                document.body.dispatchEvent(event);
            }""",
            [event, list(data)],
        )
    await expect(page.locator("#tray li[data-state=here]")).to_have_count(2)


async def test_what_is_no_picture_is_named_and_left_out(open_page: Open, tmp_path: Path) -> None:
    page = await open_page()
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    await page.locator("#files").set_input_files(text)
    await expect(page.get_by_text("notes.txt cannot be opened")).to_be_visible()
    await expect(page.locator("#tray")).to_be_hidden()


async def test_what_a_person_writes_is_text_and_nothing_else(open_page: Open) -> None:
    page = await open_page()
    attack = "<img src=x onerror=\"document.title='owned'\"><script>alert(1)</script> https://x.example/a"
    await say(page, attack)
    await expect(message(page, "ack")).to_contain_text(attack)
    await expect(message(page, "user").locator("img, script")).to_have_count(0)
    assert await page.title() == "Inkling"


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
        "Download original",
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
    await page.wait_for_timeout(100)
    running = "document.getAnimations().filter(x => x.playState === 'running').length"
    assert await page.evaluate(running) == 0


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
