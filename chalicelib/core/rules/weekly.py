"""The report: told to who asks, and to the channel once a week, if the house wants that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from chalicelib.core import answers as say, hours, ways
from chalicelib.core.acts import ShowTotals
from chalicelib.core.answers import Refusal
from chalicelib.core.card import ReportCard, Span
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import MakeReport, ReportPicture, ReportTable, WeeklyReport
from chalicelib.core.inputs import ShowReport
from chalicelib.core.reply import Reply, refuse

from .word import monday_of

WEEK = timedelta(days=7)


def due(d: Draft) -> Iterator[Due]:
    """Once in a calendar week, at the policy's time; in working hours, as all that is spoken.

    The log is not ours to read: an order goes out, and what comes of it is `announce`d. Since
    both are saved, no restart loses the report or doubles it.
    """
    day, at = d.policy.report.day, d.policy.report.at
    if day is None:
        return
    if d.reported is None:
        yield Due(d.now, partial(begin, d, last_before(d, d.now)))
        return
    next_day = monday_of(d.reported) + WEEK + timedelta(days=day)
    yield Due(hours.on(d, next_day, at), partial(order, d), spoken=True)


def last_before(d: Draft, now: datetime) -> date:
    """The day of the last such time that has gone: who has just switched it on waits a week at
    most.
    """
    day, at = d.policy.report.day or 0, d.policy.report.at
    found = monday_of(hours.local(d, now).date()) + timedelta(days=day)
    return found if hours.on(d, found, at) <= now else found - WEEK


def begin(d: Draft, day: date) -> None:
    d.reported = day


def order(d: Draft) -> None:
    """After weeks of sleep there is one report, not one for each."""
    d.reported = last_before(d, d.now)
    d.log(MakeReport(Span.WEEK))


def announce(d: Draft, card: ReportCard) -> None:
    """Nothing is said of a week in which nothing happened. Admins, and who hears of alarms, have
    it by mail, too, where they have mail.
    """
    if not card.is_empty:
        d.announce(WeeklyReport(card))
        for who in dict.fromkeys((*d.admins, *d.alarm_to)):
            if (at := ways.mailed_at(d, who)).startswith("mail:"):
                d.send(at, WeeklyReport(card))


def show(d: Draft, driver: str, wish: ShowReport) -> Reply:
    """`report`. The picture, and the table where there is no link, come as messages besides."""
    card = wish.card
    if card is None:
        return refuse(driver, Refusal.NO_LOG)
    sends = wish.draws and not card.is_empty and not (wish.csv and wish.link)
    if sends:
        # where it can be shown, whatever way they are told of other things
        d.send(driver, ReportTable(card) if wish.csv else ReportPicture(card))
    by_person = d.policy.report_people
    return lambda: say.Report(card, wish.link, csv=wish.csv, sent=sends, totals=by_person)


def show_totals(d: Draft, by: str, act: ShowTotals) -> Reply:
    """`admin report`."""
    if not d.policy.report_people:
        return refuse(by, Refusal.TOTALS_OFF)
    return lambda: say.Totals(act.span, act.people)
