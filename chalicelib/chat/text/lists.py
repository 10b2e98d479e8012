"""The longer answers: the line, the ports, my story, the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import assert_never

from chalicelib.core import order
from chalicelib.core.answers import Line, Ports
from chalicelib.core.draft import Draft
from chalicelib.core.model import (
    Entry,
    Note,
    Order,
    Policy,
    Port,
    Site,
    Standing,
    Status,
    Stay,
    What,
)
from chalicelib.core.policy import written
from chalicelib.core.rules import charging
from chalicelib.energy.fair import Because, because
from chalicelib.energy.stays import Taken, added_up
from chalicelib.values import names

from .amounts import number
from .format import Speech, cap_of, people
from .outlook import done_words, expected_words, short

LONGEST = 60  # drivers, or ports, shown by `list`; more are summed up
STORY = 15  # lines of `why`
NAMED = 3  # drivers for one reason in it
SHIPPED = Policy()


# --- the line and the ports -----------------------------------------------------------


def line(s: Speech, told: Line) -> Iterator[str]:
    """`list`: every port, and the whole line, with what can be said of its times."""
    yield s.markup.bold(s.escape(s.site.name))
    yield from ports(s, dict(told.ends))
    times = dict(told.expected)
    entries = sorted(waiting(s.site), key=lambda one: rank(one, told.order))
    if not entries:
        yield "Nobody is waiting."
    for place, entry in enumerate(entries[:LONGEST], 1):
        yield f"{place}. {s.name(entry.driver)}{remark(entry, s)}{short(times.get(entry.driver), s)}"
    if len(entries) > LONGEST:
        yield f"… and {len(entries) - LONGEST} more."


def rank(entry: Entry, order: tuple[str, ...]) -> int:
    """The place in the order in which the line is called (rule 37)."""
    return order.index(entry.driver) if entry.driver in order else len(order)


def waiting(site: Site) -> list[Entry]:
    return [entry for entry in site.queue if entry.turn is None]


def who_waits(site: Site) -> list[Entry]:
    """Who would come if a port were free: not who lets others pass."""
    return [entry for entry in waiting(site) if not entry.is_suspended]


def remark(entry: Entry, s: Speech) -> str:
    if entry.is_suspended:
        end = f" until {s.dated(entry.until)}" if entry.until else ""
        return f" (suspended{end})"
    if entry.standing is Standing.AWAY and entry.until is not None:
        return f" (away until {s.dated(entry.until)})"
    port = s.port_of(entry.driver)
    if port is not None:
        return f" (on {s.port(port.id)}, no power)"
    return " (passed, sits out)" if entry.standing is Standing.SITTING_OUT else ""


def port(s: Speech, port_id: str, ends: datetime | None = None) -> str:
    """One port, as `status` shows it."""
    one = s.site.ports.get(port_id)
    if one is None:  # taken away meanwhile
        return f"There is no such port any more. `{s.ev} status` shows them."
    parts = (state(one, called(s).get(port_id), s), done_words(ends, s))
    return f"{s.the_port(port_id)}: {', '.join(part for part in parts if part)}"


def called(s: Speech) -> dict[str, Entry]:
    """Who is called, by port."""
    return {entry.turn.port: entry for entry in s.site.queue if entry.turn is not None}


def ports(s: Speech, ends: Mapping[str, datetime] | None = None) -> Iterator[str]:
    if not s.site.ports:
        yield "I haven't seen the chargers yet."
    if s.site.blind and s.site.looked_at is not None:
        yield f"I haven't seen the chargers since {s.dated(s.site.looked_at)}; this is how they were:"
    for one in list(s.site.ports)[:LONGEST]:
        yield port(s, one, (ends or {}).get(one))
    if len(s.site.ports) > LONGEST:
        yield f"… and {len(s.site.ports) - LONGEST} more; `{s.ev} status {LONGEST + 1}` shows one."


def state(port: Port, holder: Entry | None, s: Speech) -> str:
    """What can be said of a port: who, since when, how much power, what limits it."""
    in_use = port.status is Status.INUSE and port.load_kw is not None
    station = port.id.rpartition("/")[0]
    parts = (
        condition(port, holder, s),
        f"{port.load_kw:.1f} kW" if in_use else "",
        "closed" if port.closed else "",
        "broken" if port.broken else "",
        "blocked" if port.blocked else "",
        cap_of(port),
        s.escape(s.site.alarms.get(port.id, "")),
        s.escape(s.site.alarms.get(f"{station}/", "")),
    )
    return ", ".join(part for part in parts if part)


def condition(port: Port, holder: Entry | None, s: Speech) -> str:
    match port.status:
        case Status.INUSE:
            stay = port.stay
            who = s.name(stay.driver) if stay is not None and stay.driver else "in use"
            if stay is None:
                return who
            to_unplug = holder is not None and holder.turn is not None and holder.turn.unplugs
            coming = f", {called_until(holder, s)}" if holder is not None and to_unplug else ""
            return f"{who} since {s.dated(stay.since)}{past_end(stay, s)}{coming}"
        case Status.AVAILABLE:
            if holder is None or holder.turn is None:
                return "" if port.is_shut else "free"
            return f"free, {called_until(holder, s)}"
        case Status.UNREACHABLE:
            return "out of reach"
        case Status.UNKNOWN:
            return "unknown"
        case never:
            assert_never(never)


def called_until(holder: Entry, s: Speech) -> str:
    """Who is called to a port, and until when."""
    turn = holder.turn
    doing = "is on the way" if turn is not None and turn.coming else "is called"
    return f"{s.name(holder.driver)} {doing}{s.until(turn.deadline if turn is not None else None)}"


def past_end(stay: Stay, s: Speech) -> str:
    """Rule 31: who is past the end is marked."""
    if stay.full_told:
        return ", full"
    now, policy = s.site.stepped_at or stay.since, s.site.policy
    late = charging.counted(stay.ladder, now) >= charging.limit(policy, stay)
    return ", time is up" if late else ""


def status(told: Ports, s: Speech) -> Iterator[str]:
    """`status`: every port, where I stand, and when I should be called: by text that comes
    first, for the end may be cut off.
    """
    mine = f"{standing(told.driver, s)} {expected_words(told.expected, s)}".rstrip()
    shown = (*ports(s, dict(told.ends)), mine)
    yield from shown if s.ev else (mine, *shown[:-1])


def standing(driver: str, s: Speech) -> str:
    entries = [entry for entry in s.line if entry.turn is None]
    for place, entry in enumerate(entries, 1):
        if entry.driver == driver:
            return f"You're number {place} in line{remark(entry, s)}."
    for entry in s.site.queue:
        if entry.driver == driver and entry.turn is not None:
            return f"It's your turn: {s.port(entry.turn.port)}{s.until(entry.turn.deadline)}."
    cars = s.cars_of(driver)
    mine = s.ports([port.id for port in cars])
    mine += energy_of(cars[0], s) if len(cars) == 1 else ""
    where = f"You're charging on {mine}" if mine else "You're not in line"
    return f"{where}; {people(len(who_waits(s.site)))}."


def energy_of(port: Port, s: Speech) -> str:
    """A driver's own energy, as `need` says it: ` (5.2 kWh so far)`."""
    stay = port.stay
    if stay is None:
        return ""
    taken = stay.taken if stay.taken is not None else Taken(stay.since)
    kwh, is_about = added_up(taken, s.now or taken.at, s.site.policy.rated_kw)
    about = "about " if is_about else ""
    return f" ({about}{number(kwh)} kWh so far)" if round(kwh, 1) else ""


# --- my story, and the admins' view --------------------------------------------------------


def why(driver: str, s: Speech) -> Iterator[str]:
    """`why`: what happened to my place, from the trail of the last day."""
    story = [note for note in s.site.trail if note.driver == driver][-STORY:]
    if not story:
        hint = (
            ""
            if any(e.driver == driver for e in s.site.queue)
            else f" `{s.ev} add` puts you in line."
        )
        yield f"Nothing happened to your place in the last day.{hint}"
    for note in story:
        yield f"{s.dated(note.at)} {happened(note, s)}"
    ahead = 0
    for entry in s.line:
        if entry.driver == driver:
            yield f"Now {now(entry, ahead, s)}."
            if ahead and entry.turn is None and s.site.policy.order is Order.FAIR:
                yield f"Ahead of you in the fair order: {fair_order(driver, s)}."
            return
        ahead += entry.turn is None  # as `list` and `status` count


def now(entry: Entry, ahead: int, s: Speech) -> str:
    if entry.turn is not None:
        return f"it's your turn: {s.port(entry.turn.port)}{s.until(entry.turn.deadline)}"
    who = {0: "nobody is", 1: "one person is"}.get(ahead, f"{ahead} people are")
    return f"{who} ahead of you{remark(entry, s)}"


def fair_order(driver: str, s: Speech) -> str:
    """Who is called before this driver, and for what reason (rule 37)."""
    claims = order.claims(Draft(s.site, s.now or s.site.stepped_at or s.line[0].added_at))
    reasons: dict[Because, list[str]] = {}
    for entry in s.line:
        if entry.driver == driver:
            break
        if entry.turn is None:
            reason = because(claims[entry.driver], claims[driver])
            reasons.setdefault(reason, []).append(entry.driver)
    groups = ((REASONS[reason], some(who, s)) for reason, who in reasons.items())
    return "; ".join(f"{who} ({reason})" for reason, who in groups)


def some(who: Sequence[str], s: Speech) -> str:
    """A few by name."""
    more = len(who) - NAMED
    names = [s.name(one) for one in who[:NAMED]]
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


REASONS: dict[Because, str] = {
    Because.CAME_FIRST: "came before you",
    Because.HAD_NONE: "nothing yet today; you had some",
    Because.CAN_STILL: "in time for what they need; you can't be any more",
    Because.SHUT_OUT: "nothing at the last visit",
    Because.PASSED: "passed over three times today",
}


def happened(note: Note, s: Speech) -> str:
    by = f" by {s.one(note.by)}" if note.by and note.by != note.driver else ""
    where = f" ({s.port(note.port)})" if note.port else ""
    deed, _, rest = STORIES[note.what].partition(";")  # whoever did it didn't keep your place
    return f"{deed}{by}{where}{f';{rest}' if rest else ''}"


STORIES: dict[What, str] = {
    What.ADDED: "put in line",
    What.JOINED: "another address of yours joined",
    What.REMOVED: "taken off the line",
    What.SUSPENDED: "suspended",
    What.QUIET_HOURS: "passed over: your quiet hours",
    What.MEETING: "passed over: you were in a meeting",
    What.BACK: "can be called again",
    What.LEFT: "the account was closed",
    What.RESUMED: "back in line",
    What.CALLED: "called",
    What.COMING: "you said that you were on the way",
    What.PASSED: "your turn was passed on",
    What.LAPSED: "your turn went by; your place is kept, suspended",
    What.WITHDRAWN: "your turn was taken back; your place is kept",
    What.BLOCKED: "you found the bay blocked; your place is kept",
    What.PLUGGED: "plugged in",
    What.POWERED: "power came, so you left the line",
    What.UNPLUGGED: "unplugged",
    What.CLEARED: "the line was cleared for the night",
    What.LINKED: "your card was linked",
    What.MOVED: "moved in line",
    What.RESET: "the line was emptied",
    What.CLOSED: "a port was closed",
    What.OPENED: "a port was opened",
    What.SET: "a setting was changed",
    What.GRANTED: "made an admin",
    What.REVOKED: "no admin any more",
    What.UNDONE: "an admin's act was taken back",
    What.BLIND: "sight was lost",
    What.SEEING: "sight came back",
    What.NEEDS: "what you need was noted",
    What.GAVE: "gave your place away",
    What.RECEIVED: "were given a place",
    What.PASSED_OVER: "passed over, for the fair order:",
    What.MOVES: "said that you mean to move",
    What.CAPPED: "a power limit was asked for",
    What.FREED: "counted as unplugged: the port was freed",
    What.DISOWNED: "not on the port any more",
    What.BROKEN: "said that the port doesn't work",
    What.UNLINKED: "your card was unlinked",
    What.UNREACHABLE: "your call couldn't be delivered, place kept, suspended until you write",
    What.UNDELIVERABLE: "couldn't be written to",
}


def shown(s: Speech) -> Iterator[str]:
    """`admin show`."""
    site = s.site
    yield s.markup.bold(f"{s.escape(site.name)} ({site.id}, {site.timezone})")
    yield "Admins: " + s.persons(site.admins)
    linked = sum(bool(person.ids) for person in site.people.values())
    yield f"People: {len(site.people)} known, {linked} linked to the chargers"
    if s.ev:
        yield from ports(s)
        for name in names(site.policy):
            yield f"`{name}` {written(getattr(site.policy, name))}"
        return
    yield settings_changed(site.policy)  # by text the shortest will do
    yield from ports(s)


def settings_changed(policy: Policy) -> str:
    """What isn't as it was shipped."""
    others = [
        f"{name} {written(getattr(policy, name))}"
        for name in names(policy)
        if getattr(policy, name) != getattr(SHIPPED, name)
    ]
    return f"Settings as shipped, but {', '.join(others)}." if others else "Settings as shipped."
