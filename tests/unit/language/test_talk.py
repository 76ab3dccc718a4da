"""Talk and commands to the bot, by structure (conventions §1): what asks for no picture starts none."""

from bot.language import understand


def intents(*texts: str, reply: bool = False, waits: bool = False) -> set[str]:
    return {understand(text, reply_to_result=reply, awaiting_retry=waits).intent for text in texts}


def test_words_are_asked_for_as_pictures_are_and_are_none() -> None:
    assert intents("给我来点建议", "给我来点灵感", "i need some advice on this", "give me a hug") == {"chat"}
    assert intents("给我来点樱花", "i need a poster with advice for hikers") == {"generate"}


def test_somebody_showing_somebody_how_is_a_scene_and_no_question() -> None:
    assert intents("小孩教爷爷怎么用手机", "老师在教学生怎么包饺子", "不知道怎么办的小熊") == {"generate"}
    assert intents("教我怎么包饺子", "谁知道怎么做蛋糕", "水彩怎么调色") == {"chat"}


def test_a_how_to_question_about_the_bot_is_help() -> None:
    assert intents("怎么取消任务", "如何换模型", "怎么删除我的数据", "how do i change the model") == {"help"}
    assert intents("怎么画猫啊", "how do I draw a horse?") == {"chat"}


def test_how_much_the_bot_can_do_is_help() -> None:
    assert intents("最多能画几张", "能做多大的图", "能生成多长的视频", "能看图改图吗") == {"help"}


def test_own_data_is_deleted_though_a_word_is_unknown() -> None:
    assert intents("remove my data from your system", "请删除我的账号数据") == {"forget_me"}
    assert intents("delete the data center in the background", reply=True) == {"generate"}


def test_a_question_about_data_deletes_none() -> None:
    wonder = ("你会删除我的数据吗", "is my data deleted", "do you delete my history after a while")
    assert "forget_me" not in intents(*wonder)
    assert intents("can you delete my data", "能删除我的数据吗") == {"forget_me"}


def test_what_is_not_wanted_in_a_rerun_is_content() -> None:
    assert intents("没看清，重新生成") == {"again"}
    assert intents("重新生成，不要文字", "again, no text") == {"generate"}


def test_what_there_is_of_something_is_a_question_about_it() -> None:
    assert intents("有啥好玩的功能") == {"help"}
    assert intents("有什么都不怕的猫") == {"generate"}


def test_a_rerun_with_a_model_is_no_question_how_far_it_is() -> None:
    assert intents("没画好，用MJ再试一次") == {"again"}
    assert intents("怎么还在转圈") == {"status"}


def test_who_cannot_draw_asks_nothing_of_the_bot() -> None:
    assert intents("我不会画画", "随便聊聊", "帮我起个名字") == {"chat"}
    assert intents("你会画画吗", "可以教我用吗") == {"help"}


def test_how_many_more_is_about_the_credits() -> None:
    assert intents("我还能画几张", "积分还够画几张") == {"credits"}


def test_today_in_a_description_is_no_talk() -> None:
    assert intents("今天的晚霞，手绘风") == {"generate"}
    assert intents("今天好累") == {"chat"}


def test_a_time_is_no_price() -> None:
    assert intents("大概还要等几分钟") == {"status"}
    assert intents("画一张要几分") == {"credits"}


def test_a_complaint_about_a_look_is_no_picture() -> None:
    assert intents("有点小", "太暗了吧", "哈哈哈哈这猫也太丑了吧", "wrong picture") == {"chat"}
    assert intents("best day ever!", "sorry my bad", "不错不错，继续努力") == {"chat"}
    assert intents("有点小", "太暗了吧", reply=True) == {"chat"}


def test_liking_a_picture_changes_nothing_in_it() -> None:
    liking = ("我喜欢这个配色！", "i love this one", "my favorite is the second one lol", "这张我最喜欢")
    assert intents(*liking, reply=True) == {"chat"}
    changes = ("i like it but make it blue", "我喜欢，不过把帽子换成红色")
    assert intents(*changes, reply=True) == {"generate"}


def test_thanks_to_somebody_are_no_picture_of_him() -> None:
    assert intents("thanks bud", "谢谢老铁") == {"chat"}
    assert intents("thank you card with daisies") == {"generate"}


def test_a_difference_that_is_asked_for_is_talk_though_a_drawing_word_begins_it() -> None:
    assert intents("素描和速写有什么区别", "手绘有啥技巧", "油画和水彩哪个难") == {"chat"}


def test_what_somebody_thought_of_a_picture_is_talk() -> None:
    assert intents("my boss loved the poster", "my mom said no") == {"chat"}


def test_a_command_may_have_its_reason_beside_it() -> None:
    assert intents(
        "先别画了，我想改一下", "wait stop, wrong picture", "哎呀发错了，取消取消", "等等先停"
    ) == {"cancel"}
    assert intents("取消，我想画一只狗", "stop, a red fox") == {"generate"}


def test_a_light_ending_changes_nothing() -> None:
    assert intents("算啦", "唉算了", waits=True) == {"cancel"}
    assert intents("别画啦") == {"cancel"}


def test_more_is_asked_for_in_the_words_of_a_request() -> None:
    assert intents("gimme 2 more", "can i get another one", "我想再要一张", reply=True) == {"again"}
