"""What every Platform must do: show each message once, change it in place, hand over what people do.

A platform comes in by a file of its own in `tests/contract/platforms/`; see `stage.py` there.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from bot.errors import Gone, MediaError, PlatformError, Reason
from bot.message import Action, Attachment, Kind, Line, MessageRef, Outgoing, Press
from tests.contract.platforms.stage import Stage, png, result, until

PLATFORMS = sorted(
    path.stem
    for path in (Path(__file__).parent / "platforms").glob("*.py")
    if path.stem not in ("stage", "__init__")
)
START = Outgoing(
    Kind.START,
    "en",
    "🎨 Drawing has begun",
    "job-1",
    (Line("SeeDream 4.5", "Model"), Line("30–60 s", "Expected")),
    actions=(Action(Press.CANCEL, "Cancel", "job-1", "somebody", "en"),),
)
HELLO = Outgoing(Kind.TEXT, "zh", "你好，我会画画。")


@pytest.fixture(params=PLATFORMS)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    module = import_module(f"tests.contract.platforms.{request.param}")
    async with module.stage(tmp_path) as made:
        yield made


async def test_it_is_connected_while_it_runs_and_not_after_it_has_closed(stage: Stage) -> None:
    assert stage.platform.name
    assert stage.platform.connected
    await stage.platform.close()
    assert not stage.platform.connected


async def test_its_traits_make_sense(stage: Stage) -> None:
    traits = stage.platform.traits
    assert traits.text_length >= 500
    assert traits.send_pace >= 0
    assert traits.edit_pace >= 0


async def test_the_doctor_finds_nothing_wrong(stage: Stage) -> None:
    checks = await stage.platform.check()
    assert checks
    assert all(check.ok for check in checks)


async def test_a_message_shows_its_headline_its_lines_and_its_buttons(stage: Stage) -> None:
    ref = await stage.platform.send(stage.address, START, "key-1")
    assert (ref.platform, ref.chat) == (stage.platform.name, stage.address.chat)
    (seen,) = await stage.seen()
    assert seen.id == ref.id
    for words in ("Drawing has begun", "SeeDream 4.5", "Model", "30–60 s"):
        assert words in seen.text
    assert seen.buttons == ("Cancel",)


async def test_messages_stand_in_the_order_in_which_they_were_sent(stage: Stage) -> None:
    for number in range(5):
        await stage.platform.send(stage.address, replace(HELLO, headline=f"No. {number}"), f"key-{number}")
    assert [seen.text.split()[1] for seen in await stage.seen()] == list("01234")


async def test_the_same_key_never_shows_twice(stage: Stage) -> None:
    first = await stage.platform.send(stage.address, HELLO, "key-1")
    again = await stage.platform.send(stage.address, replace(HELLO, headline="something else"), "key-1")
    assert again == first
    (seen,) = await stage.seen()
    assert "你好" in seen.text


async def test_the_same_key_sent_at_the_same_moment_shows_once(stage: Stage) -> None:
    refs = await asyncio.gather(*(stage.platform.send(stage.address, HELLO, "key-1") for _ in range(4)))
    assert len(set(refs)) == 1
    assert len(await stage.seen()) == 1


async def test_the_same_key_never_shows_twice_even_after_a_restart(stage: Stage) -> None:
    first = await stage.platform.send(stage.address, HELLO, "key-1")
    await stage.restart()
    assert await stage.platform.send(stage.address, HELLO, "key-1") == first
    assert len(await stage.seen()) == 1


async def test_different_keys_show_the_same_words_twice(stage: Stage) -> None:
    one = await stage.platform.send(stage.address, HELLO, "key-1")
    two = await stage.platform.send(stage.address, HELLO, "key-2")
    assert one != two
    assert len(await stage.seen()) == 2


async def test_an_edit_changes_the_message_where_it_stands(stage: Stage) -> None:
    ref = await stage.platform.send(stage.address, START, "key-1")
    await stage.platform.send(stage.address, HELLO, "key-2")
    progress = Outgoing(Kind.PROGRESS, "en", "Drawing… 66%", "job-1", percent=66)
    await stage.platform.edit(ref, progress)
    first, second = await stage.seen()
    assert first.id == ref.id
    assert "66" in first.text
    assert "SeeDream" not in first.text
    assert first.buttons == ()
    assert "你好" in second.text


async def test_an_edit_done_twice_changes_nothing(stage: Stage) -> None:
    ref = await stage.platform.send(stage.address, START, "key-1")
    changed = replace(START, headline="Almost there", actions=())
    await stage.platform.edit(ref, changed)
    before = await stage.seen()
    await stage.platform.edit(ref, changed)
    assert await stage.seen() == before


async def test_a_message_can_be_edited_after_a_restart(stage: Stage) -> None:
    ref = await stage.platform.send(stage.address, START, "key-1")
    await stage.restart()
    await stage.platform.edit(ref, replace(START, headline="Still here"))
    (seen,) = await stage.seen()
    assert "Still here" in seen.text


async def test_an_edit_of_a_message_that_is_not_there_says_so(stage: Stage) -> None:
    known = await stage.platform.send(stage.address, HELLO, "key-1")
    missing = known.id[:-3] + ("aaa" if not known.id.endswith("aaa") else "bbb")
    with pytest.raises(Gone):
        await stage.platform.edit(MessageRef(stage.platform.name, stage.address.chat, missing), HELLO)


@pytest.mark.parametrize("chat", ["", "nowhere", "../../etc/passwd", "0" * 400, "猫"])
async def test_a_place_that_does_not_exist_is_gone(stage: Stage, chat: str) -> None:
    with pytest.raises(Gone):
        await stage.platform.send(replace(stage.address, chat=chat), HELLO, "key-1")


async def test_pictures_are_shown(stage: Stage) -> None:
    pictures = tuple(result(stage.media(f"picture-{number}.png")) for number in range(3))
    success = Outgoing(Kind.SUCCESS, "en", "Here it is", "job-1", media=pictures)
    await stage.platform.send(stage.address, success, "key-1")
    assert sum(seen.pictures for seen in await stage.seen()) == 3


async def test_a_picture_that_is_not_there_is_a_platforms_error_or_an_empty_frame(stage: Stage) -> None:
    missing = replace(result(stage.media("here.png")), path=stage.media("missing.png"))
    success = Outgoing(Kind.SUCCESS, "en", "Here it is", "job-1", media=(missing,))
    try:
        await stage.platform.send(stage.address, success, "key-1")
    except PlatformError:
        return
    assert len(await stage.seen()) == 1


@pytest.mark.parametrize(
    "words",
    [
        "**bold** _not_ `code` <b>tag</b> @everyone",
        "<script>alert(1)</script>",
        "\\ / \" ' {} [] () #  |",
        "零宽\u200b字符 👨‍👩‍👧 é",
        "https://example.com/a_b_(c)?d=e&f",
    ],
)
async def test_what_looks_like_markup_is_shown_as_it_is_said(stage: Stage, words: str) -> None:
    await stage.platform.send(stage.address, replace(HELLO, headline=words), "key-1")
    (seen,) = await stage.seen()
    assert words in seen.text


async def test_a_text_as_long_as_the_traits_allow_is_shown_whole(stage: Stage) -> None:
    text = "墨" * (stage.platform.traits.text_length - 2) + "。"
    await stage.platform.send(stage.address, replace(HELLO, headline=text), "key-1")
    assert text in "".join(seen.text for seen in await stage.seen())


async def test_what_a_person_says_is_handed_over(stage: Stage) -> None:
    await stage.say("画一只可爱的猫咪")
    await until(lambda: len(stage.listener.messages) == 1)
    (heard,) = stage.listener.messages
    assert heard.text == "画一只可爱的猫咪"
    assert heard.mentioned
    assert heard.id
    assert heard.person.platform == heard.address.platform == stage.platform.name
    assert heard.sent_at > 1_600_000_000
    assert heard.attachments == ()
    assert heard.reply_to is None


async def test_an_answer_to_what_was_heard_lands_in_the_same_chat(stage: Stage) -> None:
    await stage.say("hello")
    await until(lambda: len(stage.listener.messages) == 1)
    await stage.platform.send(stage.listener.messages[0].address, HELLO, "key-1")
    assert any("你好" in seen.text for seen in await stage.seen())


async def test_every_message_has_an_id_of_its_own_and_one_person_stays_one_person(stage: Stage) -> None:
    await stage.say("one")
    await stage.say("one")
    await until(lambda: len(stage.listener.messages) == 2)
    one, two = stage.listener.messages
    assert one.id != two.id
    assert one.person == two.person


async def test_a_person_is_the_same_after_a_restart(stage: Stage) -> None:
    await stage.say("one")
    await stage.restart()
    await stage.say("two")
    await until(lambda: len(stage.listener.messages) == 2)
    one, two = stage.listener.messages
    assert one.person == two.person
    assert one.address.chat == two.address.chat


async def test_a_picture_that_a_person_sends_can_be_fetched(stage: Stage) -> None:
    await stage.say("把它变成油画", picture=png(80, 60))
    await until(lambda: len(stage.listener.messages) == 1)
    (attachment,) = stage.listener.messages[0].attachments
    media = await stage.platform.fetch(attachment)
    assert media.path.is_file()
    assert (media.type, media.width, media.height) == ("image/png", 80, 60)
    assert media.size == media.path.stat().st_size > 0


async def test_a_picture_can_be_fetched_after_a_restart_too(stage: Stage) -> None:
    await stage.say("edit this", picture=png())
    await until(lambda: len(stage.listener.messages) == 1)
    (attachment,) = stage.listener.messages[0].attachments
    await stage.restart()
    assert (await stage.platform.fetch(attachment)).width == 64


@pytest.mark.parametrize("id_", ["", "nothing", "upload/../../inkling.db", "upload/", "/etc/passwd", "a/b/c"])
async def test_a_picture_that_nobody_sent_cannot_be_fetched(stage: Stage, id_: str) -> None:
    with pytest.raises(MediaError) as caught:
        await stage.platform.fetch(Attachment(id_))
    assert caught.value.reason in {Reason.INPUT_GONE, Reason.BAD_INPUT}


async def test_an_answer_to_a_result_says_which_one_it_answers(stage: Stage) -> None:
    picture = result(stage.media("picture.png"))
    success = Outgoing(Kind.SUCCESS, "zh", "好了", "job-1", media=(picture,))
    ref = await stage.platform.send(stage.address, success, "key-1")
    await stage.say("把它变成油画", answering=ref)
    await until(lambda: len(stage.listener.messages) == 1)
    assert stage.listener.messages[0].reply_to == ref


async def test_a_press_hands_over_all_that_the_button_says(stage: Stage) -> None:
    switch = Action(Press.SWITCH, "用香蕉重试", "job-1", "somebody", "zh", "gemini-3-pro-image", primary=True)
    failure = Outgoing(Kind.FAILURE, "zh", "没画成", "job-1", actions=(switch,))
    ref = await stage.platform.send(stage.address, failure, "key-1")
    assert await stage.press(ref, switch) == "noted"
    (pressed,) = stage.listener.presses
    assert (pressed.press, pressed.job, pressed.owner) == (Press.SWITCH, "job-1", "somebody")
    assert (pressed.value, pressed.language) == ("gemini-3-pro-image", "zh")
    assert pressed.id
    assert pressed.address.chat == stage.address.chat
    assert pressed.person.platform == stage.platform.name


async def test_a_press_works_after_a_restart(stage: Stage) -> None:
    ref = await stage.platform.send(stage.address, START, "key-1")
    await stage.restart()
    assert await stage.press(ref, START.actions[0]) == "noted"
    assert stage.listener.presses[0].job == "job-1"


async def test_forgetting_somebody_and_what_is_old_can_be_asked_for_at_any_time(stage: Stage) -> None:
    await stage.say("hello")
    await until(lambda: len(stage.listener.messages) == 1)
    person = stage.listener.messages[0].person
    for _ in range(2):
        await stage.platform.forget(person)
        await stage.platform.prune(before=stage.listener.messages[0].sent_at + 60)
    await stage.platform.send(stage.address, HELLO, "key-after")
    assert any("你好" in seen.text for seen in await stage.seen())
    await stage.say("hello again")
    await until(lambda: len(stage.listener.messages) == 2)
