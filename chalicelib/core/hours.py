"""The hours of the house (rule 25): when the line is open, and when the channel is spoken to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from chalicelib.values import dataclass

from .model import Policy


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day as somebody wrote it, on the site's clock.

    Not `exact`: `3` may be at night or in the afternoon, whichever comes next.
    """

    hour: int
    minute: int = 0
    exact: bool = False


class House(Protocol):
    """What has hours: a site, or one in the making."""

    @property
    def policy(self) -> Policy: ...

    @property
    def timezone(self) -> str: ...


def local(site: House, moment: datetime) -> datetime:
    """The moment on the site's clock."""
    return local_at(site.timezone, moment)


def on(site: House, day: date, at: time) -> datetime:
    """That time of that day at the site, in UTC."""
    return utc_on(site.timezone, day, at)


def upcoming(site: House, clock: ClockTime, now: datetime) -> datetime:
    """When somebody who writes that now means: today, the next time the clock shows it.

    A time of today that has gone stays in the past. Midnight is the one that ends today.
    """
    day, at = local(site, now).date(), time(clock.hour, clock.minute)
    if clock.exact and at == time(0):
        return on(site, day + timedelta(days=1), at)
    first = on(site, day, at)
    if clock.exact or first > now:
        return first
    if clock.hour == 12:
        return on(site, day + timedelta(days=1), time(0, clock.minute))
    return on(site, day, time(clock.hour + 12, clock.minute))


# Pure, and asked again and again for the few moments of a step and the few hours of a day.


@lru_cache(maxsize=64)
def local_at(timezone: str, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(timezone))


@lru_cache(maxsize=64)
def utc_on(timezone: str, day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZoneInfo(timezone)).astimezone(UTC)


@lru_cache(maxsize=64)
def utc_after(timezone: str, day: date, at: time) -> datetime:
    return utc_on(timezone, day + timedelta(days=1), at)


def is_open(site: House, now: datetime) -> bool:
    """People may stand in line."""
    return site.policy.opens <= local(site, now).time() < site.policy.closes


def speaks(site: House, now: datetime) -> bool:
    """The channel may be spoken to: working hours of a working day."""
    here, policy = local(site, now), site.policy
    works = here.weekday() in policy.workdays
    return works and policy.speaks_from <= here.time() < policy.speaks_until


def next_speaking(site: House, moment: datetime) -> datetime:
    """The moment itself in working hours, else when they begin next."""
    if speaks(site, moment):
        return moment
    here = local(site, moment)
    day = here.date()
    if here.time() >= site.policy.speaks_from:
        day += timedelta(days=1)
    days = (day + timedelta(days=n) for n in range(7))
    first = next((one for one in days if one.weekday() in site.policy.workdays), day)
    return on(site, first, site.policy.speaks_from)


def next_opening(site: House, moment: datetime) -> datetime:
    """When the line opens next, strictly after the moment."""
    opening = on(site, local(site, moment).date(), site.policy.opens)
    return opening if opening > moment else day_after(site, local(site, moment).date())


def closed_from(site: House, now: datetime) -> datetime:
    """The moment itself while the line is closed, else when it closes."""
    return closing_after(site, now) if is_open(site, now) else now


def closing_after(site: House, moment: datetime) -> datetime:
    """When the line is cleared next, strictly after the moment."""
    closing = on(site, local(site, moment).date(), site.policy.closes)
    return closing if closing > moment else closing_on_day_after(site, closing, 1)


def closing_on_day_after(site: House, closing: datetime, days: int) -> datetime:
    """The same time of another day: clocks may change in between."""
    day = local(site, closing).date() + timedelta(days=days)
    return on(site, day, site.policy.closes)


def a_night_since(site: House, moment: datetime, now: datetime) -> bool:
    """The line has closed or opened since then."""
    return min(closing_after(site, moment), next_opening(site, moment)) <= now


def day_after(site: House, day: date) -> datetime:
    """When the working day after this one begins."""
    return utc_after(site.timezone, day, site.policy.opens)


def today(site: House, now: datetime) -> date:
    """The working day that a moment belongs to: it begins when the line opens."""
    here = local(site, now)
    return here.date() if here.time() >= site.policy.opens else here.date() - timedelta(days=1)
