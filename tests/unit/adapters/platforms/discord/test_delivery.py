"""A message finds the best place there is, once."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import Gone, Passing, Unshowable
from bot.message import Action, Address, Kind, Line, Media, MessageRef, Outgoing, Press
from tests.contract.platforms.stage import png, result, until
from tests.simulators.discord.state import (
    ATTACH_FILES,
    EMBED_LINKS,
    FORUM,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    THREAD,
    Message,
)
from tests.unit.adapters.platforms.discord.conftest import Stage

LINK = Line("https://a.example/x.png", "🔗 Original link", "https://a.example/x.png")
AGAIN = Action(Press.AGAIN, "Once more", "job1", "0", "en")
SUCCESS = Outgoing(Kind.SUCCESS, "en", "Ready!", "job1", (LINK,), actions=(AGAIN,))
FAILURE = Outgoing(Kind.FAILURE, "en", "It didn't work out", "job1")
TEXT = Outgoing(Kind.TEXT, "en", "hello")


async def asked(stage: Stage) -> tuple[Message, Address]:
    """A mention, and where its answers go."""
    before = len(stage.listener.messages)
    message = await stage.ada.says("@Inkling draw a fox")
    await until(lambda: len(stage.listener.messages) > before)
    return message, stage.listener.messages[-1].address


async def persisted(stage: Stage, to: Address, message: Outgoing, key: str) -> MessageRef:
    """Send as the outbox does: again with the same key while the reason passes."""
    for _ in range(8):
        try:
            return await stage.platform.send(to, message, key)
        except Passing:
            await asyncio.sleep(0.01)
    raise AssertionError("it never went through")


def noise(path: Path, side: int) -> Media:
    """A picture that hardly compresses."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise((side, side), 120).convert("RGB").save(path)
    return Media(path, "image/png", path.stat().st_size, side, side)


# Whose telephone rings ----------------------------------------------------------------------------------


async def test_an_end_answers_its_person_and_nobody_else_is_told(stage: Stage) -> None:
    _, to = await asked(stage)
    await stage.platform.send(to, replace(TEXT, kind=Kind.ACK, headline="@everyone <@1>"), "ack")
    await stage.platform.send(to, replace(SUCCESS, headline=f"<@{stage.bob.user.id}> @here"), "end")
    assert [ping.whom for ping in stage.world.pings] == [str(stage.ada.user.id)]
    assert stage.discord.pings == []


async def test_nobody_is_called_by_name_in_a_direct_chat(stage: Stage) -> None:
    await stage.ada.slash("imagine", stage.ada.direct(), prompt="a fox")
    await until(lambda: len(stage.listener.messages) == 1)
    await stage.platform.send(stage.listener.messages[0].address, FAILURE, "end")
    assert stage.discord.transcript(stage.ada.direct())[-1] == "Inkling: It didn't work out"


# Places that are not what they were ---------------------------------------------------------------------


async def test_an_answer_stands_even_if_what_it_answers_is_gone(stage: Stage) -> None:
    message, to = await asked(stage)
    await stage.ada.deletes(message)
    await stage.platform.send(to, SUCCESS, "end")
    assert len(stage.said()) == 1


async def test_without_the_history_it_is_written_without_a_reference(stage: Stage) -> None:
    _, to = await asked(stage)
    await stage.discord.set_rights(stage.channel, deny=READ_MESSAGE_HISTORY)
    await stage.platform.send(to, SUCCESS, "end")
    assert stage.said()[0].reference is None


async def test_without_embeds_and_files_there_are_words_and_links(stage: Stage) -> None:
    _, to = await asked(stage)
    await stage.discord.set_rights(stage.channel, deny=EMBED_LINKS | ATTACH_FILES)
    media = (result(stage.media("a.png")),)
    await stage.platform.send(to, replace(SUCCESS, media=media), "end")
    (line,) = stage.discord.transcript()[1:]
    assert "Ready!" in line
    assert "https://a.example/x.png" in line
    assert stage.said()[0].files == []


async def test_a_right_that_went_a_moment_ago_is_noticed(stage: Stage) -> None:
    _, to = await asked(stage)
    # The gateway says nothing about it: what the client believes is out of date.
    stage.channel.overwrites[stage.discord.guild.bot_role] = (0, EMBED_LINKS)
    await stage.platform.send(to, SUCCESS, "end")
    assert stage.said()[0].embeds == []


async def test_what_happens_after_the_bot_was_silenced_is_told_directly(stage: Stage) -> None:
    _, to = await asked(stage)
    await stage.discord.set_rights(stage.channel, deny=SEND_MESSAGES)
    with pytest.raises(Gone):
        await stage.platform.send(to, replace(TEXT, kind=Kind.START), "start")
    ref = await stage.platform.send(to, SUCCESS, "end")
    assert ref.chat == str(stage.ada.direct().id)
    (line,) = stage.discord.transcript(stage.ada.direct())
    assert "Ready!" in line
    assert f"<#{stage.channel.id}>" in line


@pytest.mark.parametrize("fate", ["deleted", "kicked"])
async def test_an_end_without_its_channel_goes_to_the_person(stage: Stage, fate: str) -> None:
    _, to = await asked(stage)
    await (stage.discord.delete_channel(stage.channel) if fate == "deleted" else stage.discord.kick())
    media = (result(stage.media("a.png")),)
    ref = await stage.platform.send(to, replace(SUCCESS, media=media), "end")
    assert ref.chat == str(stage.ada.direct().id)
    assert "[image/png job1-1.png]" in stage.discord.transcript(stage.ada.direct())[0]
    assert await stage.platform.send(to, SUCCESS, "end") == ref


async def test_an_end_in_a_thread_that_was_locked_goes_to_the_channel_above(stage: Stage) -> None:
    thread = stage.world.new_channel("t", stage.discord.guild, kind=THREAD, parent=stage.channel.id)
    await stage.discord.gateway.dispatch("THREAD_CREATE", stage.discord.wire.channel(thread))
    await stage.ada.says("@Inkling draw a fox", thread)
    await until(lambda: len(stage.listener.messages) == 1)
    thread.archived = thread.locked = True
    ref = await stage.platform.send(stage.listener.messages[0].address, SUCCESS, "end")
    assert ref.chat == str(stage.channel.id)


async def test_a_forum_takes_no_messages_so_a_locked_posts_end_goes_to_the_person(stage: Stage) -> None:
    forum = stage.world.new_channel("forum", stage.discord.guild, kind=FORUM)
    await stage.discord.gateway.dispatch("CHANNEL_CREATE", stage.discord.wire.channel(forum))
    post = stage.world.new_channel("post", stage.discord.guild, kind=THREAD, parent=forum.id)
    await stage.discord.gateway.dispatch("THREAD_CREATE", stage.discord.wire.channel(post))
    await stage.ada.says("@Inkling draw a fox", post)
    await until(lambda: len(stage.listener.messages) == 1)
    to = stage.listener.messages[0].address
    await stage.platform.send(to, replace(TEXT, kind=Kind.START), "start")
    post.archived = post.locked = True
    ref = await stage.platform.send(to, SUCCESS, "end")
    assert ref.chat == str(stage.ada.direct().id)


async def test_nobody_to_tell_is_said(stage: Stage) -> None:
    _, to = await asked(stage)
    stage.ada.user.blocks_dms = True
    await stage.discord.kick()
    with pytest.raises(Gone):
        await stage.platform.send(to, SUCCESS, "end")


# Sizes --------------------------------------------------------------------------------------------------


async def test_a_picture_that_is_refused_is_made_smaller_once_more(stage: Stage) -> None:
    _, to = await asked(stage)
    stage.world.file_limit = 500_000
    picture = await asyncio.to_thread(noise, stage.media("noise.png"), 700)
    assert picture.size > 500_000
    await stage.platform.send(to, replace(SUCCESS, media=(picture,)), "end")
    (file,) = stage.said()[0].files
    assert len(file.data) <= 500_000
    assert stage.discord.violations == []


async def test_what_fits_nowhere_is_a_link(stage: Stage) -> None:
    _, to = await asked(stage)
    stage.world.file_limit = 100
    await stage.platform.send(to, replace(SUCCESS, media=(result(stage.media("a.png")),)), "end")
    (line,) = stage.discord.transcript()[1:]
    assert "https://a.example/x.png" in line
    assert "too large for this place" in line


@pytest.mark.parametrize(("linked", "said"), [(True, "the link has it in full"), (False, "for this place")])
async def test_a_preview_says_that_it_is_one(stage: Stage, *, linked: bool, said: str) -> None:
    _, to = await asked(stage)
    stage.world.file_limit = 420_000
    picture = await asyncio.to_thread(noise, stage.media("noise.png"), 700)
    await stage.platform.send(to, replace(SUCCESS, media=(picture,), lines=(LINK,) if linked else ()), "end")
    (message,) = stage.said()
    assert len(message.files) == 1
    assert said in stage.discord.transcript()[1]


async def test_a_boosted_server_takes_larger_files(stage: Stage) -> None:
    stage.discord.guild.premium_tier, stage.world.file_limit = 2, 50 * 1024 * 1024
    await stage.discord.gateway.dispatch("GUILD_UPDATE", stage.discord.wire.guild(stage.discord.guild))
    _, to = await asked(stage)
    path = stage.media("large.png")
    picture = result(path)
    await asyncio.to_thread(path.write_bytes, path.read_bytes() + bytes(12_000_000))
    large = replace(picture, size=12_000_000)
    await stage.platform.send(to, replace(SUCCESS, media=(large,)), "end")
    assert len(stage.said()[0].files[0].data) > 12_000_000
    assert [status for route, status in stage.discord.rest.requests if route == "message.create"] == [200]


async def test_a_file_that_is_not_on_disk_cannot_be_shown(stage: Stage) -> None:
    _, to = await asked(stage)
    gone = Media(stage.media("gone.png"), "image/png", 1000, 10, 10)
    with pytest.raises(Unshowable):
        await stage.platform.send(to, replace(SUCCESS, media=(gone,)), "end")


# Once, whatever happens ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "status"), [("lose", 0), ("drop", 0), ("status", 503), ("limit", 0), ("ban", 0)]
)
async def test_a_message_shows_once_whatever_goes_wrong(stage: Stage, what: str, status: int) -> None:
    _, to = await asked(stage)
    match what:
        case "lose":
            stage.discord.fail("message.create", "lose", times=2)
        case "drop":
            stage.discord.fail("message.create", "drop", times=2)
        case "limit":
            stage.discord.fail("message.create", "limit", times=3)
        case "ban":
            stage.discord.fail("message.create", "ban", times=2)
        case _:
            stage.discord.fail("message.create", "status", status=status, times=2)
    await persisted(stage, to, SUCCESS, "end")
    assert len(stage.said()) == 1
    assert stage.discord.violations == []


async def test_after_the_nonces_window_the_channel_is_looked_at_first(stage: Stage) -> None:
    _, to = await asked(stage)
    stage.discord.fail("message.create", "lose")
    with pytest.raises(Passing):
        await stage.platform.send(to, SUCCESS, "end")
    stage.later(stage.world.nonce_window + 60)
    ref = await stage.platform.send(to, SUCCESS, "end")
    assert [str(message.id) for message in stage.said()] == [ref.id]


@pytest.mark.parametrize(
    "kind", [Kind.START, Kind.SUCCESS, Kind.FAILURE, Kind.CANCELLED, Kind.TEXT, Kind.ACK]
)
async def test_a_process_that_comes_back_late_finds_what_it_had_sent(stage: Stage, kind: Kind) -> None:
    _, to = await asked(stage)
    message = Outgoing(
        kind, "en", "Words *of* mine", "job1", actions=(AGAIN,) if kind is Kind.SUCCESS else ()
    )
    first = await stage.platform.send(to, message, "key")
    await stage.shut()
    stage.later(3600)
    await stage.open()
    assert await stage.platform.send(to, message, "key") == first
    assert len(stage.said()) == 1


async def test_a_gallery_is_found_again_too(stage: Stage) -> None:
    _, to = await asked(stage)
    media = tuple(result(stage.media(f"{n}.png")) for n in range(3))
    first = await stage.platform.send(to, replace(SUCCESS, media=media), "key")
    await stage.shut()
    stage.later(3600)
    await stage.open()
    assert await stage.platform.send(to, replace(SUCCESS, media=media), "key") == first


async def test_progress_that_was_sent_before_a_stop_is_found_though_it_says_something_else(
    stage: Stage,
) -> None:
    _, to = await asked(stage)
    progress = Outgoing(Kind.PROGRESS, "en", "Drawing… 40%", "job1", percent=40)
    first = await stage.platform.send(to, progress, "progress")
    await stage.shut()
    stage.later(3600)
    await stage.open()
    settled = Outgoing(Kind.PROGRESS, "en", "✓ Done in 12 s", "job1", settled=True)
    assert await stage.platform.send(to, settled, "progress") == first


async def test_another_jobs_end_is_not_taken_for_this_one(stage: Stage) -> None:
    _, to = await asked(stage)
    await stage.platform.send(to, replace(SUCCESS, actions=(replace(AGAIN, job="other"),)), "other")
    await stage.shut()
    stage.later(3600)
    await stage.open()
    await stage.platform.send(to, SUCCESS, "end")
    assert len(stage.said()) == 2


async def test_the_lookup_costs_nothing_in_the_usual_case(stage: Stage) -> None:
    _, to = await asked(stage)
    await stage.platform.send(to, SUCCESS, "end")
    assert "message.list" not in [name for name, _ in stage.discord.rest.requests]


# Rates --------------------------------------------------------------------------------------------------


async def test_a_busy_channel_is_paced_without_a_single_refusal(stage: Stage) -> None:
    stage.discord.rest.limits, stage.discord.rest.haste = True, 50.0
    _, to = await asked(stage)
    for number in range(12):
        await stage.platform.send(to, TEXT, f"k{number}")
    assert stage.discord.rest.limited == 0
    assert len(stage.said()) == 12


async def test_a_ban_is_waited_out_as_long_as_it_asks(stage: Stage) -> None:
    _, to = await asked(stage)
    stage.discord.fail("message.create", "ban")
    with pytest.raises(Passing) as caught:
        await stage.platform.send(to, SUCCESS, "end")
    assert caught.value.retry_after == 7.0


async def test_a_slow_channel_is_waited_for(stage: Stage) -> None:
    _, to = await asked(stage)
    stage.discord.messages.slowed[stage.channel.id] = 0.1
    await stage.platform.send(to, TEXT, "k")
    assert len(stage.said()) == 1


async def test_much_progress_in_one_channel_is_dropped_and_settling_is_not(stage: Stage) -> None:
    _, to = await asked(stage)
    progress = Outgoing(Kind.PROGRESS, "en", "Drawing… 40%", "job1", percent=40)
    ref = await stage.platform.send(to, progress, "progress")
    for number in range(4):
        await stage.platform.edit(ref, replace(progress, percent=50 + number))
    with pytest.raises(Passing):
        await stage.platform.edit(ref, replace(progress, percent=60))
    await stage.platform.edit(ref, Outgoing(Kind.PROGRESS, "en", "✓ Done", "job1", settled=True))
    assert stage.discord.transcript()[-1] == "Inkling ↩ Ada: -# ✓ Done"


async def test_an_edit_of_an_old_message_that_is_refused_does_not_hold_up_the_chat(stage: Stage) -> None:
    _, to = await asked(stage)
    ref = await stage.platform.send(to, TEXT, "k")
    stage.later(3700)
    for number in range(5):
        await stage.platform.edit(ref, replace(TEXT, headline=str(number)))
    with pytest.raises(Unshowable):
        await stage.platform.edit(ref, replace(TEXT, headline="too many"))


async def test_a_picture_of_ten_megabytes_does_not_hold_the_loop(stage: Stage) -> None:
    _, to = await asked(stage)
    stage.media("x").parent.mkdir(parents=True, exist_ok=True)
    picture = await asyncio.to_thread(noise, stage.media("large.png"), 1500)
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.001)
            longest = max(longest, loop.time() - before)

    watching = asyncio.create_task(watch())
    await stage.platform.send(to, replace(SUCCESS, media=(picture,)), "end")
    watching.cancel()
    assert longest < 1.0
    assert png()[:4] == stage.said()[0].files[0].data[:4]
