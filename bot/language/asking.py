"""Whether a text asks for a picture in so many words: draw …, 来一张…, we need a poster (conventions §1)."""

from bot.language.lexicon import Lexicon
from bot.language.normalise import Sheet


def asks_to_draw(sheet: Sheet, lexicon: Lexicon) -> bool:
    """Whether a clause opens with a word that asks for a picture, or the text closes with one."""
    if asks_how_much(sheet, lexicon):
        return False
    if _needs_a_picture(sheet, lexicon):
        return True
    opening = lexicon.pattern(
        r"(?:«verb»|(?!«talk.not_lead»)«draw.asks»(?!\s*(?:吗|了|吧)?\s*$))\s*[^\s,;!?。]"
    )
    mine = lexicon.pattern("我(?:«chat.mine»)")
    for match in sheet.each_opening(opening, lexicon):
        if "画" in match[0] or not mine.match(sheet.folded, match.start()):
            return True
    closing = lexicon.pattern(
        r"(?:画|生成|设计|做)(?:一下|一张|出来|一个|一幅|张图|个图)\s*(?:«talk.particles»)*[\s!~。.]*$"
    )
    return closing.search(sheet.folded[-40:]) is not None


def _needs_a_picture(sheet: Sheet, lexicon: Lexicon) -> bool:
    """We're opening a café and need a logo; 公司要办年会，想做一张海报: a story, and what is wanted."""
    wish = lexicon.pattern(
        r"(?:想|要|准备|打算|计划)(?:给|为|替|帮)?[^,;!?。、\n]{0,8}?(?:画|做|生成|设计|弄|搞|整|来|出|拍)(?:一|两|几)?(?:张|幅|个|套|组|只|条|款)"
    )
    if wish.search(sheet.folded):
        return True
    wanted = lexicon.pattern(
        r"(?:need|needs|want|wants|after|for|require|get|have|make|design|create|generate|like|love|use)\s(?:you to make\s|you to draw\s)?(?:an?|some|the|one|two|three|\d)\s(?:[\w'’-]+\s){0,4}?«draw.products»"
        r"|(?:想|要|需要|缺|求|差)(?:要|做|弄|搞|来|画|设计|生成|出)?(?:一|两|三|几)?(?:张|个|幅|套|组|份|款|些)[^,;!?。、\n]{0,16}?«draw.products»"
    )
    return wanted.search(sheet.folded) is not None


def asks_how_much(sheet: Sheet, lexicon: Lexicon) -> bool:
    """画一张要几分, 生成一次多少钱: about the price or the time of a picture."""
    question = lexicon.pattern(
        r"(?:«draw.verbs|draw.weak»)\s*(?:一|每|几)?(?:张|个|次|幅|条|段)?(?:图片|图|画|视频|照片)?(?:要|得|需要|会|大概|一般|通常|扣|花|用|收|是|等|消耗)*"
        r"(?:多少|几(?!只|个人)|多久|多长时间|什么价|贵不贵|贵吗|免费吗|要钱吗)"
    )
    return sheet.opens(question, lexicon) is not None
