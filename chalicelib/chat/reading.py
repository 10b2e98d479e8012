"""From a line as people type it on a phone to words that can be compared.

Invisible characters, quotes, asterisks, emoji and what stands around a word say nothing;
who is mentioned becomes an address. Nothing here knows any command.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

LONGEST = 20_000  # characters that we read: `admin link` takes a list
MOST_WORDS = 40  # of a command that is no list; a longer one is no command

_MENTION = re.compile(r"<@([A-Za-z0-9]{1,32})(?:\|([^<>]{0,100}))?>")  # bounded: so is the time
_LINK = re.compile(r"<(?:https?|mailto|tel):[^|<>]{1,500}\|([^<>]{1,500})>")
_EMOJI = re.compile(r"(?<!\S):[a-z0-9_+'-]{1,60}:(?!\S)", re.IGNORECASE)
_GAP = re.compile(r"[\s;]+|,(?!\d)|(?<!\d),")  # `1,5h` is one word
_AS_IT_IS = re.compile(r"[ -\]_a-~]*")  # plain signs, without those that stand for others
_WORDS = re.compile(r"[A-Za-z0-9 @.,/'-]{1,200}")  # no mention, no link and no emoji
_ALIKE = str.maketrans("’‘‛`´“”„«»‐‑‒–—−", "'''''\"\"\"\"\"------")
_QUOTES = " '\"`.,;:!?…"
NAMELESS = "@…"  # how somebody stands in a line who is mentioned by an id alone
MENTIONED = re.compile("\ue000([^\ue000\ue001]{1,200})(?:\ue001|$)")
_CUT = re.compile("\ue000[^\ue001]*$")
MOST_ECHOED = 60  # characters of what we couldn't read that we say again
_AROUND = "'\"*_~|()[]{}<>=.,;:!?…"
_ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


class Word(NamedTuple):
    """One word: to be compared, and with its own case. Who is mentioned has an `address`, which
    is never shown. `raw` has what stood around the word, too.
    """

    plain: str
    kept: str
    address: str = ""
    raw: str = ""


def words_of(typed: str, tenant: str = "") -> list[Word]:
    """The words of a line, less the `/ev` that it may begin with.

    `tenant` is `platform:tenant`, for the people who are mentioned.
    """
    if _WORDS.fullmatch(typed):  # nearly always
        return without_name(_plain_words(typed))
    found: list[Word] = []
    at = 0
    line = _EMOJI.sub(" ", _LINK.sub(r"\1", typed[:LONGEST]))
    for mention in _MENTION.finditer(line):
        found += _plain_words(line[at : mention.start()])
        address = f"{tenant}:{mention.group(1)}"
        name = visible(mention.group(2) or "")
        found.append(Word(address, f"@{name}" if name else NAMELESS, address))
        at = mention.end()
    return without_name(found + _plain_words(line[at:]))


def without_name(words: list[Word]) -> list[Word]:
    """Less the name that we are called by: `/ev`, `ev:`, our mention."""
    while words and (words[0].plain.lstrip("/\\@") == "ev" or (words[0].address and words[1:])):
        words = words[1:]
    return words


def _plain_words(text: str) -> list[Word]:
    for escaped, char in _ESCAPED:
        text = text.replace(escaped, char)
    found = (_word(one) for one in _GAP.split(visible(text)) if one)
    return [word for word in found if word.plain]


def visible(text: str) -> str:
    """Without what nobody sees, and with one form of each sign."""
    if _AS_IT_IS.fullmatch(text):  # nearly always
        return text
    seen = (_seen(char) for char in text.replace("½", " 1/2").translate(_ALIKE))
    return unicodedata.normalize("NFKC", "".join(seen))


def _seen(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in ("Cf", "Me", "Cs", "Co", "Cn") or "\ufe00" <= char <= "\ufe0f":
        return ""
    return " " if kind in ("Cc", "Zl", "Zp", "So", "Sk") else char


def _word(one: str) -> Word:
    kept = one.strip(_AROUND)
    if not any(char.isalnum() for char in kept):
        kept = kept if kept in ("+", "%") else ""
    return Word(kept.casefold().replace("'", ""), kept, raw=one)


def plain(words: Iterable[Word]) -> str:
    """The words in one line, to be compared."""
    return " ".join(word.plain for word in words)


def kept(words: Iterable[Word]) -> str:
    """The words in one line, as they were typed."""
    return " ".join(word.kept for word in words)


def echo(words: Iterable[Word]) -> str:
    """The words as they were typed, to be shown; of many the first."""
    whole = quote(words).strip(_QUOTES)
    return whole if len(whole) <= MOST_ECHOED else f"{_CUT.sub('', whole[:MOST_ECHOED])}…"


def quote(words: Iterable[Word]) -> str:
    """The words as they were typed. Who is mentioned by an id alone gets a name as it is shown
    (`MENTIONED`): what holds the place is a sign that nobody can type, for none stays `visible`.
    """
    return " ".join(
        word.raw or (f"\ue000{word.address}\ue001" if word.kept == NAMELESS else word.kept)
        for word in words
    )


# --- the nearest word -----------------------------------------------------------------------


def nearest(word: str, known: Iterable[str]) -> str:
    """Which word was meant, or "": one slip of the finger, two in a long word."""
    if not 2 <= len(word) <= 30:
        return ""
    allowed = 1 if len(word) <= 7 else 2
    scored = [(distance(word, one, allowed), one) for one in known if len(one) > 1]
    best = min(scored, default=(allowed + 1, ""), key=lambda pair: pair[0])
    return best[1] if best[0] <= allowed else ""


def distance(one: str, other: str, most: int) -> int:
    """How many letters are wrong, missing, too many or swapped; `most` + 1 when it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
