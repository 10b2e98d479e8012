"""Rule 42: the report, to who asks, and to the channel once a week."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.core import acts, answers as say, next_deadline, step
from chalicelib.core.answers import Refusal
from chalicelib.core.effects import MakeReport, ReportPicture, ReportTable, WeeklyReport
from chalicelib.core.inputs import Admin, Delivered, Reported, ShowReport, Tick
from chalicelib.core.model import Pending, Policy, Site, Weekly
from chalicelib.values import replace
from tests.cards import EMPTY, TOTALS, WEEK
from tests.core.day import Day
from tests.fakes import ANA, BOSS as ADMIN, CHANNEL, MONDAY, site_of

ZONE = ZoneInfo("America/Los_Angeles")
FRIDAY_AT_THREE = Weekly(4, time(15))
DAY = timedelta(days=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In the week of that Monday and after."""
    monday = MONDAY.astimezone(ZONE).replace(hour=0, minute=0)
    return datetime.combine(monday.date() + day * DAY, time(hour, minute), ZONE).astimezone(MONDAY.tzinfo)  # fmt: skip


def weekly_site(when: Weekly = FRIDAY_AT_THREE) -> Site:
    return replace(site_of(), policy=Policy(report=when), ports={})


def orders(site: Site) -> list[Pending]:
    return [one for one in site.outbox if isinstance(one.effect, MakeReport)]


def run(site: Site, since: datetime, until: datetime, card: object = WEEK) -> tuple[Site, list[datetime]]:  # fmt: skip
    """Wake it whenever it wants to be; when the channel was told."""
    told: list[datetime] = []
    now = since
    while True:
        site = step(site, Tick(), now).site
        for order in orders(site):
            site = step(site, Reported(order.id, card), now).site  # type: ignore[arg-type]  # there is a card
        for pending in site.outbox:
            if isinstance(pending.effect, WeeklyReport):
                told.append(now)
            site = step(site, Delivered(pending.id), now).site
        due = next_deadline(site)
        if due is None or due > until:
            return site, told
        now = max(now, due)


class TestOnceAWeek:
    """The channel hears it at the policy's time, once, whatever happens."""

    def test_at_its_time(self) -> None:
        """Each Friday at three, on the site's clock."""
        _, told = run(weekly_site(), at(0, 9), at(20, 23))
        assert told == [at(4, 15), at(11, 15), at(18, 15)]

    def test_switched_on_midweek(self) -> None:
        """It begins with the next such time, be it today; never with one that has gone."""
        _, told = run(weekly_site(Weekly(2, time(12))), at(2, 9), at(8, 23))
        assert told == [at(2, 12)]
        _, told = run(weekly_site(Weekly(2, time(12))), at(2, 13), at(8, 23))
        assert told == []

    def test_off(self) -> None:
        """Nobody is told anything, and nobody is woken."""
        site, told = run(weekly_site(Weekly()), at(0, 9), at(20, 23))
        assert told == []
        assert next_deadline(site) is None

    def test_a_long_sleep(self) -> None:
        """Down over two Fridays: one report when it is back, in working hours, then as ever."""
        site, _ = run(weekly_site(), at(0, 9), at(1, 0))
        _, told = run(site, at(13, 3), at(19, 0))  # a Sunday's night
        assert told == [at(14, 7), at(18, 15)]

    def test_on_a_weekend(self) -> None:
        """What is spoken waits for working hours."""
        _, told = run(weekly_site(Weekly(5, time(10))), at(0, 9), at(8, 0))
        assert told == [at(7, 7)]

    def test_an_empty_week(self) -> None:
        """Nothing is said of a week without cars."""
        _, told = run(weekly_site(), at(0, 9), at(20, 23), EMPTY)
        assert told == []

    def test_a_receipt_twice(self) -> None:
        """Who reads the log twice, as after a crash, is heard once."""
        site, _ = run(weekly_site(), at(0, 9), at(4, 14))
        site = step(site, Tick(), at(4, 15)).site
        (order,) = orders(site)
        for _ in range(2):
            site = step(site, Reported(order.id, WEEK), at(4, 15)).site
        assert [one.to for one in site.outbox] == [CHANNEL]

    def test_another_time(self) -> None:
        """An admin who changes the time hears it at the new one."""
        day = Day(weekly_site())
        day.ask(ADMIN, Admin(acts.SetPolicy("report", Weekly(1, time(9)))))
        _, told = run(day.site, at(0, 10), at(3, 0))
        assert told == [at(1, 9)]


class TestAsked:
    """`report` and `admin report`."""

    def test_in_words(self) -> None:
        """Where no picture can be shown there is the answer alone."""
        day = Day()
        answer = day.ask(ANA, ShowReport(card=WEEK, link="https://ev.example.org/report?x"))
        assert answer == say.Report(WEEK, "https://ev.example.org/report?x")
        assert not day.told

    @pytest.mark.parametrize(("csv", "kind"), [(False, ReportPicture), (True, ReportTable)])
    def test_shown(self, csv: bool, kind: type[ReportPicture | ReportTable]) -> None:
        """Where it can, it comes to who asked, and to nobody else."""
        day = Day()
        answer = day.ask(ANA, ShowReport(csv=csv, card=WEEK, draws=True))
        assert answer == say.Report(WEEK, csv=csv, sent=True)
        assert day.told == [(ANA, kind(WEEK))]

    def test_an_empty_log(self) -> None:
        """There is nothing to draw."""
        day = Day()
        assert day.ask(ANA, ShowReport(card=EMPTY, draws=True)) == say.Report(EMPTY)
        assert not day.told

    def test_no_log(self) -> None:
        """Where nobody keeps what cars did, it is said."""
        refused = Day().ask(ANA, ShowReport())
        assert isinstance(refused, say.Refused)
        assert refused.why is Refusal.NO_LOG

    def test_totals(self) -> None:
        """For admins alone, and only where the operator has switched them on."""
        shut, allowed = Day(), Day(site_of(policy=Policy(report_people=True)))
        act = Admin(acts.ShowTotals(people=TOTALS))
        whys = [day.ask(who, act) for day, who in ((shut, ANA), (shut, ADMIN), (allowed, ANA))]
        assert [why.why for why in whys if isinstance(why, say.Refused)] == [
            Refusal.NOT_ADMIN, Refusal.TOTALS_OFF, Refusal.NOT_ADMIN,
        ]  # fmt: skip
        assert allowed.ask(ADMIN, act) == say.Totals(WEEK.span, TOTALS)

    def test_not_from_chat(self) -> None:
        """An admin can't switch them on."""
        refused = Day().ask(ADMIN, Admin(acts.SetPolicy("report_people", value=True)))
        assert isinstance(refused, say.Refused)
        assert refused.why is Refusal.OPERATORS
