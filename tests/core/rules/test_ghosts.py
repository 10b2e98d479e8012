"""Ghosts, and cars that the network shows in another's place: rules 35 and 38 of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import acts, answers as say
from chalicelib.core.answers import (
    Added,
    Deed,
    Did,
    ItsMe,
    Refusal,
    Refused,
    Unchanged,
)
from chalicelib.core.effects import (
    CountedUnplugged,
    Disowned,
    DoneForYou,
)
from chalicelib.core.inputs import (
    Add,
    DoneMoving,
    In,
    NotMyCar,
    Out,
)
from chalicelib.core.model import Stations
from chalicelib.core.rules.stations import by_hand
from chalicelib.values import replace
from tests.core.day import ONE, Day, PowerDay
from tests.core.mornings import (
    act,
)
from tests.fakes import ANA, BOB, BOSS, CLEO, look, site_of


class GhostDay(PowerDay):
    """Ana has left port 1, and the network goes on showing her session, without power."""

    session = "s1"

    def __init__(self) -> None:
        super().__init__(p1=ANA, p2="dark")
        self.kw = 0.0
        self.see()

    def see(self, **cars: str | None) -> None:
        """The looks name the session."""
        self.cars |= cars
        if self.site.looked_at == self.now:
            self.now += timedelta(seconds=1)
        seen = look(self.now, **self.cars)
        ports = (
            replace(port, load_kw=self.kw, session=self.session) if port.load_kw else port
            for port in seen.ports
        )
        self.give(replace(seen, ports=tuple(ports)))


class TestRule38Ghosts:
    @pytest.fixture
    def day(self) -> GhostDay:
        return GhostDay()

    def test_free(self, day: GhostDay) -> None:
        """An admin says that the port is empty: it is called, and Ana can stand in line."""
        day.ask(BOB, Add())
        answer = act(day, acts.Free("1"))
        assert answer == Did(BOSS, Deed.FREE, (ANA,), (ONE,))
        assert day.called == {BOB: ONE}
        (word,) = day.heard(ANA, CountedUnplugged)
        assert word.says == BOSS
        day.wait(minutes=5)
        assert day.called == {BOB: ONE}
        assert isinstance(day.ask(ANA, Add()), Added)

    def test_until_the_port_is_seen_free(self, day: GhostDay) -> None:
        """Then it is as ever: the same card plugged in anew is Ana's car."""
        act(day, acts.Free("1"))
        day.free("p1")
        day.see(p1=ANA)
        stay = day.site.ports[ONE].stay
        assert stay is not None
        assert stay.driver == ANA

    def test_another_card(self, day: GhostDay) -> None:
        """Bob's card on the port is Bob's car."""
        act(day, acts.Free("1"))
        day.see(p1=BOB)
        stay = day.site.ports[ONE].stay
        assert stay is not None
        assert stay.driver == BOB

    def test_another_session(self, day: GhostDay) -> None:
        """A session of another number is another plug, with the same card, too."""
        act(day, acts.Free("1"))
        day.see()
        assert day.site.ports[ONE].stay is None
        day.session = "s2"
        day.see()
        stay = day.site.ports[ONE].stay
        assert stay is not None
        assert stay.driver == ANA

    def test_power_at_two_looks(self, day: GhostDay) -> None:
        """Somebody draws power: a car is there, after all. One look may be mistaken."""
        act(day, acts.Free("1"))
        day.kw = 3.3
        day.see()
        assert day.site.ports[ONE].stay is None
        day.wait(minutes=1)
        day.see()
        assert day.site.ports[ONE].stay is not None

    def test_power_at_one_look(self, day: GhostDay) -> None:
        """Power, none, power: that isn't two looks."""
        act(day, acts.Free("1"))
        for kw in (3.3, 0.0, 3.3, 0.1):
            day.kw = kw
            day.see()
        assert day.site.ports[ONE].stay is None

    @pytest.mark.parametrize("stops", [True, False])
    def test_freed_while_power_flows(self, day: GhostDay, *, stops: bool) -> None:
        """Nobody is called to what a look may show to be a car a minute later; once none flows,
        the next is.
        """
        day.kw = 3.3
        day.see()
        day.ask(BOB, Add())
        did = act(day, acts.Free("1"))
        assert isinstance(did, Did)
        assert "I call nobody" in words(did, day.site, SlackMarkup()).text
        day.wait(minutes=1)
        assert day.called == {}
        if stops:
            day.kw = 0.0
        day.wait(minutes=2)
        assert day.called == ({BOB: ONE} if stops else {})
        assert len(day.calls(BOB)) == (1 if stops else 0)

    def test_a_car_under_the_ghost(self, day: GhostDay) -> None:
        """Bob is called and plugs in; the charger shows the old session: `in` is believed."""
        day.ask(BOB, Add())
        act(day, acts.Free("1"))
        assert isinstance(day.ask(BOB, In("1")), ItsMe)
        day.wait(minutes=5)
        stay = day.site.ports[ONE].stay
        assert stay is not None
        assert stay.driver == BOB
        assert day.line == []
        day.ask(BOB, Out())
        day.wait(minutes=2)
        assert day.site.ports[ONE].stay is None

    def test_nothing_to_free(self, day: GhostDay) -> None:
        """A port that is free already: the admin alone is told."""
        day.free("p1")
        assert act(day, acts.Free("1")) == Unchanged(BOSS, Deed.FREE, ports=(ONE,))
        answer = act(day, acts.Free("9"))
        assert isinstance(answer, Refused)
        assert answer.why is Refusal.NO_SUCH_PORT

    def test_not_my_car(self, day: GhostDay) -> None:
        """Ana says so: off the port, she may stand in line, and the admins know."""
        assert day.ask(ANA, NotMyCar()) == say.NoLongerMine(ANA, ONE)
        assert day.heard(BOSS, Disowned) == [Disowned(ANA, ONE)]
        assert isinstance(day.ask(ANA, Add()), Added)
        day.wait(hours=4)
        assert day.line == [ANA]
        assert day.site.ports[ONE].stay is not None

    def test_not_while_power_flows(self, day: GhostDay) -> None:
        """Then it is somebody's, and the network says whose; the way out exists."""
        day.kw = 6.6
        day.see()
        answer = day.ask(ANA, NotMyCar())
        assert answer == Refused(ANA, Refusal.POWER_FLOWS, ONE)
        assert "`/ev admin free 1`" in words(answer, day.site, SlackMarkup()).text

    def test_a_car_that_an_admin_took_for_hers(self, day: GhostDay) -> None:
        """Power flows to Ana's car, and an admin says that it is Bob's: Bob can say that it isn't,
        as he was told; then the network's word counts.
        """
        day.kw = 6.6
        day.see()
        act(day, acts.OnBehalf(BOB, In("1")))
        (told,) = day.heard(BOB, DoneForYou)
        assert "not my car" in words(told, day.site, SlackMarkup()).text
        assert day.ask(BOB, NotMyCar()) == say.NoLongerMine(BOB, ONE)
        day.see()
        stay = day.site.ports[ONE].stay
        assert stay is not None
        assert stay.driver == ANA

    def test_a_car_that_comes_after(self, day: GhostDay) -> None:
        """What was disowned is over with the session: Ana's next plug is hers."""
        day.ask(ANA, NotMyCar())
        day.free("p1")
        day.wait(minutes=10)
        day.see(p1=ANA)
        stay = day.site.ports[ONE].stay
        assert stay is not None
        assert stay.driver == ANA

    def test_in_again(self, day: GhostDay) -> None:
        """It was hers after all: `in` takes it back."""
        day.ask(ANA, NotMyCar())
        assert isinstance(day.ask(ANA, In("1")), ItsMe)
        day.see()
        stay = day.site.ports[ONE].stay
        assert stay is not None
        assert stay.driver == ANA

    def test_by_hand(self) -> None:
        """Where hands alone tell, it is the same as `out`."""
        day = Day(site_of(stations=Stations(manual=("1",)), ports={"manual/1": by_hand("1")}))
        day.ask(ANA, In("1"))
        assert day.ask(ANA, NotMyCar()) == say.HandOut(ANA, "manual/1")


class TestRule35AnotherCar:
    def test_shown(self) -> None:
        """Zoe's car is on Ana's port: Ana hears since when, and that hers counts as gone."""
        day = Day(p1=ANA, p2="dark")
        day.wait(minutes=5)
        day.see(p1=BOB)
        (word,) = day.heard(ANA, CountedUnplugged)
        assert (word.shows, word.at) == (BOB, day.now)
        said = words(word, day.site, SlackMarkup()).text
        assert (
            said
            == "Port 1 shows Bob's car since 08:05, so I count yours as unplugged. If you need a charge: `/ev add`."
        )

    def test_she_was_moving(self) -> None:
        """Who said that they were moving needs no word."""
        day = Day(p1=ANA, p2="dark")
        day.ask(ANA, DoneMoving())
        day.see(p1=BOB)
        assert day.heard(ANA, CountedUnplugged) == []

    def test_free_in_between(self) -> None:
        """A port that was seen free was left: nothing to say."""
        day = Day(p1=ANA, p2="dark")
        day.see(p1=None)
        day.see(p1=BOB)
        assert day.heard(ANA, CountedUnplugged) == []

    def test_out_by_somebody_else(self) -> None:
        """Bob says that port 1 is free: Ana hears it."""
        day = Day(p1=ANA, p2="dark")
        day.lose()
        day.ask(BOB, Out("1"))
        (word,) = day.heard(ANA, CountedUnplugged)
        assert word.says == BOB
        assert day.ask(CLEO, Out("1")) is not None
        assert len(day.heard(ANA, CountedUnplugged)) == 1
