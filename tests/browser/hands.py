"""What a person does with the page, and what can be seen of it."""

from playwright.async_api import Locator, Page

NAMES = {"en": ("Message", "Send"), "zh": ("消息", "发送")}


async def say(page: Page, text: str, language: str = "en") -> None:
    box = page.get_by_role("textbox", name=NAMES[language][0])
    await box.fill(text)
    await page.get_by_role("button", name=NAMES[language][1], exact=True).click()


async def kinds(page: Page) -> list[str]:
    found: list[str] = await page.locator("[data-kind]").evaluate_all("all => all.map(x => x.dataset.kind)")
    return found


def message(page: Page, kind: str) -> Locator:
    return page.locator(f"[data-kind={kind}]")
