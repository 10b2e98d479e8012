"""What may follow a command: the readers that the tables of commands are made of.

A reader takes the words after the command and gives the wish, or raises NotRead with the
reason. It uses every word or refuses: nothing that somebody typed is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

from chalicelib.core.answers import Misreading
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import Wish
from chalicelib.values import dataclass

from . import quantities
from .reading import Word, echo, kept, plain

LONGEST_BREAK = timedelta(hours=24)


class NotRead(Exception):
    """The words after a command can't be read: why, which words, and what to type instead."""

    def __init__(self, why: Misreading, typed: str = "", better: str = "") -> None:
        super().__init__(why)
        self.why, self.typed, self.better = why, typed, better


T = TypeVar("T")
Reader = Callable[[list[Word]], T]


@dataclass(frozen=True, slots=True)
class Command(Generic[T]):
    """One thing that people can ask for.

    `words` are how it is called, the first as the help shows it; they count wherever they
    are said. `also` are other ways to say it, which count only where somebody speaks to us.
    `fillers` may follow and say nothing; where words of their own may follow (`talks`), only a
    port counts of what we overhear. `example` is a line of the help (without `/ev`), and
    `help` what it does; without an example it isn't in the help. `more` are other examples.
    """

    words: tuple[str, ...]
    read: Reader[T]
    help: str = ""
    example: str = ""
    more: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()
    talks: bool = False

    @property
    def name(self) -> str:
        """How it is called, as one writes it: `can't use`."""
        bare = self.example.replace("'", "")
        return self.example if bare == self.words[0] else self.words[0]


def said(phrases: str) -> tuple[str, ...]:
    """Phrases with commas between; apostrophes are never compared."""
    return tuple(phrases.split(", "))


def nothing(wish: T) -> Reader[T]:
    """No words may follow."""

    def read(rest: list[Word]) -> T:
        if rest:
            raise NotRead(Misreading.EXTRA, echo(rest))
        return wish

    return read


# --- ports ------------------------------------------------------------------------------------

_BEFORE_PORT = re.compile(
    r"(?:port|charger|station|bay|spot|plug|no|nr|number|num)\b\.? ?|on |at |to |with |from "
)
_PORT = re.compile(r"#?p?(\d{1,3})|[a-z0-9_.-]+[:/][a-z0-9:_./-]*")  # a label, or an id


def port_of(words: list[Word]) -> str | None:
    """`2`, `p2`, `#2`, `port 2`, `the second`, or a port's id; None: that is no port."""
    name = plain(words)
    while match := _BEFORE_PORT.match(name):
        name = name[match.end() :]
    if name in quantities.NUMBERS and name not in ("a", "an"):
        return str(quantities.NUMBERS[name])
    match = _PORT.fullmatch(name.removeprefix("port"))
    if match is None or len(name) > 40:
        return None
    return str(int(match[1])) if match[1] else words[-1].kept.lstrip("#")


def maybe_port(make: Callable[[str], Wish]) -> Reader[Wish]:
    """A port may follow."""

    def read(rest: list[Word]) -> Wish:
        if not rest or plain(rest) in ("port", "the port"):
            return make("")
        port = port_of(rest)
        if port is None:
            raise NotRead(Misreading.PORT, echo(rest))
        return make(port)

    return read


def the_port(make: Callable[[str], Wish]) -> Reader[Wish]:
    """A port must follow."""

    def read(rest: list[Word]) -> Wish:
        port = port_of(rest) if rest else None
        if port is None:
            raise NotRead(Misreading.PORT, echo(rest))
        return make(port)

    return read


def with_port(alone: Wish, make: Callable[[str], Wish]) -> Reader[Wish]:
    """Alone it is one wish, with a port another."""

    def read(rest: list[Word]) -> Wish:
        if not rest:
            return alone
        port = port_of(rest)
        if port is None:
            raise NotRead(Misreading.EXTRA, echo(rest))
        return make(port)

    return read


# --- people ---------------------------------------------------------------------------------

_AND = ("and", "&", "plus")


def a_person(rest: list[Word]) -> str:
    """One person, by mention or by name; a name may be several words long."""
    if not rest:
        raise NotRead(Misreading.PERSON)
    named = [word for word in rest if word.kept.startswith("@")]
    if len(named) > 1 or any(word.plain in _AND for word in rest):
        raise NotRead(Misreading.ONE_PERSON, echo(rest))
    if rest[0].address and len(rest) > 1:
        raise NotRead(Misreading.EXTRA, echo(rest[1:]))
    return rest[0].address or "@" + kept(rest).removeprefix("@")


# --- lengths and times of day -----------------------------------------------------------------

_UNTIL = re.compile(r"^(?:until|untill|till|til|til|to|by|at|@) ")
_FOR = re.compile(r"^(?:for|in|about|another) ")
_TOMORROW = re.compile(
    r"(?:until |till |til )?(?:tomorrow|tmrw|monday|next week|the next day)\b.*"
)
LUNCH = ("lunch", "for lunch", "for my lunch", "during lunch", "over lunch")


def a_break(words: list[Word]) -> tuple[timedelta | None, ClockTime | None]:
    """`45m`, `for an hour`, `until 3`, `3pm`; a bare number is minutes."""
    text = plain(words)
    if text in LUNCH:
        return timedelta(hours=1), None
    if _TOMORROW.fullmatch(text):
        raise NotRead(Misreading.TOMORROW, echo(words))
    named = _UNTIL.sub("", text)
    length = None if named != text else quantities.length(_FOR.sub("", text))
    if length is not None and not quantities.IS_CLOCK.fullmatch(text):
        return checked(length, words), None
    at = quantities.clock_time(named)
    if at is None:
        raise NotRead(Misreading.LENGTH, echo(words))
    return None, at


def checked(length: timedelta, words: list[Word]) -> timedelta:
    """A break of some time, and of no more than a day."""
    if length <= timedelta(0):
        raise NotRead(Misreading.ZERO, echo(words))
    if length > LONGEST_BREAK:
        raise NotRead(Misreading.TOO_LONG, echo(words))
    return length
