"""Which of the intents a text is (conventions §1). Each rule is asked in turn; the first that holds wins."""

import re
from collections.abc import Callable
from unicodedata import category

from bot.language import business, keeping, talk, tasks
from bot.language.asking import asks_how_much, asks_to_draw, draws_later, draws_that
from bot.language.intent import Kind
from bot.language.normalise import CUT, QUIET
from bot.language.reading import BESIDE, Reading, lists_of

#: 你会删除我的数据吗, is my data deleted: asked, and nothing is to be deleted for it.
_WONDERS = re.compile(
    r"(?:[你您]们?)?(?:会|有没有|是不是)[^,;。]*[吗么呢?]\W*$|(?:is|are|was|were|do|does|did|has|have|when|why|how)\b"
)

#: 有啥好玩的功能: asked, though it closes like a description.
_HAVE = re.compile(r"(?:[你这]们?)?(?:都|还)?有(?:啥|什么|哪些|没有)")


def decide(reading: Reading) -> Kind:
    """The intent of a text without a slash command."""
    if not reading.given.mentioned:
        return "chat"
    for rule in _RULES:
        kind = rule(reading)
        if kind is not None:
            return kind
    return "generate"


def _answer(reading: Reading) -> Kind | None:
    """§1.3: with an offer open, yes, no, a model or "again" answer it."""
    if not reading.given.awaiting or reading.given.images:
        return None
    rest = reading.sheet.folded
    declined = reading.has("meta.answers.no", text=reading.said)
    answers = ("meta.answers.yes", "meta.answers.no", "meta.answers.words")
    picked = reading.choices.model is not None
    if declined and not picked and reading.only(reading.said, *answers):
        return "cancel"
    if picked and reading.only(rest, *answers, "meta.saving.words", "meta.again.words", "meta.again.core"):
        return "retry"
    chosen = reading.choices.cleared or reading.choices.budget in {"best", "cheapest"} or reading.settings
    lists = (*answers, "meta.settings.words") if chosen else answers
    agreed = chosen or reading.has("meta.answers.yes", text=reading.after_greeting())
    if agreed and reading.only(rest, *lists) and not (reading.choices.refused and not picked):
        return "retry"
    if _again_words(reading) and reading.only(rest, *answers, "meta.again.words", "meta.again.core"):
        return "retry"
    no = declined and not picked and not asks_to_draw(reading.sheet, reading.lexicon)
    return "cancel" if no and _declines(reading) else None


def _declines(reading: Reading) -> bool:
    """不要，太贵了: a no, and a reason that asks for nothing."""
    said = reading.after_greeting()
    opening = reading.lexicon.pattern(
        r"(?>(?:«meta.answers.no|talk.particles|talk.anywhere»|[\s,.!~。])*)"
    ).match(said)
    rest = said[opening.end() if opening else 0 :]
    # The reason may come first: 太贵了不要.
    closing = reading.lexicon.pattern(
        r"«meta.answers.no»(?:«meta.answers.no»|[要用了啦吧\s,.!~。])*$"
    ).search(rest[-12:])
    rest = rest[: len(rest) - len(closing[0])] if closing else rest
    return not rest or reading.is_aside(rest, hint=1)


def _commands(reading: Reading) -> Kind | None:
    """Words to the bot about itself or its work: every word of the text is known to the intent."""
    if reading.given.images:
        return None
    forgets = reading.has("meta.forget_me.what") and not _WONDERS.match(reading.said)
    if forgets and (_covered(reading, "forget_me") or _forgets_nearly(reading)):
        return "forget_me"
    kinds: tuple[Kind, ...] = ("cancel", "credits", "list_models", "help", "status")
    for kind in kinds:
        if _covered(reading, kind):
            return None if kind == "help" and draws_that(reading.sheet, reading.lexicon) else kind
    return None


def _forgets_nearly(reading: Reading) -> bool:
    """Remove my data from your system: a word may be unknown where it is the person's own."""
    return (
        not reading.given.picture
        and reading.has("meta.forget_me.core")
        and reading.has("meta.forget_me.mine")
        and not reading.has("signs.sure")
        and not talk.asks(reading.said, reading.lexicon)
        and not reading.pictures(reading.said)
        and reading.nearly(reading.said, *lists_of("forget_me"))
    )


def _covered(reading: Reading, kind: str) -> bool:
    if kind == "help" and (
        (_able(reading) and reading.only(reading.said, *lists_of(kind))) or _how_far(reading)
    ):
        return True
    # 没画好，用MJ再试一次 is a rerun.
    hint = 0 if reading.choices.chosen or _again_words(reading) else BESIDE
    return reading.says(reading.said, f"meta.{kind}.core", *lists_of(kind), "talk.soft", hint=hint)


def _able(reading: Reading) -> bool:
    """会做视频吗, 能画画: what the bot can do, with nothing named to draw."""
    able = reading.lexicon.pattern(
        r"(?<!我)(?<!我不)(?<!我也)«meta.help.can»\s*(?:«meta.help.do»)?\s*(?:个|一个|点)?\s*(?:我们?)?(?:自己)?(?:[拍发传]|上传)?的?\s*«meta.help.what»"
        r"|(?:can|could|do|does|will|are|is)\s(?:you|u|it|this bot|the bot)\s"
        r"(?:(?:also|even|really|actually|able to|know how to)\s)*«meta.help.does»"
        r"(?:\s(?:my|some|any|me|your|our))?(?:\s\w+)?\s«meta.help.things»"
        r"(?=\s(?:too|as well|also|at all|here)|\W*$)"
    )
    return len(reading.said) < talk.SHORT and able.search(reading.said) is not None


def _how_far(reading: Reading) -> bool:
    """最多能画几张, 能做多大的图: what the bot can do, asked by how much of it."""
    said = reading.said.strip(" ?!~。")
    if "支持" not in said and not reading.lexicon.pattern("«meta.help.can»").search(said):
        return False
    able = reading.lexicon.pattern(
        r"(?:«talk.call»|«talk.please»|你们?|最多|最大|最长|一次|每次|一天|每天|\s)*+(?:«meta.help.can»|支持)(?:同时|一次|最多)?"
        r"(?:«meta.help.do»|«draw.verbs»)?(?:多[大长少高]|几|什么|哪些|哪种|啥)[^,;!。]{0,6}"
    )
    kinds = reading.lexicon.pattern(
        r"(?:«talk.call»|你们?|这个|\s)*+«meta.help.can»(?:«meta.help.do»|«draw.verbs»|[看图片文传发转识抠拼、和])*"
        r"(?:«meta.help.what»)[吗么不]"
    )
    return able.fullmatch(said) is not None or kinds.fullmatch(said) is not None


def _how_to_operate(reading: Reading) -> bool:
    """怎么取消, how do I change the model: a how-to question about the bot, and none about drawing."""
    how = reading.lexicon.pattern(
        r"(?:我想|我|想|那|请|到底)?(?:知道|问)?"
        r"(?:怎么|怎样|如何|咋|(?:how (?:do|can|should|could) (?:i|we|you)|how to)\b)"
    )
    return reading.has("meta.help.operate") and reading.sheet.opens(how, reading.lexicon) is not None


def _again_words(reading: Reading) -> bool:
    return reading.has("meta.again.core")


def _again(reading: Reading) -> Kind | None:
    """Rerun of the last job with nothing but settings changed."""
    if reading.given.images or reading.given.urls:
        return None
    rest = reading.sheet.folded
    lists = ("meta.again.core", "meta.again.words", "meta.settings.words", "draw.asks")
    # Again, no text: what is not wanted is content.
    hint = 0 if re.search(r"不要|别|\b(?:no|not|without)\b", rest) else BESIDE
    if reading.says(rest, "meta.again.core", *lists, hint=hint):
        return "again"
    if reading.choices.cleared or reading.choices.budget == "best":
        return None
    if reading.film and reading.editing:
        return None
    changed = reading.settings or (reading.choices.budget == "cheapest" and reading.given.reply)
    return (
        "again"
        if changed and reading.only_or_talk("meta.settings.words", "meta.saving.words", "draw.asks")
        else None
    )


def _business(reading: Reading) -> Kind | None:
    """What is said about the bot's doings, and asks for no picture."""
    if reading.given.images or len(reading.said) > talk.SHORT:
        return None
    said = reading.said.strip(f"{CUT} \t\n,.!?。~…")
    if business.stops(said, reading.lexicon):
        return "cancel"
    if any(_covered(reading, kind) for kind in ("complain", "manage")):
        return "chat"
    if business.is_verdict(said, reading.lexicon) or business.is_keys(said):
        return "chat"
    if reading.editing or reading.choices.chosen:
        return None
    return business.standing(said, reading.lexicon)


def _empty(reading: Reading) -> Kind | None:
    """Nothing to draw: 画一张, 最便宜的, a mention alone."""
    if reading.editing and (reading.film or reading.settings):
        return None
    words = (
        "draw.verbs",
        "draw.weak",
        "draw.asks",
        "draw.articles",
        "draw.empty",
        "draw.nouns",
        "draw.film.words",
        "meta.settings.words",
        "talk.please",
        "talk.weak",
        "talk.soft",
    )
    folded = reading.sheet.folded
    # A pictogram is compared as a pause.
    pictured = "~" in folded and any(category(c) == "So" for c in reading.sheet.kept)
    if pictured and asks_to_draw(reading.sheet, reading.lexicon):
        return None
    if not (reading.editing or pictured or any(c.isalpha() or c == QUIET for c in folded)):
        return "chat"
    if reading.editing and reading.has("edit.styles", text=folded):
        # Nice sketch! is praise; sketch, and make it a sketch, are wishes.
        praise = ("chat.words", "chat.judged", "chat.degree", "talk.soft", "talk.greet")
        praised = reading.has("chat.words", "chat.judged") and reading.only(folded, "edit.styles", *praise)
        return "chat" if praised and not reading.only(folded, "edit.styles") else None
    if QUIET in folded or (reading.editing and reading.has("draw.film.words", text=folded)):
        return None
    return "chat" if reading.only(folded, *words) else None


def _talk(reading: Reading) -> Kind | None:
    """Everything that is said and asks for no picture; it may be about the bot's work all the same."""
    sheet, lexicon = reading.sheet, reading.lexicon
    if talk.is_chatter(reading.said.strip(), lexicon) or talk.begs_for_secrets(reading.said, lexicon):
        return "chat"
    topic = None if reading.given.images else _topic(reading)
    if topic and _HAVE.match(reading.said):
        return topic
    if topic is None and not reading.editing and _how_to_operate(reading):
        return "help"
    if talk.is_how_to(sheet, lexicon):
        return "chat" if topic == "help" else topic or "chat"
    if asks_how_much(sheet, lexicon):
        return topic or "chat"
    if asks_to_draw(sheet, lexicon) and (
        not talk.is_other_work(sheet, lexicon) or draws_later(sheet, lexicon)
    ):
        return None
    if reading.editing and tasks.asks_for_more(sheet, lexicon):
        return None
    if talk.wants_secrets(reading.said, lexicon) and not reading.given.picture:
        return "chat"
    hint = -2 if reading.given.picture else 2 if topic else -1 if reading.editing else 0
    talks = talk.is_talk(sheet, lexicon, editing=reading.editing, hint=hint)
    return topic or "chat" if talks else None


def _topic(reading: Reading) -> Kind | None:
    """What talk is about: 画到第几步了, how much does one cost."""
    kinds: tuple[Kind, ...] = ("show_preference", "list_models", "credits", "status", "help")
    return next((kind for kind in kinds if _has_topic(reading, kind)), None)


def _has_topic(reading: Reading, kind: Kind) -> bool:
    if len(reading.said) > talk.SHORT:
        return False
    # 几分 is a price, 几分钟 a time.
    return reading.lexicon.pattern(f"«topics.{kind}»(?!钟)").search(reading.said) is not None


_RULES: tuple[Callable[[Reading], Kind | None], ...] = (
    _answer,
    keeping.refuses,
    keeping.about_preference,
    keeping.gives_back,
    _commands,
    _business,
    _again,
    keeping.leaves_it,
    keeping.named_model,
    _talk,
    _empty,
)
