"""Who a browser is: an unguessable cookie, and the token where one is asked for.

Nothing is stored: a person's id is the hash of the cookie's secret, and the cookie carries a seal made
with the token, so that a new token signs everybody out and leaves their rooms where they were.
"""

import base64
import hashlib
import hmac
import re
import secrets

COOKIE = "inkling"
#: Seconds that a browser keeps its cookie: a year, renewed with every visit.
COOKIE_AGE = 365 * 24 * 3600

_COOKIE = re.compile(r"([A-Za-z0-9_-]{43})\.([0-9a-f]{64})")
_ROOM = re.compile(r"[a-z2-7]{26}")


class Sessions:
    """Makes and checks cookies. Without a token everybody is let in."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    @property
    def open(self) -> bool:
        """No token is asked for."""
        return not self._token

    def admits(self, token: str) -> bool:
        """Whether this is the token; takes the same time for every wrong one."""
        return hmac.compare_digest(token.encode(errors="replace"), self._token)

    def issue(self, cookie: str = "") -> str:
        """A cookie that lets in; it keeps the room of an earlier one."""
        match = _COOKIE.fullmatch(cookie)
        secret = match[1] if match else secrets.token_urlsafe(32)
        return f"{secret}.{self._seal(secret)}"

    def room(self, cookie: str) -> str | None:
        """The room that a cookie opens, or None where it opens none."""
        match = _COOKIE.fullmatch(cookie)
        if match is None or not (self.open or hmac.compare_digest(match[2], self._seal(match[1]))):
            return None
        digest = hashlib.sha256(b"room " + match[1].encode()).digest()
        return base64.b32encode(digest).decode()[:26].lower()

    def _seal(self, secret: str) -> str:
        return hmac.new(self._token, secret.encode(), hashlib.sha256).hexdigest()


def is_room(text: str) -> bool:
    """Whether this can be a room's id."""
    return _ROOM.fullmatch(text) is not None
