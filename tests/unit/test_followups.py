"""What people mean by "it", "again", "another model" and by a name, where it could be another thing."""

import asyncio
from dataclasses import replace

import pytest

from bot.engine.context import mentioned
from bot.engine.shades import shade
from bot.errors import GenerationFailed, Reason
from bot.job import Job
from bot.message import Kind
from tests.fakes import FakeBackend, Stage, opened, parts, virtual
from tests.fakes.backend import MODELS, offers_of


async def says(stage: Stage, *texts: str) -> Job:
    """Somebody says this, one after the other; the last job."""
    for text in texts:
        await stage.platform.say(text)
        await stage.settled()
        await asyncio.sleep(1)
    return (await stage.jobs())[-1]


def answer(stage: Stage) -> str:
    return stage.platform.last(Kind.TEXT).text


@virtual
async def test_whatever_figures_are_asked_for_nobody_is_told_of_trouble() -> None:
    figures = (
        "3000x100",
        "1000x777",
        "1x1",
        "99999x99999",
        "2:1",
        "0:0",
        "16:9:4",
        "8K",
        "16K",
        "99 张",
        "1.85:1",
    )
    async with opened(parts()) as stage:
        for n, figure in enumerate(figures):
            for text in (f"画一只猫，{figure}", f"draw a cat, {figure}", f"用 MJ 试试画一只猫 {figure}"):
                await stage.platform.say(text, who=f"person-{n}-{len(text)}")
        await stage.settled()
        told = "\n".join(entry.message.text for entry in stage.platform.sent())
        assert "出了点问题" not in told
        assert "went wrong on my side" not in told


# It ----------------------------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize("what_went_wrong", ["failed", "cancelled"])
async def test_it_is_the_last_picture_that_there_is(what_went_wrong: str) -> None:
    async with opened(parts()) as stage:
        cat = await says(stage, "画一只猫")
        if what_went_wrong == "failed":
            stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
            await says(stage, "画一只狗")
        else:
            await stage.platform.say("画一只狗")
            await says(stage, "取消")
        oil = await says(stage, "把它变成油画")
        assert oil.request.inputs == cat.results


@virtual
async def test_it_is_what_a_failed_change_was_to_be_made_of() -> None:
    async with opened(parts()) as stage:
        await says(stage, "画一只狗")
        cat = await says(stage, "画一只猫")
        dog = (await stage.jobs())[0]
        ref = stage.platform.sent(dog.id, Kind.SUCCESS)[0].ref
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.deliver(replace(stage.platform.incoming("变成油画"), reply_to=ref))
        await stage.settled()
        again = await says(stage, "把它变成水彩画")
        assert again.request.inputs == dog.results != cat.results


@virtual
async def test_it_is_not_there_while_it_is_being_drawn() -> None:
    async with opened(parts()) as stage:
        await says(stage, "画一只猫")
        await stage.platform.say("画一只狗")
        await asyncio.sleep(3)
        await stage.platform.say("把它变成油画")
        await asyncio.sleep(1)
        assert "还在画" in answer(stage)
        start = stage.platform.sent(kind=Kind.START)[-1].ref
        await stage.platform.deliver(replace(stage.platform.incoming("变成油画"), reply_to=start))
        await asyncio.sleep(1)
        assert "还在画" in answer(stage)
        assert len(stage.backend.asked) == 2


@virtual
async def test_the_second_of_one_picture_is_asked_about() -> None:
    async with opened(parts()) as stage:
        await says(stage, "draw a cat", "make the second one a wallpaper")
        assert "only one picture" in answer(stage)
        assert len(stage.backend.asked) == 1


@virtual
async def test_a_series_begins_where_there_is_nothing_to_go_on_from() -> None:
    async with opened(parts()) as stage:
        first = await says(stage, "一个系列的十二生肖海报")
        assert (first.request.task, first.request.inputs) == ("text_to_image", ())
        second = await says(stage, "同一个系列，画春节")
        assert second.request.inputs == first.results


# Again -------------------------------------------------------------------------------------------------


@virtual
async def test_again_with_the_cheapest_leaves_the_model_open() -> None:
    async with opened(parts()) as stage:
        job = await says(stage, "用 MJ 试试画一只猫", "再来一张，用最便宜的")
        assert (job.model, job.request.prompt) == ("gemini-3.1-flash-image", "一只猫")


@virtual
async def test_again_while_the_last_one_is_drawn_is_one_more() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("画一只猫")
        await asyncio.sleep(3)
        await says(stage, "再来一张")
        assert [job.request.prompt for job in await stage.jobs()] == ["一只猫", "一只猫"]


@virtual
async def test_yes_with_a_setting_tries_again_with_that_setting() -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        job = await says(stage, "画一只猫", "好，16:9")
        assert (job.request.ratio, job.model) == ("16:9", "gemini-3.1-flash-image")


@virtual
async def test_yes_with_the_cheapest_tries_again_with_the_cheapest() -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        job = await says(stage, "用 MJ 试试画一只猫", "用最便宜的")
        assert job.request.size == "512px"


@virtual
async def test_retry_after_a_picture_that_came_out_is_the_same_once_more() -> None:
    async with opened(parts()) as stage:
        job = await says(stage, "用 MJ 试试画一只猫", "/retry")
        assert (job.model, job.request.prompt) == ("midjourney", "一只猫")
        assert "再来一次" in stage.platform.last(Kind.ACK).text


# Another model -----------------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize(
    ("text", "question"),
    [("换个模型", "换哪个模型再画一次？"), ("another model", "Which model shall draw it again?")],
)
async def test_another_model_after_a_picture_shows_the_others_with_their_prices(
    text: str, question: str
) -> None:
    async with opened(parts()) as stage:
        cat = await says(stage, "画一只猫")
        await says(stage, text)
        asked = stage.platform.last(Kind.TEXT)
        assert asked.headline == question
        assert [action.value for action in asked.actions] == [
            "gemini-3.1-flash-image@6points",
            "midjourney@8points",
        ]
        drawn = await says(stage, "用 MJ")
        assert (drawn.model, drawn.request.prompt) == ("midjourney", cat.request.prompt)


@virtual
async def test_another_model_while_the_last_one_is_drawn_has_to_wait() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("画一只猫")
        await asyncio.sleep(3)
        await stage.platform.say("换个模型")
        await asyncio.sleep(1)
        assert answer(stage) == "上一张还在画，等它好了再换模型吧"
        assert len(stage.backend.asked) == 1


@virtual
async def test_another_model_without_a_picture_gives_the_choice_back() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("以后都用 MJ")
        await stage.platform.say("换个模型")
        await stage.settled()
        assert answer(stage) == "✅ 好的，以后由我来挑最合适的模型"
        await says(stage, "画一只猫")
        await asyncio.sleep(700)
        await says(stage, "another model")
        assert "no fixed model" in answer(stage)


@virtual
async def test_another_model_says_that_the_fixed_one_is_given_up() -> None:
    async with opened(parts()) as stage:
        await says(stage, "以后都用 MJ", "画一只猫", "换个模型")
        assert "以后由我来挑最合适的模型" in answer(stage)


@virtual
@pytest.mark.parametrize(
    ("text", "model"),
    [("用最好的再来一张", "gemini-3-pro-image"), ("再来一张，你来选模型", "doubao-seedream-4.5")],
)
async def test_one_more_and_you_choose_is_one_more(text: str, model: str) -> None:
    backend = FakeBackend()
    backend.offered = offers_of(*MODELS, "gemini-3-pro-image")
    async with opened(parts(backends=(backend,))) as stage:
        job = await says(stage, "用 MJ 画一只猫", text)
        assert (job.model, job.request.prompt) == (model, "一只猫")
        assert "以后由我来挑" in stage.platform.last(Kind.START).text


@virtual
@pytest.mark.parametrize("text", ["画一只狗，你来选模型", "draw a dog, you choose the model"])
async def test_who_leaves_the_model_to_us_is_not_held_to_the_old_one(text: str) -> None:
    async with opened(parts()) as stage:
        job = await says(stage, "用 MJ 画一只猫", text)
        assert job.model == "doubao-seedream-4.5"


@virtual
@pytest.mark.parametrize("text", ["换个模型再来一张", "用别的模型再画一次"])
async def test_once_more_with_another_model_is_a_question_which(text: str) -> None:
    async with opened(parts()) as stage:
        await says(stage, "画一只猫", text)
        assert "换哪个模型" in answer(stage)
        assert len(stage.backend.book) == 1


@virtual
async def test_another_model_is_a_yes_to_a_failure_and_never_the_same_one() -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.PRICE_ROSE))
        job = await says(stage, "画一只猫", "换个模型")
        assert job.model == "gemini-3.1-flash-image"
        job = await says(stage, "用香蕉画一只猫，8K，这一次", "换个模型")
        assert job.model == "doubao-seedream-4.5"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("换个模型", "another"),
        ("another model, please", "another"),
        ("换个模型再来一张", "another"),
        ("用最好的再来一张", "one more"),
        ("one more, you choose", "one more"),
        ("你来选", ""),
        ("清除我的偏好", ""),
        ("use the default model", ""),
    ],
)
def test_who_gives_the_choice_back_may_want_another_or_one_more(text: str, meant: str) -> None:
    assert shade(text) == meant


# Names -------------------------------------------------------------------------------------------------


@virtual
async def test_a_name_means_the_picture_in_which_it_was_given_however_many_scenes_came_after() -> None:
    async with opened(parts()) as stage:
        dog = await says(stage, "画一只小狗，叫旺财")
        for text in ("旺财在游泳", "旺财在睡觉"):
            assert (await says(stage, text)).request.inputs == dog.results


@virtual
async def test_a_name_given_twice_means_the_newest() -> None:
    async with opened(parts()) as stage:
        await says(stage, "draw a dog named Max")
        cat = await says(stage, "draw a cat named Max")
        assert (await says(stage, "Max is swimming")).request.inputs == cat.results


@virtual
async def test_a_change_by_name_is_made_to_that_picture_and_is_the_new_look() -> None:
    async with opened(parts()) as stage:
        dog = await says(stage, "画一只小狗，叫旺财")
        await says(stage, "画一座雪山")
        blue = await says(stage, "把旺财变成蓝色")
        assert blue.request.inputs == dog.results
        assert (await says(stage, "旺财在游泳")).request.inputs == blue.results


@virtual
async def test_a_scene_with_a_name_stays_with_who_is_good_at_pictures_that_are_there() -> None:
    backend = FakeBackend()
    backend.offered = offers_of(*MODELS, "gemini-3-pro-image")
    async with opened(parts(backends=(backend,))) as stage:
        logo = await says(stage, "画一只小狗，叫旺财", "旺财的 logo")
        assert (logo.request.task, logo.model) == ("image_to_image", "doubao-seedream-4.5")


@virtual
async def test_a_name_is_its_givers_alone() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("画一只小狗，叫旺财", who="ann", chat="room")
        await stage.settled()
        await stage.platform.say("旺财在游泳", who="bob", chat="room")
        await stage.settled()
        assert (await stage.jobs())[-1].request.task == "text_to_image"


@pytest.mark.parametrize(
    ("words", "name", "meant"),
    [
        ("旺财在游泳", "旺财", True),
        ("雪地里的旺财", "旺财", True),
        ("小白兔在吃草", "小白", False),
        ("小白在吃草", "小白", True),
        ("大黄蜂变形", "大黄", False),
        ("max is swimming", "max", True),
        ("a maximum of colour", "max", False),
        ("max在游泳", "max", True),
        ("雪地里的max", "max", True),
        ("mr. whiskers on a boat", "mr. whiskers", True),
    ],
)
def test_a_name_is_not_part_of_a_longer_word(words: str, name: str, meant: bool) -> None:
    assert mentioned(words, [name]) == ([name] if meant else [])


def test_names_come_in_their_order_and_the_longer_one_wins() -> None:
    assert mentioned("小花和旺财在玩", ["旺财", "小花", "小"]) == ["小花", "旺财"]
    assert mentioned("小小白在玩", ["小白", "小小白"]) == ["小小白"]


@virtual
async def test_two_names_bring_both_their_pictures() -> None:
    async with opened(parts()) as stage:
        dog = await says(stage, "画一只小狗，叫旺财")
        cat = await says(stage, "画一只小猫，叫小花")
        both = await says(stage, "小花和旺财一起在海边玩")
        assert both.request.inputs == (*cat.results, *dog.results)
        assert "照着小花和旺财的样子" in stage.platform.last(Kind.ACK).text
        alone = await says(stage, "旺财在游泳")
        assert alone.request.inputs == dog.results
