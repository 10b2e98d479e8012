"""The line: rules 1 to 6 of the house."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.core import acts
from chalicelib.core.answers import (
    Added,
    Refusal,
    Refused,
    Removed,
    Repeated,
    Resumed,
    Suspended,
    WhoIsNext,
    YourPlace,
)
from chalicelib.core.effects import Called, SuspensionOver
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import Add, Admin, Next, Remove, Resume, ShowLine, Suspend
from chalicelib.core.model import Entry, Stations
from chalicelib.core.rules import line
from chalicelib.core.step import step
from chalicelib.values import replace
from tests.core.day import ONE, TWO, Day, untimed
from tests.fakes import ANA, BOB, BOSS, CLEO, asked, look, site_of

MINUTES_45 = timedelta(minutes=45)


@pytest.fixture
def day() -> Day:
    """Both ports are taken by strangers."""
    return Day()


class TestRule01Add:
    def test_last_in_line(self, day: Day) -> None:
        """`add` puts you last."""
        assert [untimed(day.ask(driver, Add())) for driver in (ANA, BOB, CLEO)] == [
            Added(ANA, 1), Added(BOB, 2), Added(CLEO, 3),
        ]  # fmt: skip
        assert day.line == [ANA, BOB, CLEO]

    def test_a_line_has_an_end(self, day: Day) -> None:
        """So many stand in it that nobody more would be called: refused, by an admin, too; who
        stands in it already has their place.
        """
        crowd = [f"slack:T0HQ:U{number}" for number in range(line.MOST_IN_LINE)]
        day.site = replace(day.site, queue=tuple(Entry(who, day.now) for who in crowd))
        for answer in (day.ask(ANA, Add()), day.ask(BOSS, Admin(acts.Put(ANA)))):
            assert isinstance(answer, Refused)
            assert answer.why is Refusal.LINE_FULL
        assert isinstance(day.ask(crowd[-1], Add()), YourPlace)
        day.ask(crowd[0], Remove())
        assert isinstance(day.ask(ANA, Add()), Added)

    def test_twice(self, day: Day) -> None:
        """Already waiting: your place again, unchanged."""
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        before = day.site
        assert untimed(day.ask(ANA, Add())) == YourPlace(ANA, 1)
        assert day.site is before

    def test_suspended(self, day: Day) -> None:
        """Suspended: you are resumed, where you were."""
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.ask(ANA, Suspend())
        assert day.ask(ANA, Add()) == Resumed(ANA, 1)
        assert day.line == [ANA, BOB]
        assert not day.entry(ANA).is_suspended

    def test_charging(self) -> None:
        """Charging now: refused, with your port."""
        day = Day(p2=ANA)
        assert day.ask(ANA, Add()) == Refused(ANA, Refusal.CHARGING, TWO)

    def test_called(self) -> None:
        """While it's your turn, `add` tells you so."""
        day = Day(p1=None)
        day.free("p1")
        assert day.ask(ANA, Add()) == Added(ANA, 1, ONE)
        assert day.ask(ANA, Add()) == YourPlace(ANA, 1, ONE)

    def test_the_same_request_twice(self, day: Day) -> None:
        """A request that comes twice is done once."""
        request = asked(ANA, Add(), request="r1")
        day.give(request)
        day.ask(ANA, Remove())
        assert day.give(request) == Repeated()
        assert day.line == []


class TestRule02Free:
    def test_two_looks(self, day: Day) -> None:
        """A port is free after two looks at least 20 seconds apart, not before."""
        day.ask(ANA, Add())
        day.see(p1=None)
        for seconds in (5, 5, 9):
            day.wait(looking=False, seconds=seconds)
            day.see()
            assert day.called == {}
        day.wait(looking=False, seconds=1)
        day.see()
        assert day.called == {ANA: ONE}

    def test_a_second_look_is_asked_for(self, day: Day) -> None:
        """Somebody waits: the second look is wanted after 20 seconds."""
        day.ask(ANA, Add())
        day.now += timedelta(seconds=1)
        wanted = step(day.site, look(day.now, p1=None, p2="?"), day.now).look
        assert wanted is not None
        assert wanted.at == day.now + timedelta(seconds=20)

    def test_a_second_look_before_anybody_waits(self) -> None:
        """Seen free for the first time: confirmed in 20 seconds, not at the next poll, so that
        who comes meanwhile is called as soon.
        """
        day = Day(p1="dark")
        day.now += timedelta(seconds=30)
        wanted = step(day.site, look(day.now, p1=None, p2="?"), day.now).look
        assert wanted is not None
        assert wanted.at == day.now + timedelta(seconds=20)

    def test_a_flicker(self, day: Day) -> None:
        """Free, taken and free again begins anew."""
        day.ask(ANA, Add())
        for car in (None, "?", None):
            day.see(p1=car)
            day.wait(looking=False, seconds=15)
        day.see()
        assert day.called == {}

    def test_first_come(self, day: Day) -> None:
        """Two ports are free: the first two are called."""
        for driver in (ANA, BOB, CLEO):
            day.ask(driver, Add())
        day.free()
        assert day.called == {ANA: ONE, BOB: TWO}

    def test_nobody_waits(self, day: Day) -> None:
        """The next to come is called at once."""
        day.free("p1")
        assert day.ask(ANA, Add()) == Added(ANA, 1, ONE)

    def test_spoken_for(self, day: Day) -> None:
        """A port has one driver called to it."""
        day.ask(ANA, Add())
        day.free("p1")
        assert untimed(day.ask(BOB, Add())) == Added(BOB, 1)
        assert day.called == {ANA: ONE}

    def test_stale_sight(self, day: Day) -> None:
        """What was free three minutes ago isn't offered to anybody."""
        day.free("p1")
        day.wait(looking=False, minutes=3)
        assert day.ask(ANA, Add()) == Added(ANA, 1)
        assert day.called == {}

    def test_an_old_look(self, day: Day) -> None:
        """A look older than the last one says nothing."""
        day.ask(ANA, Add())
        day.wait(seconds=30)
        before = day.site
        day.give(look(day.now - timedelta(minutes=2), p1=None, p2=None))
        assert day.site is before


class TestRule03Remove:
    def test_waiting(self, day: Day) -> None:
        """`remove` takes you out."""
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        assert day.ask(ANA, Remove()) == Removed(ANA)
        assert day.line == [BOB]

    def test_not_in_line(self, day: Day) -> None:
        """Not in line: refused."""
        assert day.ask(ANA, Remove()) == Refused(ANA, Refusal.NOT_IN_LINE)

    def test_called(self, day: Day) -> None:
        """A turn you held moves on at once."""
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.free("p1")
        assert day.ask(ANA, Remove()) == Removed(ANA, ONE)
        assert day.called == {BOB: ONE}
        assert len(day.calls(BOB)) == 1

    def test_a_call_that_was_not_sent(self, day: Day) -> None:
        """Whoever left before the call went out doesn't get it."""
        day.ask(ANA, Add())
        day.delivers = False
        day.free("p1")
        day.ask(ANA, Remove())
        assert not [one for one in day.site.outbox if isinstance(one.effect, Called)]


class TestRule04Suspend:
    @pytest.fixture(autouse=True)
    def _two_wait(self, day: Day) -> None:
        for driver in (ANA, BOB):
            day.ask(driver, Add())

    def test_others_pass(self, day: Day) -> None:
        """Your place is kept, and others pass."""
        assert day.ask(ANA, Suspend()) == Suspended(ANA, None)
        day.free("p1")
        assert day.called == {BOB: ONE}
        assert day.line == [ANA, BOB]

    def test_for_a_while(self, day: Day) -> None:
        """It ends by itself at the stated time, with a word to you."""
        until = day.now + MINUTES_45
        assert day.ask(ANA, Suspend(MINUTES_45)) == Suspended(ANA, until)
        day.wait(minutes=44)
        assert day.entry(ANA).is_suspended
        day.wait(minutes=1)
        assert not day.entry(ANA).is_suspended
        assert day.heard(ANA, SuspensionOver) == [SuspensionOver(ANA, 1)]

    def test_until_a_time(self, day: Day) -> None:
        """A time of day is the site's."""
        until = datetime(2031, 3, 3, 15, 0, tzinfo=ZoneInfo("America/Los_Angeles"))
        assert day.ask(ANA, Suspend(until=ClockTime(15))) == Suspended(ANA, until)

    def test_a_time_that_has_gone(self, day: Day) -> None:
        """A time of this morning is refused."""
        for gone in (Suspend(until=ClockTime(7, exact=True)), Suspend(timedelta(0))):
            answer = day.ask(ANA, gone)
            assert isinstance(answer, Refused)
            assert answer.why is Refusal.PAST
            assert answer.at is not None
            assert answer.at <= day.now

    @pytest.mark.parametrize(
        ("clock", "hour", "minute"),
        [(ClockTime(3), 15, 0), (ClockTime(9), 9, 0), (ClockTime(12), 12, 0), (ClockTime(8, 5), 8, 5), (ClockTime(7, 30), 19, 30)],
    )  # fmt: skip
    def test_until_the_next_time_the_clock_shows_it(
        self, day: Day, clock: ClockTime, hour: int, minute: int
    ) -> None:
        """`until 3`, said in the morning, is three in the afternoon."""
        until = datetime(2031, 3, 3, hour, minute, tzinfo=ZoneInfo("America/Los_Angeles"))
        assert day.ask(ANA, Suspend(until=clock)) == Suspended(ANA, until)

    def test_not_in_line(self, day: Day) -> None:
        """Not in line: refused."""
        assert day.ask(CLEO, Suspend()) == Refused(CLEO, Refusal.NOT_IN_LINE)
        assert day.ask(CLEO, Resume()) == Refused(CLEO, Refusal.NOT_IN_LINE)

    def test_resume(self, day: Day) -> None:
        """`resume` ends it; then there is nothing more to resume."""
        day.ask(ANA, Suspend(MINUTES_45))
        assert day.ask(ANA, Resume()) == Resumed(ANA, 1)
        assert day.ask(ANA, Resume()) == Refused(ANA, Refusal.NOT_SUSPENDED)
        day.wait(minutes=50)
        assert day.heard(ANA, SuspensionOver) == []

    def test_called(self, day: Day) -> None:
        """Suspending while called moves the turn on."""
        day.free("p1")
        assert day.ask(ANA, Suspend(MINUTES_45)) == Suspended(ANA, day.now + MINUTES_45, ONE)
        assert day.called == {BOB: ONE}

    def test_resumed_to_a_free_port(self, day: Day) -> None:
        """Back while a port is free: it's your turn."""
        day.ask(ANA, Suspend())
        day.ask(BOB, Remove())
        day.free("p1")
        assert day.ask(ANA, Resume()) == Resumed(ANA, 1, ONE)


class TestRule05Order:
    def test_a_returned_turn(self, day: Day) -> None:
        """A turn that comes back goes to exactly its old place."""
        for driver in (ANA, BOB, CLEO):
            day.ask(driver, Add())
        day.free("p1")
        day.see(p1="dark")
        day.wait(minutes=3, seconds=1)
        assert day.called == {}
        assert day.line == [ANA, BOB, CLEO]

    def test_comings_and_goings(self, day: Day) -> None:
        """Suspending, resuming and passing change nobody's place."""
        for driver in (ANA, BOB, CLEO):
            day.ask(driver, Add())
        day.ask(BOB, Suspend())
        day.free("p1")
        day.ask(ANA, Next())
        day.ask(BOB, Resume())
        assert day.line == [ANA, BOB, CLEO]


class TestRule06OnePlace:
    def test_waiting_or_called(self, day: Day) -> None:
        """You are in line once, whatever you type."""
        for _ in range(3):
            day.ask(ANA, Add())
        day.free()
        day.ask(ANA, Add())
        assert day.line == [ANA]
        assert day.called == {ANA: ONE}

    def test_nobody_waits_while_charging(self, day: Day) -> None:
        """Plugging in takes you off the line."""
        day.ask(ANA, Add())
        day.see(p1=ANA)
        assert day.line == []

    def test_sites_are_apart(self) -> None:
        """Two sites know nothing of each other."""
        annex = Day(site_of("slack:T0HQ:C2", id="annex", stations=Stations(manual=("1",))))
        here = Day()
        here.ask(ANA, Add())
        assert annex.line == []
        assert annex.ask(ANA, Next()) == WhoIsNext(None)


def test_looking_changes_nothing(day: Day) -> None:
    """`list` leaves everything as it is."""
    before = day.site
    day.ask(ANA, ShowLine())
    assert day.site is before
