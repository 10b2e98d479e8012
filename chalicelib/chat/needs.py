"""From what people type to what they need: `12 kWh by 16:00`, `60 km`, `90 min`, `full`.

The words come tidied: one line, one case, single blanks. What can't be read says why.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

from chalicelib.core.answers import Misreading
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    DoneMoving,
    Give,
    MovingAt,
    NoNeed,
    PickNeed,
    SayNeed,
    ShowNeed,
    Wish,
)
from chalicelib.energy.needs import MOST, Need, Unit
from chalicelib.values import dataclass

from . import quantities
from .grammar import NotRead, a_person, port_of
from .reading import Word, echo, plain


class Problem(StrEnum):
    """Why an amount can't be read. Each has its own words."""

    WHICH_UNIT = "which unit"  # 12 what?
    TOO_LITTLE = "too little"  # 0 kWh, -3 km
    TOO_MUCH = "too much"  # 9999 kWh
    PERCENT = "percent"  # nobody tells us how full the battery is
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Read:
    """What was typed: an amount, or why not; and what came after `by`, to be read as a time."""

    need: Need | None = None
    by: str = ""
    problem: Problem | None = None
    none: bool = False  # "none": the need is taken back


UNITS: dict[str, Unit] = {
    **dict.fromkeys(("kwh", "kw", "kwhs", "kw h", "kilowatt hours", "kilowatthours"), Unit.KWH),
    **dict.fromkeys(("km", "kms", "k", "kilometer", "kilometers", "kilometre", "kilometres"), Unit.KM),
    **dict.fromkeys(("mi", "mile", "miles"), Unit.MILES),
}  # fmt: skip
FULL = ("full", "a full charge", "full charge", "a full battery", "full up", "all", "everything", "until full", "till full")  # fmt: skip
NONE = ("none", "nothing", "no need", "off", "clear", "forget", "cancel", "any")
FILLERS = re.compile(
    r"^(?:i )?(?:need |want |for |about |around |roughly |approx(?:imately)? |ca |~|= ?|: ?)+"
)
_BY = re.compile(r"(?:^|\s)(?:by|before|until|till|til)\s+(\S.*)$")
_AMOUNT = re.compile(r"([-−]?\d{1,6}(?:[.,]\d{1,3})?)\s*([a-z%][a-z ]{0,18})?$")


def read(words: str) -> Read:
    """The need in `WORDS`; "" is none said, and no problem."""
    words = FILLERS.sub("", words)
    if words in FULL:  # "until full" is no time
        return Read(Need(Unit.FULL))
    if words in NONE:
        return Read(none=True)
    found = _BY.search(words)
    by = found[1] if found else ""
    amount = words[: found.start()].strip(" ,;") if found else words
    if not amount:
        return Read(by=by)
    return _amount(amount, by)


def _amount(words: str, by: str) -> Read:
    if words in FULL:
        return Read(Need(Unit.FULL), by)
    length = quantities.length(words) if any(map(str.isalpha, words)) else None
    if length is not None:
        return _sensible(Unit.MINUTES, length / timedelta(minutes=1), by)
    match = _AMOUNT.match(words)
    if match is None:
        return Read(by=by, problem=Problem.UNKNOWN)
    number, unit = float(match[1].replace(",", ".").replace("−", "-")), (match[2] or "").strip()
    if not unit:
        return Read(by=by, problem=Problem.TOO_LITTLE if number <= 0 else Problem.WHICH_UNIT)
    if unit.startswith(("%", "percent", "per cent")):
        return Read(by=by, problem=Problem.PERCENT)
    known = UNITS.get(unit)
    if known is None:
        return Read(by=by, problem=Problem.UNKNOWN)
    return _sensible(known, number, by)


def _sensible(unit: Unit, amount: float, by: str) -> Read:
    if amount <= 0:
        return Read(by=by, problem=Problem.TOO_LITTLE)
    if amount > MOST[unit]:
        return Read(by=by, problem=Problem.TOO_MUCH)
    return Read(Need(unit, amount), by)


# --- readers for the table of commands -----------------------------------------------------

MISREADINGS = {
    Problem.WHICH_UNIT: Misreading.UNIT,
    Problem.TOO_LITTLE: Misreading.NOTHING,
    Problem.TOO_MUCH: Misreading.TOO_MUCH,
    Problem.PERCENT: Misreading.PERCENT,
    Problem.UNKNOWN: Misreading.AMOUNT,
}
_AT = re.compile(r"^(?:at|by|about|around|@) ")


def said(rest: list[Word], unknown: Misreading) -> tuple[Need | None, ClockTime | None]:
    """The need in the words after a command, and its time."""
    found = read(plain(rest))
    if found.problem is not None:
        why = unknown if found.problem is Problem.UNKNOWN else MISREADINGS[found.problem]
        raise NotRead(why, echo(rest))
    if found.none:
        raise NotRead(unknown, echo(rest))
    by = quantities.clock_time(found.by) if found.by else None
    if found.by and by is None:
        raise NotRead(Misreading.BY, found.by)
    return found.need, by


def add(rest: list[Word]) -> Wish:
    """`add`, `add 12 kWh`, `add 60 km by 4pm`."""
    return Add(*said(rest, Misreading.EXTRA)) if rest else Add()


def need(rest: list[Word]) -> Wish:
    """`need` shows it, `need none` takes it back, all else says it; `on 2`: of two cars, whose."""
    port, rest = _on_port(rest)
    if not rest:
        return ShowNeed(port)
    if read(plain(rest)).none:
        return NoNeed(port)
    return SayNeed(*said(rest, Misreading.AMOUNT), port)


def _on_port(rest: list[Word]) -> tuple[str, list[Word]]:
    """`on 2`, `on port 2`, wherever it stands; "": it isn't said."""
    for at, word in enumerate(rest):
        if word.plain == "on":
            for end in (at + 3, at + 2):
                port = port_of(rest[at + 1 : end]) if end <= len(rest) else None
                if port is not None:
                    return port, rest[:at] + rest[end:]
    return "", rest


def moving(rest: list[Word]) -> Wish:
    """`moving`, `moving 2` (a port), `moving at 11:30`, `moving in 10 min`, `moving 2 at 11:30`."""
    port, when = _port_before(rest)
    text = plain(when)
    if not when:
        return DoneMoving(port=port)
    if text.startswith("in ") and (length := quantities.length(text[3:])) is not None:
        return MovingAt(length=length, port=port)
    at = quantities.clock_time(_AT.sub("", text))
    if at is None:
        raise NotRead(Misreading.LENGTH, echo(rest))
    return MovingAt(at, port=port)


def _port_before(rest: list[Word]) -> tuple[str, list[Word]]:
    """A port, and the words after it, which may say when; "" if they begin with none."""
    for count in range(len(rest), 0, -1):
        after = plain(rest[count:]) + " "
        port = None if _AT.match(plain(rest)) else port_of(rest[:count])
        if port is not None and (
            count == len(rest) or _AT.match(after) or after.startswith("in ")
        ):
            return port, rest[count:]
    return "", rest


_MY_PLACE = re.compile(r"^(?:(?:my )?(?:place|spot|turn) )?(?:to )?")
_POLITE = ("please", "pls", "plz", "thanks", "thx", "now", "instead")


def give(rest: list[Word]) -> Wish:
    """`give @bob`, `give my place to @bob`."""
    while rest and rest[-1].plain in _POLITE:
        rest = rest[:-1]
    before = _MY_PLACE.match(plain(rest) + " ")
    skipped = len(before[0].split()) if before is not None else 0
    return Give(a_person(rest[skipped:]))


PICK = 10_000  # a button's number: the stay's, and tenths of a kWh (0: until full)


def picked(number: int) -> Wish:
    """What a button under "How much today?" says."""
    stay, tenths = divmod(number, PICK)
    return PickNeed(stay, tenths / 10 if tenths else None)
