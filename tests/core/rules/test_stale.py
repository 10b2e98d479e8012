"""Only what is true and matters is said (rule 23): days on which nothing could be delivered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import answers as say, next_deadline, outbox, step
from chalicelib.core.acts import Move
from chalicelib.core.effects import (
    AdminMoved,
    Called,
    ChannelReminder,
    Effect,
    Lapsed,
    LineCleared,
    MeansToMove,
    News,
    NextUp,
    Nudge,
    Nudged,
    PleaseMove,
    PluggedIn,
    PortPost,
    SightBack,
    SightLost,
    StandsIdle,
    StillThere,
    SuspensionOver,
    TurnPassed,
    Withdrawn,
)
from chalicelib.core.inputs import (
    Add,
    Admin,
    Asked,
    Claimed,
    Delivered,
    MovingAt,
    Next,
    Pass,
    Remove,
    Resume,
    ShowLine,
    Suspend,
    Tick,
    Wish,
)
from chalicelib.core.model import Lane
from tests.core.day import ONE, Day
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, site_of

ELSEWHERE = "hipchat:t:room"
MINUTE = timedelta(minutes=1)


class MuteDay(Day):
    """Nothing can be sent until `speak`, which says what is said then, claimed as ever."""

    def __init__(self, *channels: str) -> None:
        super().__init__(site_of(*channels))
        self.mute()

    def mute(self) -> None:
        self.delivers = False
        self.told.clear()

    def ask_later(self, driver: str, wish: Wish) -> None:
        """The answer goes by message, as on HipChat."""
        self.give(Asked(driver, wish, "", reply_to=driver, public_to=CHANNEL))

    def speak(self, *, only: str = "") -> list[Effect]:
        """Deliver what waits (for the platform `only`); what was said."""
        said: list[Effect] = []
        while True:
            heads = [one for one in outbox.heads(self.site, Lane.CHAT) if only in one.platform]
            if not heads:
                self.delivers = not only
                return said
            given = Claimed(heads[0].id, self.now + MINUTE)
            self.site = step(self.site, given, self.now).site
            claimed = outbox.find(self.site, heads[0].id)
            if claimed is not None:
                said.append(claimed.effect)
                self.told.append((claimed.to, claimed.effect))
                ref = f"ts{claimed.id}"
                self.site = step(self.site, Delivered(claimed.id, ref), self.now).site


class TestRule23TwoChannels:
    """Two channels on two platforms, one of them down."""

    def test_an_edit_here_and_a_post_there(self) -> None:
        """A copy that waits there doesn't keep the edit from here."""
        day = MuteDay(CHANNEL, ELSEWHERE)
        day.ask(ANA, Add())
        day.free("p1")
        day.speak(only="slack")
        day.see(p1=ANA)
        day.speak(only="slack")
        assert [post.news for post in day.heard(CHANNEL, PortPost)] == [
            News.CALLED,
            News.CHARGING,
        ]
        day.speak()
        assert [post.news for post in day.heard(ELSEWHERE, PortPost)] == [News.CHARGING]

    def test_lost_and_back(self) -> None:
        """Who has heard that sight is lost hears that it is back; who hasn't, neither."""
        day = MuteDay(CHANNEL, ELSEWHERE)
        day.wait(looking=False, minutes=4)
        day.speak(only="slack")
        day.see()
        day.speak(only="slack")
        day.speak()
        assert len(day.heard(CHANNEL, SightLost)) == len(day.heard(CHANNEL, SightBack)) == 1
        assert day.heard(ELSEWHERE, SightLost) == []
        assert day.heard(ELSEWHERE, SightBack) == []


class TestRule23AfterAnOutage:
    """What a platform says when it is back after hours."""

    @pytest.fixture
    def day(self) -> MuteDay:
        return MuteDay()

    def test_one_answer_of_a_kind(self, day: MuteDay) -> None:
        """Who asked ten times for the line gets it once, as it is by then."""
        for _ in range(10):
            day.ask_later(BOB, ShowLine())
            day.wait(minutes=5)
        day.ask_later(ANA, Add())
        said = day.speak()
        assert [type(one) for one in said].count(say.Line) == 1

    def test_old_refusals(self, day: MuteDay) -> None:
        """Nobody waits an hour to be refused."""
        day.ask_later(BOB, Resume())
        day.wait(hours=1)
        assert day.speak() == []

    def test_a_place_that_is_so(self, day: MuteDay) -> None:
        """The words "you're number 2" are said with the number of now, and not to who has left."""
        for driver in (ANA, BOB, CLEO):
            day.ask_later(driver, Add())
        day.wait(minutes=1)
        day.ask_later(ANA, Remove())
        day.wait(minutes=1)
        added = [one for one in day.speak() if isinstance(one, say.Added)]
        assert [(one.driver, one.place) for one in added] == [(BOB, 1), (CLEO, 2)]

    def test_who_has_left(self, day: MuteDay) -> None:
        """The words "you're charging" aren't said to somebody whose car has gone."""
        day.ask(ANA, Add())
        day.see(p1=ANA)
        day.wait(minutes=5)
        day.see(p1=None)
        assert not any(isinstance(one, PluggedIn | Called) for one in day.speak())

    def test_stretches_that_are_over(self, day: MuteDay) -> None:
        """Ports that were free and taken again many times: nothing of the past is posted."""
        for _ in range(5):
            day.see(p1="?")
            day.wait(minutes=10)
            day.free("p1")
            day.wait(minutes=2)
        posts = [one for one in day.speak() if isinstance(one, PortPost)]
        assert [post.news for post in posts] == [News.FREE]

    def test_a_turn_that_is_over(self, day: MuteDay) -> None:
        """Passed on, and plugged in elsewhere: nothing about that turn."""
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.free("p1")
        day.ask(BOSS, Next())
        day.see(p1=BOB)
        day.see(p2=ANA)
        said = day.speak()
        assert not any(isinstance(one, TurnPassed | Called | NextUp) for one in said)

    def test_next_no_more(self, day: MuteDay) -> None:
        """Somebody else is next by now."""
        for driver in (ANA, BOB, CLEO):
            day.ask(driver, Add())
        day.free("p1")
        day.ask(BOB, Suspend())
        assert not any(isinstance(one, NextUp) and one.driver == BOB for one in day.speak())

    def test_reminders(self, day: MuteDay) -> None:
        """Of all the reminders of one stay, only the last, with who waits now."""
        day.see(p1=CLEO, p2="dark")
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.wait(hours=4)
        day.ask(BOB, Remove())
        said = day.speak()
        (nudge,) = [one for one in said if isinstance(one, Nudged)]
        assert (nudge.why, nudge.waiting) == (Nudge.WAITING, 1)
        assert [one.plea for one in said if isinstance(one, PleaseMove)] == [ChannelReminder.ASK]
        assert len([one for one in said if isinstance(one, StillThere)]) == 1

    def test_nobody_waits_by_now(self, day: MuteDay) -> None:
        """Neither the channel nor the admins are asked for what nobody needs."""
        day.see(p1=CLEO, p2="dark")
        day.ask(ANA, Add())
        day.wait(hours=4)
        day.ask(ANA, Remove())
        said = day.speak()
        assert not any(isinstance(one, PleaseMove | StillThere) for one in said)
        assert [one.why for one in said if isinstance(one, Nudged)] in ([], [Nudge.OVER])

    def test_the_time_of_a_turn(self, day: MuteDay) -> None:
        """A port stands idle "until": as long as the turn has now."""
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.free("p1")
        day.speak()
        day.mute()
        day.wait(minutes=10)
        day.wait(looking=False, minutes=4)
        day.see()
        (idle,) = [one for one in day.speak() if isinstance(one, StandsIdle)]
        assert idle.deadline == day.turn(ANA).deadline

    def test_the_night_is_over(self, day: MuteDay) -> None:
        """In the morning nobody needs to hear that the line was cleared."""
        day.ask(ANA, Add())
        day.wait(hours=23)
        assert not any(isinstance(one, LineCleared | Withdrawn) for one in day.speak())

    def test_places_of_admins(self, day: MuteDay) -> None:
        """An admin's move is told with the place of now; not to who was called since."""
        day.speak()
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.mute()
        day.give(Asked(BOSS, Admin(Move(BOB, 1))))
        day.give(Asked(ANA, Remove()))
        (moved,) = [one for one in day.speak() if isinstance(one, AdminMoved)]
        assert (moved.driver, moved.place) == (BOB, 1)

    def test_resumed_already(self, day: MuteDay) -> None:
        """A lapse or a break's end isn't told to somebody who is back, or has left."""
        day.speak()
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.free("p1")
        day.mute()
        day.wait(minutes=16)
        day.ask(ANA, Resume())
        assert not any(isinstance(one, Lapsed) for one in day.speak())
        day.mute()
        day.ask(ANA, Suspend(timedelta(minutes=5)))
        day.wait(minutes=6)
        day.ask(ANA, Remove())
        assert not any(isinstance(one, SuspensionOver) for one in day.speak())

    def test_a_pass_is_confirmed_while_it_holds(self, day: MuteDay) -> None:
        """The words "your place is kept" aren't said to somebody who has been called again."""
        day.speak()
        day.ask(ANA, Add())
        day.free("p1")
        day.mute()
        day.ask_later(ANA, Pass())
        day.wait(minutes=31)
        assert day.called == {ANA: ONE}
        assert not any(isinstance(one, say.Passed) for one in day.speak())


def test_what_is_in_flight_stays() -> None:
    """A message that somebody is sending isn't taken from them; one whose sender has died and
    that is no longer true is not said again.
    """
    day = MuteDay()
    day.ask(ANA, Add())
    day.see(p1=ANA)
    (told,) = [one for one in day.site.outbox if isinstance(one.effect, PluggedIn)]
    day.give(Claimed(told.id, day.now + MINUTE))
    day.see(p1=None)
    assert outbox.find(day.site, told.id) is not None
    day.wait(minutes=2)
    day.give(Tick())
    day.give(Claimed(told.id, day.now + MINUTE))
    assert outbox.find(day.site, told.id) is None


def test_a_move_whose_time_has_come() -> None:
    """Who couldn't be told in time isn't told late, and a tick of its own drops the message."""
    day = MuteDay()
    day.see(p1=ANA, p2="?")
    day.ask(BOB, Add())
    day.speak()
    day.mute()
    day.ask(ANA, MovingAt(length=10 * MINUTE))
    assert (next_deadline(day.site) or day.now) <= day.now + 10 * MINUTE
    day.wait(minutes=11)
    assert not [one for one in day.speak() if isinstance(one, MeansToMove)]
