"""From what people type and press to what they wish for. The same on every platform."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import time, timedelta

from chalicelib.core.inputs import (
    Add,
    Admin,
    AskWhy,
    Block,
    DoneMoving,
    In,
    Leave,
    MoreMinutes,
    Next,
    NotMine,
    OnMyWay,
    Out,
    Pass,
    RememberMe,
    Remove,
    Resume,
    ShowHelp,
    ShowLine,
    ShowStatus,
    Suspend,
    ThatsMe,
    Verb,
    Wish,
)

LONGEST = 200  # characters of a command that we read; the rest can't matter
MAX_SUSPENSION = timedelta(hours=24)

PLAIN: dict[str, Wish] = {
    "add": Add(),
    "join": Add(),
    "remove": Remove(),
    "leave": Remove(),
    "list": ShowLine(),
    "line": ShowLine(),
    "queue": ShowLine(),
    "status": ShowStatus(),
    "resume": Resume(),
    "back": Resume(),
    "next": Next(),
    "blocked": Block(),
    "coming": OnMyWay(),
    "on my way": OnMyWay(),
    "omw": OnMyWay(),
    "pass": Pass(),
    "not me": NotMine(),
    "remember": RememberMe(),
    "remember me": RememberMe(),
    "more": MoreMinutes(),
    "20 more minutes": MoreMinutes(),
    "moving": DoneMoving(),
    "why": AskWhy(),
    "help": ShowHelp(),
}
AT_A_PORT: dict[str, Callable[[str], Wish]] = {"in": In, "out": Out}
SUSPEND = ("suspend", "snooze", "pause")
WORDS = (*PLAIN, *AT_A_PORT, *SUSPEND, "admin")

_LENGTH = re.compile(r"(?:for\s+)?(?:(\d{1,3})\s*h(?:ours?|rs?)?)?\s*(?:(\d{1,4})\s*(?:m(?:in(?:ute)?s?)?)?)?$")  # fmt: skip
_TIME = re.compile(r"(?:until|till|til)\s+(\d{1,2})(?:[:.](\d{2}))?\s*([ap])?\.?m?\.?$")


def parse(typed: str, tenant: str = "") -> Wish:
    """The wish in `/ev TYPED`. Never fails: what we can't read is a wish for help.

    `tenant` is `platform:tenant`, for the people whom admins name.
    """
    words = tidy(typed)
    if words.startswith(("/ev ", "ev ")) or words in ("/ev", "ev"):
        words = words.partition(" ")[2]
    if words in PLAIN:
        return PLAIN[words]
    verb, _, rest = words.partition(" ")
    if not verb:
        return ShowHelp()
    if verb == "admin":
        return parse_admin(typed, tenant)
    if verb in AT_A_PORT:
        return AT_A_PORT[verb](re.sub(r"^port\b", "", rest).strip(" #"))
    if verb in SUSPEND:
        return suspend(rest)
    return ShowHelp(unknown=words, nearest=verb if verb in PLAIN else closest(verb, WORDS))


def closest(word: str, words: Iterable[str]) -> str:
    """Which of our words was meant, or ""."""
    from difflib import get_close_matches  # slow to import, and most people spell well

    return next(iter(get_close_matches(word, list(words), 1)), "")


def tidy(typed: str) -> str:
    """One line, one case, single blanks, no trailing punctuation."""
    plain = unicodedata.normalize("NFKC", typed[:LONGEST]).casefold()
    return " ".join(plain.split()).rstrip(" .,;:!?…")


def suspend(rest: str) -> Wish:
    """`suspend`, `suspend 45m`, `suspend until 3pm`."""
    if not rest:
        return Suspend()
    length = a_while(rest)
    at = a_time(rest) if length is None else None
    if length is None and at is None:
        return ShowHelp(unknown=f"suspend {rest}", nearest="suspend 45m")
    return Suspend(length, at)


def a_while(words: str) -> timedelta | None:
    """`45m`, `45`, `1h`, `1h 30m`, `for 2 hours`; a bare number is minutes."""
    match = _LENGTH.match(words)
    if match is None or (match.group(1) is None and match.group(2) is None):
        return None
    length = timedelta(hours=int(match.group(1) or 0), minutes=int(match.group(2) or 0))
    return length if length <= MAX_SUSPENSION else None


def a_time(words: str) -> time | None:
    """`until 3pm`, `till 15:30`: today, on the site's clock."""
    match = _TIME.match(words)
    if match is None:
        return None
    hour, minute, half = int(match.group(1)), int(match.group(2) or 0), match.group(3)
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour <= 23 and minute <= 59 else None


# --- admins ------------------------------------------------------------------------

_MENTION = re.compile(r"<@([A-Za-z0-9]{1,32})(?:\|[^>]{0,100})?>")  # bounded: so is the time
_LINK = re.compile(r"(?<![^\s,;=])([^\s,;=]{1,100})[\s,;=]+([A-Za-z0-9_+/=-]{4,40})")
LONGEST_LIST = 20_000  # characters of `admin link` with many lines


def parse_admin(typed: str, tenant: str) -> Wish:
    """`admin VERB …`: ids and names keep their case."""
    plain = unicodedata.normalize("NFKC", typed[:LONGEST_LIST]).strip()
    after = re.split(r"\badmin\b", plain, maxsplit=1, flags=re.IGNORECASE)[-1]
    words = _MENTION.sub(rf"{tenant}:\1", after).strip().split()
    name = words[0].casefold().rstrip(".,!?") if words else "help"
    if name not in list(Verb):
        nearest = closest(name, Verb) or "help"
        return ShowHelp(unknown=f"admin {name[:LONGEST]}", nearest=f"admin {nearest}")
    verb = Verb(name)
    if verb is Verb.LINK:
        pairs = _LINK.findall(" ".join(words[1:]))
        return Admin(verb, links=tuple((str(who), str(one)) for who, one in pairs))
    rest = [word.casefold() if verb in CASELESS else word for word in words[1:]]
    if verb in (Verb.ADD, Verb.REMOVE, Verb.MOVE, Verb.GRANT, Verb.REVOKE):
        return Admin(verb, rest[0] if rest else "", tuple(rest[1:]))
    return Admin(verb, words=tuple(word.removeprefix("#") for word in rest if word != "port"))


CASELESS = (Verb.SET, Verb.RESET, Verb.CAP)

# --- buttons -----------------------------------------------------------------------

_VALUE = re.compile(r"([a-z0-9-]{1,40}):([0-9]{1,18})")
BUTTONS: dict[str, Callable[[int], Wish]] = {
    "on_my_way": OnMyWay,
    "pass": Pass,
    "leave": Leave,
    "blocked": Block,
    "resume": lambda _: Resume(),
    "thats_me": ThatsMe,
    "not_me": NotMine,
    "remember": RememberMe,
    "more_minutes": MoreMinutes,
    "moving": DoneMoving,
    "reset": lambda _: Admin(Verb.RESET, words=("confirm",)),
}


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of one of our messages: for which site, and what it wishes for."""

    site: str
    wish: Wish


def parse_button(action: str, value: str) -> Pressed | None:
    """Read a button back (`value` is `SITE:NUMBER`); None: it isn't one of ours."""
    match = _VALUE.fullmatch(value)
    if match is None or action not in BUTTONS:
        return None
    return Pressed(match.group(1), BUTTONS[action](int(match.group(2))))
