"""Words as data: the TOML files beside this module, and the patterns made of them.

A rule asks for a pattern by template, such as `«draw.verbs»\\s*«count.articles»`; what stands between
the guillemets is replaced by every word of that list. Patterns are compiled once, when first needed.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from bot import catalog

_PLACE = re.compile(r"«([^»]+)»")
_BLANKS = re.compile(r"[\s\-]+")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
#: What may stand between two parts of a model's name.
_GAP = r"[\s\-_·]*"
#: What a word with … in it leaves open.
_SOME = r"[^\n]{0,8}?"
#: Where a Latin word begins and ends.
_START, _END = "(?<![a-z0-9])", "(?![a-z0-9])"

#: What people say before a request: polite words at once; a greeting, a name or a filler only where a
#: request or a pause follows, since "great" and 快 also begin content.
_MACROS = {
    "verb": r"(?:«draw.verbs»(?!(?!«draw.yet»)«draw.not_after»)|«draw.weak»(?=\s*(?:«draw.objects»|\d)))",
    "lead": r"(?!«talk.not_lead»)(?:«talk.please»|给(?=«draw.verbs|draw.weak»\s*«draw.objects»)"
    r"|«talk.greet»\s+«talk.call»(?=\s)"
    r"|«talk.hesitate»(?=\s*[,.…~。、])|«talk.greet|talk.call|talk.soft|talk.weak»"
    r"(?=\s*[,!:~.…。、?;\x00]|\s*(?:«talk.please|talk.greet|talk.call|talk.soft|talk.weak|draw.asks»|«verb»|«edit.handles»\s)))"
    r"[\s,!:~.…。、?;\x00]*",
}

Tables = Mapping[str, Any]


class Lexicon:
    """All lists of words, and the patterns made of them."""

    def __init__(self, tables: Tables, patterns: dict[str, re.Pattern[str]] | None = None) -> None:
        self._tables = tables
        self._patterns = _Patterns(self._fill, patterns or {})
        self._written: dict[str, str] = {}
        self.fold = Folding(tables["folding.pairs"])

    def words(self, name: str) -> tuple[str, ...]:
        """The words of one list."""
        return tuple(self._tables[name])

    def table(self, name: str) -> Mapping[str, Any]:
        """A list that says something about each word."""
        entries: Mapping[str, Any] = self._tables[name]
        return entries

    def value(self, name: str, said: str) -> Any:
        """What a list says about a word as it was found in a text."""
        table = self._tables[name]
        return table[said] if said in table else table[_BLANKS.sub(" ", said)]

    def pattern(self, template: str) -> re.Pattern[str]:
        """The compiled pattern for a template."""
        return self._patterns[template]

    def without(self, name: str, *words: str) -> "Lexicon":
        """The same lexicon less some words; patterns that do not know the list are shared."""
        entries = self._tables[name]
        fewer: Any
        if isinstance(entries, Mapping):
            fewer = {k: v for k, v in entries.items() if k not in words}
        else:
            fewer = [entry for entry in entries if entry not in words]
        kept = {t: p for t, p in self._patterns.items() if name not in _names(t)}
        return Lexicon({**self._tables, name: fewer}, kept)

    def names(self) -> Iterable[str]:
        """Every list there is."""
        return self._tables.keys()

    def _fill(self, template: str) -> str:
        return _PLACE.sub(self._alternatives, template)

    def _alternatives(self, place: re.Match[str]) -> str:
        said = place[1]
        if said not in self._written:
            self._written[said] = self._fill(_MACROS[said]) if said in _MACROS else self._choice(said)
        return self._written[said]

    def _choice(self, said: str) -> str:
        names = said.split("|")
        # A name with a tilde may follow a figure at once: 5s.
        joined = [name.endswith("~") for name in names]
        return _trie(
            _atoms(word, _GAP if name == "models.aliases" else None, whole=not after)
            for name, after in zip(names, joined, strict=True)
            for word in self.words(name.rstrip("~"))
        )


class _Patterns(dict[str, re.Pattern[str]]):
    """Templates to patterns, compiled when they are first asked for."""

    def __init__(self, fill: Callable[[str], str], known: dict[str, re.Pattern[str]]) -> None:
        super().__init__(known)
        self._fill = fill

    def __missing__(self, template: str) -> re.Pattern[str]:
        pattern = self[template] = re.compile(self._fill(template))
        return pattern


def _names(template: str) -> set[str]:
    found = {name for place in _PLACE.findall(template) for name in place.replace("~", "").split("|")}
    return found.union(*(_names(_MACROS[name]) for name in found & _MACROS.keys()))


class Folding(dict[str, str]):
    """Letters to what they are compared by: width, case and script folded, a pictogram is a pause.

    One to one, so that a place in the folded text is the same place in what the person wrote.
    """

    def __init__(self, pairs: Iterable[str]) -> None:
        super().__init__({pair[0]: pair[1] for pair in pairs})
        self._pairs = dict(self)
        # Most letters of a text are compared as they are, and need no look into the table.
        self._odd = re.compile(
            rf"[A-Z\x80-\u3000\u3003-\u4dff\ua000-\U0010ffff{''.join(map(re.escape, self))}]"
        )

    def __missing__(self, letter: str) -> str:
        wide = unicodedata.normalize("NFKC", letter)
        folded = wide if len(wide) == 1 else letter
        low = folded.lower()
        folded = low if len(low) == 1 else folded
        if unicodedata.category(folded) == "So" or "\U0001f3fb" <= folded <= "\U0001f3ff":
            folded = "~"
        self[letter] = self._pairs.get(folded, folded)
        return self[letter]

    def __call__(self, text: str) -> str:
        """The text as it is compared."""
        return self._odd.sub(lambda letter: self[letter[0]], text)


def _atoms(word: str, glue: str | None, *, whole: bool = True) -> list[str]:
    """A word as a row of small patterns: whole words only where it is Latin; spaces as they matter.

    画…几分 has up to eight letters of anything where the … stands.
    """
    if "…" in word:
        before, after = word.split("…", 1)
        pieces = [
            _atoms(piece, glue, whole=whole) if piece else [] for piece in (before.strip(), after.strip())
        ]
        return [*pieces[0], _SOME, *pieces[1]]
    atoms: list[str] = []
    parts = word.split()
    for i, part in enumerate(parts):
        if i and glue is not None:
            atoms.append(glue)
        elif i:
            both = parts[i - 1][-1] in _LATIN and part[0] in _LATIN
            atoms.append(r"[\s\-]+" if both else r"\s*")
        atoms += map(_letter, part)
    if whole and word[0] in _LATIN:
        atoms[0] = _START + atoms[0]
    if word[-1] in _LATIN:
        atoms.append(_END)
    return atoms


def _letter(letter: str) -> str:
    """A letter as a pattern: 算啦 is 算了, said lightly."""
    return "[了啦]" if letter == "了" else re.escape(letter)


def _trie(rows: Iterable[list[str]]) -> str:
    """One pattern that matches the longest of many words without trying each."""
    root: dict[str, Any] = {}
    for row in rows:
        node = root
        latin = row[-1] == _END
        for atom in row[:-1] if latin else row:
            node = node.setdefault(atom, {})
        node[""] = latin
    # Each first letter stands for itself, so that a search can skip to those there are.
    words = [_begin(atom, node) for atom, node in root.items()]
    return f"(?:{'|'.join(words)})" if words else r"(?!)"


def _begin(letters: str, node: dict[str, Any]) -> str:
    """What begins with a letter. What stands before a Latin word is looked at when its letters fit."""
    start = letters.startswith(_START)
    letters = letters.removeprefix(_START)
    while start and len(node) == 1 and _LATIN.issuperset(node):
        ((letter, node),) = node.items()
        letters += letter
    return letters + (f"(?<![a-z0-9]{letters})" if start else "") + _close(*_write(node))


def _write(node: dict[str, Any]) -> tuple[str, bool]:
    """What may follow a letter, and whether a Latin word has to end after it.

    That end is written once for all words below a letter, as far as they have it in common.
    """
    below = [(atom, *_write(node[atom])) for atom in node if atom]
    ended = [atom + rest for atom, rest, latin in below if latin]
    others = [atom + rest for atom, rest, latin in below if not latin]
    here, latin = "" in node, node.get("", False)
    # Longer words first: that the word ends here is tried last.
    if not others and (latin or (ended and not here)):
        return _choice(ended, or_none=here), True
    if ended or latin:
        others.append(_choice(ended, or_none=latin) + _END)
    return _choice(others, or_none=here and not latin), False


def _close(pattern: str, latin: bool) -> str:
    return pattern + _END if latin else pattern


def _choice(patterns: list[str], *, or_none: bool = False) -> str:
    if not patterns:
        return ""
    if len(patterns) == 1 and not or_none:
        return patterns[0]
    return f"(?:{'|'.join(patterns)})" + ("?" if or_none else "")


@lru_cache(maxsize=1)
def load() -> Lexicon:
    """The lexicon that comes with the program, with the catalogue's aliases."""
    tables: dict[str, Any] = {}
    for file in sorted(files("bot.language").joinpath("lexicon").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            _flatten(file.name.removesuffix(".toml"), tomllib.loads(file.read_text(encoding="utf-8")), tables)
    tables["models.aliases"] = _aliases()
    return Lexicon(tables)


def _flatten(name: str, data: Mapping[str, Any], into: dict[str, Any]) -> None:
    """`[ratio] shown = […]` in params.toml is the list `params.ratio.shown`."""
    for key, value in data.items():
        path = f"{name}.{key}"
        if isinstance(value, Mapping) and any(isinstance(below, Mapping | list) for below in value.values()):
            _flatten(path, value, into)
        else:
            into[path] = value


def _aliases() -> dict[str, str]:
    """What people call a model → its id; parts of a name are set apart, since spaces in it do not matter."""
    known: dict[str, tuple[str, str]] = {}
    models = catalog.load()
    for model in (*models, *models.families.values()):
        for word in (*model.aliases, model.id):
            known.setdefault(catalog.squeeze(word), (_parts(word), model.id))
    return dict(known.values())


def _parts(alias: str) -> str:
    return " ".join(re.findall(r"[a-z']+|\d+(?:\.\d+)?|\.|[^\sa-z0-9.'\-_]+", alias.casefold()))
