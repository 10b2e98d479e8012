"""The hours of the house: rule 25."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import acts, hours as house
from chalicelib.core.answers import Added, ItsMe, Refusal, Refused
from chalicelib.core.effects import (
    AlarmRaised,
    Called,
    Effect,
    LineCleared,
    News,
    Nudged,
    PluggedIn,
    PortPost,
    StandsIdle,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    Admin,
    Alarm,
    Alarmed,
    In,
    OnMyWay,
    Remove,
    Suspend,
    Tick,
)
from chalicelib.core.model import Port, Stations, Status
from chalicelib.values import replace
from tests.core.day import ONE, Day, untimed
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, MONDAY, STATION, site_of

MINUTE = timedelta(minutes=1)
ZOE = "slack:T0HQ:U0ZOE"


@pytest.fixture
def day() -> Day:
    """Ana is called to port 1; Bob and Cleo wait; a stranger is on port 2."""
    day = Day()
    for driver in (ANA, BOB, CLEO):
        day.ask(driver, Add())
    day.free("p1")
    day.told.clear()
    return day


def act(day: Day, what: acts.Act, by: str = BOSS) -> Effect | None:
    """`admin VERB …` by an admin."""
    return day.ask(by, Admin(what))


def refusal(answer: Effect | None) -> Refusal:
    assert isinstance(answer, Refused)
    return answer.why


class TestRule25Hours:
    def test_a_car_that_leaves_before_seven(self) -> None:
        """Nothing new is said, but the last word on the port is put right, without a sound."""
        day = Day()
        day.ask(ANA, Add())
        day.free("p1")
        day.see(p1=ANA)
        (post, *_) = {one.post for one in day.heard(CHANNEL, PortPost) if one.port == ONE}
        day.wait(hours=22, minutes=30)
        day.see(p1=None)
        day.wait(minutes=5)
        last = day.heard(CHANNEL, PortPost)[-1]
        assert (last.post, last.news) == (post, News.FREE)
        day.see(p1=BOB)
        last = day.heard(CHANNEL, PortPost)[-1]
        assert (last.post, last.news, last.driver) == (post, News.CHARGING, BOB)

    def test_nothing_in_the_channel(self) -> None:
        """Before seven the line works and the channel sleeps."""
        day = Day()
        day.now -= timedelta(hours=1, minutes=45)  # 6:15
        day.site = site_of()
        day.told.clear()
        day.see()
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.free("p1")
        day.wait(minutes=30)
        assert day.heard(ANA, Called)
        assert [to for to, _ in day.told if to == CHANNEL] == []

    def test_held_back_is_dropped(self) -> None:
        """What falls due in the evening isn't said in the morning."""
        day = Day()
        day.wait(hours=10, minutes=52)  # 18:52: the reminder would be due at 19:02
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.free("p1")
        day.wait(hours=12, minutes=30)
        assert day.heard(CHANNEL, PortPost)
        assert day.heard(CHANNEL, StandsIdle) == []

    def test_opens_at_six(self) -> None:
        """The line opens at 6:00; nobody is added before, not even by an admin."""
        day = Day()
        day.wait(hours=21, minutes=59)
        assert refusal(day.ask(ANA, Add())) is Refusal.CLOSED
        assert refusal(act(day, acts.Put(ANA))) is Refusal.CLOSED
        day.wait(minutes=1)
        assert untimed(day.ask(ANA, Add())) == Added(ANA, 1)

    @pytest.mark.parametrize("length", [21, 24 + 2, 5 * 24])
    def test_nobody_ran_us_at_closing_time(self, day: Day, length: int) -> None:
        """Yesterday's line is cleared first thing, in words of yesterday; it is nobody's today."""
        day.now += timedelta(hours=length)
        day.give(Tick())
        assert (day.line, day.called) == ([], {})
        late = house.is_open(day.site, day.now)
        why = Withdrawal.YESTERDAY if late else Withdrawal.NIGHT
        assert day.heard(ANA, Withdrawn) == [Withdrawn(ANA, ONE, why)]
        assert day.heard(CHANNEL, LineCleared) == [LineCleared((ANA, BOB, CLEO), late)]
        day.wait(minutes=5)
        assert len(day.heard(CHANNEL, LineCleared)) == 1

    def test_the_first_to_ask_in_the_morning(self, day: Day) -> None:
        """Whoever is heard before any tick asks today's line, not yesterday's."""
        day.now += timedelta(days=1)
        answer = day.ask(BOB, Add())
        assert untimed(answer) == Added(BOB, 1)
        assert day.line == [BOB]
        assert refusal(day.ask(CLEO, Remove())) is Refusal.NOT_IN_LINE

    def test_the_first_look_in_the_morning(self, day: Day) -> None:
        """Who plugs in today isn't told of a line that was yesterday's."""
        day.now += timedelta(days=1)
        day.see(p1=BOB)
        assert day.heard(BOB, PluggedIn) == []
        assert day.line == []

    def test_the_first_hand_in_the_morning(self) -> None:
        """By hand: a port that nobody ran us to empty by night is empty in the morning."""
        day = Day(replace(site_of(), stations=Stations(manual=("1",))))
        day.site = replace(day.site, ports={"manual/1": Port("manual/1", "1", Status.AVAILABLE)})
        day.ask(ANA, In("1"))
        day.now += timedelta(days=1)
        assert isinstance(day.ask(BOB, In("1")), ItsMe)

    def test_cleared_at_eight(self, day: Day) -> None:
        """At 20:00 with one word; a turn is taken back with one to its driver."""
        day.ask(ANA, OnMyWay())
        day.ask(BOB, Suspend())
        day.ask(CLEO, Suspend())
        day.wait(hours=11, minutes=58)
        assert day.line == [ANA, BOB, CLEO]
        day.told.clear()
        day.wait(minutes=3)
        assert day.line == []
        assert day.heard(CHANNEL, LineCleared) == [LineCleared((ANA, BOB, CLEO))]
        assert day.heard(ANA, Withdrawn) == [Withdrawn(ANA, ONE, Withdrawal.NIGHT)]
        assert day.heard(BOB, Withdrawn) == []

    def test_cleared_while_a_strangers_car_is_there(self) -> None:
        """The port's post, which waits to be told, says whose car it is, and not who is called."""
        day = Day()
        day.ask(ANA, Add())
        day.delivers = False
        day.free("p1")
        day.see(p1="?")
        day.wait(looking=False, hours=12)
        assert day.line == []
        posts = [one.effect for one in day.site.outbox if isinstance(one.effect, PortPost)]
        assert [(post.news, post.driver) for post in posts] == [(News.CHARGING, None)]

    def test_an_empty_line_is_cleared_without_a_word(self) -> None:
        """Nobody waits: nothing is said."""
        day = Day(p1=ANA)
        day.told.clear()
        day.wait(hours=14)
        assert day.heard(CHANNEL, LineCleared) == []

    def test_the_weekend(self) -> None:
        """From Friday evening to Monday morning the channel hears nothing but its answers."""
        day = Day(p1=ANA)
        day.wait(hours=24 * 4 + 11)  # Friday, 19:00
        day.told.clear()
        day.see(p1=None)
        day.wait(hours=14)
        day.ask(BOB, Add())
        day.see(p1=BOB)
        day.wait(hours=45, minutes=55)  # the clocks change on Sunday: Monday, 6:00
        assert [effect for to, effect in day.told if to == CHANNEL] == []
        assert day.heard(BOB, Nudged) == []

    def test_admins_sleep(self) -> None:
        """An alarm at night is told in the morning, if it still stands."""
        day = Day()
        day.wait(hours=14)
        trip = Alarmed((Alarm(STATION, "1", "GFCI Trip", day.now),))
        day.give(trip)
        assert day.heard(BOSS, AlarmRaised) == []
        day.wait(hours=9, minutes=30)
        day.give(trip)
        assert day.heard(BOSS, AlarmRaised) == [AlarmRaised(STATION, ONE, "GFCI Trip")]

    def test_each_alarm_of_a_port(self) -> None:
        """Several at once are told one by one, good news and what was told before left out."""
        day = Day()
        kinds = ("Reachable", "GFCI Trip", "Reachable", "Over Heat", "GFCI Trip")
        for _ in range(2):
            day.give(Alarmed(tuple(Alarm(STATION, "1", kind, day.now) for kind in kinds)))
        assert [one.kind for one in day.heard(BOSS, AlarmRaised)] == ["GFCI Trip", "Over Heat"]


class TestRule41Workdays:
    """Working days are policy: `admin set workdays sun-thu`."""

    def test_another_week(self) -> None:
        """From Sunday to Thursday the channel is spoken to, on Friday and Saturday not."""
        day = Day()
        day.ask(BOSS, Admin(acts.SetPolicy("workdays", (0, 1, 2, 3, 6))))
        monday = day.now
        spoken = [house.speaks(day.site, monday + timedelta(days=n)) for n in range(7)]
        assert spoken == [True, True, True, True, False, False, True]
        friday = monday + timedelta(days=4)
        sunday = house.local(day.site, house.next_speaking(day.site, friday))
        assert (sunday.weekday(), sunday.hour) == (6, 7)

    def test_the_line_is_open(self) -> None:
        """Who stands in line on a day off is called all the same."""
        day = Day()
        day.ask(BOSS, Admin(acts.SetPolicy("workdays", (6,))))
        day.ask(ANA, Add())
        day.free("p1")
        assert day.called == {ANA: ONE}
        assert day.heard(CHANNEL, PortPost) == []


@pytest.mark.parametrize(
    ("clock", "hour"),
    [
        (ClockTime(0, exact=True), 24),  # midnight ends today
        (ClockTime(9, exact=True), 9),
        (ClockTime(7, exact=True), 7),  # it has gone
        (ClockTime(9), 9),
        (ClockTime(8), 20),  # this very moment is no time ahead
        (ClockTime(7), 19),
        (ClockTime(12), 12),
    ],
)
def test_the_time_that_is_meant(clock: ClockTime, hour: int) -> None:
    """By who writes it at eight in the morning."""
    meant = house.upcoming(site_of(), clock, MONDAY)
    assert meant == MONDAY + timedelta(hours=hour - 8)


def test_twelve_in_the_afternoon() -> None:
    """Noon has gone: the next twelve is midnight."""
    meant = house.upcoming(site_of(), ClockTime(12, 30), MONDAY + timedelta(hours=5))
    assert meant == MONDAY + timedelta(hours=16.5)


@pytest.mark.parametrize(
    ("hour", "day", "opening"), [(5, 2, 6), (6, 3, 30), (12, 3, 30), (23, 3, 30)]
)
def test_a_working_day(hour: int, day: int, opening: int) -> None:
    """It begins as the line opens, at six: before, it is still the day before."""
    midnight = MONDAY - timedelta(hours=8)
    at = midnight + timedelta(hours=hour)
    assert house.today(site_of(), at).day == day
    assert house.next_opening(site_of(), at) == midnight + timedelta(hours=opening)


def test_a_night_between() -> None:
    """From the moment on at which the line closes; a while of the same day is none."""
    closes = MONDAY + timedelta(hours=12)
    assert not house.a_night_since(site_of(), MONDAY, closes - timedelta(seconds=1))
    assert house.a_night_since(site_of(), MONDAY, closes)


def test_the_next_opening() -> None:
    """Strictly after the moment: at the very opening it is tomorrow's."""
    opening = MONDAY - timedelta(hours=2)
    second, day = timedelta(seconds=1), timedelta(days=1)
    site = site_of()
    assert house.next_opening(site, opening - second) == opening
    assert house.next_opening(site, opening) == opening + day
    assert house.next_opening(site, opening + second) == opening + day
