"""Patterns made of lists: the longest word wins, and Latin words are whole ones."""

from hypothesis import given
from hypothesis import strategies as st

from bot.language.lexicon import Lexicon

LATIN = "ab1"


def fits(word: str, text: str, place: int) -> bool:
    before, after = text[:place][-1:], text[place + len(word) :][:1]
    begins = not (word[0] in LATIN and before and before in LATIN)
    ends = not (word[-1] in LATIN and after and after in LATIN)
    return text.startswith(word, place) and begins and ends


@given(
    st.lists(st.text(f"{LATIN}画猫", min_size=1, max_size=4), min_size=1, max_size=8),
    st.text(f"{LATIN}画猫 ", max_size=12),
)
def test_the_longest_whole_word_is_found_at_every_place(words: list[str], text: str) -> None:
    pattern = Lexicon({"folding.pairs": (), "a.list": words}).pattern("«a.list»")
    for place in range(len(text)):
        found = pattern.match(text, place)
        longest = max((word for word in words if fits(word, text, place)), key=len, default=None)
        assert (found[0] if found else None) == longest


def test_a_word_with_a_gap_goes_on_after_it() -> None:
    pattern = Lexicon({"folding.pairs": (), "a.list": ["which…models", "which"]}).pattern("«a.list»")
    assert [match[0] for match in pattern.finditer("which fine models, which one")] == [
        "which fine models",
        "which",
    ]
