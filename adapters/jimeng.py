"""What every way to Jimeng shares: its numbers for what went wrong. Pure; no wire, no backend."""

from bot.errors import Reason

_BUSY = frozenset({1, 1010, 1057, 2014, 2020, 10020, 1310})
#: 4001 is "no credits" by the site's own bundle, though the jimeng-api service takes it for content.
_POINTS = frozenset({1006, 4001, 5000, 121101})
_BLOCKED = frozenset({1018, 1019, -6, 1021, 2035, 4013, -4})
_CONTENT = {
    **dict.fromkeys((1063, 1159, 2003, 2004, 2005, 2038), Reason.CONTENT_TEXT),
    **dict.fromkeys((2039, 2041), Reason.CONTENT_INPUT),
    **dict.fromkeys((2042, 2043), Reason.CONTENT_OUTPUT),
    **dict.fromkeys((2048, 2050), Reason.COPYRIGHT),
}
_PARAMETERS = frozenset({1000, 1001, 1002, 1161, 1162, 3021, 4003, 4010})


def reason_of(code: int) -> Reason:
    """Why Jimeng refuses or fails, by its own number; OTHER for numbers that nobody has explained."""
    if code in _BUSY:
        return Reason.RATE_LIMIT
    if code in _POINTS:
        return Reason.POINTS_SHORT
    if code in _BLOCKED:
        return Reason.ACCOUNT_BLOCKED
    if code == 1015:
        return Reason.LOGIN_EXPIRED
    if code == 3018:
        # "Permission denied": what is sent does not look like the site of today.
        return Reason.CONFIGURATION
    return _CONTENT.get(code) or (Reason.BAD_INPUT if code in _PARAMETERS else Reason.OTHER)
