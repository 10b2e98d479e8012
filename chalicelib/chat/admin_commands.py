"""What admins may ask for, in one table: a new act is one entry (see `commands`)."""

from __future__ import annotations

import re
from collections.abc import Callable

from chalicelib.core import acts
from chalicelib.core.acts import Act
from chalicelib.core.answers import Misreading
from chalicelib.core.inputs import In, NoNeed, Out, Resume, SayNeed, Suspend
from chalicelib.core.model import Policy
from chalicelib.core.policy import KEYS, written

from . import needs, quantities
from .grammar import Command, NotRead, Reader, a_break, a_person, nothing, port_of
from .reading import Word, echo, kept, nearest, plain
from .spans import a_span

_AND = ("and", "&", "plus")
_TO = (
    "to",
    "at",
    "on",
    "in",
    "place",
    "position",
    "number",
    "no",
    "#",
    "the",
    "line",
    "queue",
    "list",
)
BEFORE = ("admin", "rights", "to", "for", "from", "user", "driver", "the")
_FROM = ("from", "off", "out", "of", "the", "line", "queue", "list")
_AS_ADMIN = ("as", "an", "a", "admin", "rights", "from")
_ID = re.compile(r"(?=[^\d]*\d)[A-Za-z0-9_+/=-]{4,40}")  # of the charging network: it has a digit
_ANOTHER_ID = re.compile(r"(?=(?:[^\d]*\d){3})[A-Za-z0-9_+/=-]{4,40}")  # no name has so many
_PLACE = re.compile(r"#?([1-9]\d{0,3})(?:st|nd|rd|th)?")
_LAST = ("last", "end", "bottom")
_FIRST = ("first", "top", "front", "next")


# --- people ---------------------------------------------------------------------------------


def person(make: Callable[[str], Act], *fillers: str) -> Reader[Act]:
    """One person, and nothing more."""

    def read(rest: list[Word]) -> Act:
        while len(rest) > 1 and rest[-1].plain in fillers:
            rest = rest[:-1]
        while len(rest) > 1 and rest[0].plain in BEFORE and rest[-1].kept.startswith("@"):
            rest = rest[1:]  # `grant admin rights to @ana`
        return make(a_person(rest))

    return read


def with_place(rest: list[Word]) -> tuple[list[Word], int | None]:
    """Who, and the place that is named at the end; None: there is none."""
    if not rest:
        return rest, None
    place = place_of(rest[-1].plain)
    if place is not None and len(rest) > 1:
        rest = rest[:-1]
        if rest[-1].plain in ("place", "position", "number", "no", "#", "the"):
            rest = rest[:-1]
    while len(rest) > 1 and rest[-1].plain in _TO:
        rest = rest[:-1]
    return rest, place


def place_of(word: str) -> int | None:
    if word in _LAST:
        return 9_999
    if word in _FIRST:
        return 1
    match = _PLACE.fullmatch(word)
    return int(match.group(1)) if match is not None else None


def put(rest: list[Word]) -> Act:
    """`add @ana`, `add @ana at 1`."""
    who, place = with_place(rest)
    return acts.Put(a_person(who), place)


def move(rest: list[Word]) -> Act:
    """`move @ana 1`, `move @ana to the top`."""
    who, place = with_place(rest)
    named = a_person(who)
    if place is None:
        raise NotRead(Misreading.PLACE, echo(rest))
    return acts.Move(named, place)


def link(rest: list[Word]) -> Act:
    """`link @ana 7000123`: who, then their ids; many at once, however the list was made."""
    words = [word for one in rest for word in split(one)]
    pairs: list[tuple[str, str]] = []
    who: list[Word] = []
    linked = False
    for word in words:
        pattern = _ANOTHER_ID if linked else _ID
        if word.kept.startswith("@") or not pattern.fullmatch(word.kept):
            if linked:
                who, linked = [], False
            who.append(word)
            continue
        if not who:
            raise NotRead(Misreading.PAIRS, word.kept)
        name = who[0].address or "@" + kept(who).removeprefix("@")
        pairs.append((name, word.kept))
        linked = True
    if not pairs or not linked:
        raise NotRead(Misreading.PAIRS, echo(who))
    return acts.Link(tuple(pairs))


def split(word: Word) -> list[Word]:
    """`ana=7000123` is two words."""
    if word.address or "=" not in word.kept:
        return [word]
    return [Word(one.casefold(), one) for one in word.kept.split("=") if one]


# --- ports and settings -----------------------------------------------------------------------


def ports(make: Callable[[tuple[str, ...]], Act]) -> Reader[Act]:
    """One port or several, by label or id; a station's id means all of its ports."""

    def read(rest: list[Word]) -> Act:
        named = [word for word in rest if word.plain not in (*_AND, "port", "ports", "station")]
        if not named:
            raise NotRead(Misreading.PORT)
        found = (port_of([word]) or word.kept.removeprefix("#") for word in named)
        return make(tuple(dict.fromkeys(found)))

    return read


def set_policy(rest: list[Word]) -> Act:
    """`set answer 20m`, `set limit = 3 hours`, `set on my way to 20 min`."""
    words = [word for one in rest for word in split(one)]
    if words and words[0].plain == "the":
        words = words[1:]
    if not words:
        raise NotRead(Misreading.SETTING)
    for count in range(min(4, len(words)), 0, -1):
        key = "_".join(word.plain.replace("-", "_") for word in words[:count])
        if key in KEYS:
            return setting(key, words[count:])
    first = words[0].plain
    raise NotRead(Misreading.SETTING, words[0].kept, nearest(first, KEYS))


EXAMPLES = {"report": "friday 15:00"}  # where the shipped value tells nothing


def setting(key: str, rest: list[Word]) -> Act:
    while rest and rest[0].plain in ("to", "is", "at", "as", "="):
        rest = rest[1:]
    value = quantities.setting(key, plain(rest)) if rest else None
    if value is None:
        example = f"admin set {key} {EXAMPLES.get(key) or written(getattr(Policy(), key))}"
        raise NotRead(Misreading.VALUE, f"{key} {echo(rest)}".strip(), example)
    return acts.SetPolicy(key, value)


def board(rest: list[Word]) -> Act:
    """`board on`, `board off`, `board link`."""
    if plain(rest) in ("link", "screen", "lobby", "page", "url"):
        return acts.LinkBoard()
    if not rest:
        return acts.SetPolicy("board", value=True)
    return setting("board", rest)


def cap(rest: list[Word]) -> Act:
    """`cap 50% for 2h`, `cap 3.3kW`, `cap off`."""
    text = plain(rest).removeprefix("to ").removeprefix("at ")
    if text in ("off", "none", "end", "lift", "remove", "over"):
        return acts.Lift()
    amount, _, lasts = text.partition(" for ")
    if not lasts:
        amount, lasts = split_amount(amount)
    share, kw = quantities.percent(amount), quantities.kilowatts(amount, bare=False)
    length = quantities.length(lasts) if lasts else None
    if (share is None and kw is None) or (lasts and not length):
        raise NotRead(Misreading.CAP, echo(rest))
    return acts.Limit(kw, share / 100 if share is not None else None, length)


def split_amount(text: str) -> tuple[str, str]:
    """`50% 2h` without its `for`."""
    match = re.fullmatch(r"([\d.,]+ ?(?:%|kw|percent)) (.+)", text)
    return (match[1], match[2]) if match is not None else (text, "")


def free(rest: list[Word]) -> Act:
    """`free 2`."""
    port = port_of(rest) if rest else None
    if port is None:
        raise NotRead(Misreading.PORT, echo(rest))
    return acts.Free(port)


def unlink(rest: list[Word]) -> Act:
    """`unlink @ana`, `unlink @ana 7000123`, `unlink 7000123`."""
    ids: list[str] = []
    while rest and not rest[-1].address and _ID.fullmatch(rest[-1].kept):
        ids.insert(0, rest[-1].kept)
        rest = rest[:-1]
    if not rest and ids:
        return acts.Unlink(ids=tuple(ids))
    return acts.Unlink(a_person(rest), tuple(ids))


def at_port(make: Callable[[str], In | Out]) -> Reader[Act]:
    """`in @ana 2`, `out @ana`: who, and a port at the end."""

    def read(rest: list[Word]) -> Act:
        for count in (3, 2, 1):
            port = port_of(rest[-count:]) if len(rest) > count else None
            if port is not None:
                return acts.OnBehalf(a_person(rest[:-count]), make(port))
        return acts.OnBehalf(a_person(rest), make(""))

    return read


def suspend(rest: list[Word]) -> Act:
    """`suspend @ana`, `suspend @ana 45m`, `suspend @ana until 3pm`."""
    for count in range(1, len(rest)):
        if rest[0].address or rest[count].plain in ("until", "till", "til", "for"):
            length, until = a_break(rest[count:])
            return acts.OnBehalf(a_person(rest[:count]), Suspend(length, until))
    if len(rest) > 1 and quantities.length(rest[-1].plain):
        length, until = a_break(rest[-1:])
        return acts.OnBehalf(a_person(rest[:-1]), Suspend(length, until))
    return acts.OnBehalf(a_person(rest), Suspend())


def resume(rest: list[Word]) -> Act:
    return acts.OnBehalf(a_person(rest), Resume())


def need(rest: list[Word]) -> Act:
    """`need @ana 12 kWh by 16:00`, `need @ana none`: who, and what they could say themselves."""
    failed = NotRead(Misreading.AMOUNT, "")
    for count in range(1, len(rest)):
        try:
            wish = needs.need(rest[count:])
        except NotRead as no:
            failed = no if count == 1 else failed
            continue
        if isinstance(wish, SayNeed | NoNeed):
            return acts.OnBehalf(a_person(rest[:count]), wish)
    if len(rest) < 2:
        a_person(rest)
    raise failed


def guest(rest: list[Word]) -> Act:
    """`guest`, `guest Zoe`, `guest Zoe 3 days`, `guest Zoe until 5pm`: a name, and how long."""
    for count in range(min(len(rest), 6)):
        begins = rest[count].plain in ("until", "till", "til", "for")
        words = rest[count + 1 :] if begins else rest[count:]
        if rest[count].plain in ("until", "till", "til") and words:
            at = quantities.clock_time(plain(words))
            if at is not None:
                return acts.Guest(kept(rest[:count]), until=at)
        length = quantities.length(plain(words)) if words else None
        if length:
            return acts.Guest(kept(rest[:count]), length)
        if begins:
            raise NotRead(Misreading.LENGTH, echo(words))
    return acts.Guest(kept(rest).removeprefix("@"))


def setup(rest: list[Word]) -> Act:
    """`setup`, `setup next`, `setup test`, `setup again`."""
    words = plain(rest)
    go = GO.get(words)
    if go is None:
        raise NotRead(Misreading.EXTRA, echo(rest), "admin setup next")
    return acts.Setup(go)


GO = {
    "": acts.Go.SHOW,
    **dict.fromkeys(("next", "go on", "continue", "ok", "yes", "done", "skip"), acts.Go.NEXT),
    **dict.fromkeys(("test", "a test", "try"), acts.Go.TEST),
    **dict.fromkeys(("again", "anew", "restart", "start over", "begin", "start"), acts.Go.AGAIN),
}


def reset(rest: list[Word]) -> Act:
    if plain(rest) in ("confirm", "confirmed", "yes", "sure"):
        return acts.Reset(confirmed=True)
    if plain(rest) in ("", "line", "the line", "queue", "the queue", "all", "everything"):
        return acts.Reset()
    raise NotRead(Misreading.EXTRA, echo(rest))


def an_act(rest: list[Word]) -> str:
    """What `admin help move` is about, as it is called; "": all."""
    topic = plain(rest)
    known = {word: one.words[0] for one in ADMIN_COMMANDS for word in one.words}
    if not topic or topic in known:
        return known.get(topic, "")
    raise NotRead(Misreading.UNKNOWN, echo(rest), f"admin {nearest(topic, known) or 'help'}")


ADMIN_COMMANDS: tuple[Command[Act], ...] = (
    Command(("add", "put"), put, "put somebody in line (`at 1`: at that place)", "admin add @ana"),
    Command(("remove", "drop", "kick"), person(acts.Take, *_FROM), "take somebody off the line", "admin remove @ana"),
    Command(("move",), move, "to place 1", "admin move @ana 1"),
    Command(("link",), link, "the charging network's id of a driver (or many lines)", "admin link @ana 7000123"),
    Command(("close",), ports(acts.Close), "no calls to port 2 (or a station's id)", "admin close 2"),
    Command(("open", "reopen"), ports(acts.Open), "calls again", "admin open 2"),
    Command(("set", "change"), set_policy, "a setting; `admin show` lists them", "admin set answer 20m"),
    Command(("board",), board, "one message in the channel shows it all, kept up to date (or `off`)", "admin board on"),
    Command(("board link",), nothing(acts.LinkBoard()), "a page with the board, for a screen in the lobby", "admin board link"),
    Command(("show", "settings", "config", "status", "list"), nothing(acts.ShowSite()), "settings, people and ports", "admin show"),
    Command(("grant", "promote", "make"), person(acts.Grant, *_AS_ADMIN), "one more admin", "admin grant @ana"),
    Command(("revoke", "demote"), person(acts.Revoke, *_AS_ADMIN), "one admin less", "admin revoke @ana"),
    Command(("reset", "clear"), reset, "empty the line", "admin reset"),
    Command(("cap",), cap, "limit the power (or `3.3kW`, or `off`), where facilities agree", "admin cap 50% for 2h"),
    Command(("free",), free, "port 2 is empty, whatever the charger shows", "admin free 2"),
    Command(("in",), at_port(In), "somebody's car is on port 2", "admin in @ana 2"),
    Command(("out",), at_port(Out), "somebody's car isn't on a port any more", "admin out @ana"),
    Command(("suspend", "pause"), suspend, "keep somebody's place, let others pass", "admin suspend @ana 45m"),
    Command(("resume",), resume, "somebody can be called again", "admin resume @ana"),
    Command(("need",), need, "what somebody needs (or `none`)", "admin need @ana 12 kWh by 16:00"),
    Command(("unlink",), unlink, "a card is theirs no more (or all of them)", "admin unlink @ana 7000123"),
    Command(("guest", "visitor"), guest, "a code that lets a visitor's phone take part (for today, or so long)", "admin guest Zoe 3 days"),
    Command(("report", "totals"), lambda rest: acts.ShowTotals(a_span(rest)), "totals by person, where the operator allows it", "admin report month"),
    Command(("setup",), setup, "look through what was granted, one step at a time", "admin setup", ("admin setup next",)),
    Command(("log",), nothing(acts.ShowLog()), "what was put right in the last day, and by whom", "admin log"),
    Command(("undo",), nothing(acts.UndoLast()), "take the last act back", "admin undo"),
    Command(("help",), lambda rest: acts.ShowActs(an_act(rest))),
)  # fmt: skip
