"""Bays, and what people say of them: rules 8, 12 and 24 of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import acts
from chalicelib.core.answers import Added, Blocked, HandOut, ItsMe, Refusal, Refused
from chalicelib.core.effects import BayBlocked, StandsIdle
from chalicelib.core.inputs import (
    Add,
    Admin,
    Block,
    In,
    OnMyWay,
    Out,
    Remove,
)
from chalicelib.core.model import IdleReminder, Policy, Port, Site, Stations, Status
from chalicelib.values import replace
from tests.core.day import ONE, Day, untimed
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, site_of

MINUTE = timedelta(minutes=1)
ZOE = "slack:T0HQ:U0ZOE"  # nobody linked her card yet


@pytest.fixture
def day() -> Day:
    """Ana is called to port 1, Bob waits; a stranger is on port 2."""
    day = Day(p1=BOB)
    day.cars["p1"] = None
    day.see()
    for driver in (ANA, BOB):
        day.ask(driver, Add())
    day.free("p1")
    day.told.clear()
    return day


class TestRule08StandsIdle:
    def test_after_ten_minutes(self, day: Day) -> None:
        """Ten minutes without an answer: the channel hears it, once, in a new post."""
        deadline = day.turn(ANA).deadline
        day.wait(minutes=9, seconds=59)
        assert day.heard(CHANNEL, StandsIdle) == []
        day.wait(minutes=4)
        assert day.heard(CHANNEL, StandsIdle) == [StandsIdle(ONE, ANA, deadline)]

    def test_who_is_on_the_way_has_answered(self, day: Day) -> None:
        """Nothing is said of somebody who is coming."""
        day.ask(ANA, OnMyWay())
        day.wait(minutes=19)
        assert day.heard(CHANNEL, StandsIdle) == []

    def test_nobody_follows(self, day: Day) -> None:
        """With nobody waiting it is nobody's business."""
        day.ask(BOB, Remove())
        day.wait(minutes=30)
        assert day.heard(CHANNEL, StandsIdle) == []

    @pytest.mark.parametrize(
        ("reminder", "times"), [(IdleReminder.WAITING, 0), (IdleReminder.ALWAYS, 1)]
    )
    def test_nobody_in_line(self, reminder: IdleReminder, times: int) -> None:
        """An empty line is reminded only where the policy says so, once a stretch."""
        day = Day(site_of(policy=Policy(idle_reminder=reminder)), p1="?")
        day.free("p1")
        day.wait(hours=2)
        assert day.heard(CHANNEL, StandsIdle) == [StandsIdle(ONE, None, None)] * times


class TestRule12Blocked:
    def test_the_place_is_kept(self, day: Day) -> None:
        """The called driver keeps the place, and nobody is called there."""
        assert day.ask(ANA, Block()) == Blocked(ANA, ONE)
        day.wait(minutes=10)
        assert day.line == [ANA, BOB]
        assert day.called == {}

    def test_who_is_told(self, day: Day) -> None:
        """The port's last driver and the admins, once each; not who found out."""
        day.ask(ANA, Block(day.turn(ANA).id))
        assert [to for to, effect in day.told if isinstance(effect, BayBlocked)] == [BOB, BOSS]

    @pytest.mark.parametrize("opened", ["used", "by an admin", "by a hand"])
    def test_until(self, day: Day, opened: str) -> None:
        """Calls go on once the port was used, or somebody says that it's free again."""
        day.ask(ANA, Block())
        if opened == "used":
            day.see(p1="?")
            day.free("p1")
        elif opened == "by an admin":
            day.ask(BOSS, Admin(acts.Open(("1",))))
        else:
            day.ask(CLEO, Out("1"))
        assert day.called == {ANA: ONE}

    def test_only_the_called(self, day: Day) -> None:
        """Nobody else can have a port shut by saying so."""
        assert day.ask(BOB, Block()) == Refused(BOB, Refusal.NOT_CALLED)
        assert day.ask(BOB, Block(day.turn(ANA).id)) == Refused(BOB, Refusal.NOT_CALLED)


class TestRule24ByHand:
    @pytest.fixture
    def manual(self) -> Day:
        ports = {n: Port(f"manual/{n}", n, Status.AVAILABLE, vouched=True) for n in ("1", "2")}
        site: Site = site_of(
            stations=Stations(manual=("1", "2")), ports={p.id: p for p in ports.values()}
        )
        return ByHand(site)

    def test_a_day(self, manual: Day) -> None:
        """`in` and `out` are all there is, and they suffice."""
        assert manual.ask(ANA, Add()) == Added(ANA, 1, "manual/1")
        manual.ask(ANA, In())
        answer = manual.ask(BOB, In("2"))
        assert isinstance(answer, ItsMe)
        assert (answer.port, answer.offer) == ("manual/2", False)
        assert untimed(manual.ask(CLEO, Add())) == Added(CLEO, 1)
        assert manual.ask(ANA, Out()) == HandOut(ANA, "manual/1")
        assert manual.called == {CLEO: "manual/1"}

    def test_anyone_may_say_out(self, manual: Day) -> None:
        """Anyone may free a port, and is named for all to see."""
        manual.ask(ANA, In("1"))
        assert manual.ask(BOB, Out("1")) == HandOut(BOB, "manual/1")
        assert manual.site.ports["manual/1"].stay is None

    def test_it_stands_idle_anew(self, manual: Day) -> None:
        """After each car the channel hears once that it does, where that is wanted."""
        always = replace(manual.site.policy, idle_reminder=IdleReminder.ALWAYS)
        manual.site = replace(manual.site, policy=always)
        for times in (1, 2):
            manual.ask(ANA, In("1"))
            manual.wait(minutes=30)
            manual.ask(ANA, Out("1"))
            manual.wait(minutes=9)
            idle = [one for one in manual.heard(CHANNEL, StandsIdle) if one.port == "manual/1"]
            assert len(idle) == times - 1
            manual.wait(minutes=21)
            idle = [one for one in manual.heard(CHANNEL, StandsIdle) if one.port == "manual/1"]
            assert len(idle) == times

    def test_another_car(self, manual: Day) -> None:
        """Somebody else's port isn't claimed by `in`."""
        manual.ask(ANA, In("1"))
        refused = Refused(BOB, Refusal.OTHERS_CAR, "manual/1", other=ANA)
        assert manual.ask(BOB, In("1")) == refused

    def test_turns_lapse(self, manual: Day) -> None:
        """Turns run as elsewhere."""
        for driver in (ANA, BOB, CLEO):
            manual.ask(driver, Add())
        manual.wait(minutes=15)
        assert manual.called == {BOB: "manual/2", CLEO: "manual/1"}

    def test_ports_empty_at_the_days_end(self, manual: Day) -> None:
        """Nobody says `out` on the way home; but who comes in the evening is no ghost."""
        manual.ask(ANA, In("1"))
        manual.wait(hours=13)
        assert manual.site.ports["manual/1"].stay is None
        manual.ask(BOB, In("1"))
        manual.wait(hours=8)
        assert manual.site.ports["manual/1"].stay is not None
        manual.wait(hours=16)
        assert manual.site.ports["manual/1"].stay is None

    def test_nothing_is_ever_out_of_sight(self, manual: Day) -> None:
        """There is nothing to lose sight of."""
        manual.wait(hours=2)
        assert not manual.site.blind
        assert manual.told == []


class ByHand(Day):
    """Nobody looks."""

    def see(self, **cars: str | None) -> None:
        pass
