"""What people do reaches the inbox: once connected, recorded before the receipt, answered in time."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.clock import SystemClock
from bot.errors import DatabaseError
from bot.message import (
    Action,
    Address,
    Attachment,
    Form,
    Incoming,
    Kind,
    Line,
    MessageRef,
    Outgoing,
    Press,
    Pressed,
    Reply,
)
from bot.ports import ModelChoice
from tests.contract.platforms import feishu
from tests.contract.platforms.feishu import FeishuStage
from tests.contract.platforms.stage import Listener, png, result, until

EDIT = Action(Press.EDIT, "改图", "job-1", "somebody", "zh")
SUCCESS = Outgoing(Kind.SUCCESS, "zh", "✅ 图片生成好了！", "job-1", actions=(EDIT,))


def heard(stage: FeishuStage) -> list[Incoming]:
    return stage.listener.messages


# What is heard ------------------------------------------------------------------------------------------


async def test_groups_are_heard_by_mention_and_answered_where_they_asked(stage: FeishuStage) -> None:
    group = stage.simulator.world.add_chat("group")
    asked = stage.simulator.people.say(group, stage.person, "画一只猫", at_bot=True)
    await until(lambda: len(heard(stage)) == 1)
    assert (heard(stage)[0].text, heard(stage)[0].mentioned) == ("画一只猫", True)
    assert heard(stage)[0].address == Address("feishu", group.id, "", asked.id)


async def test_a_picture_and_the_sentence_after_it_belong_together_in_private(stage: FeishuStage) -> None:
    stage.simulator.people.picture(stage.chat, stage.person, png())
    await stage.say("变成油画")
    await stage.say("画一只猫")
    await until(lambda: len(heard(stage)) == 3)
    alone, sentence, later = heard(stage)
    assert sentence.attachments == alone.attachments != ()
    assert later.attachments == ()
    assert (await stage.platform.fetch(sentence.attachments[0])).width == 64


async def test_a_restart_may_come_between_the_picture_and_the_sentence(stage: FeishuStage) -> None:
    stage.simulator.people.picture(stage.chat, stage.person, png())
    await until(lambda: len(heard(stage)) == 1)
    await stage.restart()
    await stage.say("变成油画")
    alone, sentence = heard(stage)
    assert sentence.attachments == alone.attachments != ()


async def test_a_sentence_a_minute_later_or_about_something_else_takes_no_picture(stage: FeishuStage) -> None:
    ref = await stage.platform.send(stage.address, SUCCESS, "k")
    stage.simulator.people.picture(stage.chat, stage.person, png())
    await until(lambda: len(heard(stage)) == 1)
    await stage.say("变成水彩", answering=ref)
    await stage.say("/help")
    stage.simulator.world.skew += 61
    await stage.say("变成油画")
    assert [message.attachments for message in heard(stage)[1:]] == [(), (), ()]


async def test_of_several_pictures_the_first_is_answered_and_all_are_meant(stage: FeishuStage) -> None:
    for _ in range(3):
        acks = len(stage.simulator.link.acks)
        stage.simulator.people.picture(stage.chat, stage.person, png())
        await until(lambda seen=acks: len(stage.simulator.link.acks) > seen)  # type: ignore[misc]  # a default
    await stage.say("变成油画")
    alone, sentence = heard(stage)
    assert (len(alone.attachments), len(sentence.attachments)) == (1, 3)
    stage.simulator.people.picture(stage.chat, stage.person, png())
    await until(lambda: len(heard(stage)) == 3)


@pytest.mark.parametrize("words", ["你好", "取消"])
async def test_a_greeting_or_a_command_leaves_the_picture_waiting(stage: FeishuStage, words: str) -> None:
    stage.simulator.people.picture(stage.chat, stage.person, png())
    await until(lambda: len(heard(stage)) == 1)
    await stage.say(words)
    await until(lambda: len(heard(stage)) == 2)
    await stage.say("变成油画")
    await until(lambda: len(heard(stage)) == 3)
    alone, talk, sentence = heard(stage)
    assert talk.attachments == ()
    assert sentence.attachments == alone.attachments


async def test_the_sentence_says_the_same_when_its_event_comes_again(stage: FeishuStage) -> None:
    stage.simulator.people.picture(stage.chat, stage.person, png())
    await stage.say("变成油画")
    await stage.restart()
    stage.simulator.events.again_with = "message"
    await stage.simulator.events.repeat(stage.simulator.events.delivered[-1])
    await until(lambda: len(heard(stage)) == 3)
    first, again = heard(stage)[1:]
    assert first.id != again.id
    assert (first.text, first.attachments, first.sent_at) == (again.text, again.attachments, again.sent_at)


async def test_a_picture_behind_a_link_in_the_words_is_fetched_from_there(stage: FeishuStage) -> None:
    async def serve(_: web.Request) -> web.Response:
        return web.Response(body=png(), content_type="image/png")

    shop = web.Application()
    shop.router.add_get("/cat.png", serve)
    async with TestServer(shop) as server:
        await stage.shut()
        stage.own_hosts = frozenset({f"{server.host}:{server.port}"})
        await stage.open()
        link = str(server.make_url("/cat.png"))
        assert (await stage.platform.fetch(Attachment(link, link))).width == 64


async def test_in_groups_a_picture_is_meant_by_answering_it(stage: FeishuStage) -> None:
    group = stage.simulator.world.add_chat("group")
    picture = stage.simulator.people.picture(group, stage.person, png())
    stage.simulator.people.say(group, stage.person, "变成油画", at_bot=True)
    stage.simulator.people.say(group, stage.person, "变成水彩", at_bot=True, answer_to=picture)
    await until(lambda: len(heard(stage)) == 2)
    plain, answering = sorted(heard(stage), key=lambda message: bool(message.reply_to))
    assert plain.attachments == plain.reply_attachments == ()
    assert answering.reply_to == MessageRef("feishu", group.id, picture.id)
    assert (await stage.platform.fetch(answering.reply_attachments[0])).width == 64


async def test_another_bot_s_picture_is_meant_by_answering_it_too(stage: FeishuStage) -> None:
    group, robot = stage.simulator.world.add_chat("group"), stage.simulator.world.add_user("Robot", "app")
    picture = stage.simulator.people.picture(group, robot, png())
    stage.simulator.people.say(group, stage.person, "变成油画", at_bot=True, answer_to=picture)
    await until(lambda: len(heard(stage)) == 1)
    assert (await stage.platform.fetch(heard(stage)[0].reply_attachments[0])).width == 64


async def test_an_answer_to_a_result_costs_no_call_and_takes_no_picture(stage: FeishuStage) -> None:
    success = replace(SUCCESS, media=(result(stage.media("a.png")),))
    ref = await stage.platform.send(stage.address, success, "k")
    await stage.say("换个颜色", answering=ref)
    assert heard(stage)[0].reply_attachments == ()
    assert not any(call.route.startswith("GET /open-apis/im/") for call in stage.simulator.world.calls)
    await stage.restart()
    await stage.say("换个颜色", answering=ref)
    assert heard(stage)[1].reply_attachments == ()


async def test_a_quoted_message_that_cannot_be_read_now_makes_the_event_come_again(
    stage: FeishuStage,
) -> None:
    picture = stage.simulator.people.picture(stage.chat, stage.person, png())
    await until(lambda: len(heard(stage)) == 1)
    stage.simulator.fail("GET /open-apis/im/v1/messages/{message}", code=230020)
    stage.simulator.people.say(stage.chat, stage.person, "变成油画", answer_to=picture)
    await until(lambda: len(stage.simulator.events.owed) == 1)
    await stage.simulator.advance(15)
    assert [len(message.reply_attachments) for message in heard(stage)] == [0, 1]


async def test_a_used_up_month_does_not_keep_an_answer_from_being_heard(stage: FeishuStage) -> None:
    picture = stage.simulator.people.picture(stage.chat, stage.person, png())
    await until(lambda: len(heard(stage)) == 1)
    stage.simulator.fail("GET /open-apis/im/v1/messages/{message}", code=99991403, status=429)
    stage.simulator.people.say(stage.chat, stage.person, "变成油画", answer_to=picture)
    await until(lambda: len(heard(stage)) == 2)
    assert heard(stage)[1].reply_attachments == ()


async def test_the_menu_works_before_and_after_the_private_chat_is_known(stage: FeishuStage) -> None:
    await stage.simulator.people.menu(stage.person, "help")
    await stage.say("hello")
    await stage.restart()
    await stage.simulator.people.menu(stage.person, "models")
    first, _, second = heard(stage)
    assert (first.text, first.address.chat) == ("/help", stage.person.open_id)
    assert (second.text, second.address.chat) == ("/models", stage.chat.id)


async def test_other_bots_and_unknown_events_are_left_alone(stage: FeishuStage) -> None:
    robot = stage.simulator.world.add_user("Robot", kind="app")
    group = stage.simulator.world.add_chat("group")
    stage.simulator.people.say(group, robot, "draw", at_bot=True)
    await stage.simulator.events.post("im.message.message_read_v1", {"reader": {}})
    await stage.say("hello")
    await until(lambda: len(stage.simulator.link.acks) == 3)
    assert [message.text for message in heard(stage)] == ["hello"]
    assert not stage.simulator.events.owed


async def test_only_those_who_are_allowed_are_heard(tmp_path: Path) -> None:
    async with feishu.stage(tmp_path, people=("nobody",)) as stage:
        await stage.say("draw")
        ref = await stage.platform.send(stage.address, SUCCESS, "k")
        assert await stage.press(ref, EDIT) == ""
        assert not heard(stage)
        assert not stage.listener.presses


async def test_only_chats_that_are_allowed_are_heard(tmp_path: Path) -> None:
    async with feishu.stage(tmp_path, chats=("oc_elsewhere",)) as stage:
        await stage.say("draw")
        await stage.simulator.people.menu(stage.person, "help")
        assert not heard(stage)


async def test_a_person_who_is_forgotten_leaves_no_picture_behind(stage: FeishuStage) -> None:
    stage.simulator.people.picture(stage.chat, stage.person, png())
    await until(lambda: len(heard(stage)) == 1)
    await stage.platform.forget(heard(stage)[0].person)
    await stage.say("变成油画")
    assert heard(stage)[1].attachments == ()


# Receipts -----------------------------------------------------------------------------------------------


class Slow(Listener):
    """An inbox that needs its time, or cannot write."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.broken = False

    async def message(self, message: Incoming) -> None:
        if self.broken:
            raise DatabaseError("the disk is full")
        await self.go.wait()
        await super().message(message)


async def test_the_receipt_comes_when_the_message_is_recorded_and_not_before(tmp_path: Path) -> None:
    async with feishu.stage(tmp_path) as stage:
        await stage.shut()
        stage.listener = slow = Slow()
        await stage.open()
        stage.simulator.people.say(stage.chat, stage.person, "draw")
        await stage.simulator.settle()
        assert not stage.simulator.link.acks
        slow.go.set()
        await until(lambda: len(stage.simulator.link.acks) == 1)
        assert stage.simulator.link.acks[0].code == 200


async def test_what_could_not_be_recorded_comes_again(tmp_path: Path) -> None:
    async with feishu.stage(tmp_path) as stage:
        await stage.shut()
        stage.listener = slow = Slow()
        await stage.open()
        slow.broken = True
        stage.simulator.people.say(stage.chat, stage.person, "draw")
        await until(lambda: len(stage.simulator.events.owed) == 1)
        stage.simulator.events.again_with = "message"
        await stage.simulator.advance(15)
        slow.broken = False
        slow.go.set()
        await stage.say("hello")
        await stage.simulator.advance(300)
        # It was late through a fault of ours; what was heard at once is not.
        assert [(one.text, one.redelivered) for one in slow.messages] == [("hello", False), ("draw", True)]


class Ahead(SystemClock):
    """A clock that is ten minutes ahead of everybody's."""

    def now(self) -> float:
        return super().now() + 600


async def test_on_a_machine_whose_clock_is_wrong_nobody_is_late(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with feishu.stage(tmp_path) as stage:
        await stage.say("hello")
        await stage.shut()
        stage.clock = Ahead()
        await stage.open()
        await stage.say("draw")
        stage.simulator.world.skew -= 600
        await stage.say("draw an hour ago")
        assert [one.redelivered for one in heard(stage)] == [False, True, False]
        assert heard(stage)[1].sent_at == pytest.approx(time.time(), abs=100)
        assert "This machine's clock is +60" in caplog.text
        assert any("clock" in check.what for check in await stage.platform.check() if not check.ok)


async def test_one_slow_message_does_not_hold_up_the_others(tmp_path: Path) -> None:
    async with feishu.stage(tmp_path) as stage:
        await stage.shut()
        stage.listener = slow = Slow()
        await stage.open()
        ref = await stage.platform.send(stage.address, SUCCESS, "k")
        stage.simulator.people.say(stage.chat, stage.person, "draw")
        assert await stage.press(ref, EDIT) == "noted"
        slow.go.set()
        await until(lambda: len(slow.messages) == 1)


async def test_a_long_event_in_pieces_is_put_together(stage: FeishuStage) -> None:
    stage.simulator.link.split_at = 50
    await stage.say("画一只猫 " * 100)
    assert heard(stage)[0].text.count("画一只猫") == 100


# Presses ------------------------------------------------------------------------------------------------


async def test_a_press_in_a_topic_knows_its_topic(stage: FeishuStage) -> None:
    group = stage.simulator.world.add_chat("topic")
    asked = stage.simulator.people.say(group, stage.person, "hello", at_bot=True)
    to = Address("feishu", group.id, asked.id, asked.id)
    ref = await stage.platform.send(to, SUCCESS, "k")
    await stage.restart()
    await stage.press(ref, EDIT)
    assert stage.listener.presses[0].address == Address("feishu", group.id, asked.id, ref.id)


async def test_a_form_is_a_card_that_comes_back_filled_in_and_is_then_at_rest(stage: FeishuStage) -> None:
    ref = await stage.platform.send(stage.address, SUCCESS, "k")
    stage.listener.reply = Reply(form=Form("想怎么改？", "例如：变成油画", "开始画", "一只猫"))
    await stage.press(ref, EDIT)
    form = await stage.simulator.reads(lambda shown: bool(shown.fields))
    assert form.parent == ref.id
    assert form.shown.fields[0].value == "一只猫"
    stage.listener.reply = Reply("我正在重启", refused=True)
    refused = await stage.simulator.people.submit(form, {"text": "一只蓝猫"}, stage.person)
    assert (refused.toast, refused.replaced) == ("我正在重启", False)
    stage.listener.reply = Reply("收到")
    pressed = await stage.simulator.people.submit(form, {"text": "一只 *蓝* 猫"}, stage.person)
    assert (pressed.toast, pressed.replaced, pressed.error) == ("收到", True, 0)
    assert stage.listener.presses[-1].text == "一只 *蓝* 猫"
    assert stage.listener.presses[-1].owner == "somebody"
    assert form.shown.text == "✓ 想怎么改？\n一只 *蓝* 猫"
    assert not form.shown.fields
    assert not stage.simulator.violations


async def test_somebody_else_s_form_is_not_taken_away(stage: FeishuStage) -> None:
    ref = await stage.platform.send(stage.address, SUCCESS, "k")
    stage.listener.reply = Reply(form=Form("想怎么改？", "", "开始画"))
    await stage.press(ref, EDIT)
    form = await stage.simulator.reads(lambda shown: bool(shown.fields))
    stage.listener.reply = Reply("这不是你的图")
    other = stage.simulator.world.add_user("Bob")
    pressed = await stage.simulator.people.submit(form, {"text": "x"}, other)
    assert (pressed.toast, pressed.replaced) == ("这不是你的图", False)
    assert form.shown.fields


MODELS = (
    ModelChoice("seedream", "SeeDream 4.5", "SeeDream 4.5 · 5 积分 · 30 ~ 60 秒"),
    ModelChoice("banana", "Nano Banana Pro", "Nano Banana Pro · 10 积分 · 60 ~ 120 秒"),
    ModelChoice("mj", "Midjourney", "Midjourney · 8 积分 · 40 ~ 90 秒"),
    ModelChoice("gpt", "GPT Image 2", "GPT Image 2 · 30 ~ 60 秒"),
)


async def test_a_result_offers_the_other_models_with_their_prices(tmp_path: Path) -> None:
    async with feishu.stage(tmp_path) as stage:
        await stage.shut()
        stage.models = lambda _: MODELS
        await stage.open()
        drawn = replace(SUCCESS, lines=(Line("SeeDream 4.5", "模型"),))
        ref = await stage.platform.send(stage.address, drawn, "k")
        shown = stage.simulator.world.messages[ref.id].shown
        assert [button.label for button in shown.buttons] == ["改图", "删除"]
        assert [choice.label for choice in shown.choices] == [model.label for model in MODELS[1:]]
        await stage.press(ref, replace(EDIT, label="Midjourney"))
        pressed = stage.listener.presses[0]
        assert (pressed.press, pressed.value, pressed.job) == (Press.SWITCH, "mj", "job-1")
        assert not stage.simulator.violations


async def test_a_model_that_has_a_button_is_not_in_the_list_once_more(tmp_path: Path) -> None:
    async with feishu.stage(tmp_path) as stage:
        await stage.shut()
        stage.models = lambda _: MODELS
        await stage.open()
        better = Action(Press.SWITCH, "换 Midjourney（8 积分）", "job-1", "somebody", "zh", "mj@8points")
        ref = await stage.platform.send(stage.address, replace(SUCCESS, actions=(EDIT, better)), "k")
        shown = stage.simulator.world.messages[ref.id].shown
        assert [button.label for button in shown.buttons] == ["改图", better.label, "删除"]
        assert [choice.name for choice in shown.choices] == ["seedream", "banana", "gpt"]
        assert not stage.simulator.violations


async def test_a_result_is_deleted_for_the_one_whose_it_is_and_nobody_else(stage: FeishuStage) -> None:
    mine = replace(EDIT, owner=stage.person.union_id)
    ref = await stage.platform.send(stage.address, replace(SUCCESS, actions=(mine,)), "k")
    message, people = stage.simulator.world.messages[ref.id], stage.simulator.people
    other = stage.simulator.world.add_user("Bob")
    assert (await people.press(message, "删除", other)).toast == "只有图片的主人能删除它"
    assert not message.withdrawn
    stage.simulator.fail("DELETE", code=230026)
    assert (await people.press(message, "删除", stage.person)).toast == "这条我已经删不掉了"
    assert (await people.press(message, "删除", stage.person)).toast == "已删除"
    assert message.withdrawn
    assert not stage.listener.presses


async def test_a_press_on_a_card_of_another_make_is_answered_without_words(stage: FeishuStage) -> None:
    other = Action(Press.CANCEL, "取消", "job-1", "", "zh")
    ref = await stage.platform.send(stage.address, replace(SUCCESS, actions=(other,)), "k")
    pressed = await stage.simulator.people.press(stage.simulator.world.messages[ref.id], "取消", stage.person)
    assert (pressed.toast, pressed.error) == ("", 0)


class Stuck(Listener):
    """An inbox whose answer to a press fails."""

    def press(self, press: Pressed) -> Reply:
        raise DatabaseError("gone")


async def test_a_press_that_fails_shows_the_client_s_own_error(tmp_path: Path) -> None:
    async with feishu.stage(tmp_path) as stage:
        await stage.shut()
        stage.listener = Stuck()
        await stage.open()
        ref = await stage.platform.send(stage.address, SUCCESS, "k")
        message = stage.simulator.world.messages[ref.id]
        assert (await stage.simulator.people.press(message, "改图", stage.person)).error == 200671


# The doctor ---------------------------------------------------------------------------------------------


async def test_the_doctor_names_a_missing_scope(stage: FeishuStage) -> None:
    stage.simulator.world.scopes -= {"im:resource", "im:message.p2p_msg:readonly"}
    wrong = [check for check in await stage.platform.check() if not check.ok]
    assert len(wrong) == 1
    assert "im:resource" in wrong[0].advice
    assert "im:message.p2p_msg" in wrong[0].advice


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"app_secret": "wrong"}, "FEISHU_APP_SECRET"),
        ({"app_id": "cli_wrong"}, "FEISHU_APP_ID"),
        ({"domain": "http://127.0.0.1:9"}, "within reach"),
    ],
)
async def test_the_doctor_says_what_is_wrong(
    stage: FeishuStage, changes: dict[str, str], advice: str
) -> None:
    await stage.shut()
    stage.changes = changes
    await stage.open(running=False)
    (check,) = await stage.platform.check()
    assert not check.ok
    assert advice in check.advice
    stage.changes = {}
