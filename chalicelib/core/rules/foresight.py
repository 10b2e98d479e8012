"""Foresight: when each stay should end, and when who waits should be called (rule 32)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple

from chalicelib.core import hours
from chalicelib.core.answers import Expected
from chalicelib.core.draft import Draft
from chalicelib.core.effects import Foreseen
from chalicelib.core.model import Entry, Order, Port, Status, Stay
from chalicelib.core.order import WALK, passable, time_on_plug
from chalicelib.energy import forecast, taper
from chalicelib.energy.forecast import Ahead, Outlook, Waits
from chalicelib.energy.needs import habit_of
from chalicelib.energy.pace import GONE, Pace, pace_of
from chalicelib.values import replace

from . import charging, guesses, needs, word
from .guesses import LONGEST, REMEMBERED

RIGHT = timedelta(minutes=20)
AWAY = timedelta(hours=1)
SECOND = timedelta(seconds=1)
SOON = 900.0  # "not before" so soon tells nobody anything
FIVE = 300.0


# --- the end of a stay -------------------------------------------------------------------


def end_of(d: Draft, stay: Stay) -> datetime:
    """When a stay has its end, was or should: moving, met, full, or the limit; never within
    *20 more minutes*.
    """
    if stay.moving_at is not None:
        return stay.moving_at
    ends = [charging.limit_at(d, stay)]
    full_at = charging.full_at(d, stay)
    if full_at is not None:
        ends.append(full_at)
    at = needs.need_at(d, stay)
    if at is None and stay.need is None:
        at = usual_at(d, stay)
    if at is not None:
        ends.append(at)
    taken = stay.taken
    if taken is not None and taken.kw:
        left = taper.time_to_full(taken.kw, taken.peak_kw, taken.kwh)
        if left is not None:
            ends.append(taken.at + left)
    return charging.later(stay, min(ends))


def usual_at(d: Draft, stay: Stay) -> datetime | None:
    """When who said nothing should have their usual; None: past that, or no habit."""
    usual = needs.usual(d, stay.driver)
    at = needs.time_of(d, stay, usual) if usual is not None else None
    return at if at is not None and at > d.now else None


def ends(d: Draft) -> tuple[tuple[str, datetime], ...]:
    """When the cars on the ports should be done; those past their end have none."""
    if not d.sees or d.policy.classic:
        return ()
    found = ((p, end_of(d, p.stay)) for p in d.ports.values() if p.stay and shows(d, p))
    return tuple((port.id, at) for port, at in found if at > d.now)


def shows(d: Draft, port: Port) -> bool:
    """A car on it that can be foreseen."""
    return port.status is Status.INUSE and not d.lacks_power(port)


# --- the line --------------------------------------------------------------------------------


class View(NamedTuple):
    """The site as the forecast sees it."""

    ports: list[Ahead]
    waiting: list[Entry]  # in the order in which they'd be called
    line: list[Waits]
    pace: Pace
    until: float


def view(d: Draft, plus: Entry | None = None) -> View:
    """`plus`: somebody who isn't in line, as if they stood last."""
    order = d.in_calling_order()
    waiting = [entry for entry in order if entry.is_waiting]
    if plus is not None:
        waiting.append(plus)
    ports = [ahead(d, port) for port in d.ports.values()]
    until = (hours.closing_after(d, d.now) - d.now) / SECOND
    front = line_of(d, waiting)
    undisturbed = before_who_may_come_back(d, order)
    line = front[:undisturbed] + [replace(one, passable=True) for one in front[undisturbed:]]
    return View(ports, waiting, line, pace(d), until)


def before_who_may_come_back(d: Draft, order: Sequence[Entry]) -> int:
    """How many of those who wait stand before anybody who is away, and may be called when back."""
    found = 0
    for entry in order:
        if entry.is_waiting:
            found += 1
        elif entry.turn is None and may_come_back(d, entry):
            return found
    return found + 1  # and who isn't in line stands last


def may_come_back(d: Draft, entry: Entry) -> bool:
    """Who has been away for an hour without a word is hardly coming."""
    if entry.unreachable:
        return False
    if entry.until is not None:
        return True
    latest = (note.at for note in (*d.notes, *reversed(d.trail)) if note.driver == entry.driver)
    return d.now - next(latest, entry.added_at) < AWAY


def pace(d: Draft) -> Pace:
    answer = d.policy.answer / SECOND
    return pace_of(d.late, d.turnover, d.unsaid, d.missed, answer)


def line_of(d: Draft, waiting: Sequence[Entry]) -> list[Waits]:
    """Those who wait, as the forecast takes them."""
    numbers = {port: number for number, port in enumerate(d.ports)}
    unknown = Waits(time_on_plug(d.policy, None, None) / SECOND, guess=True)  # most of a long line
    found = []
    for one, may_be_passed in zip(waiting, passable(d, waiting), strict=True):
        person = d.people.get(one.driver)
        if not may_be_passed and one.need is None and (person is None or person.habits is None):
            found.append(unknown)
            continue
        habits = d.habits(one.driver)
        needs = time_on_plug(d.policy, one.need, habit_of(habits.fills)) / SECOND
        barred = frozenset(numbers[port] for port in habits.cannot_use if port in numbers)
        by = (one.need.by - d.now) / SECOND if one.need and one.need.by else inf
        fair = d.policy.order is Order.FAIR  # who can't have it by then falls back (rule 37)
        latest = by - needs - WALK / SECOND if fair else by
        found.append(
            Waits(needs, latest, by if by > 0 else inf, barred, may_be_passed, one.need is None)
        )
    return found


def ahead(d: Draft, port: Port) -> Ahead:
    """One port, as the forecast takes it."""
    if port.is_shut:
        return Ahead(None)
    holder = d.holder(port.id)
    if holder is not None:
        next_one = line_of(d, [holder])[0]
        end, turn = WALK / SECOND + next_one.needs, holder.turn
        if turn is None or turn.coming:
            return Ahead(end, by=next_one.by)
        deadline = turn.deadline or d.now + d.policy.answer
        return Ahead(end, by=next_one.by, lapses=(deadline - d.now) / SECOND)
    if d.is_released(port) or port.status is Status.AVAILABLE:
        return Ahead(0.0, free=True)
    if port.stay is None or not shows(d, port):
        return Ahead(None)
    stay = port.stay
    if guesses.is_one(d, stay):
        limit, guess = charging.limit_at(d, stay), guesses.end_of(d, stay)
        return Ahead((limit - d.now) / SECOND, guess=(guess - d.now) / SECOND)
    by = (stay.need.by - d.now) / SECOND if stay.need and stay.need.by else inf
    return Ahead((end_of(d, stay) - d.now) / SECOND, stay.moving_at is not None, by=by)


def all_expected(d: Draft) -> dict[str, Expected]:
    """What can be said to each who waits; no time without sight, and none in the old house."""
    if not d.sees or d.policy.classic:
        return {}
    seen = view(d)
    told = forecast.outlooks(seen.ports, seen.line, seen.pace, seen.until)
    late = overdue(d) if Outlook() in told else []
    free = sum(port.free for port in seen.ports)
    each = {
        entry.driver: as_expected(d, entry, one, late, place - free)
        for place, (entry, one) in enumerate(zip(seen.waiting, told, strict=True))
    }
    return {driver: one for driver, one in each.items() if one != Expected()}


def expected(d: Draft, driver: str) -> Expected:
    """What can be said to one driver: who isn't in line hears it as if they stood last."""
    entry = d.entry(driver)
    if not d.sees or d.policy.classic or (entry is not None and not entry.is_waiting):
        return Expected()
    plus = Entry(driver, d.now) if entry is None else None
    seen = view(d, plus)
    place = [one.driver for one in seen.waiting].index(driver)
    told = forecast.outlook(place, seen.ports, seen.line, seen.pace, seen.until)
    free = sum(port.free for port in seen.ports)
    late = overdue(d) if told == Outlook() else ()
    return as_expected(d, seen.waiting[place], told, late, place - free)


def hardly(d: Draft, entry: Entry) -> Expected:
    """Not while it is of use to them: today, or by the time that they said."""
    by = entry.need.by if entry.need is not None else None
    return Expected(hardly=True, by=by if by is not None and by > d.now else None)


def as_expected(
    d: Draft, entry: Entry, told: Outlook, late: Sequence[tuple[datetime, Stay]], place: int
) -> Expected:
    if told.at is not None:
        return Expected(at=in_fives(d, told.at))
    if told.not_before is not None:
        tells = told.not_before > SOON
        return Expected(not_before=in_fives(d, told.not_before)) if tells else Expected()
    if told.hardly:
        return hardly(d, entry)
    if 0 <= place < len(late):
        up_at, stay = late[place]
        return Expected(behind=stay.driver or "", up_at=up_at)
    return Expected()


def in_fives(d: Draft, seconds: float) -> datetime:
    """A time of day to five minutes, ahead of now."""
    at = d.now.timestamp() + seconds
    return datetime.fromtimestamp(-(-at // FIVE) * FIVE, d.now.tzinfo)


def overdue(d: Draft) -> list[tuple[datetime, Stay]]:
    """Cars past their end without a word, the earliest first."""
    cars = [p.stay for p in d.ports.values() if p.stay is not None and shows(d, p)]
    late = [(end_of(d, stay), stay) for stay in cars if stay.moving_at is None]
    past = [(at, stay) for at, stay in late if at <= d.now and d.now - at < GONE * SECOND]
    return sorted(past, key=lambda one: one[0])


# --- what was told, and what became of it --------------------------------------------------------


def tell(d: Draft, driver: str) -> Expected | None:
    """What can be said to a driver who asks; the first time that is told is remembered."""
    told = expected(d, driver)
    if told == Expected():
        return None
    entry = d.entry(driver)
    if entry is None:
        return told
    if told.at is not None and entry.expected is None:
        d.put(replace(entry, expected=told.at))
    elif told.hardly and not entry.hardly_told:
        d.put(replace(entry, hardly_told=True))
    return told


def review(d: Draft) -> None:
    """After a look: who will hardly have a port today hears it once, as early as it is likely."""
    if not any(entry.is_waiting and not entry.hardly_told for entry in d.queue) or not d.speaks:
        return
    if not d.sees or d.policy.classic:
        return
    seen = view(d)
    for place in forecast.hopeless(seen.ports, seen.line, seen.pace, seen.until):
        entry = seen.waiting[place]
        if not entry.hardly_told:
            d.put(replace(entry, hardly_told=True))
            d.tell(entry.driver, Foreseen(entry.driver, hardly(d, entry)))


def came_true(d: Draft, entry: Entry, *, called: bool) -> None:
    """A turn has come, or won't any more: how good was what was told?"""
    if entry.expected is not None:
        right = called and abs(d.now - entry.expected) <= RIGHT
        word.count(d, times=1, right=int(right))
    if entry.hardly_told:
        by = entry.need.by if entry.need is not None else None
        word.count(d, hardly=1, wrong=int(called and (by is None or d.now <= by)))


def note_end(d: Draft, stay: Stay, at: datetime) -> None:
    """A car has left: how late after its end; such figures make the site's pace."""
    if stay.need is None:
        guesses.note(d, stay, at)
        return
    late = round((at - end_of(d, stay)) / timedelta(minutes=1))
    d.late = (*d.late, max(-60, min(LONGEST, late)))[-REMEMBERED:]


def note_turnover(d: Draft, port: Port, at: datetime) -> None:
    """The next car is on the port that somebody was called to."""
    left = port.last_stay.ended_at if port.last_stay is not None else None
    if left is not None and d.holder(port.id) is not None:
        took = round((at - left) / timedelta(minutes=1))
        d.turnover = (*d.turnover, max(0, min(60, took)))[-REMEMBERED:]
        note_call(d, missed=False)


def note_call(d: Draft, *, missed: bool) -> None:
    """Somebody came, or didn't."""
    d.missed = (*d.missed, int(missed))[-REMEMBERED:]
