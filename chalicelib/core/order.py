"""In which order the line is called (rule 37): by arrival, or fairly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.energy.fair import ENOUGH_KWH, Claim, passed_over, rank
from chalicelib.energy.needs import Need, Unit, energy_of, habit_of

from . import hours
from .model import DayOf, Entry, Habits, Order, Person, Policy

WALK = timedelta(minutes=6)  # from a call to the plug


class Draftlike(Protocol):
    """What the order is made from: a site in the making."""

    now: datetime
    queue: tuple[Entry, ...]
    people: dict[str, Person]

    @property
    def policy(self) -> Policy: ...

    @property
    def timezone(self) -> str: ...

    def habits(self, driver: str) -> Habits: ...

    def today(self, driver: str) -> DayOf: ...


def calling_order(d: Draftlike) -> Sequence[Entry]:
    """The line as it would be called. Whoever can't be called just now keeps their place."""
    if d.policy.order is Order.ARRIVAL or len(d.queue) < 2:
        return d.queue
    entries = {entry.driver: entry for entry in d.queue}
    return [entries[driver] for driver in rank(claims(d))]


def claims(d: Draftlike) -> Mapping[str, Claim]:
    return {entry.driver: claim(d, place, entry) for place, entry in enumerate(d.queue)}


def claim(d: Draftlike, place: int, entry: Entry) -> Claim:
    today, habits = d.today(entry.driver), d.habits(entry.driver)
    had = today.met or today.kwh >= ENOUGH_KWH
    return Claim(place, had, can_get_it(d, entry), habits.shut_out and not had, today.passed)


def passable(d: Draftlike, waiting: Sequence[Entry]) -> list[bool]:
    """Of each: could somebody who isn't in line yet come and be called before? Anybody, before who
    had something or can't get it any more; else who was shut out at their last visit.
    """
    if d.policy.order is Order.ARRIVAL:
        return [False] * len(waiting)
    someone_first = any(away_and_first(d))

    def may_be_passed(mine: Claim) -> bool:
        if mine.had or not mine.can:
            return True
        return not mine.shut_out and mine.may_be_passed and someone_first

    return [may_be_passed(claim(d, 0, entry)) for entry in waiting]


def away_and_first(d: Draftlike) -> Iterator[bool]:
    """Of each who was shut out at their last visit: may they still come today?"""
    here = {entry.driver for entry in d.queue}
    for driver, person in d.people.items():
        if person.habits is not None and person.habits.shut_out and driver not in here:
            today = d.today(driver)
            yield not (today.called or today.met or today.kwh >= ENOUGH_KWH)


def can_get_it(d: Draftlike, entry: Entry) -> bool:
    """Called now, they could have their need by their time, or by the day's end."""
    by = entry.need.by if entry.need is not None else None
    latest = by if by is not None else hours.closing_after(d, d.now)
    usual = habit_of(d.habits(entry.driver).fills)
    return d.now + WALK + time_on_plug(d.policy, entry.need, usual) <= latest


def time_on_plug(policy: Policy, need: Need | None, usual: float | None) -> timedelta:
    """How long a need takes at a port's power; unsaid: the usual, or as long as one may stay."""
    if need is None:
        return min(policy.limit, hours_for(usual, policy)) if usual is not None else policy.limit
    if need.length is not None:
        return min(need.length, policy.limit_said)
    energy = energy_of(need, policy.km_per_kwh)
    if energy is None:
        full = need.unit is Unit.FULL and usual is not None
        return max(policy.limit, hours_for(usual or 0, policy)) if full else policy.limit_said
    return min(hours_for(energy, policy), policy.limit_said)


def fits_a_stay(policy: Policy, need: Need) -> bool:
    """A port gives so much before the time of a stay is up."""
    energy = energy_of(need, policy.km_per_kwh)
    takes = need.length or (hours_for(energy, policy) if energy is not None else timedelta(0))
    return takes <= max(policy.limit, policy.limit_said)


def hours_for(kwh: float, policy: Policy) -> timedelta:
    return kwh / policy.rated_kw * timedelta(hours=1)


def passed_by(d: Draftlike, called: str) -> list[str]:
    """Whom a call to this driver passes over (rule 37); nobody, in the order of arrival."""
    if d.policy.order is Order.ARRIVAL:
        return []
    waiting = {entry.driver for entry in d.queue if entry.is_waiting} | {called}
    return passed_over({one: c for one, c in claims(d).items() if one in waiting}, called)
