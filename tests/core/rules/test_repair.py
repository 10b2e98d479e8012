"""Repair: rules 35, 38, 39 and 40 of the house, for when things aren't as they are shown."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import acts, answers as say
from chalicelib.core.answers import (
    Added,
    Answer,
    Deed,
    Did,
    ItsMe,
    NeedNoted,
    Refusal,
    Refused,
    Unchanged,
)
from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    Called,
    CountedUnplugged,
    Disowned,
    DoneForYou,
    DrewNothing,
    Lapsed,
    PortBroken,
    Undelivered,
    Unreachable,
    Withdrawn,
)
from chalicelib.core.inputs import (
    Add,
    Admin,
    Broken,
    DoneMoving,
    In,
    NoNeed,
    NotMyCar,
    Out,
    Resume,
    SayNeed,
    ShowStatus,
    Suspend,
)
from chalicelib.core.model import Person, Stations, Status
from chalicelib.core.rules.stale import current
from chalicelib.core.rules.stations import by_hand
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, TWO, Day, PowerDay
from tests.fakes import ANA, BOB, BOSS, CLEO, IDS, look, site_of

MINUTE = timedelta(minutes=1)
ZOE = "slack:T0HQ:U0ZOE"
ANA_ELSEWHERE = "hipchat:t:ana"


def act(day: Day, what: acts.Act, by: str = BOSS) -> Answer | None:
    return day.ask(by, Admin(what))


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


class TestRule39Broken:
    @pytest.fixture
    def day(self) -> Day:
        """Ana is called to port 1, Cleo is on port 2, Bob waits."""
        day = Day(p2=CLEO)
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.free("p1")
        return day

    def test_by_the_called(self, day: Day) -> None:
        """Named, told to the admins; nobody is called there; Ana keeps her place."""
        assert day.ask(ANA, Broken("1", "cable torn")) == say.SaidBroken(ANA, ONE, "cable torn")
        assert day.heard(BOSS, PortBroken) == [PortBroken(ONE, ANA, "cable torn")]
        assert day.called == {}
        assert day.line == [ANA, BOB]
        day.wait(minutes=20)
        assert day.called == {}
        act(day, acts.Open(("1",)))
        assert day.called == {ANA: ONE}

    def test_by_who_is_plugged_in(self, day: Day) -> None:
        """Without a port's name it is the one of their car."""
        assert day.ask(CLEO, Broken()) == say.SaidBroken(CLEO, TWO)
        day.free("p2")
        assert TWO not in day.called.values()

    def test_twice(self, day: Day) -> None:
        """Said again without a new word: to them only, and no admin is told again."""
        day.ask(ANA, Broken("1"))
        day.ask(CLEO, Broken())
        assert day.ask(CLEO, Broken()) == Refused(CLEO, Refusal.SAID_BROKEN, TWO)
        assert len(day.heard(BOSS, PortBroken)) == 2

    def test_somebody_elses_turn(self, day: Day) -> None:
        """Who is plugged in says so while another is called there: the turn is withdrawn, told
        why.
        """
        day.see(p1=ANA, p2=CLEO)
        day.free("p2")
        assert day.called == {BOB: TWO}
        day.lose()
        day.ask(ANA, Out())
        day.see(p1=None)
        assert day.ask(ANA, Broken("2")) == Refused(ANA, Refusal.NOT_THERE, TWO)
        assert day.heard(BOB, Withdrawn) == []

    def test_by_nobody_else(self, day: Day) -> None:
        """Who isn't there can't say, and hears what an admin can do."""
        answer = day.ask(BOB, Broken("1"))
        assert answer == Refused(BOB, Refusal.NOT_THERE, ONE)
        assert "`/ev admin close 1`" in words(answer, day.site, SlackMarkup()).text

    def test_taken_back(self, day: Day) -> None:
        """`undo` of `open` shuts it again."""
        day.ask(ANA, Broken("1"))
        act(day, acts.Open(("1",)))
        act(day, acts.UndoLast())
        assert day.site.ports[ONE].broken


class TestRule39Dry:
    def visit(self, day: PowerDay, driver: str, kw: float, minutes: int = 10) -> None:
        day.kw = kw
        day.see(p1=driver)
        day.wait(minutes=minutes)
        day.free("p1")
        day.wait(minutes=10)

    def test_three_in_a_row(self) -> None:
        """Three cars that drew nothing: the admins are told, once; nothing is closed."""
        day = PowerDay(p1=None, p2="dark")
        for driver in (ANA, BOB, CLEO, ANA, BOB):
            self.visit(day, driver, 0.0)
        assert day.heard(BOSS, DrewNothing) == [DrewNothing(ONE, 3)]
        assert not day.site.ports[ONE].is_shut

    def test_one_that_charged(self) -> None:
        """One that drew power starts the count anew; a short stay doesn't count."""
        day = PowerDay(p1=None, p2="dark")
        for kw in (0.0, 0.0, 6.6, 0.0, 0.0):
            self.visit(day, ANA, kw)
        self.visit(day, BOB, 0.0, minutes=2)
        assert day.heard(BOSS, DrewNothing) == []
        self.visit(day, CLEO, 0.0)
        assert day.heard(BOSS, DrewNothing) == [DrewNothing(ONE, 3)]

    def test_no_power_for_anybody(self) -> None:
        """Where a limit lets none flow, the charger isn't at fault."""
        day = PowerDay(p1=None, p2="dark")
        day.cap = 0.0
        for driver in (ANA, BOB, CLEO):
            self.visit(day, driver, 0.0)
        assert day.heard(BOSS, DrewNothing) == []


class TestRule39ForOthers:
    @pytest.fixture
    def day(self) -> Day:
        """Ana is called to port 1; Bob waits; a stranger is on port 2."""
        day = Day()
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.free("p1")
        return day

    def test_need(self, day: Day) -> None:
        """What Bob needs, in line or on a port; he hears it, and the answer names the way back."""
        act(day, acts.OnBehalf(BOB, SayNeed(Need(Unit.KWH, 8.0))))
        did = act(day, acts.OnBehalf(BOB, SayNeed(Need(Unit.FULL))))
        assert did == Did(BOSS, Deed.NEED, (BOB,), need=Need(Unit.FULL), old=Need(Unit.KWH, 8.0))
        text = words(did, day.site, SlackMarkup()).text
        assert text.endswith("(`/ev admin need @Bob 8 kWh` takes it back.)")
        assert day.entry(BOB).need == Need(Unit.FULL)
        assert [one.need for one in day.heard(BOB, DoneForYou)] == [
            Need(Unit.KWH, 8.0), Need(Unit.FULL),
        ]  # fmt: skip
        same = act(day, acts.OnBehalf(BOB, SayNeed(Need(Unit.FULL))))
        assert same == Unchanged(BOSS, Deed.NEED, (BOB,))
        assert isinstance(act(day, acts.OnBehalf(BOB, NoNeed())), Did)
        assert day.entry(BOB).need is None
        nowhere = act(day, acts.OnBehalf(CLEO, SayNeed(Need(Unit.FULL))))
        assert nowhere == Refused(BOSS, Refusal.NO_PLACE, other=CLEO)

    def test_a_need_raised_by_an_admin(self, day: Day) -> None:
        """A driver may raise it once while people wait; an admin may again."""
        day.see(p2=CLEO)
        for kwh, by in ((2.0, CLEO), (4.0, CLEO), (6.0, BOSS)):
            wish = SayNeed(Need(Unit.KWH, kwh))
            if by is CLEO:
                assert isinstance(day.ask(CLEO, wish), NeedNoted)
            else:
                assert isinstance(day.ask(CLEO, wish), Refused)
                assert isinstance(act(day, acts.OnBehalf(CLEO, wish)), Did)

    def test_in(self, day: Day) -> None:
        """The stranger's car is Bob's, an admin says; Bob hears it."""
        answer = act(day, acts.OnBehalf(BOB, In("2")))
        assert answer == Did(BOSS, Deed.IN, (BOB,), (TWO,))
        assert day.line == [ANA]
        assert day.heard(BOB, DoneForYou) == [DoneForYou(BOB, BOSS, Deed.IN, TWO)]
        assert "`/ev admin out @Bob 2`" in words(answer, day.site, SlackMarkup()).text

    def test_in_and_gone_before_it_is_heard(self, day: Day) -> None:
        """What Bob hears late names no way out of a stay that is over."""
        day.delivers = False
        act(day, acts.OnBehalf(BOB, In("2")))
        day.see(p2=None)
        (told,) = [one for one in day.site.outbox if isinstance(one.effect, DoneForYou)]
        said = current(Draft(day.site, day.now), told)
        assert said == DoneForYou(BOB, BOSS, Deed.IN, TWO, gone=True)
        assert "not my car" not in words(said, day.site, SlackMarkup(), to=BOB).text

    def test_in_where_another_was(self, day: Day) -> None:
        """Cleo claimed the car; it is Bob's: both hear it."""
        day.ask(CLEO, In("2"))
        act(day, acts.OnBehalf(BOB, In("2")))
        stay = day.site.ports[TWO].stay
        assert stay is not None
        assert stay.driver == BOB
        assert [one.deed for one in day.heard(CLEO, DoneForYou)] == [Deed.OUT]

    def test_out(self, day: Day) -> None:
        """Bob's car isn't there: his card on that port names nobody till another comes."""
        day.see(p2=BOB)
        answer = act(day, acts.OnBehalf(BOB, Out()))
        assert answer == Did(BOSS, Deed.OUT, (BOB,), (TWO,))
        day.wait(minutes=3)
        assert isinstance(day.ask(BOB, Add()), Added)

    def test_out_where_nobody_sees(self, day: Day) -> None:
        """Without sight the admin's word counts: the port is free."""
        day.see(p2=BOB)
        day.lose()
        assert isinstance(act(day, acts.OnBehalf(BOB, Out("2"))), Did)
        assert day.site.ports[TWO].stay is None
        assert day.site.ports[TWO].status is Status.AVAILABLE

    def test_suspend_and_resume(self, day: Day) -> None:
        """In their name, each with a word, and each can be undone."""
        act(day, acts.OnBehalf(BOB, Suspend(timedelta(minutes=30))))
        assert day.entry(BOB).is_suspended
        act(day, acts.UndoLast())
        assert day.entry(BOB).is_waiting
        day.ask(BOB, Suspend())
        act(day, acts.OnBehalf(BOB, Resume()))
        assert day.entry(BOB).is_waiting
        act(day, acts.UndoLast())
        assert day.entry(BOB).is_suspended
        assert [one.deed for one in day.heard(BOB, DoneForYou)] == [Deed.SUSPEND, Deed.RESUME]

    def test_refused(self, day: Day) -> None:
        """In words about them, to the admin."""
        answer = act(day, acts.OnBehalf(CLEO, Resume()))
        assert answer == Refused(BOSS, Refusal.NOT_IN_LINE, other=CLEO)
        answer = act(day, acts.OnBehalf(BOB, Resume()))
        assert answer == Refused(BOSS, Refusal.NOT_SUSPENDED, other=BOB)
        assert "Bob's place" in words(answer, day.site, SlackMarkup()).text

    def test_who_has_no_car_there(self, day: Day) -> None:
        """What is refused speaks of the person, not of the admin's own car."""
        for wish in (Out(), Out("2")):
            answer = act(day, acts.OnBehalf(BOB, wish))
            assert answer == Refused(BOSS, Refusal.NOBODY_THERE, other=BOB)
            assert "Bob" in words(answer, day.site, SlackMarkup()).text

    def test_the_same_once_more(self, day: Day) -> None:
        """A break that is begun again changes nothing: no word, and nothing more to undo."""
        act(day, acts.OnBehalf(BOB, Suspend()))
        answer = act(day, acts.OnBehalf(BOB, Suspend()))
        assert answer == Unchanged(BOSS, Deed.SUSPEND, (BOB,))
        assert len(day.heard(BOB, DoneForYou)) == 1
        act(day, acts.UndoLast())
        assert day.entry(BOB).is_waiting

    def test_what_is_undone_is_named(self, day: Day) -> None:
        """It may not be what was done last: not everything can be undone."""
        act(day, acts.OnBehalf(BOB, Suspend()))
        answer = act(day, acts.UndoLast())
        assert answer is not None
        assert "took back suspending Bob" in words(answer, day.site, SlackMarkup()).text

    def test_only_admins(self, day: Day) -> None:
        """Nobody else may."""
        answer = act(day, acts.OnBehalf(ANA, Suspend()), by=BOB)
        assert answer == Refused(BOB, Refusal.NOT_ADMIN)

    def test_unlink(self, day: Day) -> None:
        """One card, or all; by the number alone; what isn't linked is refused."""
        act(day, acts.Link(((BOB, "4711"),)))
        assert act(day, acts.Unlink(BOB, ("4711",))) == Did(
            BOSS, Deed.UNLINK, (BOB,), detail="4711"
        )
        assert day.site.people[BOB].ids == (IDS[BOB],)
        act(day, acts.UndoLast())
        assert "4711" in day.site.people[BOB].ids
        act(day, acts.Unlink(ids=("4711",)))
        assert act(day, acts.Unlink(BOB)) == Did(BOSS, Deed.UNLINK, (BOB,), detail=IDS[BOB])
        assert act(day, acts.Unlink(BOB)) == Refused(BOSS, Refusal.NOTHING_LINKED, other=BOB)

    def test_log(self, day: Day) -> None:
        """What was put right, when, by whom; not what people did for themselves."""
        act(day, acts.Put(CLEO))
        act(day, acts.Close(("2",)))
        log = act(day, acts.ShowLog())
        assert log is not None
        lines = words(log, day.site, SlackMarkup()).text.splitlines()
        assert lines == [
            "08:00 Boss put somebody in line (Cleo)",
            "08:00 Boss closed a port (port 2)",
        ]

    def test_the_log_says_from_what_to_what(self, day: Day) -> None:
        """A setting with its values, each of a form; where somebody was moved; what was undone."""
        day.site = replace(day.site, policy=replace(day.site.policy, cap_commands=True))
        answer = timedelta(minutes=20)
        act(day, acts.SetPolicies((("answer", answer), ("board", True))))
        act(day, acts.Put(CLEO))
        act(day, acts.Move(CLEO, 1))
        act(day, acts.UndoLast())
        act(day, acts.Limit(kw=3.3))
        act(day, acts.Lift())
        log = act(day, acts.ShowLog())
        assert log is not None
        assert words(log, day.site, SlackMarkup()).text.splitlines() == [
            "08:00 Boss set answer: 20 min (it was 15m)",
            "08:00 Boss set board: on (it was off)",
            "08:00 Boss put somebody in line (Cleo)",
            "08:00 Boss moved somebody to number 1 (Cleo)",
            "08:00 Boss took back moving Cleo in line",
            "08:00 Boss asked to limit each port to 3.3 kW",
            "08:00 Boss asked for the power limit to end",
        ]

    def test_a_plug_is_no_act(self, day: Day) -> None:
        """A turn that ends as another plugs in there was put right by nobody."""
        day.free("p2")
        assert day.called
        day.see(p2=CLEO)
        log = act(day, acts.ShowLog())
        assert log is not None
        assert words(log, day.site, SlackMarkup()).text.startswith("Nobody has put")


class TestRule39Undo:
    """Only what changed something is an act to take back."""

    @pytest.fixture
    def day(self) -> Day:
        day = Day()
        for driver in (ANA, BOB, CLEO):
            day.ask(driver, Add())
        day.free("p1")
        return day

    @pytest.mark.parametrize(
        "idle",
        [
            acts.Put(ANA),
            acts.Put(BOB),
            acts.Move(CLEO, 2),
            acts.Open(("2",)),
            acts.Grant(BOSS),
            acts.Link(((BOB, IDS[BOB]),)),
            acts.SetPolicy("answer", 15 * MINUTE),
            acts.Free("1"),
        ],
        ids=lambda one: type(one).__name__,
    )
    def test_an_act_that_changes_nothing(self, day: Day, idle: acts.Act) -> None:
        """It is said to its admin only, and the act before it is the one to undo."""
        act(day, acts.Move(CLEO, 1))
        act(day, acts.Move(CLEO, 2))
        before = day.site
        answer = act(day, idle)
        assert isinstance(answer, Unchanged)
        assert "nothing was changed" in words(answer, day.site, SlackMarkup()).text
        assert day.site is before
        act(day, acts.UndoLast())
        assert day.line == [ANA, CLEO, BOB]

    def test_put_who_is_called(self, day: Day) -> None:
        """Ana is called: she isn't "number 3 in line"."""
        answer = act(day, acts.Put(ANA))
        assert answer is not None
        assert words(answer, day.site, SlackMarkup()).text.startswith("Ana is called to port 1")

    def test_put_and_called_at_once(self, day: Day) -> None:
        """Whoever is put in line while a port is free is called, and the answer says so."""
        day.see(p1=ANA, p2=BOB)
        day.ask(CLEO, Suspend())
        day.free("p2")
        answer = act(day, acts.Put(ZOE))
        assert answer == Did(BOSS, Deed.ADD, (ZOE,), (TWO,), "2")
        assert "called to port 2 right away" in words(answer, day.site, SlackMarkup()).text


class TestRule40Unreachable:
    @pytest.fixture
    def day(self) -> Day:
        """Ana and Bob wait; what is said isn't delivered by itself."""
        day = Day()
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.delivers = False
        return day

    def test_the_turn_goes_on(self, day: Day) -> None:
        """Her call bounces: Bob is called, her place is kept, the admins hear it once."""
        day.free("p1")
        day.bounce(ANA)
        assert day.called == {BOB: ONE}
        assert day.line == [ANA, BOB]
        assert day.entry(ANA).is_suspended
        told = [one.effect for one in day.site.outbox if one.to == BOSS]
        assert told == [Unreachable(ANA, "user_disabled")]

    @pytest.mark.parametrize("wish", [ShowStatus(), Add(), Resume()])
    def test_until_they_write(self, day: Day, wish: object) -> None:
        """Whatever Ana writes, she is back at her old place."""
        day.free("p1")
        day.bounce(ANA)
        day.ask(ANA, wish)  # type: ignore[arg-type]  # each is a wish
        assert day.entry(ANA).is_waiting
        assert day.line == [ANA, BOB]
        assert ANA not in day.site.refused

    def test_a_break_of_her_own(self, day: Day) -> None:
        """A suspension by hand isn't ended by a question."""
        day.ask(ANA, Suspend())
        day.ask(ANA, ShowStatus())
        assert day.entry(ANA).is_suspended

    def test_another_address(self, day: Day) -> None:
        """The same card is known on another platform: the call goes there, place and all."""
        people = {**day.site.people, ANA_ELSEWHERE: Person("ana", (IDS[ANA],))}
        day.site = replace(day.site, people=people)
        day.free("p1")
        day.bounce(ANA)
        assert day.called == {ANA_ELSEWHERE: ONE}
        assert day.line == [ANA_ELSEWHERE, BOB]
        calls = [one.to for one in day.site.outbox if isinstance(one.effect, Called)]
        assert calls == [ANA_ELSEWHERE]
        day.bounce(ANA_ELSEWHERE)
        assert day.called == {BOB: ONE}

    def test_another_message(self, day: Day) -> None:
        """A message that isn't a call changes nothing of the place."""
        day.free("p1")
        day.bounce(BOB)  # "you're next"
        assert day.called == {ANA: ONE}
        assert day.entry(BOB).is_waiting
        told = [one.effect for one in day.site.outbox if one.to == BOSS]
        assert told == [Undelivered(BOB, "user_disabled")]


class TestRule40Misses:
    def missed(self, times: int) -> Day:
        """Ana has missed so many turns today; Bob and Cleo wait behind her."""
        day = Day()
        for driver in (ANA, BOB, CLEO):
            day.ask(driver, Add())
        day.free("p1")
        for number in range(times):
            if number:
                day.ask(ANA, Resume())
                self.hand_to(day, ANA)
            day.wait(minutes=16)
            assert day.entry(ANA).misses == number + 1
        return day

    @staticmethod
    def hand_to(day: Day, driver: str) -> None:
        """The port comes free for them: whoever holds it has it for a minute."""
        (holder,) = day.called
        day.see(p1=holder)
        day.free("p1")
        day.ask(holder, Add())
        assert driver in day.called

    def test_the_second_says_so(self) -> None:
        """After a third `resume` would put her last: she hears it in time."""
        day = self.missed(2)
        said = [words(one, day.site, SlackMarkup()).text for one in day.heard(ANA, Lapsed)]
        assert "puts you last" not in said[0]
        assert "your second today; after a third, `resume` puts you last" in said[1]

    def test_the_third(self) -> None:
        """`resume` puts her last; an admin's `resume` doesn't."""
        day = self.missed(3)
        assert day.line[0] == ANA
        by_admin = Day(day.site)
        by_admin.now = day.now
        act(by_admin, acts.OnBehalf(ANA, Resume()))
        assert by_admin.line[0] == ANA
        day.ask(ANA, Resume())
        assert day.line[-1] == ANA
        assert day.line.count(ANA) == 1

    def test_a_new_day(self) -> None:
        """The next morning nobody counts yesterday's."""
        day = self.missed(3)
        night: datetime = day.now + timedelta(hours=22)
        day.wait(hours=(night - day.now) / timedelta(hours=1))
        day.ask(ANA, Add())
        assert day.entry(ANA).misses == 0
