"""From what people type and press to what they wish for. The same on every platform.

The words are cleaned (`reading`), then looked up in the tables (`commands`,
`admin_commands`); a reading must use every word that was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache, partial

from chalicelib.core.acts import Act, Reset
from chalicelib.core.answers import FormName, Misreading, NotUnderstood
from chalicelib.core.inputs import (
    Admin,
    Block,
    CannotUse,
    DoneMoving,
    Leave,
    MayUnplug,
    MoreMinutes,
    MovingAt,
    NotMine,
    NotYet,
    OnMyWay,
    OpenForm,
    OpenHome,
    Pass,
    RememberMe,
    Remove,
    Resume,
    ShowHelp,
    Suspend,
    ThatsMe,
    Unclear,
    Wish,
)
from chalicelib.core.policy import KEYS
from chalicelib.values import dataclass, replace

from . import needs
from .admin_commands import ADMIN_COMMANDS
from .commands import COMMANDS
from .grammar import Command, NotRead, port_of, said
from .reading import MOST_WORDS, Word, echo, nearest, plain, words_of

POLITE_BEFORE = said(
    "please, pls, plz, plse, hey, hi, hello, ok, okay, so, oh, well, now, just, then, kindly, yes, "
    "yeah, sorry, can you, could you, would you, will you, can you please, could you please, can i, "
    "could i, may i, can i have, could i have, may i have, can i get, could i get, i want to, want to, "
    "id like to, i would like to, i wanna, let me, lets, i have to, i need to, ill, i, concierge, bot"
)
POLITE_AFTER = said(
    "please, pls, plz, plse, pleease, thanks, thank you, thx, ty, cheers, now, right now, asap, today, "
    "again, too, bot, concierge, if possible, if you can, for me, kindly, then, mate, bro, buddy, "
    "folks, guys, everyone, sir, so much, ok, okay, xx, x, lol, sorry, when you can, for now"
)
PLEASE = said("please, pls, plz, thanks, thank you, thx, ty, cheers, kindly")
NOT = said("dont, do not, not, no, never, cant, wont, stop")  # whoever begins so means no command


@dataclass(frozen=True, slots=True)
class Found:
    """A command that the words may be, and what follows it."""

    command: Command[Wish]
    phrase: str
    rest: list[Word]

    @property
    def is_sure(self) -> bool:
        """That command was meant, whatever follows: `add`, not `great` or `need a charge`."""
        return self.phrase in self.command.words and bool(self.command.help)


def parse(typed: str, tenant: str = "") -> Wish:
    """The wish in `/ev TYPED`. Never fails: what we can't read is a wish of its own.

    `tenant` is `platform:tenant`, for the people who are mentioned.
    """
    words = words_of(typed, tenant)
    if not words:
        return ShowHelp()
    if is_for_admins(words):
        return admins_wish(words)
    return wish_of(words, everything=True)


def overhear(typed: str, tenant: str = "", *, everything: bool = False) -> Wish | None:
    """The wish in a plain message to everybody that begins with `ev`; None: it isn't for us.

    It counts only when all of it is a command: people talk about electric cars. Where we are
    mentioned `everything` counts that counts when somebody speaks to us.
    """
    words = words_of(typed, tenant)
    if not words or len(words) > MOST_WORDS:
        return None
    wish = admins_wish(words) if is_for_admins(words) else wish_of(words, everything=everything)
    return None if isinstance(wish, Unclear) else wish


def wish_of(words: list[Word], *, everything: bool) -> Wish:
    """The first reading that uses every word; else why the likeliest failed."""
    if len(words) > MOST_WORDS:
        return unclear(Misreading.UNKNOWN, echo(words[:6]))
    failed: tuple[Found, NotRead] | None = None
    for shorter in politely(words):
        for found in candidates(shorter, everything=everything):
            if found.command.talks and not (everything or port_of(found.rest)):
                continue
            try:
                return found.command.read(found.rest)
            except NotRead as no:
                if not found.is_sure:
                    continue
                if failed is None or failed[0].command is found.command:
                    failed = found, no  # the politest reading says best what is too much
    if failed is not None:
        meant, reason = failed
        unread = unclear(reason.why, reason.typed, meant.command.name, reason.better)
        return replace(unread, admins=for_somebody(meant))
    if everything and (amount := bare_need(words)) is not None:
        return amount
    first = words[0].plain
    guess = spelled(nearest(plain(words), taught()) or nearest(first, taught()))
    if first in NOT or plain(words[:2]) in NOT:
        guess = ""
    unknown = unclear(Misreading.UNKNOWN, echo(words[:6]), "", guess)
    return replace(unknown, admins=f"admin {first}") if first in admin_words() else unknown


def bare_need(words: list[Word]) -> Wish | None:
    """`12 kWh by 4`, where somebody speaks to us: what they need."""
    if not words[0].plain[:1].isdigit():
        return None
    try:
        return needs.need(words)
    except NotRead:
        return None


def for_somebody(meant: Found) -> str:
    """`remove @bob` is an admin's to say: `admin remove @bob`."""
    name = meant.command.words[0]
    if name not in admin_words() or not any(word.kept.startswith("@") for word in meant.rest):
        return ""
    return f"admin {name} {echo(meant.rest)}"


def unclear(why: Misreading, typed: str, command: str = "", better: str = "") -> Unclear:
    return Unclear(NotUnderstood(why, typed, command, better))


def politely(words: list[Word]) -> Iterator[list[Word]]:
    """The words as they stand, then with less and less politeness around them."""
    yield words
    before, after = words, words
    while shorter := without(before, POLITE_BEFORE, at_end=False):
        before = shorter
        yield before
    while shorter := without(after, POLITE_AFTER, at_end=True):
        after = shorter
        yield after
        trimmed = after
        while trimmed := without(trimmed, POLITE_BEFORE, at_end=False):
            yield trimmed


def without(words: list[Word], phrases: tuple[str, ...], *, at_end: bool) -> list[Word]:
    """Less one of the phrases at an end, the longest; [] when there is none, or nothing is left."""
    for count in (4, 3, 2, 1):
        if count >= len(words):
            continue
        some = words[-count:] if at_end else words[:count]
        if plain(some) in phrases:
            return words[:-count] if at_end else words[count:]
    return []


def candidates(words: list[Word], *, everything: bool) -> Iterator[Found]:
    """The commands that the words begin with, the longest phrase first; what follows is tried
    as it stands, then without the fillers.
    """
    phrases = all_phrases() if everything else sure_phrases()
    for count in range(min(len(words), 8), 0, -1):
        phrase = plain(words[:count])
        command = phrases.get(phrase)
        if command is not None:
            rest = words[count:]
            yield Found(command, phrase, rest)
            while rest and (shorter := strip_filler(rest, command.fillers)) is not None:
                rest = shorter
                yield Found(command, phrase, rest)


def strip_filler(words: list[Word], fillers: tuple[str, ...]) -> list[Word] | None:
    """Less one filler at the beginning; None when there is none."""
    for count in (4, 3, 2, 1):
        if plain(words[:count]) in fillers:
            return words[count:]
    return None


@cache
def sure_phrases() -> dict[str, Command[Wish]]:
    """What counts wherever it is said."""
    return {phrase: one for one in COMMANDS for phrase in one.words}


@cache
def all_phrases() -> dict[str, Command[Wish]]:
    """What counts where somebody speaks to us."""
    return {phrase: one for one in COMMANDS for phrase in (*one.words, *one.also)}


def spelled(phrase: str) -> str:
    """A phrase as it is written: apostrophes are never compared, but read."""
    command = sure_phrases().get(phrase)
    return command.name if command is not None and command.words[0] == phrase else phrase


@cache
def taught() -> tuple[str, ...]:
    """The words that a slip of the finger may have meant."""
    return (*sure_phrases(), "admin")


# --- admins ------------------------------------------------------------------------


def is_for_admins(words: list[Word]) -> bool:
    return words[0].plain == "admin"


def admins_wish(words: list[Word]) -> Wish:
    """`admin VERB …`: ids and names keep their case."""
    words = words[1:] or [Word("help", "help")]
    verb, rest = words[0], words[1:]
    command = admin_words().get(verb.plain)
    if command is None:
        everybodys = sure_phrases().get(verb.plain)
        if everybodys is not None:  # `admin next`: admins do it as everybody does
            name = f"admin {echo([verb])}"
            return Unclear(
                NotUnderstood(Misreading.UNKNOWN, name, "", everybodys.name), admin=True
            )
        guess = nearest(verb.plain, admin_words()) or "help"
        if verb.plain in KEYS:  # `admin limit 3h`
            guess = f"set {verb.plain} {plain(rest)}".strip()
        name = f"admin {echo([verb])}"
        return Unclear(NotUnderstood(Misreading.UNKNOWN, name, "", f"admin {guess}"), admin=True)
    failed: NotRead | None = None
    for shorter in (*reversed(list(trimmed(rest))), rest):  # a name may have many words
        try:
            return Admin(command.read(shorter))
        except NotRead as no:
            failed = failed or no
    name = f"admin {command.words[0]}"
    assert failed is not None  # noqa: S101 — the loop ran once at least
    what = NotUnderstood(failed.why, failed.typed, name, failed.better or command.example)
    return Unclear(what, admin=True)


def trimmed(rest: list[Word]) -> Iterator[list[Word]]:
    """With less and less politeness at the end; nobody is politer than this."""
    for _ in range(4):
        if not rest or plain(rest[-1:]) not in PLEASE:
            return
        rest = rest[:-1]
        yield rest


@cache
def admin_words() -> dict[str, Command[Act]]:
    return {word: one for one in ADMIN_COMMANDS for word in one.words}


# --- buttons -----------------------------------------------------------------------

SOON, PAUSE = timedelta(minutes=15), timedelta(minutes=45)
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
    "moving_soon": lambda stay: MovingAt(length=SOON, stay=stay),
    "not_yet": NotYet,
    **dict.fromkeys(("need", "need_more", "need_full"), needs.picked),
    "unplug_yes": lambda _: MayUnplug(ok=True),
    "unplug_no": lambda _: MayUnplug(ok=False),
    "cannot_use": CannotUse,
    **{f"form_{form}": partial(lambda form, _: OpenForm(form), form) for form in FormName},
    "leave_line": lambda _: Remove(),
    "pause": lambda _: Suspend(PAUSE),
    "home": lambda _: OpenHome(),
    "reset": lambda _: Admin(Reset(confirmed=True)),
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
