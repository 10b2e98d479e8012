"""Rule 31: a stay has one end, and nudges are its reminder."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import acts
from chalicelib.core.answers import (
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
    Nudge,
    Nudged,
    PleaseMove,
    StillThere,
)
from chalicelib.core.inputs import (
    Add,
    Admin,
    DoneMoving,
    MoreMinutes,
    NoNeed,
    NudgePort,
    Remove,
    SayNeed,
    Suspend,
    Wish,
)
from chalicelib.core.model import Policy
from chalicelib.core.rules import charging
from chalicelib.energy.needs import Need, Unit
from tests.core.day import ONE, TWO
from tests.core.ladder import LadderDay
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, site_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def day() -> LadderDay:
    """At 8:00 Ana plugs in at port 1; Cleo is at port 2 and never stays long."""
    return LadderDay(p1=ANA, p2="dark")


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

    @pytest.mark.parametrize("wish", [SayNeed(Need(Unit.KWH, 12.0)), NoNeed()])
    def test_a_need_that_moves_the_end(self, day: LadderDay, wish: Wish) -> None:
        """Who has what they said and then says that they need more hears nothing of an end
        until it is there.
        """
        day.ask(BOB, Add())
        day.ask(ANA, SayNeed(Need(Unit.KWH, 4.0)))
        day.wait(minutes=45)
        assert day.nudges(ANA) == [Nudge.MET]
        day.ask(ANA, wish)
        assert isinstance(day.ask(BOB, NudgePort("1")), NudgeTaken)
        day.wait(minutes=55)
        assert day.nudges(ANA) == [Nudge.MET], "her time isn't up"
        day.wait(minutes=50)
        assert day.nudges(ANA)[1] in (Nudge.MET, Nudge.NOTICE)

    def test_a_need_after_the_channel_was_asked(self, day: LadderDay) -> None:
        """Who says what they need may stay longer, and the channel's post says so."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=41)
        assert day.pleas() == [ChannelReminder.ASK]
        day.ask(ANA, SayNeed(Need(Unit.KWH, 60.0)))
        assert day.pleas() == [ChannelReminder.ASK, ChannelReminder.MORE_TIME]
        day.wait(minutes=45)
        assert day.heard(BOSS, StillThere) == []
        day.wait(minutes=5)
        assert day.pleas()[-1] is ChannelReminder.ASK

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
