"""From a site and its log of stays to a report card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .card import House, Kept, ReportCard, Span, begin_of, count
from .draft import Draft
from .model import Site
from .rules import finished
from .stays import FinishedStay

FIGURES = ("times", "right", "hardly", "wrong", "made", "kept", "void", "broken", "warned")


def since(site: Site, span: Span, now: datetime) -> datetime:
    """From when on the log is needed."""
    return begin_of(span, now, ZoneInfo(site.timezone))


def report(site: Site, stays: Iterable[FinishedStay], span: Span, now: datetime) -> ReportCard:
    """The card of a site; cars that are still there count with what they have so far."""
    zone = ZoneInfo(site.timezone)
    policy = site.policy
    house = House(len(site.ports), zone, policy.opens, policy.closes, policy.workdays)
    found = [*stays, *running(site, now)]
    return count(found, span, now, house, word(site, begin_of(span, now, zone), zone))


def running(site: Site, now: datetime) -> Iterator[FinishedStay]:
    """The stays of the cars that are there, as if they left now."""
    d = Draft(site, now)
    for port in site.ports.values():
        if port.stay is not None:
            at = max(now, port.stay.since)
            yield finished.finished(d, port.id, finished.ended(d, port.stay, at), at)


def word(site: Site, begin: datetime, zone: ZoneInfo) -> Kept:
    """The sums of the weeks that the time touches: they are kept week by week."""
    day = begin.astimezone(zone).date()
    monday = day - timedelta(days=day.weekday())
    weeks = [one for one in site.word if one.monday >= monday]
    sums = {name: sum(getattr(one, name) for one in weeks) for name in FIGURES}
    return Kept(monday, **sums)
