"""The model that is kept (conventions §1, §6), by structure: no list holds all that people say round it."""

import pytest

from bot.language import understand


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("以后画图都用可梦吧，便宜", "doubao-seedream-4.5"),
        ("以后没特别说的话就用香蕉", "gemini-3.1-flash-image"),
        ("老板说了以后统一用MJ！！", "midjourney"),
        ("公司规定只能用即梦4.0", "jimeng-4.0"),
        ("往后出图一律MJ哈", "midjourney"),
        ("默认的那个改成小香蕉可以吗", "gemini-3.1-flash-image"),
        ("还是可梦好用，换回可梦", "doubao-seedream-4.5"),
        ("always go with midjourney unless i say otherwise", "midjourney"),
        ("hey can you make seedream my default model?", "doubao-seedream-4.5"),
        ("default: midjourney", "midjourney"),
        ("后面画图就都用可梦好了", "doubao-seedream-4.5"),
        ("帮我锁定香蕉Pro这个模型", "gemini-3-pro-image"),
        ("nano banana from here on out", "gemini-3.1-flash-image"),
        ("我们组统一用香蕉Pro哈", "gemini-3-pro-image"),
        ("还是习惯MJ，切回来吧", "midjourney"),
        ("喜欢即梦4.5的画风，以后都用它吧", "jimeng-4.5"),
        ("i want midjourney to be my default", "midjourney"),
        ("for all future pics use jimeng 4.0", "jimeng-4.0"),
        ("i've decided: midjourney, always", "midjourney"),
        ("还是MJ更合我胃口，默认用它", "midjourney"),
        ("MJ is great, always use it", "midjourney"),
        ("下次开始都用豆包可梦", "doubao-seedream-4.5"),
        ("模型固定成可梦，别换来换去了", "doubao-seedream-4.5"),
        ("我的御用模型就是香蕉Pro，记一下", "gemini-3-pro-image"),
        ("my preferred model is banana pro", "gemini-3-pro-image"),
        ("change my model to midjourney plz", "midjourney"),
    ],
)
def test_a_wish_for_every_picture_is_kept_whatever_is_said_round_it(text: str, model: str) -> None:
    intent = understand(text)
    assert (intent.intent, intent.model, intent.preference) == ("set_preference", model, "save")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("MJ一直很慢", "chat"),
        ("我默认是不是MJ啊", "show_preference"),
        ("现在默认用的是香蕉还是MJ", "show_preference"),
        ("把默认的MJ去掉", "clear_preference"),
        ("不用默认香蕉了", "clear_preference"),
        ("a preferred customer card from MJ records", "generate"),
        ("这次默认用MJ画一只猫", "generate"),
    ],
)
def test_a_word_of_habit_alone_keeps_no_model(text: str, intent: str) -> None:
    assert understand(text).intent == intent


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("以后都用MJ，赛博朋克城市夜景", "赛博朋克城市夜景"),
        ("以后用MJ给我画猫", "猫"),
        ("always use seedream, a tea house", "a tea house"),
    ],
)
def test_a_wish_for_every_picture_may_come_with_one(text: str, prompt: str) -> None:
    intent = understand(text)
    assert (intent.intent, intent.preference, intent.prompt) == ("generate", "save", prompt)


@pytest.mark.parametrize(
    "text",
    [
        "忘掉我喜欢MJ这件事",
        "不用固定香蕉了，自动就好",
        "之前设的偏好全清了吧",
        "i dont want a default anymore",
        "wipe my default model thingy",
    ],
)
def test_a_preference_is_forgotten_though_a_word_or_two_is_unknown(text: str) -> None:
    assert understand(text).intent == "clear_preference"


@pytest.mark.parametrize(
    "text",
    [
        "随便哪个模型都行",
        "换一个模型看看效果",
        "你觉得哪个好就用哪个",
        "whatever model you think fits",
        "try a different model maybe?",
        "surprise me with the model",
        "just pick one for me",
        "let the bot pick from now on",
        "你帮我决定用啥",
        "智能选吧，我不懂这些",
        "recommend me something",
        "试试不一样的",
        "whichever fits best",
        "whichever is fine",
        "give me whatever you recommend",
        "你说用哪个就用哪个",
        "让系统自己选吧",
        "select the best model automatically",
    ],
)
def test_any_model_but_the_kept_one_gives_the_choice_back(text: str) -> None:
    assert understand(text).intent == "clear_preference"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("有没有别的模型可以选", "list_models"),
        ("换个模型再试一次", "again"),
        ("大香蕉：古镇清晨", "generate"),
        ("用别的模型画一只猫", "generate"),
        ("随便，海边日落", "generate"),
        ("三张给我选，画一只蚂蚁", "generate"),
        ("推荐一部电影吧", "chat"),
        ("你最喜欢哪个模型", "chat"),
        ("try a different font", "generate"),
    ],
)
def test_what_only_looks_like_giving_the_choice_back_is_none(text: str, intent: str) -> None:
    assert understand(text).intent == intent


@pytest.mark.parametrize(
    "text",
    [
        "what model do you have saved for me",
        "am i still on banana pro?",
        "do i have a preferred model set",
        "remind me what model im using",
        "did i ever set a default",
        "is seedream my default",
        "我默认的是可梦吧？",
        "do you know which model i like",
        "是不是一直在用香蕉给我画",
        "你还记得我喜欢用哪个模型吗",
        "你帮我记的模型是哪个",
    ],
)
def test_a_question_about_my_model_and_its_state_shows_it(text: str) -> None:
    assert understand(text).intent == "show_preference"


@pytest.mark.parametrize("text", ["你用的是MJ吗", "how do i use MJ", "do you use MJ"])
def test_a_question_about_a_model_keeps_none(text: str) -> None:
    assert understand(text).intent in {"chat", "help"}


def test_advice_on_models_is_not_what_is_kept() -> None:
    assert understand("我该固定用哪个模型好呢").intent == "chat"
