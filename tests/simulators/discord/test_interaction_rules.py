"""Every rule about interactions and commands is broken here on purpose, and seen to be refused."""

import asyncio

import pytest

from tests.simulators.discord.people import NotOffered
from tests.simulators.discord.raw import RawBot, rules
from tests.simulators.discord.state import Json

# Interactions -------------------------------------------------------------------------------------------


async def test_an_answer_after_three_seconds_is_refused(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    bot.discord.world.pass_time(3.1)
    assert (await bot.answer(interaction, content="late"))[1]["code"] == 10062
    assert rules(bot.discord) == ["answered late"]
    assert bot.discord.interactions.failed() == [interaction]


async def test_a_second_first_answer_is_refused(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    assert (await bot.answer(interaction, content="a"))[0] == 200
    assert (await bot.answer(interaction, content="a"))[1]["code"] == 40060
    assert rules(bot.discord) == ["answered twice"]


async def test_a_token_dies_after_fifteen_minutes(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    await bot.answer(interaction, kind=5)
    bot.discord.world.pass_time(901)
    status, answer = await bot.call("PATCH", bot.hook(interaction, "/messages/@original"), {"content": "a"})
    assert (status, answer["code"]) == (401, 50027)
    assert bot.discord.interactions.failed() == [interaction]


async def test_there_is_nothing_to_follow_before_the_first_answer(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    assert (await bot.call("POST", bot.hook(interaction), {"content": "a"}))[1]["code"] == 10015
    assert (await bot.call("GET", bot.hook(interaction, "/messages/@original")))[1]["code"] == 10015


async def test_the_first_follow_up_of_a_deferral_becomes_the_answer(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    await bot.answer(interaction, kind=5)
    await bot.call("POST", bot.hook(interaction), {"content": "first"})
    await bot.call("POST", bot.hook(interaction), {"content": "second"})
    assert bot.discord.transcript() == ["Inkling: first", "Inkling: second"]


async def test_a_deferral_says_nothing_but_whether_it_is_ephemeral(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    assert (await bot.answer(interaction, kind=5, content="a"))[1]["code"] == 50035


async def test_a_guest_follows_up_five_times(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox", guest=True)
    await bot.answer(interaction, content="a")
    bot.discord.rest.limits = False
    codes = [(await bot.call("POST", bot.hook(interaction), {"content": "b"}))[0] for _ in range(6)]
    assert codes == [200] * 5 + [400]


async def test_an_ephemeral_answer_is_for_one_person(bot: RawBot) -> None:
    ada, bob = bot.discord.person("Ada"), bot.discord.person("Bob")
    await bot.answer(await ada.slash("imagine", prompt="fox"), content="psst", flags=64)
    assert bot.discord.transcript(viewer=ada) == ["Inkling (only you): psst"]
    assert bot.discord.transcript(viewer=bob) == []


async def test_each_kind_of_interaction_takes_its_own_answers_alone(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    for kind in (1, 6, 7, 8, 99):
        assert (await bot.answer(interaction, kind=kind))[1]["code"] == 50035
    assert interaction.answered is None


async def test_an_interaction_that_never_was_cannot_be_answered(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    assert (await bot.call("POST", f"/interactions/1/{interaction.token}/callback", {"type": 5}))[1][
        "code"
    ] == 10062
    assert (await bot.call("POST", f"/webhooks/1/{interaction.token}", {"content": "a"}))[1]["code"] == 10015


async def test_more_than_twenty_five_choices_are_refused(bot: RawBot) -> None:
    ada = bot.discord.person("Ada")
    typing = asyncio.create_task(ada.types("imagine", "model", "x", prompt="fox"))
    await bot.discord.interactions.wait_for(lambda: True)
    await asyncio.sleep(0)
    (interaction,) = bot.discord.world.interactions.values()
    choices = [{"name": str(number), "value": str(number)} for number in range(26)]
    assert (await bot.answer(interaction, kind=8, choices=choices))[1]["code"] == 50035
    assert (await bot.answer(interaction, kind=8, choices=choices[:25]))[0] == 200
    assert len(await typing) == 25


async def test_a_form_that_is_too_long_is_refused(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    field = {"type": 4, "custom_id": "t", "style": 2, "label": "What"}
    form = {"custom_id": "m", "components": [{"type": 1, "components": [field]}]}
    assert (await bot.answer(interaction, kind=9, title="t" * 46, **form))[1]["code"] == 50035


# Commands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Imagine", "description": "d"},
        {"name": "imagine", "description": ""},
        {"name": "imagine", "description": "d" * 101},
        {"name": "imagine", "description": "d", "name_localizations": {"zh": "画"}},
        {"name": "menu", "type": 3, "description": "not here"},
        {
            "name": "a",
            "description": "d",
            "options": [{"type": 3, "name": str(i), "description": "d"} for i in range(26)],
        },
        {
            "name": "a",
            "description": "d",
            "options": [
                {"type": 3, "name": "x", "description": "d"},
                {"type": 3, "name": "y", "description": "d", "required": True},
            ],
        },
        {
            "name": "a",
            "description": "d",
            "options": [
                {
                    "type": 3,
                    "name": "x",
                    "description": "d",
                    "choices": [{"name": str(i), "value": str(i)} for i in range(26)],
                }
            ],
        },
    ],
)
async def test_a_command_against_the_rules_is_refused(bot: RawBot, command: Json) -> None:
    assert (await bot.register(command))[1]["code"] == 50035


async def test_two_hundred_new_commands_a_day_are_enough(bot: RawBot) -> None:
    bot.discord.rest.limits = False
    for generation in range(3):
        names = [f"c{generation}-{i}" for i in range(99)]
        status, answer = await bot.register(*({"name": n, "description": "d"} for n in names))
    assert (status, answer["code"]) == (400, 30034)


async def test_a_person_can_only_do_what_their_client_offers(bot: RawBot) -> None:
    ada = bot.discord.person("Ada")
    for wrong in ({"prompt": 5}, {}, {"prompt": "a", "count": 9}, {"prompt": "a", "colour": "red"}):
        with pytest.raises(NotOffered):
            await ada.slash("imagine", **wrong)
    with pytest.raises(NotOffered):
        await ada.slash("paint", prompt="a")
