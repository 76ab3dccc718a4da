"""What a prompt names, as far as the demo backend can draw it. Chinese and English words side by side."""

import re
from dataclasses import dataclass

#: What stands in front, by name. The first that a prompt names is drawn.
SUBJECTS: dict[str, str] = {
    "cat": "猫 喵 kitten kitty cat",
    "fox": "狐 fox",
    "dragon": "龙 dragon",
    "rabbit": "兔 bunny rabbit hare",
    "panda": "熊猫 panda",
    "bear": "熊 bear teddy",
    "dog": "狗 犬 柴犬 修勾 汪 puppy dog corgi shiba husky",
    "pig": "猪 pig piglet",
    "tiger": "老虎 虎 tiger",
    "mouse": "鼠 mouse hamster",
    "owl": "猫头鹰 owl",
    "bird": "鸟 雀 燕 鹤 bird sparrow crane swallow robin",
    "fish": "鱼 金鱼 鲸 fish koi whale goldfish",
    "lighthouse": "灯塔 lighthouse",
    "boat": "船 舟 帆 boat ship sail yacht",
    "house": "屋 房子 小屋 家 木屋 house cabin cottage hut home barn",
    "temple": "塔 寺 庙 亭 古镇 宫 pagoda temple shrine pavilion castle 城堡",
    "flower": "花 梅 莲 荷 樱 玫瑰 牡丹 向日葵 flower blossom rose lotus sakura sunflower tulip",
    "tree": "树 松 柳 银杏 tree pine willow maple oak",
    "cup": "茶 咖啡 杯 tea teacup coffee cup mug latte",
    "bowl": "拉面 面条 米饭 火锅 美食 汤 饺子 一碗 ramen noodle noodles soup rice food meal dinner bowl pho",
    "cake": "蛋糕 甜点 cake dessert birthday cupcake",
    "rocket": "火箭 飞船 宇航 太空 rocket spaceship astronaut space",
    "lantern": "灯笼 灯 lantern lamp",
    "balloon": "气球 balloon",
    "umbrella": "伞 umbrella",
    "robot": "机器人 robot android",
    "portrait": "肖像 头像 人像 自拍 portrait avatar headshot selfie",
    "person": "人 女孩 男孩 少女 老人 孩子 仙 侠 公主 girl boy woman man person child princess lady",
}
#: What lies behind it.
LANDS: dict[str, str] = {
    "city": "城市 夜市 街 楼 都市 霓虹 赛博 city street skyline cyberpunk town tokyo neon",
    "sea": "海 浪 沙滩 岛 洋 湖 江 河 水 sea ocean wave beach island lake river bay water",
    "mountain": "山 峰 岭 水墨 国画 mountain peak ink alps hill valley 峡谷",
    "bamboo": "竹 bamboo",
    "forest": "森林 林 丛林 forest wood jungle woods",
    "field": "草原 田 花海 麦 草地 野 meadow field prairie grass garden 花园 farm",
    "desert": "沙漠 骆驼 desert dune sahara",
    "logo": "标志 徽标 商标 图标 logo icon emblem badge",
    "abstract": "抽象 几何 心情 情绪 孤独 思念 abstract geometric mood dream longing",
    "space": "太空 宇宙 星系 银河 行星 space galaxy universe planet nebula",
}
#: In which light, and what falls from the sky.
MOODS: dict[str, str] = {
    "night": "夜 晚上 星空 月 午夜 night moon midnight starry stars 星",
    "sunset": "夕阳 黄昏 日落 晚霞 sunset dusk evening 傍晚 golden",
    "dawn": "日出 清晨 朝阳 早晨 sunrise dawn morning",
    "snow": "雪 冬 冰 snow winter ice frozen 圣诞 christmas",
    "autumn": "秋 枫 落叶 autumn fall maple",
    "spring": "春 樱 桃花 spring sakura cherry",
    "rain": "雨 rain rainy storm 雷",
    "fog": "雾 烟雨 朦胧 水墨 国画 山水 fog mist misty ink",
    "cyber": "赛博 霓虹 科幻 cyberpunk neon futuristic sci-fi",
}
#: Ways of painting, for pictures that are sent.
STYLES: dict[str, str] = {
    "ink": "水墨 国画 墨 ink sumi",
    "oil": "油画 梵高 oil gogh impasto",
    "sketch": "素描 线稿 铅笔 sketch pencil line drawing",
    "watercolor": "水彩 watercolor watercolour aquarelle",
    "mono": "黑白 black white monochrome grayscale",
    "pixel": "像素 pixel 8-bit",
    "cyber": "赛博 霓虹 cyberpunk neon",
    "poster": "海报 波普 漫画 动漫 卡通 poster comic anime cartoon pop",
    "night": "夜 晚上 night",
    "snow": "雪 冬 snow winter",
    "warm": "秋 黄昏 夕阳 暖 复古 autumn sunset warm vintage golden",
}
_WIDE = frozenset({"city", "sea", "mountain", "field", "desert"})


@dataclass(frozen=True, slots=True)
class Motifs:
    """What there is to draw; empty where the prompt names nothing that we can."""

    subjects: tuple[str, ...] = ()
    lands: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether it is a view rather than a portrait."""
        return not self.subjects or bool(_WIDE & set(self.lands))


def motifs(prompt: str, negative: str = "") -> Motifs:
    """What the prompt names, without what it does not want."""
    text, unwanted = prompt.lower(), negative.lower()

    def found(table: dict[str, str]) -> tuple[str, ...]:
        places = {name: _place(words, text) for name, words in table.items() if _place(words, unwanted) < 0}
        return tuple(sorted((name for name, place in places.items() if place >= 0), key=places.__getitem__))

    return Motifs(_without_parts(found(SUBJECTS)), found(LANDS), found(MOODS), found(STYLES))


def _place(words: str, text: str) -> int:
    """Where the first of the words stands, -1 for nowhere; a Latin word only as a whole, or in the plural."""
    places = []
    for word in words.split():
        if word.isascii():
            match = re.search(rf"(?<![a-z]){re.escape(word)}(?:e?s)?(?![a-z])", text)
            places.append(match.start() if match else -1)
        else:
            places.append(text.find(word))
    return min((place for place in places if place >= 0), default=-1)


def _without_parts(names: tuple[str, ...]) -> tuple[str, ...]:
    """熊猫 is neither 熊 nor 猫, 猫头鹰 no 猫, a 机器人 no 人."""
    hidden = {
        "panda": {"cat", "bear"},
        "owl": {"cat", "bird"},
        "robot": {"person"},
        "dragon": {"lantern"},
        "portrait": {"person"},
        "lighthouse": {"lantern", "temple", "house"},
    }
    gone = set().union(*(hidden.get(name, set()) for name in names)) if names else set()
    return tuple(name for name in names if name not in gone)
