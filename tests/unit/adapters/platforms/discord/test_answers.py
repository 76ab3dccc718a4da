"""An interaction is answered in time, once, and the best is made of it when that fails."""

import asyncio
from contextlib import suppress

import pytest

from bot.errors import Gone, Passing
from bot.message import Action, Address, Kind, MessageRef, Outgoing, Press, Reply
from tests.contract.platforms.stage import result, until
from tests.simulators.discord.state import ATTACH_FILES, Interaction
from tests.unit.adapters.platforms.discord.conftest import Stage

ACK = Outgoing(Kind.ACK, "en", "OK! Drawing a fox for you", "job1")
START = Outgoing(Kind.START, "en", "Starting", "job1")
PROGRESS = Outgoing(Kind.PROGRESS, "en", "Drawing… 40%", "job1", percent=40)
SUCCESS = Outgoing(Kind.SUCCESS, "en", "Ready!", "job1")


async def asked(stage: Stage, *, guest: bool = False, quiet: bool = False) -> tuple[Interaction, Address]:
    """A command, and where its answers go."""
    before = len(stage.listener.messages)
    if quiet:
        interaction = await stage.ada.slash("help", guest=guest)
    else:
        interaction = await stage.ada.slash("imagine", prompt="a fox", guest=guest)
    await until(lambda: len(stage.listener.messages) > before)
    return interaction, stage.listener.messages[-1].address


async def persisted(stage: Stage, to: Address, message: Outgoing, key: str) -> MessageRef:
    """Send as the outbox does: again with the same key while the reason passes."""
    for _ in range(5):
        try:
            return await stage.platform.send(to, message, key)
        except Passing:
            await asyncio.sleep(0.01)
    raise AssertionError("it never went through")


async def test_an_answer_that_takes_longer_than_a_second_is_put_off(stage: Stage) -> None:
    interaction, to = await asked(stage)
    await until(lambda: interaction.answered == 5)
    assert stage.discord.transcript() == ["Inkling: … is thinking"]
    await stage.platform.send(to, ACK, "ack")
    assert stage.discord.transcript() == ["Inkling: OK! Drawing a fox for you"]
    assert stage.said()[0].id == interaction.original


async def test_a_quick_answer_is_not_put_off(stage: Stage) -> None:
    stage.hasty.haste = 20.0
    interaction, to = await asked(stage)
    await stage.platform.send(to, ACK, "ack")
    await asyncio.sleep(0.08)
    assert interaction.answered == 4


async def test_a_private_answer_that_is_put_off_stays_private(stage: Stage) -> None:
    interaction, to = await asked(stage, quiet=True)
    await until(lambda: interaction.answered == 5)
    await stage.platform.send(to, Outgoing(Kind.TEXT, "en", "I draw"), "k")
    assert stage.discord.transcript(viewer=stage.ada) == ["Inkling (only you): I draw"]
    assert stage.discord.transcript(viewer=stage.bob) == []


async def test_an_answer_that_never_comes_leaves_no_spinner_behind(stage: Stage) -> None:
    stage.hasty.haste = 5000.0
    interaction, _ = await asked(stage)
    await until(lambda: interaction.answered == 5)
    await until(lambda: stage.discord.transcript() == [])
    assert stage.discord.violations == []


@pytest.mark.parametrize("after", ["lose", "status"])
async def test_an_answer_that_is_lost_is_looked_for_and_not_given_twice(stage: Stage, after: str) -> None:
    stage.hasty.haste = 1.0
    interaction, to = await asked(stage)
    if after == "lose":
        stage.discord.fail("callback", "lose")
    else:
        stage.discord.fail("callback", "status", status=500)
    first = await persisted(stage, to, ACK, "ack")
    assert await stage.platform.send(to, ACK, "ack") == first
    assert interaction.answered == 4
    assert stage.discord.transcript() == ["Inkling: OK! Drawing a fox for you"]
    assert stage.discord.violations == []


async def test_two_answers_to_one_command_are_both_shown_whatever_is_lost(stage: Stage) -> None:
    stage.hasty.haste = 1.0
    _, to = await asked(stage)
    stage.discord.fail("callback", "lose")
    stage.discord.fail("answer.get", "status", status=503)
    with pytest.raises(Passing):
        await stage.platform.send(to, ACK, "ack")
    await stage.platform.send(to, Outgoing(Kind.TEXT, "en", "a warning"), "warning")
    await stage.platform.send(to, ACK, "ack")
    assert sorted(line.split(": ")[1] for line in stage.discord.transcript()) == [
        "OK! Drawing a fox for you",
        "a warning",
    ]
    assert stage.discord.violations == []


async def test_a_deferral_that_is_lost_is_looked_for_too(stage: Stage) -> None:
    stage.discord.fail("callback", "lose")
    interaction, to = await asked(stage)
    await until(lambda: interaction.answered == 5)
    await persisted(stage, to, ACK, "ack")
    assert stage.discord.transcript() == ["Inkling: OK! Drawing a fox for you"]
    assert stage.discord.violations == []


async def test_an_edit_of_the_answer_that_is_lost_is_repeated(stage: Stage) -> None:
    interaction, to = await asked(stage)
    await until(lambda: interaction.answered == 5)
    stage.discord.fail("answer.edit", "lose")
    await persisted(stage, to, ACK, "ack")
    assert stage.discord.transcript() == ["Inkling: OK! Drawing a fox for you"]


async def test_a_private_answer_with_pictures_is_put_off_and_then_shown(stage: Stage) -> None:
    stage.hasty.haste = 1.0
    interaction, to = await asked(stage, quiet=True)
    media = tuple(result(stage.media(f"{n}.png")) for n in range(2))
    mine = Outgoing(Kind.TEXT, "en", "Your latest pictures:", media=media)
    stage.discord.fail("answer.edit", "lose")
    await persisted(stage, to, mine, "k")
    assert interaction.answered == 5
    (line,) = stage.discord.transcript(viewer=stage.ada)
    assert "Your latest pictures:" in line
    assert line.endswith("[image/png picture-1.png] | [image/png picture-2.png]")
    assert stage.discord.transcript(viewer=stage.bob) == []


@pytest.mark.parametrize("guest", [True, False])
async def test_pictures_too_large_for_an_interaction_are_made_smaller(stage: Stage, *, guest: bool) -> None:
    stage.hasty.haste = 1.0
    stage.discord.guild.joined = not guest
    _, to = await asked(stage, guest=guest, quiet=not guest)
    stage.world.file_limit = 100
    media = (result(stage.media("a.png")),)
    kind = Kind.SUCCESS if guest else Kind.TEXT
    if guest:
        await stage.platform.send(to, ACK, "ack")
    await persisted(stage, to, Outgoing(kind, "en", "Ready!", "job1", media=media), "k")
    line = stage.discord.transcript(viewer=stage.ada)[-1]
    assert "Ready!" in line
    assert line.endswith("-# The picture is too large for this place")


async def test_too_late_for_an_answer_it_becomes_a_message(stage: Stage) -> None:
    stage.hasty.haste = 0.1
    _, to = await asked(stage)
    stage.later(3.5)
    await stage.platform.send(to, ACK, "ack")
    await stage.platform.send(to, START, "start")
    assert stage.discord.transcript() == ["Inkling: OK! Drawing a fox for you", "Inkling: Starting"]
    assert stage.discord.violations == []


async def test_a_refused_answer_becomes_a_message(stage: Stage) -> None:
    stage.hasty.haste = 0.1
    interaction, to = await asked(stage)
    interaction.created -= 10
    await stage.platform.send(to, ACK, "ack")
    assert stage.discord.transcript() == ["Inkling: OK! Drawing a fox for you"]
    assert [violation.rule for violation in stage.discord.violations] == ["answered late"]


async def test_after_a_restart_what_was_answered_is_not_answered_again(stage: Stage) -> None:
    _, to = await asked(stage)
    await stage.platform.send(to, ACK, "ack")
    await stage.restart()
    again = await stage.platform.send(to, ACK, "ack")
    assert again.id == str(stage.said()[0].id)
    await stage.platform.send(to, START, "start")
    assert stage.discord.transcript() == ["Inkling: OK! Drawing a fox for you", "Inkling ↩ Inkling: Starting"]


async def test_after_a_restart_a_deferral_is_answered(stage: Stage) -> None:
    interaction, to = await asked(stage)
    await until(lambda: interaction.answered == 5)
    await stage.restart()
    await stage.platform.send(to, ACK, "ack")
    assert stage.discord.transcript() == ["Inkling: OK! Drawing a fox for you"]


async def test_after_a_restart_an_unanswered_command_is_answered_by_a_message(stage: Stage) -> None:
    stage.hasty.haste = 0.1
    _, to = await asked(stage)
    await stage.restart()
    stage.later(60)
    await persisted(stage, to, ACK, "ack")
    assert stage.discord.transcript() == ["Inkling: OK! Drawing a fox for you"]
    assert stage.discord.violations == []


async def test_jobs_outlive_the_interaction(stage: Stage) -> None:
    _, to = await asked(stage)
    await stage.platform.send(to, ACK, "ack")
    ref = await stage.platform.send(to, PROGRESS, "progress")
    stage.later(20 * 60)
    await stage.platform.edit(ref, Outgoing(Kind.PROGRESS, "en", "✓ Done", "job1", settled=True))
    await stage.platform.send(to, SUCCESS, "end")
    assert [line.split(": ", 1)[1] for line in stage.discord.transcript()] == [
        "OK! Drawing a fox for you",
        "-# ✓ Done",
        "@Ada | Ready!",
    ]


async def test_a_private_answer_that_comes_too_late_goes_to_the_person_directly(stage: Stage) -> None:
    _, to = await asked(stage, quiet=True)
    stage.later(20 * 60)
    await stage.platform.send(to, Outgoing(Kind.TEXT, "en", "2 points left"), "k")
    assert stage.discord.said() == [stage.world.messages[m.id] for m in stage.discord.said() if m.loading]
    assert [m.content for m in stage.discord.said(stage.ada.direct())] == ["2 points left"]


async def test_two_hundred_commands_at_once_are_all_answered_in_time(stage: Stage) -> None:
    interactions = [await stage.ada.slash("imagine", prompt=f"fox {n}") for n in range(200)]
    await until(lambda: len(stage.listener.messages) == 200)
    stage.hasty.haste = 1.0
    await asyncio.gather(
        *(stage.platform.send(m.address, ACK, f"ack-{n}") for n, m in enumerate(stage.listener.messages))
    )
    assert all(i.answered is not None for i in interactions)
    assert not any(i.pending for i in interactions)
    assert stage.discord.violations == []


# Where the bot is only a guest --------------------------------------------------------------------------


async def test_a_guest_answers_through_the_command_and_says_so_before_anything_is_spent(stage: Stage) -> None:
    stage.discord.guild.joined = False
    interaction, to = await asked(stage, guest=True)
    media = (result(stage.media("job1-1.png")),)
    await stage.platform.send(to, ACK, "ack")
    await stage.platform.send(to, START, "start")
    ref = await stage.platform.send(to, PROGRESS, "progress")
    await stage.platform.edit(ref, Outgoing(Kind.PROGRESS, "en", "✓ Done", "job1", settled=True))
    await stage.platform.send(to, Outgoing(Kind.SUCCESS, "en", "Ready!", "job1", media=media), "end")
    ack, start, progress, end = stage.discord.transcript()
    assert ack.startswith("Inkling: OK! Drawing a fox for you\n-# I can't write here by myself")
    assert start == "Inkling: Starting"
    assert progress == "Inkling: -# ✓ Done"
    assert end.startswith("Inkling: Ready! | [image]")
    assert interaction.followups == 3
    assert stage.discord.violations == []


async def test_a_guest_never_runs_out_of_follow_ups_for_the_end(stage: Stage) -> None:
    stage.discord.guild.joined = False
    _, to = await asked(stage, guest=True)
    await stage.platform.send(to, ACK, "ack")
    for number in range(8):
        await stage.platform.send(to, PROGRESS, f"progress-{number}")
    await stage.platform.send(to, SUCCESS, "end")
    assert stage.discord.transcript()[-1].startswith("Inkling: Ready!")
    assert stage.discord.violations == []


async def test_a_guests_late_end_goes_to_the_person_directly(stage: Stage) -> None:
    stage.discord.guild.joined = False
    _, to = await asked(stage, guest=True)
    await stage.platform.send(to, ACK, "ack")
    stage.later(15 * 60)
    ref = await stage.platform.send(to, SUCCESS, "end")
    assert ref.chat == str(stage.ada.direct().id)
    assert stage.discord.transcript(stage.ada.direct()) == ["Inkling: Ready!"]


async def test_a_follow_up_whose_answer_is_lost_is_not_sent_again(stage: Stage) -> None:
    stage.discord.guild.joined = False
    _, to = await asked(stage, guest=True)
    await stage.platform.send(to, ACK, "ack")
    stage.discord.fail("followup", "lose")
    await persisted(stage, to, SUCCESS, "end")
    # It stands there, and the acknowledgement shows it as well: better twice to read than never.
    assert [line for line in stage.discord.transcript() if "Ready!" in line] == ["Inkling: Ready!"] * 2
    assert "followup" not in [name for name, _ in stage.discord.rest.requests[-1:]]


async def test_a_place_without_the_right_to_attach_is_a_guests_place(stage: Stage) -> None:
    await stage.discord.set_rights(stage.channel, deny=ATTACH_FILES)
    _, to = await asked(stage)
    await stage.platform.send(to, ACK, "ack")
    media = (result(stage.media("job1-1.png")),)
    await stage.platform.send(to, Outgoing(Kind.SUCCESS, "en", "Ready!", "job1", media=media), "end")
    assert "[image/png job1-1.png]" in stage.discord.transcript()[-1]


async def test_progress_says_farewell_before_nobody_can_change_it_any_more(stage: Stage) -> None:
    stage.discord.guild.joined = False
    _, to = await asked(stage, guest=True)
    await stage.platform.send(to, ACK, "ack")
    ref = await stage.platform.send(to, PROGRESS, "progress")
    stage.later(9 * 60)
    await stage.platform.edit(ref, PROGRESS)
    assert "/jobs" not in stage.discord.transcript()[-1]
    stage.later(3 * 60)
    await stage.platform.edit(ref, PROGRESS)
    assert "I'll send you the picture directly; /jobs shows how far it is" in stage.discord.transcript()[-1]
    stage.later(3 * 60)
    with pytest.raises(Gone):
        await stage.platform.edit(ref, PROGRESS)
    with pytest.raises(Gone):
        await stage.platform.send(to, PROGRESS, "another")
    await stage.platform.send(to, SUCCESS, "end")
    assert stage.discord.transcript(stage.ada.direct()) == ["Inkling: Ready!"]


async def pressed_as_a_guest(stage: Stage) -> Address:
    """A press on a result where the bot can write through interactions alone, and where its answers go."""
    stage.discord.guild.joined = False
    _, to = await asked(stage, guest=True)
    again = Action(Press.AGAIN, "Once more", "job1", str(stage.ada.user.id), "en")
    await stage.platform.send(to, ACK, "ack")
    await stage.platform.send(to, Outgoing(Kind.SUCCESS, "en", "The first!", "job1", actions=(again,)), "e1")
    stage.listener.reply = Reply()
    await stage.ada.presses(stage.discord.said()[-1], "Once more", guest=True)
    await until(lambda: len(stage.listener.presses) == 1)
    return stage.listener.presses[0].address


async def test_what_follows_a_guests_press_never_overwrites_the_picture_pressed_on(stage: Stage) -> None:
    to = await pressed_as_a_guest(stage)
    await stage.platform.send(to, ACK, "ack2")
    assert "I can't write here by myself" in stage.discord.transcript()[-1]
    for number in range(6):
        with suppress(Gone):
            await stage.platform.send(to, PROGRESS, f"progress-{number}")
    stage.discord.fail("followup", "lose")
    await persisted(stage, to, SUCCESS, "e2")
    lines = stage.discord.transcript() + stage.discord.transcript(stage.ada.direct())
    assert sum("The first!" in line for line in lines) == 1
    assert sum("Ready!" in line for line in lines) >= 1
    assert [violation.rule for violation in stage.discord.violations] == []


async def test_a_guest_with_nowhere_to_go_is_told_apart(stage: Stage) -> None:
    stage.discord.guild.joined = False
    stage.ada.user.blocks_dms = True
    _, to = await asked(stage, guest=True)
    stage.later(15 * 60)
    with pytest.raises(Gone):
        await stage.platform.send(to, SUCCESS, "end")
