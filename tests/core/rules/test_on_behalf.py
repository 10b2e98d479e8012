"""What admins do for others, and take back: rule 39 of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import acts
from chalicelib.core.answers import (
    Added,
    Deed,
    Did,
    NeedNoted,
    Refusal,
    Refused,
    Unchanged,
)
from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    DoneForYou,
)
from chalicelib.core.inputs import (
    Add,
    In,
    NoNeed,
    Out,
    Resume,
    SayNeed,
    Suspend,
)
from chalicelib.core.model import Status
from chalicelib.core.rules.stale import current
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import TWO, Day
from tests.core.mornings import (
    act,
)
from tests.fakes import ANA, BOB, BOSS, CLEO, IDS

MINUTE = timedelta(minutes=1)
ZOE = "slack:T0HQ:U0ZOE"


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
