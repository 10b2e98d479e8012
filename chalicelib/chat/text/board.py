"""The board: every port and the whole line, for all eyes, in one message that is kept up to date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.core import ways
from chalicelib.core.answers import BoardLink, BoardShown
from chalicelib.core.boards import has_board
from chalicelib.core.draft import Draft
from chalicelib.core.effects import BoardPost
from chalicelib.core.hours import is_open
from chalicelib.core.model import Site, Standing
from chalicelib.core.rules.view import Doing, PlaceView, PortView, View, view
from chalicelib.values import dataclass

from .amounts import number
from .format import Speech, cap_of
from .outlook import short

MOST_PORTS, MOST_PEOPLE = 20, 20  # shown; the rest is counted


def view_of(site: Site, now: datetime | None = None) -> View | None:
    """The site as everybody may see it; None: nothing has happened there yet."""
    at = now or site.stepped_at
    return view(Draft(site, at)) if at is not None else None


@dataclass(frozen=True, slots=True)
class BoardWords:
    """A board in parts: for where they stand apart. All together they are its text."""

    title: str  # not marked up
    ports: tuple[str, ...]
    line: tuple[str, ...]
    notes: tuple[str, ...]

    def text(self, s: Speech) -> str:
        return "\n".join((s.markup.bold(self.title), *self.ports, *self.line, *self.notes))


def post(message: BoardPost, s: Speech) -> str:
    """What stands in the channel, or that nothing does any more."""
    if message.off:
        return f"There is no board here any more. `{s.ev} list` shows the chargers and the line."
    return whole(s)


def answered(answer: BoardShown | BoardLink, s: Speech) -> str:
    """`board`: the same for who asks, and where it stands; `admin board link`."""
    if isinstance(answer, BoardLink):
        return linked(answer.link, s)
    if any(has_board(s.site, one) for one in s.site.channels if s.is_here(one)):
        return f"{whole(s)}\nThe board in the channel always shows the same."
    return whole(s)


def linked(link: str, s: Speech) -> str:
    """Where the board has a page."""
    if not link:
        return "Nobody reaches me from outside, so there is no page to link to. Whoever runs me can set `PUBLIC_URL`."
    if not s.ev:
        if all(map(ways.is_one_by_one, s.site.channels)):
            return f"A text takes no links. Whoever runs me has it: `python -m bot site board {s.site.id}`"
        return "A text takes no links: ask in chat, with `admin board link`."
    return (
        "For a screen in the lobby, good for a year. Whoever has the link sees the board, with initials "
        f"for names; `python -m bot site board {s.site.id} --revoke` ends it: {s.escape(link)}"
    )


def whole(s: Speech) -> str:
    seen = view_of(s.site, s.now)
    return board(s, seen).text(s) if seen is not None else "I haven't seen the chargers yet."


def undelivered(to: str, reason: str, s: Speech) -> str:
    """To the admins."""
    return (
        f"I can't put the board into {s.person(to)} ({s.escape(reason)}), so I say there what "
        f"ports do, as without one. `{s.ev} admin board on` tries again."
    )


def board(s: Speech, seen: View) -> BoardWords:
    return BoardWords(
        s.escape(s.site.name), tuple(ports(s, seen)), tuple(line(s, seen)), tuple(notes(s, seen))
    )


def ports(s: Speech, seen: View) -> Iterator[str]:
    if not seen.ports:
        yield "I haven't seen the chargers yet."
    if seen.unseen_since is not None:
        yield f"I haven't seen the chargers since {s.dated(seen.unseen_since)}; this is how they were:"
    for one in seen.ports[:MOST_PORTS]:
        yield f"{s.the_port(one.id)}: {', '.join(port_words(s, one))}"
    if len(seen.ports) > MOST_PORTS:
        free = sum(one.doing is Doing.FREE for one in seen.ports[MOST_PORTS:])
        yield f"… and {len(seen.ports) - MOST_PORTS} more ports, {free or 'none'} of them free."


def port_words(s: Speech, one: PortView) -> Iterator[str]:
    """What is to be said of a port, in the order of what matters."""
    match one.doing:
        case Doing.IN_USE:
            since = f" since {s.dated(one.since)}" if one.since is not None else ""
            yield f"{s.name(one.driver) if one.driver else 'in use'}{since}"
        case Doing.FREE | Doing.CALLED:
            yield "free"
        case Doing.DARK:
            yield "out of reach"
        case Doing.UNKNOWN:
            yield "unknown"
        case Doing.SHUT:
            pass
    yield from state_words(s, one)
    if one.called is not None:
        doing = "is on the way" if one.is_coming else "is called"
        until = f" until {s.at(one.called_until)}" if one.called_until is not None else ""
        yield f"{s.name(one.called)} {doing}{until}"
    if one.is_idle:
        yield f"stands idle (`{s.ev} next` moves on)" if s.ev else "stands idle"


def state_words(s: Speech, one: PortView) -> Iterator[str]:
    """Power, what limits it, when the car should be done, and what is wrong."""
    if one.kw is not None:
        yield f"{number(one.kw)} kW"
    if one.cap is not None and (port := s.site.ports.get(one.id)) is not None:
        yield cap_of(port)
    if one.is_full:
        yield "full"
    elif one.done_at is not None:
        yield f"done at about {s.at(one.done_at)}"
    if one.is_overdue:
        yield "time is up"
    for is_so, word in ((one.closed, "closed"), (one.broken, "broken"), (one.blocked, "blocked")):
        if is_so:
            yield word
    if one.alarm:
        yield s.escape(one.alarm)


def line(s: Speech, seen: View) -> Iterator[str]:
    if not seen.line:
        yield "Nobody is waiting."
        return
    yield f"In line ({len(seen.line)}):"
    for place, one in enumerate(seen.line[:MOST_PEOPLE], 1):
        yield f"{place}. {s.name(one.driver)}{place_words(s, one)}"
    if len(seen.line) > MOST_PEOPLE:
        yield f"… and {len(seen.line) - MOST_PEOPLE} more."


def place_words(s: Speech, one: PlaceView) -> str:
    match one.standing:
        case Standing.SUSPENDED:
            return f" (suspended until {s.dated(one.until)})" if one.until else " (suspended)"
        case Standing.SITTING_OUT:
            return " (passed, sits out)"
        case Standing.AWAY:
            return " (away)"
    power = f" (on {s.port(one.on_port)}, no power)" if one.on_port is not None else ""
    return f"{power}{short(one.expected, s)}"


def notes(s: Speech, seen: View) -> Iterator[str]:
    if seen.cap_by is not None:
        yield f"{s.name(seen.cap_by)} asked for a limit of {number(seen.cap_kw or 0)} kW a port."
    opens = "" if is_open(s.site, seen.at) else f" from {s.clock(s.site.policy.opens)}"
    hint = f" `{s.ev} add` puts you in line{opens}." if s.ev else ""
    yield f"As of {s.at(seen.at)}.{hint}"
