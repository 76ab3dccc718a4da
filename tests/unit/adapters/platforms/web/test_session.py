from adapters.platforms.web.session import Sessions, is_room

TOKEN = "a long enough token"


def test_every_browser_gets_a_room_of_its_own() -> None:
    sessions = Sessions("")
    rooms = {sessions.room(sessions.issue()) for _ in range(50)}
    assert len(rooms) == 50
    assert all(room is not None and is_room(room) for room in rooms)


def test_a_renewed_cookie_keeps_its_room() -> None:
    sessions = Sessions("")
    cookie = sessions.issue()
    assert sessions.room(sessions.issue(cookie)) == sessions.room(cookie)


def test_the_room_does_not_tell_the_cookie() -> None:
    sessions = Sessions("")
    cookie = sessions.issue()
    assert (sessions.room(cookie) or "?") not in cookie


def test_where_a_token_is_asked_for_a_cookie_of_ones_own_making_opens_nothing() -> None:
    forged = Sessions("").issue()
    assert Sessions(TOKEN).room(forged) is None
    assert Sessions(TOKEN).room(forged[:-1] + ("0" if forged[-1] != "0" else "1")) is None


def test_a_new_token_signs_out_and_signing_in_again_finds_the_room() -> None:
    before = Sessions(TOKEN)
    cookie = before.issue()
    after = Sessions("another long token")
    assert after.room(cookie) is None
    assert after.room(after.issue(cookie)) == before.room(cookie)


def test_only_the_token_is_admitted() -> None:
    sessions = Sessions(TOKEN)
    assert sessions.admits(TOKEN)
    for wrong in ("", TOKEN + " ", TOKEN.upper(), TOKEN[:-1], "口令", "\ud800"):
        assert not sessions.admits(wrong)


def test_garbage_opens_nothing() -> None:
    for cookie in ("", ".", "a.b", "x" * 5000, "é" * 43 + "." + "0" * 64):
        assert Sessions("").room(cookie) is None
