"""Showing messages: in their place, once, in another form where one is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.platforms.feishu import commands
from bot.errors import Gone, Passing, Unshowable
from bot.message import Action, Address, Kind, Line, Media, MessageRef, Outgoing, Press
from tests.contract.platforms import feishu
from tests.contract.platforms.feishu import FeishuStage
from tests.contract.platforms.stage import png, result, until

SEND = "POST /open-apis/im/v1/messages"
REPLY = "POST /open-apis/im/v1/messages/{message}/reply"
PATCH = "PATCH /open-apis/im/v1/messages/{message}"
UPLOAD = "POST /open-apis/im/v1/images"
ACK = Outgoing(Kind.ACK, "zh", "好的！来帮你画一只猫 🐱", "job-1")
PROGRESS = Outgoing(Kind.PROGRESS, "zh", "⏳ 正在生成中… 40%", "job-1", (Line("20 秒", "已等待"),), 40)
SETTLED = Outgoing(Kind.PROGRESS, "zh", "✓ 已完成，用时 42 秒", "job-1", settled=True)
SUCCESS = Outgoing(Kind.SUCCESS, "zh", "✅ 图片生成好了！", "job-1", (Line("SeeDream 4.5", "模型"),))


def asked(stage: FeishuStage, chat: Any = None, **more: Any) -> Address:
    """A person asks; where the answer goes."""
    message = stage.simulator.people.say(chat or stage.chat, stage.person, "画一只猫", **more)
    topic = (message.root or message.id) if message.thread else ""
    return Address("feishu", message.chat, topic, message.id)


def spoken(stage: FeishuStage) -> list[str]:
    """The calls about messages; others are made whenever the bot finds the time."""
    return [call.route for call in stage.simulator.world.calls if "/im/" in call.route]


async def prepared(stage: FeishuStage) -> None:
    """Wait until the bot makes no calls of its own any more."""
    await until(lambda: len(stage.simulator.world.commands) == len(commands.load()))


async def test_an_answer_hangs_on_the_message_it_answers(stage: FeishuStage) -> None:
    to = asked(stage)
    await stage.platform.send(to, ACK, "k")
    (answer,) = stage.simulator.said(stage.chat)
    assert (answer.parent, answer.kind, answer.thread) == (to.reply_to, "text", "")


async def test_an_answer_stays_in_its_topic(stage: FeishuStage) -> None:
    group = stage.simulator.world.add_chat("topic")
    to = asked(stage, group, at_bot=True)
    ref = await stage.platform.send(to, SUCCESS, "k")
    answer = stage.simulator.world.messages[ref.id]
    assert answer.thread == stage.simulator.world.messages[to.reply_to].thread != ""


async def test_a_withdrawn_question_is_answered_in_the_chat(stage: FeishuStage) -> None:
    to = asked(stage)
    stage.simulator.people.withdraw(stage.simulator.world.messages[to.reply_to])
    await stage.platform.send(to, SUCCESS, "k")
    (answer,) = stage.simulator.said(stage.chat)
    assert answer.parent == ""


async def test_a_withdrawn_question_in_a_topic_is_answered_in_the_topic(stage: FeishuStage) -> None:
    group = stage.simulator.world.add_chat("topic")
    first = stage.simulator.people.say(group, stage.person, "hello")
    to = asked(stage, group, answer_to=first, at_bot=True)
    stage.simulator.people.withdraw(stage.simulator.world.messages[to.reply_to])
    ref = await stage.platform.send(to, SUCCESS, "k")
    answer = stage.simulator.world.messages[ref.id]
    assert (answer.parent, answer.thread) == (first.id, first.thread)


async def test_where_topics_are_not_taken_the_answer_comes_without_one(stage: FeishuStage) -> None:
    group = stage.simulator.world.add_chat("group")
    to = asked(stage, group, in_topic=True)
    group.has_topics = False
    ref = await stage.platform.send(to, SUCCESS, "k")
    assert stage.simulator.world.messages[ref.id].parent == to.reply_to


async def test_somebody_without_a_chat_is_written_to_by_open_id(stage: FeishuStage) -> None:
    ref = await stage.platform.send(Address("feishu", stage.person.open_id), ACK, "k")
    assert ref.chat == stage.chat.id


async def test_an_answer_lost_after_its_effect_shows_once(stage: FeishuStage) -> None:
    stage.simulator.fail(REPLY, "lost")
    ref = await stage.platform.send(asked(stage), SUCCESS, "k")
    assert [message.id for message in stage.simulator.said(stage.chat)] == [ref.id]


@pytest.mark.parametrize(
    ("code", "status", "kind"), [(230020, 400, Passing), (99991400, 429, Passing), (230002, 400, Gone)]
)
async def test_refusals_come_out_as_the_house_s_errors(
    stage: FeishuStage, code: int, status: int, kind: type[Exception]
) -> None:
    stage.simulator.fail(REPLY, code=code, status=status)
    with pytest.raises(kind):
        await stage.platform.send(asked(stage), ACK, "k")


@pytest.mark.parametrize("code", [230099, 230025, 300301])
async def test_a_refused_card_becomes_text_and_pictures(stage: FeishuStage, code: int) -> None:
    stage.simulator.fail(REPLY, code=code, when=lambda body: body.get("msg_type") == "interactive")
    pictures = tuple(result(stage.media(f"{number}.png")) for number in range(2))
    ref = await stage.platform.send(asked(stage), replace(SUCCESS, media=pictures), "k")
    text, one, two = stage.simulator.said(stage.chat)
    assert text.id == ref.id
    assert "模型：SeeDream 4.5" in text.shown.text
    assert len(one.shown.images) == len(two.shown.images) == 1


@pytest.mark.parametrize("code", [230022, 230028])
async def test_words_that_are_not_let_through_cost_neither_the_pictures_nor_the_answer(
    stage: FeishuStage, code: int
) -> None:
    def telling(body: dict[str, Any]) -> bool:
        return "SeeDream" in body.get("content", "") or "猫" in body.get("content", "")

    stage.simulator.fail(REPLY, code=code, times=5, when=telling)
    to = asked(stage)
    await stage.platform.send(to, ACK, "a")
    await stage.platform.send(to, replace(SUCCESS, media=(result(stage.media("a.png")),)), "k")
    acknowledged, withheld, picture = stage.simulator.said(stage.chat)
    assert acknowledged.shown.text == withheld.shown.text == "（这条消息的文字在这里发不出来）"
    assert len(picture.shown.images) == 1


async def test_progress_whose_card_is_refused_is_left_out(stage: FeishuStage) -> None:
    stage.simulator.fail(REPLY, code=230099)
    with pytest.raises(Unshowable):
        await stage.platform.send(asked(stage), PROGRESS, "k")
    assert not stage.simulator.said(stage.chat)


async def test_progress_that_is_refused_is_dropped_but_its_last_word_is_not(stage: FeishuStage) -> None:
    ref = await stage.platform.send(asked(stage), PROGRESS, "k")
    stage.simulator.fail(PATCH, code=230099, times=2)
    with pytest.raises(Unshowable):
        await stage.platform.edit(ref, replace(PROGRESS, percent=60))
    await stage.platform.edit(ref, SETTLED)
    assert stage.simulator.said(stage.chat)[0].shown.text == SETTLED.headline


async def test_a_withdrawn_card_is_gone(stage: FeishuStage) -> None:
    ref = await stage.platform.send(asked(stage), PROGRESS, "k")
    stage.simulator.world.messages[ref.id].withdrawn = True
    with pytest.raises(Gone):
        await stage.platform.edit(ref, SETTLED)


async def test_a_card_two_weeks_old_is_gone(stage: FeishuStage) -> None:
    ref = await stage.platform.send(asked(stage), PROGRESS, "k")
    await stage.simulator.advance(14 * 86_400 + 60)
    with pytest.raises(Gone):
        await stage.platform.edit(ref, SETTLED)


async def test_a_used_up_month_silences_progress_and_still_tries_the_end(stage: FeishuStage) -> None:
    ref = await stage.platform.send(asked(stage), PROGRESS, "k")
    stage.simulator.rest.limits.quota = 0
    with pytest.raises(Passing) as caught:
        await stage.platform.send(stage.address, SUCCESS, "end")
    assert caught.value.retry_after >= 60
    before = len(spoken(stage))
    await stage.platform.edit(ref, replace(PROGRESS, percent=60))
    with pytest.raises(Unshowable):
        await stage.platform.send(stage.address, PROGRESS, "k2")
    assert len(spoken(stage)) == before
    stage.simulator.rest.limits.quota = None
    await stage.platform.edit(ref, SETTLED)
    await stage.platform.send(stage.address, SUCCESS, "end")
    assert len(stage.simulator.said(stage.chat)) == 2


async def test_a_place_in_the_queue_is_not_worth_the_last_calls_of_a_month(stage: FeishuStage) -> None:
    await prepared(stage)
    queued = Outgoing(
        Kind.START, "zh", "🎨 已经排上队，轮到就开始…", "job-1", (Line("前面还有 2 个", "排队"),)
    )
    started = replace(queued, headline="🎨 开始生成图片，请稍候…", due=1_795_000_000.0)
    ref = await stage.platform.send(asked(stage), queued, "k")
    stage.simulator.rest.limits.quota = 0
    with pytest.raises(Passing):
        await stage.platform.send(stage.address, SUCCESS, "end")
    stage.simulator.rest.limits.quota = 2
    await stage.platform.edit(ref, replace(queued, lines=(Line("下一个就是你", "排队"),)))
    assert stage.simulator.rest.limits.quota == 2
    await stage.platform.edit(ref, started)
    await stage.platform.edit(ref, replace(queued, settled=True))
    assert stage.simulator.rest.limits.quota == 0


# Once, also past the hour in which the platform knows a key ---------------------------------------------


async def lose(stage: FeishuStage, to: Address, key: str, end: Outgoing = SUCCESS) -> None:
    """The end is shown, its answer is lost, the process dies; more than an hour passes."""
    stage.simulator.fail(REPLY, "lost", times=10)
    with pytest.raises(Passing):
        await stage.platform.send(to, end, key)
    stage.simulator.rest.faults.clear()
    await stage.shut()
    await stage.simulator.advance(3700)


async def reopened(stage: FeishuStage) -> None:
    await stage.open()
    await stage.database.commit([("UPDATE feishu_sends SET tried_at = tried_at - 3700", ())])
    for message in stage.simulator.world.messages.values():
        message.created -= 3700


@pytest.mark.parametrize("place", ["p2p", "group", "topic"])
async def test_an_end_lost_an_hour_ago_is_looked_for_before_it_is_sent_again(
    stage: FeishuStage, place: str
) -> None:
    chat = stage.chat if place == "p2p" else stage.simulator.world.add_chat(place)  # type: ignore[arg-type]  # a kind
    stage.simulator.world.scopes.add("im:message.group_msg")
    opening = stage.simulator.people.say(chat, stage.person, "hello")
    to = asked(stage, chat, answer_to=opening if place == "topic" else None)
    stage.simulator.world.scopes -= {"im:message.p2p_msg:readonly"}  # the bot need not hear all that
    for number in range(60 if place == "p2p" else 3):
        stage.simulator.people.say(chat, stage.person, f"talk {number}", answer_to=opening)
    await lose(stage, to, "end")
    await reopened(stage)
    ref = await stage.platform.send(to, SUCCESS, "end")
    assert [message.id for message in stage.simulator.said(chat)] == [ref.id]
    calls = len(spoken(stage))
    assert await stage.platform.send(to, SUCCESS, "end") == ref
    assert len(spoken(stage)) == calls


class Ahead(SystemClock):
    """A clock that is half an hour ahead of everybody's."""

    def now(self) -> float:
        return super().now() + 1800


async def test_a_lost_end_is_found_also_where_the_clock_is_wrong(stage: FeishuStage) -> None:
    await stage.shut()
    stage.clock = Ahead()
    await stage.open()
    to = asked(stage)
    await lose(stage, to, "end")
    await reopened(stage)
    await stage.platform.send(to, SUCCESS, "end")
    assert len(stage.simulator.said(stage.chat)) == 1


async def test_of_two_ends_in_one_topic_each_is_found_or_sent_by_itself(stage: FeishuStage) -> None:
    stage.simulator.world.scopes.add("im:message.group_msg")
    chat = stage.simulator.world.add_chat("topic")
    opening = stage.simulator.people.say(chat, stage.person, "hello")
    first, second = asked(stage, chat, answer_to=opening), asked(stage, chat, answer_to=opening)
    again = Action(Press.AGAIN, "再来一张", "job-1", "on_ada", "zh")
    other = replace(SUCCESS, job="job-2", actions=(replace(again, job="job-2"),))
    await lose(stage, second, "end-2", other)
    await reopened(stage)
    await stage.database.commit([("INSERT INTO feishu_sends (key, tried_at) VALUES ('end-1', 1000)", ())])
    await stage.platform.send(first, replace(SUCCESS, actions=(again,)), "end-1")
    await stage.platform.send(second, other, "end-2")
    jobs = [message.shown.buttons[0].value["job"] for message in stage.simulator.said(chat)]
    assert sorted(jobs) == ["job-1", "job-2"]


async def test_an_end_that_never_arrived_is_sent_after_the_look(stage: FeishuStage) -> None:
    to, other = asked(stage), asked(stage)
    await lose(stage, to, "end")
    stage.simulator.said(stage.chat)[0].parent = other.reply_to
    await reopened(stage)
    await stage.platform.send(to, SUCCESS, "end")
    assert len(stage.simulator.said(stage.chat)) == 2


async def test_where_nobody_may_look_the_end_is_sent_and_says_that_it_may_be_the_second(
    stage: FeishuStage,
) -> None:
    group = stage.simulator.world.add_chat("group")
    to = asked(stage, group)
    await lose(stage, to, "end")
    await reopened(stage)
    await stage.platform.send(to, SUCCESS, "end")
    first, second = stage.simulator.said(group)
    assert "可能已经看过" not in first.shown.text
    assert "可能已经看过" in second.shown.text


async def test_an_end_is_not_sent_while_looking_for_it_is_too_much(stage: FeishuStage) -> None:
    to = asked(stage)
    await lose(stage, to, "end")
    await reopened(stage)
    stage.simulator.fail("GET /open-apis/im/v1/messages", code=230020)
    with pytest.raises(Passing):
        await stage.platform.send(to, SUCCESS, "end")
    assert await stage.platform.send(to, SUCCESS, "end")
    assert len(stage.simulator.said(stage.chat)) == 1


async def test_an_end_that_was_refused_in_words_was_never_shown_and_nobody_doubts_it(
    stage: FeishuStage,
) -> None:
    group = stage.simulator.world.add_chat("group")
    to = asked(stage, group)
    stage.simulator.fail(REPLY, code=99991403, status=429)
    with pytest.raises(Passing):
        await stage.platform.send(to, SUCCESS, "end")
    await stage.shut()
    await reopened(stage)
    await stage.platform.send(to, SUCCESS, "end")
    (end,) = stage.simulator.said(group)
    assert "可能已经看过" not in end.shown.text


async def test_an_end_that_was_shown_is_known_after_any_time(stage: FeishuStage) -> None:
    to = asked(stage)
    ref = await stage.platform.send(to, SUCCESS, "end")
    await stage.restart()
    await stage.simulator.advance(7 * 3600)
    calls = len(spoken(stage))
    assert await stage.platform.send(to, SUCCESS, "end") == ref
    await stage.platform.prune(4_000_000_000.0)
    assert len(spoken(stage)) == calls
    assert await stage.database.rows("SELECT key FROM feishu_sends") == []


# Pictures -----------------------------------------------------------------------------------------------


async def test_a_picture_above_ten_megabytes_is_made_to_fit(stage: FeishuStage) -> None:
    path = stage.media("large.png")
    result(path)
    with path.open("ab") as file:
        file.write(bytes(10_000_001))
    large = Media(path, "image/png", path.stat().st_size, 64, 48)
    await stage.platform.send(stage.address, replace(SUCCESS, media=(large,)), "k")
    (message,) = stage.simulator.said(stage.chat)
    assert 0 < len(stage.simulator.world.images[message.shown.images[0]]) < 10_000_000
    assert not stage.simulator.violations


@pytest.mark.parametrize("code", [234001, 234006, 234010, 234011, 234039])
async def test_a_picture_that_is_refused_is_sent_as_a_file(stage: FeishuStage, code: int) -> None:
    stage.simulator.fail(UPLOAD, code=code)
    await stage.platform.send(stage.address, replace(SUCCESS, media=(result(stage.media("a.png")),)), "k")
    card, file = stage.simulator.said(stage.chat)
    assert card.kind == "interactive"
    assert stage.simulator.world.files[file.shown.files[0]][0] == "a.png"


async def test_a_film_is_sent_as_a_film(stage: FeishuStage) -> None:
    path = stage.media("film.mp4")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    film = Media(path, "video/mp4", path.stat().st_size)
    await stage.platform.send(stage.address, replace(SUCCESS, media=(film,)), "k")
    assert [message.kind for message in stage.simulator.said(stage.chat)] == ["interactive", "media"]


async def test_a_second_try_does_not_upload_again(stage: FeishuStage) -> None:
    success = replace(SUCCESS, media=(result(stage.media("a.png")),))
    stage.simulator.fail(SEND, code=230020)
    with pytest.raises(Passing):
        await stage.platform.send(stage.address, success, "k")
    await stage.platform.send(stage.address, success, "k")
    assert sum(call.route == UPLOAD for call in stage.simulator.world.calls) == 1


async def test_a_picture_without_end_is_not_read_to_its_end(stage: FeishuStage) -> None:
    await stage.say("this", picture=bytes(30_000_001))
    (attachment,) = stage.listener.messages[0].attachments
    with pytest.raises(Exception, match="input_too_large"):
        await stage.platform.fetch(attachment)


async def test_a_token_that_ended_does_not_stop_a_download(stage: FeishuStage) -> None:
    await stage.say("this", picture=png())
    (attachment,) = stage.listener.messages[0].attachments
    stage.simulator.rest.revoke()
    assert (await stage.platform.fetch(attachment)).type == "image/png"
    assert (await stage.platform.fetch(attachment)).type == "image/png"
    downloads = [call for call in stage.simulator.world.calls if "resources" in call.route and not call.code]
    assert len(downloads) == 1


async def test_the_rules_are_kept_all_along(tmp_path: Path) -> None:
    async with feishu.stage(tmp_path) as stage:
        to = asked(stage)
        for message, key in ((ACK, "a"), (PROGRESS, "p"), (SUCCESS, "s")):
            ref = await stage.platform.send(to, message, key)
        await stage.platform.edit(MessageRef("feishu", ref.chat, ref.id), replace(SUCCESS, headline="✓"))
        assert not stage.simulator.violations
        assert json.loads(stage.simulator.said(stage.chat)[-1].content)["schema"] == "2.0"
