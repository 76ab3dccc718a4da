"""What kind of talk a message is that asks for nothing: a greeting, thanks, a farewell …

Only for messages that are no request; what the answer says is in `locales/` under "chat".
"""

import re
from functools import lru_cache

#: Kinds in the order in which they are tried, with the words that tell them.
_KINDS = {
    "secret": r"api.?key|\btoken|password|secret|session.?id|system prompt|instructions|cookie"
    r"|密钥|密码|令牌|口令|提示词|指令",
    "dislike": r"\b(ugly|awful|terrible|horrible|hate|(?<!not )bad|worse|wrong|disappoint\w*|dislike)\b"
    r"|\b(don'?t|do not|didn'?t) like\b|\bnot (good|great|nice|right|what i)\b"
    r"|丑|难看|不好看|不喜欢|不满意|不像|不对|画错|太差|很差|失望|垃圾|糟糕",
    "thanks": r"\b(thanks?|thank you|thx|ty|cheers|appreciated)\b|谢谢|多谢|感谢|辛苦|谢啦|谢了",
    "bye": r"\b(bye|goodbye|good ?night|see (you|ya)|cya)\b|再见|拜拜|晚安|回头见|下次见",
    "hello": r"\b(hi+|hello|hey|yo|good (morning|afternoon|evening)|howdy|sup)\b"
    r"|你好|您好|哈喽|嗨|在吗|在不在|早上好|早安|^早|下午好|晚上好|大家好",
    "praise": r"\b(nice|great|awesome|amazing|beautiful|lovely|love (it|this)|perfect|cool|wow|well done)\b"
    r"|\bgood (job|bot)\b|\bnot bad\b|好看|漂亮|真棒|太棒|厉害|喜欢|不错|完美|绝了|赞",
    "laugh": r"\b(lol|lmao|rofl|(ha){2,}|(he){2,})\b|哈哈|嘿嘿|呵呵|笑死|233+|😂|🤣",
    "howto": r"\bhow (do|can|should|to)\b|怎么(画|做|弄)|如何",
    "video": r"\bvideos?\b|\banimat(e|ed|ion)\b|视频|动画",
}


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    return {kind: re.compile(words, re.IGNORECASE) for kind, words in _KINDS.items()}


def kinds() -> tuple[str, ...]:
    """All kinds."""
    return (*_KINDS, "other")


def smalltalk(text: str) -> str:
    """The kind of talk: secret, thanks, bye, hello, praise, laugh, howto or other."""
    return next((kind for kind, pattern in _patterns().items() if pattern.search(text)), "other")
