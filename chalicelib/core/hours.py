"""The hours of the house (rule 25): when the line is open, and when the channel is spoken to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .model import Site

SATURDAY = 5


def local(site: Site, moment: datetime) -> datetime:
    """The moment on the site's clock."""
    return moment.astimezone(ZoneInfo(site.timezone))


def on(site: Site, day: date, at: time) -> datetime:
    """That time of that day at the site, in UTC."""
    return datetime.combine(day, at, ZoneInfo(site.timezone)).astimezone(UTC)


def is_open(site: Site, now: datetime) -> bool:
    """People may stand in line."""
    return site.policy.opens <= local(site, now).time() < site.policy.closes


def speaks(site: Site, now: datetime) -> bool:
    """The channel may be spoken to: working hours of a weekday."""
    here = local(site, now)
    policy = site.policy
    return here.weekday() < SATURDAY and policy.speaks_from <= here.time() < policy.speaks_until


def next_speaking(site: Site, moment: datetime) -> datetime:
    """The moment itself in working hours, else when they begin next."""
    if speaks(site, moment):
        return moment
    here = local(site, moment)
    day = here.date()
    if here.time() >= site.policy.speaks_from:
        day += timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return on(site, day, site.policy.speaks_from)


def closing_after(site: Site, moment: datetime) -> datetime:
    """When the line is cleared next, strictly after the moment."""
    day = local(site, moment).date()
    closing = on(site, day, site.policy.closes)
    return closing if closing > moment else on(site, day + timedelta(days=1), site.policy.closes)


def today(site: Site, now: datetime) -> date:
    """The working day that a moment belongs to: it begins when the line opens."""
    here = local(site, now)
    return here.date() if here.time() >= site.policy.opens else here.date() - timedelta(days=1)
