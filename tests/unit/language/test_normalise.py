"""The sheet: what is kept and what is compared stay in step while pieces are cut out of both."""

from hypothesis import given
from hypothesis import strategies as st

from bot.language import lexicon as words
from bot.language.normalise import Sheet

LEXICON = words.load()
LETTERS = st.sampled_from("画猫a1 ,.:。、\n\x00\x01")
PIECES = st.sampled_from(["帮我", "请", "please ", "to ", "一只猫", "16:9", "，", ". ", " ", "hi, "])


@given(
    st.lists(PIECES | LETTERS, max_size=40).map("".join),
    st.lists(st.tuples(st.booleans(), st.integers(0, 60), st.integers(0, 9)), max_size=6),
)
def test_after_any_cuts_clauses_begin_where_a_fresh_look_finds_them(
    text: str, changes: list[tuple[bool, int, int]]
) -> None:
    sheet = Sheet(text, text)
    for quiet, start, length in changes:
        sheet.openings(LEXICON)
        change = sheet.hush if quiet else sheet.cut
        change(min(start, len(text)), min(start + length, len(text)))
        assert sheet.openings(LEXICON) == Sheet(sheet.kept, sheet.folded).openings(LEXICON)
    assert len(sheet.kept) == len(sheet.folded) == len(text)


def test_a_clause_goes_from_stop_to_stop() -> None:
    sheet = Sheet("", "画猫,1.5米高。尾巴")
    assert sheet.folded[sheet.clause_start(6) : sheet.clause_end(6)] == "1.5米高"
