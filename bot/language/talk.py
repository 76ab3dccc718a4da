"""Talk that is no request: greetings, thanks, remarks, questions, secrets, other work (conventions §1)."""

import re
from collections.abc import Callable

from bot.language import signs
from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, LEAD, MIDDLE, QUIET, Sheet

#: Above this length a text is a description, never small talk made of known words.
SHORT = 120

_EDGES = f"{CUT} \t\n,.!:。~…"
_STRETCHED = re.compile(r"([^\W\d_]{1,2}?)\1{2,}")
_CLAUSES = re.compile(r"[,;!?。、…~\n\x00]+|[.:](?!\d)|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_SENTENCES = re.compile(r"[,;!?。、…~\n]+|[.:](?!\d)")
#: 水彩怎么调色: how a thing is done, asked in the middle.
_HOW = re.compile(
    r"(?:[^\s,;!?。的]{1,8}(?:怎么|怎样|如何|咋)(?!样)|[^\s,;!?。]{1,12}(?:怎么|怎样|如何|咋)[画调拍配])[^,;!。的]{1,8}"
)
#: 素描要怎么画才像, also of what sounds like a wish.
_MANNER = re.compile(
    r"(?!画|绘|生成|来|给|帮|整|做)[^\s,;!?。一]{1,8}(?:怎么|怎样|如何|咋)[画调拍配](?:才|比较|更|会|得|好|出|$)[^,;!。的]{0,6}"
)
#: 小孩教爷爷怎么用手机: somebody shows somebody how, which is a scene.
_SCENE = re.compile(
    r"(?![我你您谁有能可请想求教问帮怎如咱哪])[^\s,;!?。]{1,6}?(?:教|演示|示范|讲解|展示|研究|讨论|琢磨)"
    r"(?!程)[^\s,;!?。]{0,6}(?:怎么|怎样|如何)"
)
#: 素描和速写有什么区别, 油画和水彩哪个难
_DIFFERENCE = re.compile(
    r"[^,;!。]{1,16}有(?:什么|啥|何)(?:区别|不同|不一样|差别|用|好处|关系|讲究|技巧|意义|意思)[吗呢啊呀?\s]*"
    r"|[^,;!。]{1,10}[和跟与][^,;!。]{1,10}哪个[^,;!。的用]{1,4}"
)
_THANKS = re.compile(
    r"(?:thanks?(?: you| u)?|thx|ty|tysm|cheers|谢谢?你?|多谢|感谢)[\s,!~]*(?P<whom>[^,;!?。]+)"
)


def calm(folded: str) -> str:
    """Hahahaha, soooo, 啊啊啊啊: letters that are drawn out, once."""
    return _STRETCHED.sub(r"\1", folded)


def clauses(folded: str) -> list[str]:
    """The parts of a text between its stops."""
    return [part for part in map(str.strip, _CLAUSES.split(folded)) if part]


def sentences(folded: str) -> list[str]:
    """The parts of a text between its stops, with the gaps where something was taken out."""
    return [part for part in _SENTENCES.split(folded) if part.strip()]


def made_of(folded: str, lexicon: Lexicon, *lists: str) -> bool:
    """Whether a text is nothing but words of these lists, punctuation and pictograms."""
    if len(folded) > SHORT:
        return False
    return (
        lexicon.pattern(rf"(?>(?:«{'|'.join(lists)}»)|[^\w{QUIET}{MIDDLE}]|_|{CUT})*").fullmatch(folded)
        is not None
    )


def weight(text: str) -> int:
    """How much is said in what is left of a text: a Chinese letter is one, a word of English two."""
    words = re.findall(r"[^\W\d_]+|\d+", text)
    return sum(2 if word.isascii() else len(word) for word in words)


def is_chatter(folded: str, lexicon: Lexicon) -> bool:
    """哈哈哈, thanks a lot, 太棒了吧: words of small talk and nothing else. A robot is no call."""
    if lexicon.pattern(r"\W*an?\s(?!lot\b)(?:\w+\s)?«talk.call»\W").match(f"{folded} "):
        return False
    return made_of(
        folded, lexicon, "chat.words", "chat.laugh", "talk.call", "talk.greet", "talk.hesitate", "talk.soft"
    ) and any(c.isalnum() for c in folded)


def is_how_to(sheet: Sheet, lexicon: Lexicon) -> bool:
    """§1.2: how to draw is talk, even where there is something to draw."""
    pattern = lexicon.pattern(r"(?:我想|我|想|到底|那)?(?:知道|问)?«chat.how_to»")
    return (
        sheet.opens(pattern, lexicon) is not None
        or _DIFFERENCE.fullmatch(sheet.folded) is not None
        or _MANNER.fullmatch(sheet.folded.strip(_EDGES + "?")) is not None
    )


def is_other_work(sheet: Sheet, lexicon: Lexicon) -> bool:
    """推荐一部电影, make me laugh: begins like a request and is none."""
    return _other_work(sheet.folded.strip(_EDGES), lexicon)


def wants_secrets(folded: str, lexicon: Lexicon) -> bool:
    """Keys, prompts, other people's data: asked for, not drawn."""
    return (
        lexicon.pattern("«chat.secrets»").search(folded) is not None
        and lexicon.pattern("«chat.secret_verbs»").search(folded) is not None
    )


def begs_for_secrets(folded: str, lexicon: Lexicon) -> bool:
    """Send me the session cookie, 给我看看你的密钥: asked for as a picture is, and none."""
    if len(folded) > SHORT or not lexicon.pattern("«chat.secrets»").search(folded):
        return False
    return _opens_with(
        folded.strip(_EDGES),
        lexicon,
        r"(?>«draw.asks»|«talk.please»)\s*(?>(?:(?:the|your|all|any|its|what|some|of)\b|看看|你们?的?|系统的?|所有的?|下|\s)*)"
        r"(?:[a-z]{1,12}\s){0,2}«chat.secrets»[\s.!?~。]*$",
    )


def is_talk(sheet: Sheet, lexicon: Lexicon, *, editing: bool = False, hint: int = 0) -> bool:
    """A question, a remark or other work; asked of a text that no drawing word opens."""
    folded = calm(sheet.folded.strip(_EDGES))
    if is_chatter(folded, lexicon):
        return True
    if _opens_with(folded, lexicon, "«chat.not_question»") or _SCENE.match(folded):
        return False
    if editing and _opens_with(folded, lexicon, "«talk.please|talk.weak»"):
        return False
    rules = (asks, _likes, _judges) if editing else (asks, _other_work, _speaks, _thanks, _remarks, _judges)
    return (
        _by_rules(folded, lexicon, rules)
        or (len(folded) <= SHORT and _in_parts(folded, lexicon, rules))
        or signs.sounds_like_talk(folded, lexicon, hint=hint)
    )


_Rule = Callable[[str, Lexicon], bool]


def _by_rules(folded: str, lexicon: Lexicon, rules: tuple[_Rule, ...]) -> bool:
    return any(rule(folded, lexicon) for rule in rules)


def _in_parts(folded: str, lexicon: Lexicon, rules: tuple[_Rule, ...]) -> bool:
    """这张真好看，我喜欢; 哈哈失败了: talk clause by clause, or after laughter."""
    laughter = lexicon.pattern("(?:«chat.laugh»[\\s,!.~。]*)+").match(folded)
    rest = folded[laughter.end() :] if laughter else folded
    parts = clauses(rest)
    return (laughter is not None or len(parts) > 1) and all(
        is_chatter(part, lexicon) or _by_rules(part, lexicon, rules) for part in parts
    )


def _openings(folded: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The text, the text after a greeting, and the text after all that is polite."""
    greeting = lexicon.pattern(r"(?>(?:«talk.greet|talk.hesitate|talk.call»[\s,!~。.…]*)*)").match(folded)
    lead = lexicon.pattern(LEAD).match(folded)
    return (folded, *(folded[match.end() :] for match in (greeting, lead) if match and match.end()))


def _opens_with(folded: str, lexicon: Lexicon, template: str) -> bool:
    """Whether a text begins so, polite words skipped or not."""
    pattern = lexicon.pattern(template)
    return any(pattern.match(text) for text in _openings(folded, lexicon))


def asks(folded: str, lexicon: Lexicon) -> bool:
    """A question: by its first words, or in Chinese by its last."""
    folded = folded.strip(_EDGES)
    if _opens_with(
        folded, lexicon, r"«chat.questions»(?!\w{1,8}(?<![我你他她])的\w)|«chat.helping»\s+«chat.somebody»"
    ):
        return True
    if folded.startswith("any ") and folded.endswith("?"):
        return True
    if _opens_with(folded, lexicon, "«chat.asking»"):
        verb = lexicon.pattern("«chat.helping»|'s |'re ").search(folded[:60])
        return folded.endswith("?") or verb is not None or folded.count(" ") < 4
    if _HOW.fullmatch(folded):
        return True
    polite = lexicon.pattern("«talk.please|talk.weak»").match(folded)
    ends = lexicon.pattern(r"«chat.endings»[\s?!~。]*$").search(folded[-12:])
    return bool(ends and not polite and lexicon.pattern("«chat.asked»").search(folded))


def _other_work(folded: str, lexicon: Lexicon) -> bool:
    """推荐一部电影, write me a poem; 给我来点建议, I need some advice."""
    words_only = (
        r"(?:(?>«draw.asks|talk.please|talk.weak|draw.weak»)\s*)+"
        r"(?:(?:me|us|your|some|any|an?|the|of|a bit|few|more)\b|[一两几]?[点个些份条句段]|什么|\s)*"
        r"«chat.words_only»(?:\s(?:on|for|about|how|to|please)\b.*|[\W吧呗呢吗啊呀么]*)$"
    )
    if _opens_with(folded, lexicon, r"(?:随便|一起|咱们?|我们|陪我)?«chat.other_work»(?!\s*«draw.products»)"):
        return True
    named = lexicon.pattern("«chat.words_only»").search(folded, 0, SHORT)
    return named is not None and _opens_with(folded, lexicon, words_only)


def _speaks(folded: str, lexicon: Lexicon) -> bool:
    """A sentence about somebody: 我好累, you are funny, my internet is slow."""
    if _opens_with(folded, lexicon, "«chat.requests»|«draw.asks»"):
        return False
    return (
        _opens_with(folded, lexicon, r"(?:我|俺|咱)们?(?:«chat.mine»)|[你您]«chat.yours»")
        or re.match(r"我们?[^\s,的画]{1,5}(?:说|觉得|认为)(?!.*(?:想|要|画))", folded) is not None
        or _opens_with(folded, lexicon, r"«chat.subjects»(?:\s+\w+)?\s+«chat.verbs»|«chat.contracted»")
        or _opens_with(
            folded, lexicon, r"(?:the )?\w+(?: \w+)? (?:is|are|was|were|looks?)(?: «chat.words»)+[\s!.~?]*$"
        )
        or _opens_with(
            folded, lexicon, r"«chat.owners»\s[\w' ]{1,40}?«chat.states»|«chat.owners»\s\w+\s«chat.reacts»"
        )
    )


def _thanks(folded: str, lexicon: Lexicon) -> bool:
    """Thanks bud, 谢谢老铁: thanks to somebody; a thank you card is a thing."""
    thanks = _THANKS.fullmatch(folded)
    return (
        thanks is not None
        and weight(thanks["whom"]) <= 4
        and lexicon.pattern("«draw.products|signs.thing»").search(thanks["whom"]) is None
    )


def _likes(folded: str, lexicon: Lexicon) -> bool:
    """我喜欢这个配色, my favourite is the second: said of a picture that is there, and nothing to change."""
    change = r"\b(?:but|with|if|to|more|less|and|except)\b|[但把再更换改加去]|«edit.into|edit.shades»"
    liking = lexicon.pattern(
        r"(?:(?:[这那][个张幅只些]?)?我(?:们|«chat.degree»|还是|最|也|都)*(?:喜欢|爱|满意)(?:[这那它]|你画|第|«chat.said»|$)"
        r"|(?:i|we)\s(?:(?:really|so|just|do|kinda|absolutely)\s)*(?:love|like|adore|prefer)"
        r"\s(?:it|this|that|the|how|your|these|those)\b|my fav(?:ou?rite)?\s(?:is|one)\b)"
        rf"(?!.*(?:{change}))[^,;]{{0,24}}"
    )
    return liking.fullmatch(folded) is not None


def _remarks(folded: str, lexicon: Lexicon) -> bool:
    """今天天气真好, 明天几点开会; 下午茶 is no remark."""
    if len(folded) <= 30 and lexicon.pattern(r"«chat.times»(?![的地茶])").match(folded):
        close = r"(?:«chat.said»|的|«chat.judged»)[\s!~。?]*$"
        return lexicon.pattern(rf"{close}|«chat.doings»").search(folded) is not None
    return len(folded) <= 6 and lexicon.pattern(r"[^\d一两三四五]+?«chat.said»").fullmatch(folded) is not None


def _judges(folded: str, lexicon: Lexicon) -> bool:
    """猫好可爱, 画得不错: ends in a judgement, without a request."""
    if len(folded) > 24 or len(clauses(folded)) > 1:
        return False
    if lexicon.pattern(r"(?:一|两|三)?[只个张条位幅座]|«signs.thing»").match(folded):
        return False
    end = r"(?:«chat.degree»)+的?«chat.judged»(?:«chat.said»|[\s!~。…?哈的吧👍]|\W)*$"
    return (
        lexicon.pattern(end).search(folded) is not None
        or lexicon.pattern(r"画[得的](?!.{0,8}[点些]$).{1,10}$|(?:the )?(?:best|worst) \w+ ever\b\W*$").match(
            folded
        )
        is not None
    )
