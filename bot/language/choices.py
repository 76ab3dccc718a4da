"""Which model, and what to remember (conventions §3, §6); how dear it may be is in `budget`."""

import re
from dataclasses import dataclass
from typing import Literal

from bot import catalog
from bot.language import budget, habit
from bot.language.budget import Budget
from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, LEAD, PAUSE, Sheet

Preference = Literal["none", "save", "clear"]

#: One of several things, unless a request or a rerun follows.
_JOINED = r"\s*«choices.joined»(?!\s*(?:«verb»|«meta.again.core»))"


@dataclass(slots=True)
class Choices:
    """What was chosen. `chosen` says that a choosing word was used, `refused` that a model was declined."""

    model: str | None = None
    budget: Budget | None = None
    preference: Preference = "none"
    chosen: bool = False
    trial: bool = False
    refused: bool = False
    cleared: bool = False
    #: The text is about the model to keep, and about nothing else.
    habit: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A model's name in the text, and what stands before and after it in its clause."""

    start: int
    end: int
    word: str
    head: str
    tail: str


def read(sheet: Sheet, lexicon: Lexicon) -> Choices:
    """Model, budget and what to do with the preference, taken out of the sheet."""
    found = Choices()
    kept = habit.model_to_keep(sheet, lexicon)
    for match in sheet.matches(lexicon.pattern("«models.aliases»")):
        _weigh(sheet, lexicon, _name(sheet, match), found)
    if kept and not found.refused:
        found.model = found.model if found.chosen else alias_id(kept[0])
        found.preference, found.chosen, found.trial, found.habit = "save", True, False, True
    _clearing(sheet, lexicon, found)
    found.budget = budget.read(sheet, lexicon)
    if found.budget == "best" and found.model is None:
        found.preference = "clear"  # whoever wants the best has no favourite (§6)
    return found


def alias_id(word: str) -> str | None:
    """The id of the model, or of the family, for a name as found in the text."""
    return catalog.load().id_of(word)


def _name(sheet: Sheet, match: re.Match[str]) -> Name:
    start = sheet.clause_start(match.start())
    folded = sheet.folded
    return Name(
        match.start(),
        match.end(),
        match[0],
        folded[start : match.start()],
        folded[match.end() : match.end() + 60],
    )


def _weigh(sheet: Sheet, lexicon: Lexicon, name: Name, found: Choices) -> None:
    """§3.2–3.4: chosen, refused, or content."""
    if _refused(sheet, lexicon, name):
        found.refused = True
        if found.model == alias_id(name.word):
            found.model, found.preference, found.chosen = None, "none", False
        return
    for rule in (_keyed, _made_default, _chosen, _opening):
        cut = rule(sheet, lexicon, name, found)
        if cut is not None:
            found.model = alias_id(name.word)
            sheet.cut(name.start - cut, name.end)
            tail = lexicon.pattern(r"\s*(?:的?模型|\bmodels?\b|for\s(?:this|it)(?=\s?[:—–]))").match(
                sheet.folded, name.end
            )
            if tail:
                sheet.cut(tail.start(), tail.end())
            return


def _refused(sheet: Sheet, lexicon: Lexicon, name: Name) -> bool:
    """§3.4: 以后不要再用MJ了, never use MJ again: the name goes, with all that was said to refuse it."""
    refusal = lexicon.pattern(
        r"(?:(?:and|but|但是?|而且)\s*)?(?:(?:«choices.stay»|都|请)\s*)*"
        r"(?:«choices.negative»|(?!stop\s+with\b)«choices.never»\s*(?:«choices.ever»\s*)*(?!让|叫|改|变|make)«choices.choose|choices.choose_once»"
        r"|(?<!要)«choices.soft_negative»)\s*(?:«choices.links»\s*)*$"
    ).search(name.head)
    if not refusal:
        return False
    tail = lexicon.pattern(r"\s*(?:的?模型|\bmodels?\b)?\s*(?:«choices.ever»\s*)*").match(
        sheet.folded, name.end
    )
    sheet.cut(name.start - len(name.head) + refusal.start(), tail.end() if tail else name.end)
    return True


def _keyed(sheet: Sheet, lexicon: Lexicon, name: Name, found: Choices) -> int | None:
    """模型：MJ, model=mj: this time only (§6); a default is one to keep."""
    before = sheet.before(name.start, 30)
    if not before.rstrip().endswith((":", "=")):
        return None
    key = lexicon.pattern(
        r"(?:(?P<keep>«choices.default_key»)|(?:^|(?<![a-z]))«choices.key»)\s*[:=]\s*$"
    ).search(before)
    if not key:
        return None
    if key["keep"]:
        found.preference, found.chosen = "save", True
    return len(before) - key.start()


def _made_default(sheet: Sheet, lexicon: Lexicon, name: Name, found: Choices) -> int | None:
    """MJ as my default, 把MJ设为默认; MJ更合我胃口，默认用它."""
    it = lexicon.pattern(
        r"[^,;!?。\n]{1,24}[,;!。]\s*(?P<cut>(?:«choices.choose|choices.stay|choices.then»|\s)+"
        rf"(?:它|这个|it\b|that one)(?:\s*«talk.particles»)*){PAUSE}"
    ).match(name.tail)
    if it:
        found.preference, found.chosen = "save", True
        sheet.cut(name.end + it.start("cut"), name.end + it.end("cut"))
        return 0
    after = lexicon.pattern(r"\s*«choices.default_after»").match(name.tail)
    if not after:
        return None
    found.preference, found.chosen = "save", True
    sheet.cut(name.end, name.end + after.end())
    before = lexicon.pattern(r"(?:«choices.choose»|把|将|make|set)\s*(?:«choices.links»\s*)*$").search(
        name.head
    )
    return len(name.head) - before.start() if before else 0


def _chosen(sheet: Sheet, lexicon: Lexicon, name: Name, found: Choices) -> int | None:
    """§3.2a: after a choosing word; §6: remembered, unless it is for this time or a trial."""
    pattern = (
        r"(?:«choices.stay»[\s,]*(?:«choices.then»\s*)*)?"
        r"(?:(?P<once>«choices.choose_once»)|«choices.choose»|«choices.stay»[\s,]*(?:«choices.then»\s*)*)"
        r"\s*(?:«choices.links»\s*)*$"
    )
    # From now on, MJ: a wish for every picture may stand in a clause of its own.
    head = name.head if name.head.strip(f"{CUT} ") else sheet.before(name.start, 40)
    word = lexicon.pattern(pattern).search(head)
    if not word and lexicon.pattern(rf"\s*(?:«talk.particles»\s*)*{PAUSE}").match(name.tail):
        # 往后出图一律MJ, change my model to MJ: nothing of what stands between is a choosing word.
        word = lexicon.pattern(
            r"(?:«choices.stay»[^,;!?。、\n]{0,8}|(?<!不用)(?<![别不])«choices.frame»(?!\s*of\b)[^,;!?。、\n]{0,12})(?P<once>)$"
        ).search(head)
    if not word or _is_thing(lexicon, name, word):
        return None
    stay = sheet.holds("choices.stay", lexicon)
    trial = not stay and (_on_trial(sheet, lexicon, name) or bool(word["once"]))
    found.chosen, found.trial = True, trial
    found.preference = "save" if stay or not trial else "none"
    more = lexicon.pattern(r"\s*«choices.more»").match(name.tail)
    if more:
        sheet.cut(name.end, name.end + more.end())
    whose = lexicon.pattern(r"(?:«choices.asker»\s*)+$").search(head, 0, word.start())
    return len(head) - (whose or word).start()


def _is_thing(lexicon: Lexicon, name: Name, word: re.Match[str]) -> bool:
    """§3.3: 用香蕉拼成的笑脸 and 把苹果换成香蕉 speak of the fruit."""
    thing = lexicon.pattern(rf"(?!\s*«choices.trial»{PAUSE})\s*«choices.thing_after»|{_JOINED}").match(
        name.tail
    )
    if thing and not _stands_apart(lexicon, name, thing[0].strip()):
        return True
    if word[0][0] in "叫让" and not lexicon.pattern(
        r"\s*(?:来|去|帮我|给我)?\s*(?:«verb»|«choices.go_on»)"
    ).match(name.tail):
        return True
    if not _is_common(lexicon, name):
        return False
    if re.search(r"\ban?\s*$", word[0]) and not re.match(r"\s*models?\b", name.tail):
        return True
    if not lexicon.pattern(rf"\s*(?:«talk.particles»\s*)*{PAUSE}|\s*«choices.go_on»").match(name.tail):
        return True
    own = lexicon.pattern(
        rf"(?>(?:«choices.own|choices.choose|choices.links|choices.trial|choices.stay»|[\s{CUT}])*)"
    )
    before = word.string[: word.start()]
    mine = own.fullmatch(before) is not None
    return not mine and bool(re.match(r"换|改|变|with\b|change|swap|make|like|love|喜欢", word[0]))


def _is_common(lexicon: Lexicon, name: Name) -> bool:
    """香蕉, banana: a name that is a word for something else, too."""
    return " ".join(re.findall(r"[a-z]+|[^\sa-z]+", name.word)) in lexicon.words("choices.common")


def _stands_apart(lexicon: Lexicon, name: Name, word: str) -> bool:
    """MJ 猫咪开会, MJ 穿西装的鳄鱼: after a space in Chinese a letter like 猫 begins what is to be drawn."""
    if not name.tail[:1].isspace() or word[:1] < "\u2e80":
        return False
    whole = re.match(r"\s+[^的,;!?。\n]{2,30}的(?P<head>[^的,;!?。\s]{1,10})(?=[,;!?。\s\x00]|$)", name.tail)
    if whole and not lexicon.pattern("«draw.products|suits.photo»$").search(whole["head"]):
        return True
    return len(word) == 1 and word not in lexicon.words("choices.doing")


def _on_trial(sheet: Sheet, lexicon: Lexicon, name: Name) -> bool:
    """这次, 试试, just this once: before the name in its clause, right after it, or closing a clause; cut."""
    if not sheet.holds("choices.trial", lexicon):
        return False
    trial = lexicon.pattern("«choices.trial»")
    start = name.start - len(name.head)
    alone = lexicon.pattern(rf"(?:就|只|仅|just |only )?«choices.trial»{PAUSE}")
    places = [(start + match.start(), start + match.end()) for match in trial.finditer(name.head)]
    places += [match.span() for match in sheet.each_opening(alone, lexicon)]
    after = lexicon.pattern(r"\s*(?:(?:just|only|就|只|仅)\s*)?«choices.trial»").match(sheet.folded, name.end)
    closing = lexicon.pattern(rf"«choices.trial»(?=(?:吧|呗|看|看看|啊|哈)?{PAUSE})").search(
        sheet.folded, name.end
    )
    places += [match.span() for match in (after, closing) if match]
    for place in places:
        sheet.cut(*place)
    return bool(places)


def _opening(sheet: Sheet, lexicon: Lexicon, name: Name, found: Choices) -> int | None:
    """§3.2b: a name at the start, before the request: this time only."""
    lead = lexicon.pattern(LEAD).match(sheet.folded, 0, name.start)
    before = sheet.folded[lead.end() if lead else 0 : name.start]
    if before.strip(f"{CUT} \t\n,.:;!~。、-") and not _rerun_with(sheet, lexicon, name):
        return None
    after = rf"\s*(?:«choices.thing_after»|(?!«choices.not_talk»)«choices.talk_after»)|{_JOINED}"
    thing = lexicon.pattern(after).match(name.tail)
    if thing and not _stands_apart(lexicon, name, thing[0].strip()):
        return None
    if _is_common(lexicon, name):
        sure = (
            r"\s*(?::|\x00|[\s.!~。…]*$)|\s*,\s*(?:«talk.anywhere»|(?:«talk.please»\s*)*(?:«verb»|«draw.asks»))"
            r"|\s*«choices.go_on»|\s+«choices.article»"
        )
        if not lexicon.pattern(sure).match(name.tail):
            return None
    found.trial = True
    return 0


def _rerun_with(sheet: Sheet, lexicon: Lexicon, name: Name) -> bool:
    """Same prompt, MJ: a name alone in its clause, beside words for a rerun."""
    alone = not name.head.strip(CUT + " ") and lexicon.pattern(PAUSE).match(name.tail)
    return bool(alone and lexicon.pattern("«meta.again.core»").search(sheet.folded[: name.start]))


def _clearing(sheet: Sheet, lexicon: Lexicon, found: Choices) -> None:
    """§6: words that give the choice back, alone in their clause or before a request."""
    # The long pattern below is worth a try only where a clause begins with one of its words.
    begins = lexicon.pattern(
        "«choices.trial|choices.clear.before|choices.clear.verbs|choices.clear.kinds|choices.clear.phrases"
        "|choices.clear.who|choices.clear.picks|choices.clear.tries|choices.clear.any|choices.clear.alone»"
    )
    if found.model or not sheet.opens(begins, lexicon):
        return
    ends = (
        r"(?>(?:\s*(?:«choices.clear.nouns»|«talk.particles»|«choices.stay»))*)\s*"
        rf"(?={PAUSE}|(?:来|去|给我|帮我|把|to|and)?\s*«verb»|for\b|(?:(?:and|then)\s+)?(?:try\s+)?«meta.again.core»)"
    )
    verbs, kinds = r"«choices.clear.verbs»\s*(?:一个|个)?", "«choices.clear.kinds»"
    # 你看着选一个, let the bot pick, whatever you like; 换个别的, try something else
    picks = (
        r"(?:«choices.clear.who»\s*)+«choices.clear.picks»(?:\s*«choices.clear.picked»)*"
        r"|«choices.clear.picks»(?:\s*«choices.clear.picked»)+"
    )
    others = (
        r"«choices.clear.tries»\s*(?:«choices.clear.some»\s*)*«choices.clear.others»"
        r"|(?:«choices.clear.verbs»\s*)?«choices.clear.any»(?!\s*(?:is\s+)?best\b)(?:\s*«choices.clear.fits»)+"
    )
    pattern = lexicon.pattern(
        rf"(?:«choices.trial»\s*)?(?P<cut>(?:«choices.clear.before»\s*){{0,3}}"
        rf"(?:(?:{verbs}{kinds}\s*«choices.clear.nouns»|«choices.clear.phrases»|{kinds}\s*(?:的模型|模型|model)"
        rf"|{picks}|{others})"
        rf"{ends}|(?:{verbs}{kinds}|«choices.clear.alone»(?:\s*«talk.particles»)*){PAUSE}))"
    )
    for match in list(sheet.each_opening(pattern, lexicon)):
        found.preference, found.cleared = "clear", True
        sheet.cut(match.start("cut"), match.end("cut"))
