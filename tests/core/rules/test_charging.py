"""Charging: rules 16 to 20, 30 and 31 of the house, the ladder of one stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import acts
from chalicelib.core.answers import (
    Line,
    MoreTime,
    Moving,
    NudgeTaken,
    Nudging,
    Refusal,
    Refused,
)
from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    ChannelReminder,
    Effect,
    Nudge,
    Nudged,
    PleaseMove,
    StandsIdle,
    StillThere,
)
from chalicelib.core.inputs import (
    Add,
    Admin,
    DoneMoving,
    MoreMinutes,
    NudgePort,
    Remove,
    SayNeed,
    Suspend,
    ThatsMe,
)
from chalicelib.core.model import Policy, Stay
from chalicelib.core.rules import charging
from chalicelib.energy.needs import Need, Unit
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

    def words(self, effect: Effect | None) -> str:
        assert effect is not None
        return words(effect, self.site, SlackMarkup()).text

    def pleas(self) -> list[ChannelReminder]:
        return [post.plea for post in self.heard(CHANNEL, PleaseMove)]


@pytest.fixture
def day() -> LadderDay:
    """At 8:00 Ana plugs in at port 1; Cleo is at port 2 and never stays long."""
    return LadderDay(p1=ANA, p2="dark")


class TestRule16TooLong:
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
        assert day.nudges(ANA) == [Nudge.OVER] * 5

    def test_not_while_nobody_sees(self, day: LadderDay) -> None:
        """Perhaps Ana has long gone: nothing is said until somebody has looked."""
        day.wait(hours=1)
        day.wait(looking=False, hours=2)
        assert day.nudges(ANA) == []
        day.see(p1=None)
        day.wait(minutes=5)
        assert day.nudges(ANA) == []


class TestRule31OneEnd:
    def test_nobody_waits(self, day: LadderDay) -> None:
        """One line at the limit, that she may stay, and nothing more all day."""
        day.wait(hours=2, minutes=29)
        assert day.nudges(ANA) == []
        day.wait(minutes=1)
        (nudge,) = day.heard(ANA, Nudged)
        assert (nudge.why, nudge.waiting) == (Nudge.OVER, 0)
        assert "Nobody waits: stay if you like" in day.words(nudge)
        day.wait(hours=8)
        assert len(day.nudges(ANA)) == 1
        assert day.pleas() == []
        assert day.heard(BOSS, StillThere) == []

    def test_a_notice(self, day: LadderDay) -> None:
        """While somebody waits: a quarter of an hour before, with the time."""
        ends = day.now + timedelta(hours=2, minutes=30)
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=14, seconds=59)
        assert day.nudges(ANA) == []
        day.wait(seconds=1)
        (nudge,) = day.heard(ANA, Nudged)
        assert (nudge.why, nudge.ends) == (Nudge.NOTICE, ends)
        assert "is up at 10:30. One person waits." in day.words(nudge)
        day.wait(minutes=15)
        assert day.nudges(ANA) == [Nudge.NOTICE, Nudge.OVER]

    def test_a_late_notice(self, day: LadderDay) -> None:
        """Somebody comes when less time is left: at once, and the words stay true."""
        day.wait(hours=2, minutes=22)
        day.ask(BOB, Add())
        (nudge,) = day.heard(ANA, Nudged)
        assert nudge.why is Nudge.NOTICE
        assert "is up at 10:30" in day.words(nudge)

    @pytest.mark.parametrize(("limit", "notice"), [(15, 15), (10, 15), (2, 60)])
    def test_a_limit_shorter_than_the_notice(self, limit: int, notice: int) -> None:
        """No notice then: it would come with the plug."""
        policy = Policy(limit=limit * MINUTE, notice=notice * MINUTE)
        day = LadderDay(site_of(policy=policy), p1=ANA, p2="dark")
        day.ask(BOB, Add())
        day.wait(minutes=limit - 1)
        assert day.nudges(ANA) == []
        day.wait(minutes=1)
        assert day.nudges(ANA) == [Nudge.OVER]

    def test_reminded_as_long_as_people_wait(self, day: LadderDay) -> None:
        """Each half an hour, privately; not while nobody waits."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=31)
        heard = len(day.nudges(ANA))
        day.wait(minutes=90)
        assert day.nudges(ANA)[heard:] == [Nudge.WAITING] * 3
        day.ask(BOB, Remove())
        day.wait(hours=1)
        assert len(day.nudges(ANA)) == heard + 3

    def test_who_does_not_react(self, day: LadderDay) -> None:
        """Three reminders half an hour apart, then one every two hours."""
        day.ask(BOB, Add())
        day.wait(hours=4)
        heard = len(day.nudges(ANA))
        day.wait(hours=1, minutes=59)
        assert len(day.nudges(ANA)) == heard
        day.wait(minutes=1)
        assert day.nudges(ANA)[heard:] == [Nudge.WAITING]
        day.wait(hours=2)
        assert day.nudges(ANA)[heard:] == [Nudge.WAITING] * 2

    def test_a_nudge_between_the_seldom_ones(self, day: LadderDay) -> None:
        """Who waits may still have them reminded after half an hour; then two hours begin anew."""
        day.ask(BOB, Add())
        day.wait(hours=4, minutes=29)
        assert day.ask(BOB, NudgePort("1")) == NudgeTaken(
            BOB, ONE, Nudging.LATELY, day.now + MINUTE
        )
        day.wait(minutes=1)
        assert day.ask(BOB, NudgePort("1")) == NudgeTaken(BOB, ONE, Nudging.SENT)
        heard = len(day.nudges(ANA))
        day.wait(hours=1, minutes=59)
        assert len(day.nudges(ANA)) == heard
        day.wait(minutes=1)
        assert len(day.nudges(ANA)) == heard + 1

    def test_more_begins_the_reminders_anew(self, day: LadderDay) -> None:
        """Whoever answered is reminded as at first."""
        day.ask(BOB, Add())
        day.wait(hours=4)
        day.ask(ANA, MoreMinutes())
        day.wait(minutes=20)
        heard = len(day.nudges(ANA))
        day.wait(minutes=90)
        assert day.nudges(ANA)[heard:] == [Nudge.WAITING] * 3

    def test_nobody_could_be_called_there(self, day: LadderDay) -> None:
        """A port that an admin has closed is nobody's to wait for."""
        day.ask(BOB, Add())
        day.ask(BOSS, Admin(acts.Close(("1",))))
        day.wait(hours=4)
        assert day.nudges(ANA) == [Nudge.OVER]
        assert day.pleas() == []

    def test_done_moving(self, day: LadderDay) -> None:
        """Quiets it for a quarter of an hour, once, and only Ana can say so."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=31)
        assert day.ask(BOB, DoneMoving(day.stay.id)) == Refused(BOB, Refusal.NOBODY_THERE)
        assert day.ask(ANA, DoneMoving(day.stay.id)) == Moving(ANA, ONE)
        day.wait(minutes=14, seconds=59)
        assert day.pleas() == []
        day.ask(ANA, DoneMoving(day.stay.id))
        day.wait(seconds=1)
        assert day.pleas()[-1] is ChannelReminder.ASK
        day.wait(minutes=10)
        assert day.heard(BOSS, StillThere) == [StillThere(ONE, ANA)]

    def test_moving_after_the_channel_was_asked(self, day: LadderDay) -> None:
        """The post says so; who is still there is asked again, in the same post."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=41)
        day.ask(ANA, DoneMoving())
        assert day.pleas() == [ChannelReminder.ASK, ChannelReminder.MOVING]
        day.wait(minutes=15)
        assert day.pleas()[-1] is ChannelReminder.ASK
        assert len({post.post for post in day.heard(CHANNEL, PleaseMove)}) == 1
        assert day.heard(BOSS, StillThere) == [StillThere(ONE, ANA)]

    def test_twenty_more_minutes(self, day: LadderDay) -> None:
        """From now, once; then it begins again with a word to Ana, and the admins wait, too."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=41)
        stay = day.stay.id
        until = day.now + 20 * MINUTE
        assert day.ask(ANA, MoreMinutes(stay)) == MoreTime(ANA, ONE, stay, until)
        assert day.pleas() == [ChannelReminder.ASK, ChannelReminder.MORE_TIME]
        assert day.ask(ANA, MoreMinutes(stay)) == Refused(ANA, Refusal.ONCE_ONLY, ONE, until)
        day.wait(minutes=20)
        assert day.nudges(ANA)[-1] is Nudge.OVER
        assert day.pleas()[-1] is ChannelReminder.ASK
        assert day.heard(BOSS, StillThere) == []
        day.wait(minutes=10)
        assert day.heard(BOSS, StillThere) == [StillThere(ONE, ANA)]

    def test_the_extra_minutes_are_over(self, day: LadderDay) -> None:
        """Asked for again, they still run until then, or have been."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=31)
        day.ask(ANA, MoreMinutes())
        until = day.now + 20 * MINUTE
        day.wait(minutes=5)
        assert day.ask(ANA, MoreMinutes()) == Refused(ANA, Refusal.ONCE_ONLY, ONE, until)
        day.wait(minutes=20)
        assert day.ask(ANA, MoreMinutes()) == Refused(ANA, Refusal.ONCE_ONLY, ONE, until)

    @pytest.mark.parametrize("why", ["met", "full"])
    def test_more_never_shortens(self, day: LadderDay, why: str) -> None:
        """After a met need, or a full car, *20 more minutes* leave the limit where it was."""
        day.ask(BOB, Add())
        if why == "met":
            day.ask(ANA, SayNeed(Need(Unit.MINUTES, 30.0)))
        day.wait(minutes=40)
        if why == "full":
            day.kw = 0.0
            day.wait(minutes=12)
        limit = charging.limit_at(Draft(day.site, day.now), day.stay)
        until = day.now + 20 * MINUTE
        assert day.ask(ANA, MoreMinutes()) == MoreTime(ANA, ONE, day.stay.id, until)
        d = Draft(day.site, day.now)
        assert charging.limit_at(d, day.stay) == limit > until
        assert charging.end_of(d, day.stay).at == until
        day.told.clear()
        day.wait(minutes=21)
        assert day.nudges(ANA) == [Nudge.MET if why == "met" else Nudge.OVER]
        day.wait(minutes=12)
        assert bool(day.pleas()) is (why == "full"), "a met need is a private matter"

    def test_more_before_the_end(self, day: LadderDay) -> None:
        """At the notice it still counts from now; long before, it is kept for later."""
        ends = day.now + timedelta(hours=2, minutes=30)
        day.wait(hours=1)
        assert day.ask(ANA, MoreMinutes()) == Refused(ANA, Refusal.TIME_LEFT, ONE, ends)
        day.wait(hours=1, minutes=20)
        until = day.now + 20 * MINUTE
        assert day.ask(ANA, MoreMinutes()) == MoreTime(ANA, ONE, day.stay.id, until)

    def test_more_for_a_full_car(self, day: LadderDay) -> None:
        """Twenty minutes, not what is left of two and a half hours."""
        day.ask(BOB, Add())
        day.wait(minutes=30)
        day.kw = 0.0
        day.wait(minutes=12)
        assert day.nudges(ANA) == [Nudge.FULL]
        until = day.now + 20 * MINUTE
        assert day.ask(ANA, MoreMinutes()) == MoreTime(ANA, ONE, day.stay.id, until)
        day.wait(minutes=19)
        assert day.nudges(ANA) == [Nudge.FULL]
        day.wait(minutes=1)
        assert day.nudges(ANA) == [Nudge.FULL, Nudge.OVER]
        day.wait(minutes=10)
        assert day.pleas() == [ChannelReminder.ASK]


class TestRule31Nudges:
    """`nudge 1`: whoever is there is reminded, without a name, and no oftener than by ourselves."""

    @pytest.fixture
    def day(self) -> LadderDay:
        """Bob waits for Ana's port."""
        day = LadderDay(p1=ANA, p2="dark")
        day.ask(BOB, Add())
        return day

    def test_before_the_end(self, day: LadderDay) -> None:
        """It is answered with the time, and Ana hears nothing."""
        ends = day.now + timedelta(hours=2, minutes=30)
        day.wait(hours=1)
        answer = day.ask(BOB, NudgePort("1"))
        assert answer == NudgeTaken(BOB, ONE, Nudging.NOT_YET, ends)
        assert "until 10:30" in day.words(answer)
        assert day.nudges(ANA) == []

    def test_the_next_reminder(self, day: LadderDay) -> None:
        """After the word at the end it is sent, unnamed; then not for half an hour, whoever asks,
        the timer included.
        """
        day.wait(hours=2, minutes=32)
        heard = len(day.nudges(ANA))
        assert day.ask(BOB, NudgePort("1")) == NudgeTaken(BOB, ONE, Nudging.SENT)
        assert day.nudges(ANA)[heard:] == [Nudge.WAITING]
        assert "Bob" not in day.words(day.heard(ANA, Nudged)[-1])
        at = day.now + 30 * MINUTE
        assert day.ask(BOB, NudgePort("1")) == NudgeTaken(BOB, ONE, Nudging.LATELY, at)
        day.wait(minutes=29)
        assert len(day.nudges(ANA)) == heard + 1
        day.wait(minutes=2)
        assert len(day.nudges(ANA)) == heard + 2

    def test_who_paused(self, day: LadderDay) -> None:
        """Nobody could be called there: Ana is left in peace."""
        day.wait(hours=3)
        day.ask(BOB, Suspend())
        day.wait(minutes=40)
        assert day.ask(BOB, NudgePort("1")) == NudgeTaken(BOB, ONE, Nudging.NOBODY)

    def test_who_is_moving(self, day: LadderDay) -> None:
        """Whoever means to move is left alone until then."""
        day.wait(hours=2, minutes=31)
        at = day.now + 15 * MINUTE
        day.ask(ANA, DoneMoving())
        assert day.ask(BOB, NudgePort("1")) == NudgeTaken(BOB, ONE, Nudging.MOVING, at)

    def test_a_stranger(self) -> None:
        """Nobody can write to them; that is said."""
        day = LadderDay(p1="?", p2="dark")
        day.ask(BOB, Add())
        day.wait(hours=3)
        assert day.ask(BOB, NudgePort("1")) == NudgeTaken(BOB, ONE, Nudging.STRANGER)

    def test_unseen(self, day: LadderDay) -> None:
        """Perhaps she has left: nobody is reminded while nobody sees."""
        day.wait(hours=3)
        day.lose()
        assert day.ask(BOB, NudgePort("1")) == NudgeTaken(BOB, ONE, Nudging.UNSEEN)

    def test_refused(self, day: LadderDay) -> None:
        """Who isn't in line, one's own car, an empty port, and a port that doesn't exist."""
        assert day.ask(CLEO, NudgePort("1")) == Refused(CLEO, Refusal.NOT_IN_LINE)
        assert day.ask(BOB, NudgePort("9")) == Refused(BOB, Refusal.NO_SUCH_PORT, other="9")
        assert day.ask(BOB, NudgePort("2")) == Refused(BOB, Refusal.NO_CAR, TWO)
        day.cap, day.kw = 0.0, 0.0
        day.see(p1=ANA)
        day.ask(ANA, Add())
        assert day.ask(ANA, NudgePort("1")) == Refused(ANA, Refusal.OWN_CAR, ONE)


class TestRule17Capped:
    @pytest.mark.parametrize(("cap", "minutes"), [(3.3, 270), (4.95, 180), (1.0, 270), (9.9, 135)])
    def test_capped_minutes(self, cap: float, minutes: int) -> None:
        """They count by the share of power allowed, at least half; the words say so."""
        day = LadderDay(p1=ANA, p2="dark")
        day.ask(BOB, Add())
        day.cap = cap
        day.wait(minutes=minutes - 2)
        assert day.nudges(ANA) == []
        day.wait(minutes=20)
        nudge = day.heard(ANA, Nudged)[0]
        assert (nudge.why, nudge.capped) == (Nudge.NOTICE, cap < 6.6)

    def test_for_a_while(self, day: LadderDay) -> None:
        """Only the minutes under the cap count less."""
        day.wait(hours=1)
        day.cap = 3.3
        day.wait(hours=1)
        day.cap = None
        day.wait(minutes=59)
        assert day.nudges(ANA) == []
        day.wait(minutes=2)
        assert day.nudges(ANA) == [Nudge.OVER]


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
        assert set(day.nudges(ANA)[1:]) == {Nudge.WAITING}
        assert "looks full" in day.words(day.heard(ANA, Nudged)[-1])

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


class TestRule30Standby:
    @pytest.mark.parametrize("kw", [0.003, 0.1, 0.24])
    def test_standby_is_no_power(self, day: LadderDay, kw: float) -> None:
        """A full car's electronics draw a little."""
        day.wait(minutes=30)
        day.kw = kw
        day.wait(minutes=12)
        assert day.nudges(ANA) == [Nudge.FULL]

    @pytest.mark.parametrize("kw", [0.003, 0.24])
    def test_standby_from_the_start(self, kw: float) -> None:
        """Plugged in, and no more than that: nothing flows."""
        day = LadderDay(p1=None, p2="dark")
        day.kw = kw
        day.see(p1=ANA)
        day.wait(minutes=6)
        assert day.nudges(ANA) == [Nudge.NO_POWER]

    def test_a_tenth_of_its_peak(self, day: LadderDay) -> None:
        """Half an hour of a trickle is full, too; a little more than a tenth isn't."""
        day.wait(minutes=30)
        day.kw = 0.7
        day.wait(minutes=40)
        assert day.nudges(ANA) == []
        day.kw = 0.5
        day.wait(minutes=29)
        assert day.nudges(ANA) == []
        day.wait(minutes=2)
        assert day.nudges(ANA) == [Nudge.FULL]

    def test_a_limit_explains_a_trickle(self, day: LadderDay) -> None:
        """What the network allows is all that it can draw."""
        day.wait(minutes=30)
        day.kw = day.cap = 0.5
        day.wait(hours=1)
        assert day.nudges(ANA) == []

    def test_a_pause(self, day: LadderDay) -> None:
        """Power for ten minutes takes "full" back, with a word; the ordinary ladder goes on."""
        day.ask(BOB, Add())
        day.wait(minutes=30)
        day.kw = 0.0
        day.wait(minutes=21, seconds=30)
        assert day.pleas() == [ChannelReminder.ASK]
        day.kw = 6.6
        day.wait(minutes=9)
        assert day.nudges(ANA) == [Nudge.FULL]
        day.wait(minutes=3)
        assert day.nudges(ANA) == [Nudge.FULL, Nudge.CHARGING]
        assert "isn't full after all. Your time there is up at 10:30." in day.words(
            day.heard(ANA, Nudged)[-1]
        )
        assert day.pleas() == [ChannelReminder.ASK, ChannelReminder.CHARGING]
        assert day.heard(BOSS, StillThere) == []
        day.wait(minutes=70)
        assert day.nudges(ANA)[2:] == []
        day.wait(minutes=15)
        assert day.nudges(ANA)[2:] == [Nudge.NOTICE]

    def test_one_look_is_no_power(self, day: LadderDay) -> None:
        """A short draw, as when the cabin is warmed, takes nothing back."""
        day.wait(minutes=30)
        day.kw = 0.0
        day.wait(minutes=15)
        for _ in range(3):
            day.kw = 2.0
            day.wait(minutes=5)
            day.kw = 0.0
            day.wait(minutes=3)
        assert day.nudges(ANA) == [Nudge.FULL]

    def test_once(self, day: LadderDay) -> None:
        """Full for the second time is full."""
        day.wait(minutes=20)
        for _ in range(2):
            day.kw = 0.0
            day.wait(minutes=12)
            day.kw = 6.6
            day.wait(minutes=12)
        assert day.nudges(ANA) == [Nudge.FULL, Nudge.CHARGING, Nudge.FULL]

    def test_after_the_limit(self, day: LadderDay) -> None:
        """Power again, but the time is up: the reminders go on where they are."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=15)
        day.kw = 0.0
        day.wait(minutes=12)
        day.kw = 6.6
        day.wait(minutes=15)
        assert day.nudges(ANA) == [Nudge.NOTICE, Nudge.FULL]
        assert day.pleas() == [ChannelReminder.ASK]

    def test_a_stranger(self) -> None:
        """Nobody can be written to: the post in the channel says it."""
        day = LadderDay(p1="?", p2="dark")
        day.ask(BOB, Add())
        day.wait(minutes=30)
        day.kw = 0.0
        day.wait(minutes=12)
        day.kw = 6.6
        day.wait(minutes=12)
        assert day.pleas() == [ChannelReminder.ASK, ChannelReminder.CHARGING]
        assert "The car on port 1 draws power again" in day.words(
            day.heard(CHANNEL, PleaseMove)[-1]
        )


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
