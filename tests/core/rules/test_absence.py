"""Rule 41: quiet hours, meetings, quiet, and the budget of messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import get_args

import pytest

from chalicelib.core import answers, away, courtesy, effects as say
from chalicelib.core.answers import Changed, InMeeting, Refusal, Refused, Resumed, Settings
from chalicelib.core.draft import Draft
from chalicelib.core.effects import Called, Message, NextUp, Nudge, Nudged, PortPost, Promised
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    Asked,
    Availability,
    ForgetMe,
    Introduced,
    MayUnplug,
    Meet,
    OnMyWay,
    Prefer,
    Profile,
    Resume,
    ShowSettings,
    Sort,
    Suspend,
    Told,
    Undeliverable,
)
from chalicelib.core.model import Person, Preferences, Standing, What
from chalicelib.energy.needs import Need, Unit
from tests.core.day import ONE, TWO, Day, PowerDay
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, site_of

NINE_TO_TEN = Prefer(hours=(time(9), time(10)))
STRANGER = "slack:T0HQ:U0ZOE"


def stands(day: Day, driver: str) -> Standing:
    return day.entry(driver).standing


def happened(day: Day, driver: str) -> list[What]:
    return [note.what for note in day.site.trail if note.driver == driver]


def status(driver: str, **minutes: float) -> Introduced:
    """A platform tells what somebody's status says."""
    until = Day().now + timedelta(**minutes) if minutes else None
    return Introduced((Profile(driver, status=Availability(until)),), unasked=True)


def opted_in(driver: str) -> Asked:
    own = Profile(driver, status=Availability())
    return Asked(driver, Prefer(heeds_status=True), profiles=(own,))


class TestRule41QuietHours:
    """Nobody is called in their quiet hours; when these end, they can be."""

    def test_others_pass(self) -> None:
        """Who is in quiet hours keeps the place, and hears nothing of being passed over."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        told = len(day.told)
        day.free("p1")
        assert day.called == {BOB: ONE}
        assert day.line == [ANA, BOB]
        assert stands(day, ANA) is Standing.AWAY
        assert [to for to, _ in day.told[told:] if to == ANA] == []

    def test_the_end(self) -> None:
        """At their end whoever waited that long is called at once, without a word before."""
        day = Day(p1=None, p2="?")
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, Add())
        day.free("p1")
        assert day.called == {}
        day.wait(hours=1)
        assert day.called == {ANA: ONE}
        assert [kind for _, kind in day.told if not isinstance(kind, PortPost)] == [
            *day.calls(ANA)
        ]

    def test_the_beginning(self) -> None:
        """They begin by themselves, while somebody stands in line."""
        day = Day()
        day.ask(ANA, NINE_TO_TEN)
        day.ask(ANA, Add())
        assert stands(day, ANA) is Standing.WAITING
        day.wait(hours=1)
        assert stands(day, ANA) is Standing.AWAY
        assert What.QUIET_HOURS in happened(day, ANA)

    def test_over_midnight(self) -> None:
        """22:00 to 07:00 is a night; 08:00 is outside, 06:30 inside."""
        site = site_of()
        night = Preferences(hours=(time(22), time(7)))
        assert away.quiet_until(site, night, Day().now) is None
        early = Day().now - timedelta(minutes=90)
        assert away.quiet_until(site, night, early) == Day().now - timedelta(hours=1)

    def test_a_running_turn(self) -> None:
        """Who is called already stays called."""
        day = Day()
        day.ask(ANA, Add())
        day.free("p1")
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, OnMyWay())
        assert day.called == {ANA: ONE}
        day.wait(minutes=15)
        assert day.called == {ANA: ONE}

    def test_a_suspension_by_hand(self) -> None:
        """It ends when it was said to end, or by `resume`, whatever the hours."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(BOB, Add())
        day.ask(ANA, Add())
        day.ask(ANA, Suspend())
        day.wait(hours=2)
        assert stands(day, ANA) is Standing.SUSPENDED

    def test_resume(self) -> None:
        """Who says that they can be called is called, this once, in quiet hours, too."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, Add())
        day.free("p1")
        assert day.ask(ANA, Resume()) == Resumed(ANA, 1, ONE)
        assert day.called == {ANA: ONE}

    def test_added_in_quiet_hours(self) -> None:
        """The answer says from when on they can be called."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        added = day.ask(ANA, Add())
        assert isinstance(added, answers.Added)
        assert added.away_until == day.now.replace(hour=17, minute=0, second=0)

    def test_taken_back(self) -> None:
        """`quiet off` in quiet hours: they can be called from now on."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, Add())
        day.free("p1")
        assert day.ask(ANA, Prefer(no_hours=True)) == Settings(ANA, (Changed.HOURS,))
        assert day.called == {ANA: ONE}

    @pytest.mark.parametrize(
        "hours", [(time(0), time(0)), (time(6), time(20)), (time(20), time(19, 59)), (time(5), time(21))]
    )  # fmt: skip
    def test_all_day(self, hours: tuple[time, time]) -> None:
        """Nobody can have themselves called never."""
        day = Day()
        refused = day.ask(ANA, Prefer(hours=hours))
        expected = None if hours == (time(20), time(19, 59)) else Refusal.QUIET_ALL_DAY
        assert (refused.why if isinstance(refused, Refused) else None) == expected

    def test_courtesies(self) -> None:
        """In quiet hours courtesies are dropped; who waits for a port is said."""
        day = PowerDay(p1=ANA, p2="?")
        day.ask(ANA, Prefer(hours=(time(8), time(15))))
        day.ask(BOB, Add())
        day.wait(hours=3)
        whys = [one.why for one in day.heard(ANA, Nudged)]
        assert Nudge.NOTICE not in whys
        assert Nudge.OVER in whys


class TestRule41Meetings:
    """By their own word, or by their status if they asked for it."""

    def test_by_hand(self) -> None:
        """In line or not, nobody calls them before; then they are called without a word."""
        day = Day()
        until = day.now + timedelta(minutes=45)
        assert day.ask(ANA, Meet(timedelta(minutes=45))) == InMeeting(ANA, until)
        day.ask(ANA, Add())
        day.free("p1")
        assert day.called == {}
        day.wait(minutes=45)
        assert day.called == {ANA: ONE}
        assert What.MEETING in happened(day, ANA)

    def test_until_a_time(self) -> None:
        """A time of today, as it is meant now: 11 is this morning's."""
        day = Day()
        answer = day.ask(ANA, Meet(until=ClockTime(11)))
        assert answer == InMeeting(ANA, day.now.replace(hour=19, minute=0, second=0))

    def test_in_the_past(self) -> None:
        """A meeting that is over already changes nothing."""
        day = Day()
        refused = day.ask(ANA, Meet(until=ClockTime(7, exact=True)))
        assert isinstance(refused, Refused)
        assert refused.why is Refusal.MEETING_PAST

    def test_over(self) -> None:
        """`meeting over`: they can be called at once."""
        day = Day()
        day.ask(ANA, Add())
        day.ask(ANA, Meet(timedelta(hours=2)))
        day.free("p1")
        assert day.ask(ANA, Meet()) == InMeeting(ANA, None)
        assert day.called == {ANA: ONE}

    def test_status(self) -> None:
        """A status counts for who asked for it, and for nobody else."""
        day = Day()
        day.give(opted_in(ANA))
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.give(status(ANA, minutes=30))
        day.give(status(BOB, minutes=30))
        day.free("p1")
        assert day.called == {BOB: ONE}
        assert stands(day, ANA) is Standing.AWAY

    def test_status_cleared(self) -> None:
        """A meeting that ends early has ended."""
        day = Day()
        day.give(opted_in(ANA))
        day.ask(ANA, Add())
        day.give(status(ANA, minutes=60))
        day.free("p1")
        day.give(status(ANA))
        assert day.called == {ANA: ONE}

    def test_status_does_not_touch_the_hand(self) -> None:
        """A status that is cleared leaves a meeting by their own word alone."""
        day = Day()
        day.give(opted_in(ANA))
        day.ask(ANA, Add())
        day.ask(ANA, Meet(timedelta(minutes=30)))
        day.give(status(ANA))
        assert stands(day, ANA) is Standing.AWAY

    def test_absurd_status(self) -> None:
        """A status that lasts for weeks is no meeting of weeks, and one that is over is none."""
        day = Day()
        day.give(opted_in(ANA))
        day.give(status(ANA, days=40))
        until = day.site.people[ANA].preferences
        assert until is not None
        assert until.status_until == day.now + away.LONGEST
        day.give(status(ANA, minutes=-5))
        after = day.site.people[ANA].preferences
        assert after is not None
        assert after.status_until is None

    def test_no_status_here(self) -> None:
        """Where a platform shows no status, that is said; where it can't be asked, it may."""
        day = Day()
        wish = Prefer(heeds_status=True)
        refused = day.give(Asked(ANA, wish, profiles=(Profile(ANA),)))
        assert isinstance(refused, Refused)
        assert refused.why is Refusal.NO_STATUS
        unknown = Profile(ANA, sort=Sort.UNKNOWN)
        assert isinstance(day.give(Asked(ANA, wish, profiles=(unknown,))), Settings)

    def test_strangers(self) -> None:
        """Of who is nobody here nothing is taken in."""
        day = Day()
        before = day.site
        day.give(status(STRANGER, minutes=30))
        assert day.site is before

    def test_opting_out(self) -> None:
        """`meetings off` while one runs: they can be called."""
        day = Day()
        day.give(opted_in(ANA))
        day.ask(ANA, Add())
        day.give(status(ANA, minutes=60))
        day.free("p1")
        day.ask(ANA, Prefer(heeds_status=False))
        assert day.called == {ANA: ONE}

    def test_a_meeting_into_quiet_hours(self) -> None:
        """They follow each other without a gap, and it is one absence."""
        day = Day()
        day.ask(ANA, NINE_TO_TEN)
        day.ask(ANA, Add())
        day.ask(ANA, Meet(timedelta(minutes=70)))
        assert day.entry(ANA).until == day.now.replace(hour=18, minute=0, second=0)
        assert happened(day, ANA).count(What.MEETING) == 1


class TestRule41Quiet:
    """`notify quiet` drops courtesies only."""

    def test_next_up(self) -> None:
        """The call will come by itself; that it will is a courtesy."""
        day = Day()
        day.ask(BOB, Prefer(Told.QUIET))
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.free("p1")
        assert day.heard(BOB, NextUp) == []
        day.free("p2")
        assert len(day.calls(BOB)) == 1

    def test_a_quiet_driver_on_a_port(self) -> None:
        """That somebody waits is said; the notice before it, and questions, are not."""
        day = PowerDay(p1=ANA, p2="?")
        day.ask(ANA, Prefer(Told.QUIET))
        day.ask(BOB, Add())
        day.wait(hours=3)
        assert [one.why for one in day.heard(ANA, Nudged)][:1] == [Nudge.OVER]
        assert day.heard(ANA, say.HowMuch) == []

    def test_plugged_in(self) -> None:
        """Who leaves the line hears so, without a question."""
        day = Day()
        day.ask(ANA, Prefer(Told.QUIET))
        day.ask(ANA, Add())
        day.free("p1")
        day.see(p1=ANA)
        assert day.heard(ANA, say.PluggedIn) == []
        assert day.edited


class TestRule41Budget:
    """At most five private messages a day, in the ordinary run of things."""

    def test_the_sixth_courtesy(self) -> None:
        """It isn't said any more that day; the next day it is."""
        day = Day()
        day.ask(ANA, Add())
        for _ in range(courtesy.MOST_A_DAY + 1):
            day.ask(ANA, Suspend(timedelta(minutes=1)))
            day.wait(minutes=2)
        assert len(day.heard(ANA, say.SuspensionOver)) == courtesy.MOST_A_DAY
        day.wait(hours=24)
        day.ask(ANA, Add())
        day.ask(ANA, Suspend(timedelta(minutes=1)))
        day.wait(minutes=2)
        assert len(day.heard(ANA, say.SuspensionOver)) == courtesy.MOST_A_DAY + 1

    def test_a_call_is_never_dropped(self) -> None:
        """However much was said before."""
        day = Day()
        day.ask(ANA, Add())
        for _ in range(8):
            day.ask(ANA, Suspend(timedelta(minutes=1)))
            day.wait(minutes=2)
        day.free("p1")
        assert len(day.calls(ANA)) == 1

    def test_every_message_is_weighed(self) -> None:
        """Each kind that one person may hear stands in the table, with the reason."""
        known = {*courtesy.TABLE, *courtesy.FOR_ALL}
        assert set(get_args(Message)) == known
        assert all(one.why for one in courtesy.TABLE.values())

    @pytest.mark.parametrize(
        ("message", "weight"),
        [
            (Nudged(ANA, ONE, 1, Nudge.NOTICE, waiting=2), "courtesy"),
            (Nudged(ANA, ONE, 1, Nudge.OVER, waiting=0), "courtesy"),
            (Nudged(ANA, ONE, 1, Nudge.OVER, waiting=1), "needed"),
            (Nudged(ANA, ONE, 1, Nudge.WAITING, waiting=1), "needed"),
            (Nudged(ANA, ONE, 1, Nudge.MET, waiting=1), "needed"),
            (Nudged(ANA, ONE, 1, Nudge.NO_POWER), "needed"),
            (say.BayBlocked(ONE, ANA, admin=True), "uncounted"),
        ],
    )
    def test_weights(self, message: Message, weight: str) -> None:
        """A call, "somebody waits" and a promise in danger are never courtesies."""
        assert courtesy.weight(message) == weight

    def test_promises(self) -> None:
        """In danger, broken, and holding again is needed; that it was made isn't."""
        weights = {
            news: courtesy.weight(Promised(ANA, news, Need(Unit.KWH, 8), Day().now))
            for news in say.PromiseNews
        }
        assert [news for news, one in weights.items() if one == "courtesy"] == [
            say.PromiseNews.MADE
        ]


class TestRule41NotifyHere:
    """Called in the channel, by mention; the rest directly."""

    def test_the_call(self) -> None:
        """It stands in the channel, and its clock runs from there."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in=CHANNEL))
        day.ask(ANA, Add())
        day.free("p1")
        assert day.calls(ANA) == []
        (call,) = day.heard(CHANNEL, Called)
        assert call.aloud
        assert day.turn(ANA).deadline is not None

    def test_plugged_in_is_not_said_aloud(self) -> None:
        """Who was called in the channel hears directly that they are off the line."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in=CHANNEL))
        day.ask(ANA, Add(Need(Unit.KWH, 6.0)))
        day.ask(ANA, MayUnplug(ok=True))
        day.free("p1")
        day.see(p1=ANA)
        (word,) = day.heard(ANA, say.PluggedIn)
        assert word.question is None

    def test_by_night(self) -> None:
        """Where the channel sleeps they are called directly."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in=CHANNEL))
        day.wait(hours=11.2)  # 19:12
        day.ask(ANA, Add())
        day.free("p1")
        assert len(day.calls(ANA)) == 1

    def test_a_channel_that_is_gone(self) -> None:
        """A channel that takes nothing costs nobody a call."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in=CHANNEL))
        day.ask(ANA, Add())
        day.delivers = False
        day.free("p1")
        (pending,) = [one for one in day.site.outbox if isinstance(one.effect, Called)]
        day.delivers = True
        day.give(Undeliverable(pending.id, "is_archived"))
        assert len(day.calls(ANA)) == 1
        assert day.called == {ANA: ONE}

    def test_elsewhere(self) -> None:
        """Said where no channel is, as in a form: the channel that they are in."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in="slack:T0HQ:D0ANA"))
        kept = day.site.people[ANA].preferences
        assert kept is not None
        assert kept.calls_in == CHANNEL

    def test_dm(self) -> None:
        """`notify dm` takes it back, and quiet too: nothing is kept of it."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in=CHANNEL))
        day.ask(ANA, Prefer(Told.QUIET))
        day.ask(ANA, Prefer(Told.DM))
        assert day.site.people[ANA].preferences is None


class TestRule41Settings:
    """All in one place, each for itself or several at once."""

    def test_several(self) -> None:
        """A form changes what it names, in one go."""
        day = Day()
        wish = Prefer(Told.QUIET, (time(22), time(7)), clock=12)
        changed = (Changed.TOLD, Changed.HOURS, Changed.CLOCK)
        assert day.ask(ANA, wish) == Settings(ANA, changed)
        kept = Preferences(quiet=True, hours=(time(22), time(7)), twelve=True)
        assert day.site.people[ANA].preferences == kept

    def test_all_or_none(self) -> None:
        """Where one part can't be, nothing is changed."""
        day = Day()
        before = day.site
        day.ask(ANA, Prefer(Told.QUIET, (time(0), time(0))))
        assert day.site is before

    def test_show(self) -> None:
        """A stranger has the usual ones, and leaves no trace by asking."""
        day = Day()
        before = day.site
        assert day.ask(STRANGER, ShowSettings()) == Settings(STRANGER)
        assert day.site is before

    def test_forgotten(self) -> None:
        """`forget me` forgets them."""
        day = Day()
        day.ask(ANA, Prefer(Told.QUIET))
        day.ask(ANA, ForgetMe())
        assert ANA not in day.site.people


class TestRule41Accounts:
    """Whose account is closed leaves the line; the next is called."""

    GONE = Introduced((Profile(ANA, sort=Sort.GONE),), unasked=True)

    def test_while_waiting(self) -> None:
        """The place is gone, and the admins hear of it, once."""
        day = Day()
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.give(self.GONE)
        day.give(self.GONE)
        assert day.line == [BOB]
        assert day.heard(BOSS, say.HasLeft) == [say.HasLeft(ANA)]

    def test_while_called(self) -> None:
        """The turn goes to the next."""
        day = Day()
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.free("p1")
        day.give(self.GONE)
        assert day.called == {BOB: ONE}

    def test_found_at_the_call(self) -> None:
        """A platform that says so as it refuses the call is believed."""
        day = Day()
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.delivers = False
        day.free("p1")
        (pending,) = [one for one in day.site.outbox if one.to == ANA]
        day.delivers = True
        day.give(Undeliverable(pending.id, "user_not_found", gone=True))
        assert day.called == {BOB: ONE}
        assert day.line == [BOB]

    def test_with_another_account(self) -> None:
        """Who has the same card elsewhere keeps the turn there."""
        other = "slack:T0HQ:U0ANA2"
        day = Day()
        people = {**day.site.people, other: replace(day.site.people[ANA], name="ana b")}
        day.site = replace(day.site, people=people)
        day.ask(ANA, Add())
        day.delivers = False
        day.free("p1")
        (pending,) = [one for one in day.site.outbox if one.to == ANA]
        day.delivers = True
        day.give(Undeliverable(pending.id, "user_not_found", gone=True))
        assert day.called == {other: ONE}

    def test_an_admin(self) -> None:
        """They are none any more, but somebody always is."""
        day = Day()
        day.give(Introduced((Profile(BOSS, sort=Sort.GONE),), unasked=True))
        assert day.site.admins == (BOSS,)
        day.site = replace(day.site, admins=(BOSS, BOB))
        day.give(Introduced((Profile(BOSS, sort=Sort.GONE),), unasked=True))
        assert day.site.admins == (BOB,)

    def test_renamed(self) -> None:
        """Who is called otherwise now is, if they are somebody here."""
        day = Day()
        day.give(
            Introduced((Profile(ANA, "Anna", "anna"), Profile(STRANGER, "Zoe")), unasked=True)
        )
        assert day.site.people[ANA].name == "Anna"
        assert STRANGER not in day.site.people


def test_preferences_cost_little() -> None:
    """Who never set anything costs nothing, and a preference taken back neither."""
    day = Day()
    assert all(person.preferences is None for person in day.site.people.values())
    day.ask(ANA, NINE_TO_TEN)
    day.ask(ANA, Prefer(no_hours=True))
    assert day.site.people[ANA] == Person("ana", ("7000001",))


def test_a_draft_reads_them() -> None:
    """Who isn't known prefers what everybody does."""
    day = Day()
    d = Draft(day.site, day.now)
    assert d.preferences(STRANGER) == Preferences()
    assert not d.wants_quiet(CLEO)
    assert TWO in day.site.ports
