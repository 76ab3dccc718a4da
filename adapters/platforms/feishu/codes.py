"""The open platform's error codes and what is to be done about each.

Sources: https://open.feishu.cn/document/server-docs/api-call-guide/generic-error-code and the error tables of
the message, image and card interfaces.
"""

import re

from bot.errors import Gone, Passing, PlatformError, Unshowable

#: The token is not good (any more): a new one, and the same request once again.
TOKEN = frozenset({99991661, 99991663, 99991664, 99991668})
#: The app calls too often; a header says for how long to wait.
APP_RATE = 99991400
#: The chat, the message or the tenant hears too much.
CHAT_RATE = frozenset({230020, 11232, 11233})
#: The tenant's calls of this month are used up.
QUOTA = 99991403
#: A scope is missing; the message names it.
SCOPE = 99991672
#: Trouble at their end, or the same message is on its way this moment.
TROUBLE = frozenset({2200, 230049})
#: Not in the group, bot switched off, person out of reach or gone, muted, stopped, not allowed, encrypted.
NO_ENTRY = frozenset(
    {230002, 230006, 230013, 230018, 230027, 230029, 230034, 230035, 230038, 230053, 230075, 232009, SCOPE}
)
#: The message was withdrawn, deleted, or is too old to change.
WITHDRAWN = frozenset({230011, 230019, 230031, 230050, 230110, 230111, 232006})
#: The chat or the message takes no answers in a topic.
NO_TOPICS = frozenset({230071, 230072})
#: A bad parameter; the message says which one. Unknown ids are told apart by it alone.
PARAMETER = 230001
_NO_PLACE = re.compile(r"receive_id|message_id|chat_id|open_id")
#: Wrong app, wrong secret, wrong domain: nothing will help but other settings.
WRONG_DOMAIN, TOO_MANY_CONNECTIONS = 1000040351, 1000040350
SETTINGS = frozenset({10003, 10014, 10012, 10013, 403, 514, 1000040344, WRONG_DOMAIN})

_SAID_PLAINLY = TOKEN | CHAT_RATE | NO_ENTRY | WITHDRAWN | SETTINGS | {APP_RATE, QUOTA, TOO_MANY_CONNECTIONS}

#: Seconds to leave a chat alone that hears too much, a tenant that has used up its month, and an app whose
#: secret was changed: what is owed waits for the operator.
CHAT_PAUSE, QUOTA_PAUSE, SETTINGS_PAUSE = 1.0, 600.0, 60.0


class Refusal(PlatformError):
    """The open platform answered with a code. Turned into one of PlatformError's kinds by `told`."""

    def __init__(self, code: int, message: str, *, status: int = 400, retry_after: float = 0.0) -> None:
        # What a refusal says of content may quote it, and what people wrote is in no log.
        super().__init__(f"{code} {message}" if code in _SAID_PLAINLY else str(code), retry_after=retry_after)
        self.code = code
        self.message = message
        self.status = status


def is_withdrawn(refusal: Refusal) -> bool:
    """Whether the message that was to be answered is not there (any more)."""
    return refusal.code in WITHDRAWN or (refusal.code == PARAMETER and "message_id" in refusal.message)


def is_unshowable(refusal: Refusal) -> bool:
    """Whether the content is refused as it is, and another may be taken."""
    return isinstance(told(refusal), Unshowable)


def told(refusal: Refusal) -> PlatformError:
    """What a refusal means to whoever wanted to show something.

    What is left at the end is about the content: too long (230025), a bad card (230099), an id twice
    (300301), sensitive words (230022, 230028), a picture too large, empty or strange (2340xx); or it is a
    code nobody knows, which will be the same the next time.
    """
    code, detail = refusal.code, str(refusal)
    if code == APP_RATE:
        return Passing(detail, retry_after=refusal.retry_after or 1.0)
    if code in CHAT_RATE:
        return Passing(detail, retry_after=CHAT_PAUSE)
    if code == QUOTA:
        return Passing(detail, retry_after=QUOTA_PAUSE)
    if code in SETTINGS:
        return Passing(detail, retry_after=SETTINGS_PAUSE)
    if code in NO_ENTRY | WITHDRAWN or (code == PARAMETER and _NO_PLACE.search(refusal.message)):
        return Gone(detail)
    if code in TOKEN | TROUBLE or refusal.status >= 500 or refusal.status == 429:
        return Passing(detail, retry_after=refusal.retry_after)
    return Unshowable(detail)


def advice(refusal: Refusal, lark: bool) -> str:
    """What the operator should look at, for a refusal that is final."""
    here, there = ("Lark", "Feishu") if lark else ("Feishu", "Lark")
    if refusal.code == WRONG_DOMAIN:
        other = "https://open.feishu.cn" if lark else "https://open.larksuite.com"
        return f"This app belongs to {there}, not {here}: set FEISHU_DOMAIN to {other}."
    if refusal.code == TOO_MANY_CONNECTIONS:
        return "50 programs are connected for this app already: stop the forgotten ones."
    if refusal.code == 10014:
        return "FEISHU_APP_SECRET is not the secret of this app."
    if refusal.code == 10003:
        return (
            f"FEISHU_APP_ID is not known at {here}: compare it with the developer console, "
            f"and FEISHU_DOMAIN, if the app belongs to {there}."
        )
    return "Compare FEISHU_APP_ID, FEISHU_APP_SECRET and FEISHU_DOMAIN with the developer console."
