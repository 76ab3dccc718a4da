"""What is to be drawn and what is said about it do not get in each other's way: any content in any frame."""

from typing import Any

import pytest

from bot.language import understand

PLAIN: dict[str, Any] = {
    "intent": "generate",
    "task": "text_to_image",
    "model": None,
    "budget": None,
    "ratio": None,
    "size": None,
    "count": None,
    "duration": None,
    "preference": "none",
    "unsupported": None,
}
CHINESE: dict[str, dict[str, Any]] = {
    "画{}": {},
    "{}": {},
    "你能给我画{}吗": {},
    "麻烦生成{}，谢谢": {},
    "再画一个{}": {},
    "画{}，不要文字": {},
    "我们店要开业了，帮忙设计一张海报，{}": {},
    "{}，16:9": {"ratio": "16:9"},
    "7:3 {}": {"unsupported": "ratio"},
    "{}，4K": {"size": "4K"},
    "来三张{}": {"count": 3},
    "只要一张，{}": {"count": 1},
    "手机壁纸，{}": {"ratio": "9:16"},
    "MJ {}": {"model": "midjourney"},
    "画{}，用可梦": {"model": "doubao-seedream-4.5", "preference": "save"},
    "这次用可梦，{}": {"model": "doubao-seedream-4.5"},
    "用最好的模型画{}": {"budget": "best", "preference": "clear"},
    "{}的视频，5秒": {"task": "text_to_video", "duration": 5},
}
ENGLISH: dict[str, dict[str, Any]] = {
    "draw {}": {},
    "{}": {},
    "can you paint {} for me please": {},
    "how about {}": {},
    "{}, no text": {},
    "we need a poster for our shop: {}": {},
    "3:2 {}": {"ratio": "3:2"},
    "{} in 8k": {"unsupported": "8k"},
    "2K, {}": {"size": "2K"},
    "three images of {}": {"count": 3},
    "square image of {}": {"ratio": "1:1"},
    "MJ: {}": {"model": "midjourney"},
    "use midjourney to draw {}": {"model": "midjourney", "preference": "save"},
    "{} with nano banana pro": {"model": "gemini-3-pro-image", "preference": "save"},
    "try seedream: {}": {"model": "doubao-seedream-4.5"},
    "cheapest option: {}": {"budget": "cheapest"},
    "best quality, {}": {"budget": "best", "preference": "clear"},
    "{}, video, 5s": {"task": "text_to_video", "duration": 5},
}
THINGS = (
    "在屋顶晒被子的老人", "图书馆里睡着的保安", "卡通风格的消防车", "书桌上的地球仪", "试卷上的红叉",
    "猫咪议会开会", "会计师和律师在打乒乓球", "打瞌睡的图书管理员", "龙舟比赛", "进度落后的乌龟",
    "换季时的衣柜", "不会游泳的美人鱼", "怎么也睡不着的羊", "什么都没有的房间", "推荐信被风吹走",
    "停在电线上的麻雀", "帮助老人过马路的少年", "停不下来的陀螺",
)  # fmt: skip
WORDS = (
    "a librarian who is also a pirate", "a mermaid who can't swim", "people who forgot their umbrellas",
    "city traffic made of turtles", "ghosts waiting at a bus stop", "a minimalist mountain logo",
    "my neighbor's tomato garden", "no one at the carnival", "the stop sign at the end of the world",
    "a penguin at a help desk", "a model train set", "a forgotten password on a sticky note",
)  # fmt: skip


@pytest.mark.parametrize("content", THINGS)
def test_a_thing_may_be_drawn_in_any_frame(content: str) -> None:
    _hold(content, CHINESE)


@pytest.mark.parametrize("content", WORDS)
def test_a_thing_in_english_may_be_drawn_in_any_frame(content: str) -> None:
    _hold(content, ENGLISH)


def _hold(content: str, frames: dict[str, dict[str, Any]]) -> None:
    wrong = []
    for frame, said in frames.items():
        intent = understand(frame.format(content))
        right = all(getattr(intent, name) == value for name, value in {**PLAIN, **said}.items())
        # Articles are not judged.
        if not right or content.removeprefix("a ").removeprefix("the ") not in intent.prompt:
            wrong.append((frame, intent))
    assert not wrong
