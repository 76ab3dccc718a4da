"""Everything a person can do in Discord, and what the conversation hears of it."""

import asyncio

import pytest

from bot.message import Action, Form, Kind, MessageRef, Outgoing, Press, Reply
from tests.contract.platforms.stage import png, result, until
from tests.simulators.discord.people import NotOffered
from tests.simulators.discord.state import DM, SEND_MESSAGES_IN_THREADS, THREAD
from tests.unit.adapters.platforms.discord.conftest import Stage

ACK = Outgoing(Kind.ACK, "en", "OK! Drawing a fox for you 🦊", "job1")
AGAIN = Action(Press.AGAIN, "Once more", "job1", "0", "en")


async def heard(stage: Stage, number: int = 1) -> None:
    await until(lambda: len(stage.listener.messages) == number)


async def ended(stage: Stage, owner: str = "0") -> MessageRef:
    """A result with a picture, whose owner is given."""
    action = Action(Press.AGAIN, "Once more", "job1", owner, "en")
    edit = Action(Press.EDIT, "Edit", "job1", owner, "en")
    media = (result(stage.media("job1-1.png")),)
    success = Outgoing(Kind.SUCCESS, "en", "Ready!", "job1", media=media, actions=(action, edit))
    return await stage.platform.send(stage.address, success, f"end-{owner}")


# Messages -----------------------------------------------------------------------------------------------


async def test_a_server_that_is_not_known_yet_is_no_direct_chat(closed: Stage) -> None:
    closed.world.message_content_allowed = True
    closed.listen = ("1",)
    await closed.open()
    late = closed.world.new_guild("Late")
    room = closed.world.new_channel("room", late)
    await closed.ada.says("lunch?", room)
    await closed.ada.says("@Inkling draw a cat", room)
    await heard(closed)
    assert closed.listener.messages[0].text == "draw a cat"
    assert ":d:" not in closed.listener.messages[0].address.token


async def test_a_message_that_is_not_for_the_bot_is_not_heard(stage: Stage) -> None:
    await stage.ada.says("draw a fox")
    await stage.ada.says("@Inkling draw a cat")
    await heard(stage)
    assert stage.listener.messages[0].text == "draw a cat"


async def test_a_direct_message_needs_no_mention(stage: Stage) -> None:
    await stage.ada.says("画一只狐狸", stage.ada.direct())
    await heard(stage)
    assert stage.listener.messages[0].mentioned
    assert stage.listener.messages[0].address.chat == str(stage.ada.direct().id)


async def test_an_answer_to_the_bot_is_heard_and_leaves_its_pictures_to_the_ledger(stage: Stage) -> None:
    ref = await ended(stage)
    await stage.ada.says("make it an oil painting", reply_to=stage.world.messages[int(ref.id)])
    await heard(stage)
    (message,) = stage.listener.messages
    assert message.reply_to == ref
    assert message.reply_attachments == ()


async def test_an_answer_to_somebody_elses_picture_brings_it_along(stage: Stage) -> None:
    theirs = await stage.bob.says("look", files=(("photo.png", png(30, 20)),))
    await stage.ada.says("@Inkling make it an oil painting", reply_to=theirs)
    await heard(stage)
    (attachment,) = stage.listener.messages[0].reply_attachments
    assert (await stage.platform.fetch(attachment)).width == 30


async def test_a_forwarded_picture_comes_along(stage: Stage) -> None:
    theirs = await stage.bob.says("look", files=(("photo.png", png(30, 20)),))
    await stage.ada.forwards(theirs, stage.ada.direct())
    await heard(stage)
    (attachment,) = stage.listener.messages[0].attachments
    assert (await stage.platform.fetch(attachment)).height == 20


async def test_only_pictures_come_along(stage: Stage) -> None:
    files = (("notes.txt", b"text"), ("cat.png", png()))
    await stage.ada.says("@Inkling edit", files=files)
    await heard(stage)
    assert [one.name for one in stage.listener.messages[0].attachments] == ["cat.png"]


async def test_others_are_called_by_name_in_what_is_said(stage: Stage) -> None:
    text = f"@Inkling draw <@{stage.bob.user.id}> in <#{stage.channel.id}> <:party:123> <@&999>"
    text += " <t:1:R></imagine:4><id:browse> <a:wave:5>"
    await stage.ada.says(text)
    await heard(stage)
    assert stage.listener.messages[0].text == "draw @Bob in #pictures :party: /imagine :wave:"


async def test_an_answer_whose_words_discord_keeps_back_is_not_heard(stage: Stage) -> None:
    ref = await ended(stage)
    await stage.ada.says("lovely", reply_to=stage.world.messages[int(ref.id)], ping=False)
    await stage.ada.says("@Inkling")
    await heard(stage)
    assert stage.listener.messages[0].text == ""


async def test_bots_are_not_heard(stage: Stage) -> None:
    robot = stage.discord.person("Robot")
    robot.user.bot = True
    await robot.says("@Inkling draw a fox")
    await stage.ada.says("@Inkling draw a cat")
    await heard(stage)
    assert stage.listener.messages[0].text == "draw a cat"


async def test_a_picture_whose_link_has_expired_is_fetched_by_a_fresh_one(stage: Stage) -> None:
    await stage.ada.says("@Inkling edit", files=(("cat.png", png(30, 20)),))
    await heard(stage)
    stage.later(stage.world.link_life + 1)
    (attachment,) = stage.listener.messages[0].attachments
    assert (await stage.platform.fetch(attachment)).width == 30


async def test_every_message_in_a_channel_that_is_listened_to_is_heard(closed: Stage) -> None:
    closed.world.message_content_allowed = True
    closed.listen = (str(closed.channel.id),)
    await closed.open()
    await closed.ada.says("draw a fox")
    await heard(closed)
    assert closed.listener.messages[0].text == "draw a fox"
    assert not closed.listener.messages[0].mentioned


# Rights -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", [1 << 11, 1 << 15])
async def test_a_missing_right_is_told_before_anything_is_spent(stage: Stage, right: int) -> None:
    await stage.discord.set_rights(stage.channel, deny=right)
    await stage.ada.says("@Inkling 画一只狐狸")
    place = stage.channel if right == 1 << 15 else stage.ada.direct()
    await until(lambda: len(stage.discord.said(place)) == 1)
    assert "缺少「" in stage.discord.said(place)[0].content
    assert stage.listener.messages == []


async def test_a_thread_that_cannot_be_written_to_is_told_directly(stage: Stage) -> None:
    thread = stage.world.new_channel("t", stage.discord.guild, kind=THREAD, parent=stage.channel.id)
    await stage.discord.gateway.dispatch("THREAD_CREATE", stage.discord.wire.channel(thread))
    await stage.discord.set_rights(stage.channel, deny=SEND_MESSAGES_IN_THREADS)
    await stage.ada.says("@Inkling draw a fox", thread)
    await until(lambda: len(stage.discord.said(stage.ada.direct())) == 1)
    assert "send messages in threads" in stage.discord.said(stage.ada.direct())[0].content
    assert stage.listener.messages == []


# Commands -----------------------------------------------------------------------------------------------


async def test_commands_are_registered_once_and_not_again_after_a_restart(stage: Stage) -> None:
    assert len(stage.world.commands) == 9
    created = stage.world.commands_created
    await stage.restart()
    await asyncio.sleep(0.05)
    assert stage.world.commands_created == created
    assert [name for name, _ in stage.discord.rest.requests].count("commands.put") == 1


async def test_imagine_is_heard_with_all_its_options(stage: Stage) -> None:
    await stage.ada.slash(
        "imagine", prompt="a fox", ratio="16:9", count=2, image=("cat.png", png(30, 20)), strength=0.5
    )
    await heard(stage)
    (message,) = stage.listener.messages
    assert message.text == "/imagine a fox --ar 16:9 -n 2 --strength 0.5"
    assert (await stage.platform.fetch(message.attachments[0])).width == 30
    assert message.locale == "en"


async def test_the_acknowledgement_is_the_commands_answer_and_the_end_calls_its_person(stage: Stage) -> None:
    interaction = await stage.ada.slash("imagine", prompt="a fox")
    await heard(stage)
    to = stage.listener.messages[0].address
    await stage.platform.send(to, ACK, "ack")
    await stage.platform.send(to, Outgoing(Kind.START, "en", "Starting", "job1"), "start")
    media = (result(stage.media("job1-1.png")),)
    await stage.platform.send(to, Outgoing(Kind.SUCCESS, "en", "Ready!", "job1", media=media), "end")
    assert interaction.original == stage.said()[0].id
    assert stage.discord.transcript() == [
        "Inkling: OK! Drawing a fox for you 🦊",
        "Inkling ↩ Inkling: Starting",
        "Inkling ↩ Inkling: @Ada | Ready! | [image] | [image/png job1-1.png]",
    ]
    assert [ping.whom for ping in stage.world.pings] == [str(stage.ada.user.id)]
    assert stage.discord.pings == []
    assert stage.discord.violations == []


async def test_a_persons_client_speaks_its_language(stage: Stage) -> None:
    stage.ada.user.locale = "zh-CN"
    interaction = await stage.ada.slash("models")
    await heard(stage)
    assert stage.listener.messages[0].locale == "zh"
    assert stage.listener.messages[0].text == "有哪些模型？"
    await stage.platform.send(stage.listener.messages[0].address, Outgoing(Kind.TEXT, "zh", "两个"), "k")
    assert interaction.answered == 4


async def test_what_concerns_one_person_is_answered_to_them_alone(stage: Stage) -> None:
    await stage.ada.slash("model show")
    await heard(stage)
    to = stage.listener.messages[0].address
    await stage.platform.send(to, Outgoing(Kind.TEXT, "en", "You draw with SeeDream"), "k1")
    await stage.platform.send(to, Outgoing(Kind.TEXT, "en", "and another thing"), "k2")
    assert stage.discord.transcript(viewer=stage.bob) == []
    assert len(stage.discord.transcript(viewer=stage.ada)) == 2


async def test_models_are_offered_while_one_types(stage: Stage) -> None:
    offered = await stage.ada.types("imagine", "model", "sea", prompt="x")
    assert offered == []
    offered = await stage.ada.types("imagine", "model", "see", prompt="x")
    assert offered == [{"name": "SeeDream 4.5 · 5 points", "value": "SeeDream 4.5"}]
    stage.ada.user.locale = "zh-CN"
    assert "积分" in (await stage.ada.types("model set", "model", ""))[0]["name"]


async def test_a_model_that_is_not_on_offer_is_said_before_anything_is_spent(stage: Stage) -> None:
    for used in (
        await stage.ada.slash("model set", model="draw <@1> a cat"),
        await stage.ada.slash("imagine", prompt="a fox", model="draw <@1> a cat"),
    ):
        assert "“draw <@1> a cat” is not on offer." in await stage.toast(used)
    assert stage.listener.messages == []


async def test_commands_work_in_every_context(stage: Stage) -> None:
    group = stage.world.private_channel(stage.ada.user, stage.bob.user, stage.discord.person("Cy").user)
    await stage.ada.slash("imagine", group, prompt="one", guest=True)
    await stage.ada.slash("imagine", stage.ada.direct(), prompt="two")
    await heard(stage, 2)
    assert stage.ada.direct().kind == DM
    assert {m.address.chat for m in stage.listener.messages} == {str(group.id), str(stage.ada.direct().id)}


async def test_an_interaction_that_comes_twice_is_heard_once(stage: Stage) -> None:
    stage.discord.gateway.duplicate = True
    await stage.ada.slash("imagine", prompt="a fox")
    await stage.ada.says("@Inkling draw a cat")
    await heard(stage, 2)
    await asyncio.sleep(0.05)
    assert len(stage.listener.messages) == 2


# "Use this picture" -------------------------------------------------------------------------------------


async def test_a_message_menu_asks_what_to_make_of_its_picture(stage: Stage) -> None:
    theirs = await stage.bob.says("look", files=(("photo.png", png(30, 20)),))
    opened = await stage.ada.menu("Use this picture", theirs)
    await until(lambda: opened.modal is not None)
    await stage.ada.submits(opened, "make it an oil painting")
    await heard(stage)
    (message,) = stage.listener.messages
    assert message.text == "/imagine make it an oil painting"
    assert (await stage.platform.fetch(message.reply_attachments[0])).width == 30


async def test_the_menus_form_works_after_a_restart(stage: Stage) -> None:
    theirs = await stage.bob.says("look", files=(("photo.png", png(30, 20)),))
    opened = await stage.ada.menu("Use this picture", theirs)
    await until(lambda: opened.modal is not None)
    await stage.restart()
    await stage.ada.submits(opened, "oil painting")
    await heard(stage)
    assert (await stage.platform.fetch(stage.listener.messages[0].reply_attachments[0])).width == 30


async def test_a_forged_form_reaches_into_no_other_channel(stage: Stage) -> None:
    secret = stage.world.new_channel("secret", stage.discord.guild)
    await stage.discord.gateway.dispatch("CHANNEL_CREATE", stage.discord.wire.channel(secret))
    hidden = await stage.bob.says("look", secret, files=(("photo.png", png(30, 20)),))
    mine = await stage.ada.says("look", files=(("mine.png", png(10, 10)),))
    opened = await stage.ada.menu("Use this picture", mine)
    await until(lambda: opened.modal is not None)
    for forged in (f"use|{hidden.id}", f"use|{secret.id}|{hidden.id}", "use|", "use|x"):
        opened.modal = {**(opened.modal or {}), "custom_id": forged}
        assert "Something got lost" in await stage.toast(await stage.ada.submits(opened, "oil painting"))
    assert stage.listener.messages == []


async def test_our_own_results_can_be_used_too(stage: Stage) -> None:
    ref = await ended(stage)
    opened = await stage.ada.menu("Use this picture", stage.world.messages[int(ref.id)])
    await until(lambda: opened.modal is not None)
    await stage.ada.submits(opened, "oil painting")
    await heard(stage)
    assert stage.listener.messages[0].reply_to == ref
    assert (await stage.platform.fetch(stage.listener.messages[0].reply_attachments[0])).width == 64


async def test_a_message_without_a_picture_says_so(stage: Stage) -> None:
    opened = await stage.ada.menu("Use this picture", await stage.bob.says("only words"))
    assert await stage.toast(opened) == "There is no picture in that message"


# Presses ------------------------------------------------------------------------------------------------


async def test_a_press_may_open_a_form_whose_text_comes_back(stage: Stage) -> None:
    ref = await ended(stage, str(stage.ada.user.id))
    stage.listener.reply = Reply(form=Form("What should change?", "For example: oil painting", "Edit"))
    opened = await stage.ada.presses(stage.world.messages[int(ref.id)], "Edit")
    await until(lambda: opened.modal is not None)
    stage.listener.reply = Reply("Got it")
    sent = await stage.ada.submits(opened, "make it bluer")
    assert await stage.toast(sent) == "Got it"
    _, pressed = stage.listener.presses
    assert (pressed.press, pressed.job, pressed.text) == (Press.EDIT, "job1", "make it bluer")
    assert pressed.address.reply_to == ref.id


async def test_another_model_is_chosen_from_a_select_with_prices(stage: Stage) -> None:
    ref = await ended(stage)
    await stage.ada.chooses(stage.world.messages[int(ref.id)], "Midjourney · 10 points")
    await until(lambda: len(stage.listener.presses) == 1)
    (pressed,) = stage.listener.presses
    assert (pressed.press, pressed.value, pressed.job) == (Press.SWITCH, "midjourney", "job1")


async def test_a_press_without_anything_to_say_is_quiet(stage: Stage) -> None:
    ref = await ended(stage)
    stage.listener.reply = Reply()
    pressed = await stage.ada.presses(stage.world.messages[int(ref.id)], "Once more")
    await until(lambda: pressed.answered is not None)
    assert pressed.answered == 6


async def test_words_after_a_press_are_for_the_one_who_pressed(stage: Stage) -> None:
    ref = await ended(stage)
    await stage.toast(await stage.bob.presses(stage.world.messages[int(ref.id)], "Once more"))
    to = stage.listener.presses[0].address
    draw = Action(Press.DRAW, "Draw this too", "job1", str(stage.bob.user.id), "en")
    words = Outgoing(Kind.TEXT, "en", "That's somebody else's idea. Draw it?", actions=(draw,))
    shown = await stage.platform.send(to, words, "k")
    assert any("(Draw this too)" in line for line in stage.discord.transcript(viewer=stage.bob))
    assert not any("somebody" in line for line in stage.discord.transcript(viewer=stage.ada))
    await stage.bob.presses(stage.world.messages[int(shown.id.split("/")[0])], "Draw this too")
    await until(lambda: len(stage.listener.presses) == 2)


async def test_words_after_a_press_take_the_place_of_what_was_said_at_once(stage: Stage) -> None:
    ref = await ended(stage)
    await stage.toast(await stage.bob.presses(stage.world.messages[int(ref.id)], "Once more"))
    to = stage.listener.presses[0].address
    for key in ("k1", "k2"):
        await stage.platform.send(to, Outgoing(Kind.TEXT, "en", f"words {key}"), key)
    own = [line for line in stage.discord.transcript(viewer=stage.bob) if "only you" in line]
    assert own == ["Inkling (only you): words k1", "Inkling (only you): words k2"]


async def test_words_after_a_press_wait_until_the_press_is_answered(stage: Stage) -> None:
    ref = await ended(stage)
    stage.discord.fail("callback", "slow", seconds=0.1)
    await stage.bob.presses(stage.world.messages[int(ref.id)], "Once more")
    await until(lambda: len(stage.listener.presses) == 1)
    await stage.platform.send(stage.listener.presses[0].address, Outgoing(Kind.TEXT, "en", "too late"), "k")
    assert stage.discord.transcript(viewer=stage.bob)[-1] == "Inkling (only you): too late"


async def test_a_job_after_a_press_is_acknowledged_for_everybody(stage: Stage) -> None:
    ref = await ended(stage, str(stage.ada.user.id))
    await stage.toast(await stage.ada.presses(stage.world.messages[int(ref.id)], "Once more"))
    await stage.platform.send(stage.listener.presses[0].address, ACK, "ack")
    assert stage.discord.transcript()[-1] == "Inkling ↩ Inkling: OK! Drawing a fox for you 🦊"


async def test_a_result_is_deleted_by_its_owner_and_nobody_else(stage: Stage) -> None:
    ref = await ended(stage, str(stage.ada.user.id))
    message = stage.world.messages[int(ref.id)]
    assert "Only the person" in await stage.toast(await stage.bob.presses(message, "Delete"))
    assert not message.deleted
    assert await stage.toast(await stage.ada.presses(message, "Delete")) == "Deleted"
    assert message.deleted
    assert stage.listener.presses == []


async def test_a_button_of_another_age_does_nothing_and_fails_nowhere(stage: Stage) -> None:
    ref = await ended(stage)
    message = stage.world.messages[int(ref.id)]
    message.components[0]["components"][0]["custom_id"] = "v1:old"
    pressed = await stage.ada.chooses(message, "SeeDream")
    await until(lambda: pressed.answered == 6)
    assert stage.listener.presses == []


async def test_what_a_client_does_not_offer_cannot_be_done(stage: Stage) -> None:
    with pytest.raises(NotOffered):
        await stage.ada.slash("imagine", prompt="x", count=11)
