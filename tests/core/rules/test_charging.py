"""Charging: rules 16 to 20 of the house, the ladder of one stay."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core.answers import (
    Added,
    Line,
    MoreTime,
    Moving,
    Ports,
    Refusal,
    Refused,
    YourPlace,
)
from chalicelib.core.effects import (
    ChannelReminder,
    Nudge,
    Nudged,
    PleaseMove,
    StandsIdle,
    StillThere,
)
from chalicelib.core.inputs import (
    Add,
    DoneMoving,
    MoreMinutes,
    Remove,
    ShowLine,
    ShowStatus,
    ThatsMe,
)
from chalicelib.core.model import Policy, Stay
from tests.core.day import ONE, TWO, PowerDay
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, site_of

MINUTE = timedelta(minutes=1)


class LadderDay(PowerDay):
    """What is said of port 1's stay."""

    @property
    def stay(self) -> Stay:
        """Whoever is on port 1."""
        stay = self.site.ports[ONE].stay
        assert stay is not None
        return stay

    def nudges(self, driver: str) -> list[Nudge]:
        return [nudge.why for nudge in self.heard(driver, Nudged)]

    def pleas(self) -> list[ChannelReminder]:
        return [post.plea for post in self.heard(CHANNEL, PleaseMove)]


@pytest.fixture
def day() -> LadderDay:
    """At 8:00 Ana plugs in at port 1; Cleo is at port 2 and never stays long."""
    return LadderDay(p1=ANA, p2="dark")


class TestRule16TooLong:
    def test_nobody_waits(self, day: LadderDay) -> None:
        """A word at two hours, one at two and a half, and nothing in public all day."""
        day.wait(hours=1, minutes=59)
        assert day.nudges(ANA) == []
        day.wait(minutes=1)
        assert day.nudges(ANA) == [Nudge.NOTICE]
        day.wait(minutes=30)
        assert day.nudges(ANA) == [Nudge.NOTICE, Nudge.OVER]
        day.wait(hours=8)
        assert len(day.nudges(ANA)) == 2
        assert day.pleas() == []
        assert day.heard(BOSS, StillThere) == []

    def test_somebody_waits(self, day: LadderDay) -> None:
        """Ten minutes after Ana heard it, the channel is asked; ten more, the admins; once each."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=30)
        assert day.heard(ANA, Nudged)[-1].waiting == 1
        day.wait(minutes=9)
        assert day.pleas() == []
        day.wait(minutes=1)
        assert day.pleas() == [ChannelReminder.ASK]
        day.wait(minutes=10)
        assert day.heard(BOSS, StillThere) == [StillThere(ONE, ANA)]
        day.wait(hours=5)
        assert day.pleas() == [ChannelReminder.ASK]
        assert len(day.heard(BOSS, StillThere)) == 1

    def test_somebody_comes_later(self, day: LadderDay) -> None:
        """Somebody comes after the time is up: Ana hears that first."""
        day.wait(hours=3)
        day.ask(BOB, Add())
        assert day.nudges(ANA)[-1] is Nudge.WAITING
        day.wait(minutes=9, seconds=59)
        assert day.pleas() == []
        day.wait(seconds=1)
        assert day.pleas() == [ChannelReminder.ASK]

    def test_nobody_waits_any_more(self, day: LadderDay) -> None:
        """Who waited has left: the channel isn't asked."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=35)
        day.ask(BOB, Remove())
        day.wait(hours=1)
        assert day.pleas() == []

    def test_a_stranger(self) -> None:
        """Whoever it is can't be written to: the channel is asked when time is up and somebody
        waits; who says *that's me* takes over the ladder where it is.
        """
        day = LadderDay(p1="?", p2="dark")
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=29)
        assert day.pleas() == []
        day.wait(minutes=1)
        (plea,) = day.heard(CHANNEL, PleaseMove)
        assert (plea.plea, plea.driver) == (ChannelReminder.ASK, None)
        day.ask(CLEO, ThatsMe(plea.stay))
        day.wait(minutes=10)
        assert day.heard(BOSS, StillThere) == [StillThere(ONE, CLEO)]
        assert day.pleas() == [ChannelReminder.ASK]

    def test_twenty_more_minutes(self, day: LadderDay) -> None:
        """Once; then it begins again with a word to Ana, and the admins wait for that, too."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=41)
        stay = day.stay.id
        until = day.now + 20 * MINUTE
        assert day.ask(ANA, MoreMinutes(stay)) == MoreTime(ANA, ONE, stay, until)
        assert day.pleas() == [ChannelReminder.ASK, ChannelReminder.MORE_TIME]
        assert day.ask(ANA, MoreMinutes(stay)) == Refused(ANA, Refusal.ONCE_ONLY, ONE)
        day.wait(minutes=20)
        assert day.nudges(ANA)[-1] is Nudge.OVER
        assert day.heard(BOSS, StillThere) == []
        day.wait(minutes=10)
        assert day.heard(BOSS, StillThere) == [StillThere(ONE, ANA)]

    def test_done_moving(self, day: LadderDay) -> None:
        """*Done, moving* quiets it; only Ana can say so."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=31)
        assert day.ask(BOB, DoneMoving(day.stay.id)) == Refused(BOB, Refusal.NOBODY_THERE)
        assert day.ask(ANA, DoneMoving(day.stay.id)) == Moving(ANA, ONE)
        day.wait(hours=2)
        assert day.pleas() == []
        assert day.heard(BOSS, StillThere) == []

    def test_one_post(self, day: LadderDay) -> None:
        """The plea is edited when the car has gone."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=45)
        day.see(p1=None)
        posts = day.heard(CHANNEL, PleaseMove)
        assert [post.plea for post in posts] == [ChannelReminder.ASK, ChannelReminder.GONE]
        assert len({post.post for post in posts}) == 1

    def test_each_working_day(self, day: LadderDay) -> None:
        """A car that stays is told again each working day, not at the weekend."""
        day.wait(hours=24 * 6)
        assert day.nudges(ANA) == [Nudge.NOTICE, Nudge.OVER] * 5

    def test_not_while_nobody_sees(self, day: LadderDay) -> None:
        """Perhaps Ana has long gone: nothing is said until somebody has looked."""
        day.wait(hours=1)
        day.wait(looking=False, hours=2)
        assert day.nudges(ANA) == []
        day.see(p1=None)
        day.wait(minutes=5)
        assert day.nudges(ANA) == []


class TestRule17Capped:
    @pytest.mark.parametrize(("cap", "minutes"), [(3.3, 240), (4.95, 160), (1.0, 240), (9.9, 120)])
    def test_capped_minutes(self, cap: float, minutes: int) -> None:
        """They count by the share of power allowed, at least half; the words say so."""
        day = LadderDay(p1=ANA, p2="dark")
        day.cap = cap
        day.wait(minutes=minutes - 2)
        assert day.nudges(ANA) == []
        day.wait(minutes=3)
        (nudge,) = day.heard(ANA, Nudged)
        assert (nudge.why, nudge.capped) == (Nudge.NOTICE, cap < 6.6)

    def test_for_a_while(self, day: LadderDay) -> None:
        """Only the minutes under the cap count less."""
        day.wait(hours=1)
        day.cap = 3.3
        day.wait(hours=1)
        day.cap = None
        day.wait(minutes=29)
        assert day.nudges(ANA) == []
        day.wait(minutes=2)
        assert day.nudges(ANA) == [Nudge.NOTICE]


class TestRule18LooksFull:
    def test_after_ten_minutes(self, day: LadderDay) -> None:
        """No power for ten minutes: a word at once, with who waits; the ladder goes on there."""
        day.ask(BOB, Add())
        day.wait(minutes=30)
        day.kw = 0.0
        day.wait(minutes=10, seconds=30)
        assert day.nudges(ANA) == []
        day.wait(minutes=1)
        (nudge,) = day.heard(ANA, Nudged)
        assert (nudge.why, nudge.waiting) == (Nudge.FULL, 1)
        day.wait(minutes=10)
        assert day.pleas() == [ChannelReminder.ASK]
        day.wait(hours=3)
        assert day.nudges(ANA) == [Nudge.FULL]

    def test_power_again(self, day: LadderDay) -> None:
        """A pause isn't the end."""
        day.wait(minutes=5)
        for _ in range(3):
            day.kw = 0.0
            day.wait(minutes=9)
            day.kw = 1.4
            day.wait(minutes=2)
        assert day.nudges(ANA) == []

    def test_not_told(self, day: LadderDay) -> None:
        """A look that can't tell the power changes nothing."""
        day.wait(minutes=5)
        day.kw = 0.0
        day.wait(minutes=8)
        day.kw = None
        day.wait(minutes=4)
        assert day.nudges(ANA) == [Nudge.FULL]

    def test_a_cap_explains_it(self, day: LadderDay) -> None:
        """Capped to zero: it sleeps, and counts from the cap's end."""
        day.wait(minutes=5)
        day.kw, day.cap = 0.0, 0.0
        day.wait(hours=1)
        day.cap = None
        day.wait(minutes=10)
        assert day.nudges(ANA) == []
        day.wait(minutes=2)
        assert day.nudges(ANA) == [Nudge.FULL]

    def test_told_in_the_morning(self, day: LadderDay) -> None:
        """Who is still full in the morning hears it when the day begins."""
        day.wait(minutes=5)
        day.kw = 0.0
        day.wait(hours=23)
        assert day.nudges(ANA) == [Nudge.FULL, Nudge.FULL]


class TestRule19NoPower:
    def test_after_five_minutes(self) -> None:
        """Plugged in, and nothing flows: a word, once."""
        day = LadderDay(p1=None, p2="dark")
        day.kw = 0.0
        day.see(p1=ANA)
        day.wait(minutes=4, seconds=59)
        assert day.nudges(ANA) == []
        day.wait(minutes=30)
        assert day.nudges(ANA) == [Nudge.NO_POWER]

    def test_a_cap_explains_it(self) -> None:
        """Capped to zero: nothing is wrong with the plug."""
        day = LadderDay(p1=None, p2="dark")
        day.kw, day.cap = 0.0, 0.0
        day.see(p1=ANA)
        day.wait(minutes=30)
        assert day.nudges(ANA) == []


class TestRule20Classic:
    @pytest.fixture
    def classic(self) -> LadderDay:
        return LadderDay(site_of(policy=Policy(classic=True)), p1=ANA, p2="dark")

    def test_overtime_in_the_room(self, classic: LadderDay) -> None:
        """At two and a half hours, in the room, whether or not anybody waits; once."""
        classic.wait(hours=2, minutes=29)
        assert classic.pleas() == []
        classic.wait(hours=3)
        assert classic.pleas() == [ChannelReminder.OVERTIME]
        assert classic.nudges(ANA) == []

    def test_no_lapse(self, classic: LadderDay) -> None:
        """Nobody loses a turn; the room hears that a charger stands idle."""
        for driver in (BOB, CLEO):
            classic.ask(driver, Add())
        classic.free("p1")
        classic.wait(hours=3)
        assert classic.called == {BOB: ONE}
        assert len(classic.heard(CHANNEL, StandsIdle)) == 1

    def test_the_list_on_every_change(self, classic: LadderDay) -> None:
        """Whoever comes or goes, by word or by plug: the room sees the line."""
        classic.ask(BOB, Add())
        classic.ask(BOB, Add())
        classic.see(p2=BOB)
        assert len(classic.heard(CHANNEL, Line)) == 2
        assert classic.site.ports[TWO].stay is not None


class TestTheNextFreePort:
    """What `list`, `status` and `add` say of the wait: by the limit (16), and the power (17)."""

    def expected(self, day: LadderDay) -> datetime | None:
        answer = day.ask(CLEO, ShowLine())
        assert isinstance(answer, Line)
        assert day.ask(CLEO, ShowStatus()) == Ports(CLEO, answer.free_at)
        return answer.free_at

    def test_the_limit(self, day: LadderDay) -> None:
        """Two and a half hours from the plug, and the earliest of several; `add` says it, too."""
        due = day.now + timedelta(hours=2, minutes=30)
        assert self.expected(day) == due
        day.wait(minutes=20)
        day.see(p2="?")
        assert self.expected(day) == due
        assert day.ask(BOB, Add()) == Added(BOB, 1, None, due)
        assert day.ask(BOB, Add()) == YourPlace(BOB, 1, None, due)

    def test_the_cap(self, day: LadderDay) -> None:
        """At half the power an hour takes two: what is left takes twice as long."""
        plugged = day.now
        day.wait(minutes=30)
        day.cap = 3.3
        day.see()
        expected = self.expected(day)
        assert expected is not None
        assert abs(expected - plugged - timedelta(hours=4, minutes=30)) < MINUTE

    def test_more_time(self, day: LadderDay) -> None:
        """*20 more minutes* are twenty minutes."""
        day.wait(hours=2, minutes=30)
        assert self.expected(day) is None
        answer = day.ask(ANA, MoreMinutes())
        assert isinstance(answer, MoreTime)
        assert self.expected(day) == answer.until

    def test_nothing_when_unknown(self, day: LadderDay) -> None:
        """Past its time, on its way, full, unseen, or after closing: that can't be said."""
        moving, full, late = (LadderDay(p1=ANA, p2="dark") for _ in range(3))
        moving.ask(ANA, DoneMoving())
        assert self.expected(moving) is None
        full.kw = 0.0
        full.see()
        assert self.expected(full) is None
        day.lose()
        assert self.expected(day) is None
        late.wait(hours=10)
        late.see(p1=None)
        late.see(p1=BOB)
        assert self.expected(late) is None

    def test_nothing_where_nobody_waits(self, day: LadderDay) -> None:
        """A port that is free is the next; so is none for who has one."""
        day.see(p2=None)
        assert self.expected(day) is None
        day.see(p2="dark")
        assert day.ask(ANA, ShowStatus()) == Ports(ANA, None)

    def test_a_called_port_is_somebodys(self, day: LadderDay) -> None:
        """Bob is called to port 2; whoever comes next waits for port 1."""
        due = self.expected(day)
        day.ask(BOB, Add())
        day.free("p2")
        assert day.called == {BOB: TWO}
        assert day.ask(CLEO, Add()) == Added(CLEO, 1, None, due)

    def test_in_words(self, day: LadderDay) -> None:
        """About when, and only where there is something to say."""
        answer = day.ask(BOB, Add())
        assert answer is not None
        said = words(answer, day.site, SlackMarkup()).text
        assert said == "Bob is number 1 in line. The next port should be free at about 10:30."
        later = YourPlace(BOB, 1, None, day.now + 3 * MINUTE)
        assert words(later, day.site, SlackMarkup()).text.endswith("free at about 08:05.")
        assert words(YourPlace(BOB, 1), day.site, SlackMarkup()).text.endswith("number 1.")
