"""What a person writes, in a real browser: how it is sent, kept, and never twice."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.hands import kinds, message, say
from tests.browser.house import House, draw

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


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


async def test_help_is_asked_for_with_one_press_and_a_long_text_is_shown_in_part(
    open_page: Open, house: House
) -> None:
    page = await open_page()
    await page.get_by_role("button", name="What can I say?").click()
    await expect(message(page, "user")).to_contain_text("help")
    await expect(message(page, "success")).to_have_count(1)
    assert [heard.text for heard in house.inbox.heard] == ["help"]
    await say(page, "a very long wish, " * 200)
    bubble = message(page, "user").nth(1).locator(".bubble")
    short = await bubble.evaluate("node => node.clientHeight")
    await page.get_by_role("button", name="Show all").click()
    assert await bubble.evaluate("node => node.clientHeight") > short
    await expect(page.get_by_role("button", name="Show less")).to_be_focused()
