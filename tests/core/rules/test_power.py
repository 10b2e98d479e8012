"""Rule 21: power limits are told once for each change, in the words of drivers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import acts, answers, effects as say, step
from chalicelib.core.effects import NoPower, PluggedIn
from chalicelib.core.inputs import Add, Admin, In, Observed, PortSeen, Remove, Suspend
from chalicelib.core.model import Site, Stations, Status
from chalicelib.values import replace
from tests.core.day import ONE, TWO, PowerDay
from tests.fakes import ANA, BOB, BOSS, CLEO, look

NOON = datetime(2031, 3, 3, 12, 0, tzinfo=UTC)


class TestRule21PowerIsLimited:
    """Two ports that start free, and a building that turns the power down."""

    def setup_method(self) -> None:
        self.site = Site("hq", "HQ", channels=("slack:T0HQ:C0EV",), stations=Stations(group=1))
        self.now = NOON

    def look(self, *shares: float | None) -> list[str]:
        """One look a minute later; what the channel hears of it."""
        self.now += timedelta(minutes=1)
        ports = tuple(
            PortSeen("1:900001", str(number), Status.AVAILABLE, capped=share is not None,
                     percent_shed=None, allowed_kw=None if share is None else 6.6 * share)
            for number, share in enumerate(shares, 1)
        )  # fmt: skip
        before = self.site.serial
        self.site = step(self.site, Observed(self.now, ports), self.now).site
        return [
            words(pending.effect, self.site, SlackMarkup()).text
            for pending in self.site.outbox
            if pending.id > before and isinstance(pending.effect, say.PowerLimited)
        ]

    def test_it_is_told_when_it_held_for_two_looks(self) -> None:
        """One look may be a mistake; the second is told, the third says nothing."""
        assert self.look(0.5, 0.5) == []
        assert self.look(0.5, 0.5) == [
            (
                "Power is limited to about half on all ports until further notice; "
                "charging takes about twice as long."
            )
        ]
        assert self.look(0.5, 0.5) == []

    def test_a_change_and_the_end_are_told_once(self) -> None:
        """Another share is a change, and full power is good news."""
        for _ in range(2):
            self.look(0.5, 0.5)
        self.look(0.0, None)
        assert self.look(0.0, None) == ["Power is turned off on port 1 until further notice."]
        self.look(None, None)
        assert self.look(None, None) == ["Full power is back on all ports."]

    def test_a_night_time_cap_waits_for_the_morning(self) -> None:
        """Nothing is said at night; a cap that still holds is told in working hours."""
        self.now = NOON + timedelta(hours=9)
        assert self.look(0.5, 0.5) == self.look(0.5, 0.5) == []
        self.now = NOON + timedelta(hours=19, minutes=30)
        assert len(self.look(0.5, 0.5)) == 1


class OffDay(PowerDay):
    """The power is off; port 1 is free, and Ana is called to it."""

    def __init__(self) -> None:
        super().__init__(p1="?", p2="?")
        for driver in (ANA, BOB, CLEO):
            self.ask(driver, Add())
        self.turn_off()
        self.free("p1")
        assert self.called == {ANA: ONE}

    def turn_off(self) -> None:
        self.cap, self.kw = 0.0, 0.0
        self.see()

    def turn_on(self) -> None:
        self.cap, self.kw = None, 6.6
        self.see()

    def turn_on_port_two(self, p1: str | None = ANA, p2: str | None = None) -> None:
        """Port 2 has all its power, and is seen so twice; port 1 has none."""
        self.cars |= {"p1": p1, "p2": p2}
        for _ in range(2):
            self.now += timedelta(seconds=20)
            one, two = look(self.now, p1=p1, p2=p2).ports
            off = replace(one, load_kw=0.0, capped=True, allowed_kw=0.0)
            self.give(Observed(self.now, (off, two)))


class TestRule21ThePowerIsOff:
    """Who is plugged in where nothing may flow isn't charging, and keeps a place in line."""

    @pytest.fixture
    def day(self) -> OffDay:
        return OffDay()

    def test_called_with_a_warning(self, day: OffDay) -> None:
        """The call says that the power is off."""
        (call,) = day.calls(ANA)
        assert "power is turned off" in words(call, day.site, SlackMarkup()).text

    def test_the_place_is_kept(self, day: OffDay) -> None:
        """Plugged in, Ana hears why she stays in line; nobody is called in her stead."""
        day.see(p1=ANA)
        assert day.line == [ANA, BOB, CLEO]
        (word,) = day.heard(ANA, NoPower)
        assert word == NoPower(ANA, ONE, 1, day.now + timedelta(minutes=15))
        assert day.heard(ANA, PluggedIn) == []

    def test_not_called_before_it_is_time(self, day: OffDay) -> None:
        """For 15 minutes a port with power goes to the next."""
        day.see(p1=ANA)
        day.wait(minutes=14)
        day.turn_on_port_two()
        assert day.called == {BOB: TWO}
        assert day.line == [ANA, BOB, CLEO]

    def test_restored_at_the_old_place(self, day: OffDay) -> None:
        """No power for 15 minutes: told once, and first again for a port that has power."""
        day.see(p1=ANA)
        day.wait(minutes=16)
        assert [one.until is None for one in day.heard(ANA, NoPower)] == [False, True]
        day.turn_on_port_two()
        assert day.called == {ANA: TWO}
        day.wait(minutes=10)
        assert len(day.heard(ANA, NoPower)) == 2

    def test_not_from_one_dead_port_to_another(self, day: OffDay) -> None:
        """Where the power is off, too, the next is called instead."""
        day.see(p1=ANA)
        day.wait(minutes=16)
        day.free("p2")
        assert day.called == {BOB: TWO}

    def test_power_in_time(self, day: OffDay) -> None:
        """Power comes: off the line, with a word, once."""
        day.see(p1=ANA)
        day.wait(minutes=10)
        day.turn_on()
        assert day.line == [BOB, CLEO]
        assert day.heard(ANA, PluggedIn) == [PluggedIn(ANA, ONE)]
        day.wait(minutes=30)
        assert len(day.heard(ANA, NoPower)) == 1

    def test_power_too_late(self, day: OffDay) -> None:
        """It ends the turn at the other port, which goes to the next."""
        day.see(p1=ANA)
        day.wait(minutes=16)
        day.turn_on_port_two()
        assert day.called == {ANA: TWO}
        day.turn_on()
        assert day.line == [BOB, CLEO]
        assert day.called == {BOB: TWO}

    def test_unplugged(self, day: OffDay) -> None:
        """Gone from there, Ana is in line as before, and may be called at once."""
        day.see(p1=ANA)
        day.wait(minutes=2)
        day.see(p1="dark")
        day.free("p1")
        assert day.line == [ANA, BOB, CLEO]
        assert day.called == {ANA: ONE}

    def test_moved_to_a_port_with_power(self, day: OffDay) -> None:
        """Plugging in elsewhere, where power flows, is leaving the line as ever."""
        day.see(p1=ANA)
        day.wait(minutes=16)
        day.turn_on_port_two()
        day.turn_on_port_two(p1=None, p2=ANA)
        assert day.line == [BOB, CLEO]

    def test_sight_is_lost(self, day: OffDay) -> None:
        """While nobody looks, nobody can say that no power flows."""
        day.see(p1=ANA)
        day.wait(looking=False, minutes=40)
        assert len(day.heard(ANA, NoPower)) == 1
        day.see()
        assert len(day.heard(ANA, NoPower)) == 2

    def test_by_hand(self) -> None:
        """`in` keeps the place, too, and the answer says so."""
        day = PowerDay(p1="?", p2="dark")
        day.ask(ANA, Add())
        day.cap = day.kw = 0.0
        day.see()
        answer = day.ask(ANA, In("1"))
        assert isinstance(answer, answers.ItsMe)
        assert "you keep your place" in words(answer, day.site, SlackMarkup()).text
        assert day.line == [ANA]
        assert day.heard(ANA, NoPower) == []

    def test_out_of_a_break(self, day: OffDay) -> None:
        """Who plugs in has come back, however long the break was to be."""
        day.ask(BOB, Suspend())
        day.see(p1=BOB)
        day.wait(minutes=16)
        assert day.entry(BOB).is_waiting

    def test_a_place_asked_for(self, day: OffDay) -> None:
        """Plugged in without a place: `add` gives one, and power takes it."""
        day.ask(ANA, Remove())
        day.see(p1=ANA)
        assert isinstance(day.ask(ANA, Add()), answers.Added)
        assert isinstance(day.ask(ANA, Add()), answers.YourPlace)
        day.turn_on()
        assert day.line == [BOB, CLEO]
        assert isinstance(day.ask(ANA, Add()), answers.Refused)

    def test_an_undone_reset_forgets_the_plug(self, day: OffDay) -> None:
        """Unplugged meanwhile: back in line like everybody else."""
        day.see(p1=ANA)
        day.ask(BOSS, Admin(acts.Reset(confirmed=True)))
        day.see(p1="dark")
        day.free("p1")
        day.ask(BOSS, Admin(acts.UndoLast()))
        assert day.line == [ANA, BOB, CLEO]
        assert day.called == {ANA: ONE}
