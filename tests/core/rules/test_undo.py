"""What an admin takes back: rule 26 of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import acts
from chalicelib.core.answers import CannotUndo, Deed, Did, Refusal
from chalicelib.core.effects import (
    AdminMoved,
    Effect,
)
from chalicelib.core.inputs import (
    Add,
    Admin,
    Block,
    ForgetMe,
    In,
    Remove,
    Suspend,
)
from chalicelib.core.model import What
from chalicelib.values import replace
from tests.core.day import ONE, TWO, Day
from tests.core.mornings import (
    act,
    one_is_called,
    refusal,
)
from tests.fakes import ANA, BOB, BOSS, CLEO, IDS

MINUTE = timedelta(minutes=1)
ZOE = "slack:T0HQ:U0ZOE"


@pytest.fixture
def day() -> Day:
    """Ana is called; Bob and Cleo wait."""
    return one_is_called()


class TestRule26Undo:
    def undo(self, day: Day) -> Effect | None:
        return act(day, acts.UndoLast())

    def test_a_reset(self, day: Day) -> None:
        """Everybody is back in the old order, less who went their own way since."""
        day.ask(BOSS, Admin(acts.Reset(confirmed=True)))
        day.wait(seconds=1)
        day.see(p2=CLEO)
        day.ask(ZOE, Add())
        assert isinstance(self.undo(day), Did)
        assert day.line == [ANA, BOB, ZOE]
        assert [one.back for one in day.heard(BOB, AdminMoved)] == [False, True]  # off, and back
        assert day.heard(ZOE, AdminMoved) == [], "it wasn't about her"
        assert refusal(self.undo(day)) is Refusal.NOTHING_TO_UNDO

    def test_a_removal(self, day: Day) -> None:
        """The driver is back in the old place, the others as they stand now."""
        act(day, acts.Take(BOB))
        day.wait(seconds=1)
        day.ask(CLEO, Suspend())
        self.undo(day)
        assert day.line == [ANA, BOB, CLEO]
        assert day.entry(CLEO).is_suspended
        assert day.heard(BOB, AdminMoved)[-1] == AdminMoved(BOB, BOSS, 1, back=True)

    def test_an_addition(self, day: Day) -> None:
        """Whoever was put in line is out again, with the turn; others keep theirs."""
        act(day, acts.Put(ZOE))
        day.ask(BOB, Remove())
        day.ask(CLEO, Remove())
        day.free("p2")
        assert day.called == {ANA: ONE, ZOE: TWO}
        day.ask(BOB, Add())
        self.undo(day)
        assert day.line == [ANA, BOB]
        assert day.called == {ANA: ONE, BOB: TWO}

    def test_a_break_that_was_ended(self, day: Day) -> None:
        """`add` ended Bob's break: it goes on."""
        day.ask(BOB, Suspend())
        act(day, acts.Put(BOB))
        self.undo(day)
        assert day.entry(BOB).is_suspended

    def test_a_move(self, day: Day) -> None:
        """The old order."""
        act(day, acts.Move(CLEO, 1))
        self.undo(day)
        assert day.line == [ANA, BOB, CLEO]

    def test_settings_and_ports_and_admins(self, day: Day) -> None:
        """Each kind of act can be taken back, and takes nothing else with it."""
        day.ask(BOSS, Admin(acts.Close(("2",))))
        day.ask(BOSS, Admin(acts.SetPolicy("answer", 5 * MINUTE)))
        self.undo(day)
        assert day.site.policy.answer == 15 * MINUTE
        assert day.site.ports[TWO].closed
        day.ask(BOSS, Admin(acts.Open(("2",))))
        self.undo(day)
        assert day.site.ports[TWO].closed
        act(day, acts.Grant(ANA))
        self.undo(day)
        assert day.site.admins == (BOSS,)
        day.ask(BOSS, Admin(acts.Link(((ANA, IDS[BOB]),))))
        self.undo(day)
        assert (day.site.people[ANA].ids, day.site.people[BOB].ids) == ((IDS[ANA],), (IDS[BOB],))

    @pytest.mark.parametrize(
        "last",
        [acts.Free("2"), acts.OnBehalf(CLEO, In("2")), acts.Limit(kw=3.3)],
    )
    def test_an_act_that_it_does_not_cover(self, day: Day, last: acts.Act) -> None:
        """It says so, names the way back, and leaves what was done before."""
        day.site = replace(day.site, policy=replace(day.site.policy, cap_commands=True))
        act(day, acts.SetPolicy("answer", 5 * MINUTE))
        did = act(day, last)
        assert isinstance(did, Did)
        assert self.undo(day) == CannotUndo(BOSS, did)
        assert day.site.policy.answer == 5 * MINUTE

    def test_what_is_gone_meanwhile(self, day: Day) -> None:
        """Who was forgotten doesn't come back by it."""
        act(day, acts.Link(((ZOE, "4711"),)))
        day.ask(ZOE, ForgetMe())
        assert isinstance(self.undo(day), Did)
        assert ZOE not in day.site.people or not day.site.people[ZOE].ids

    @pytest.mark.parametrize("who", [None, CLEO])
    def test_a_bay_that_was_opened(self, day: Day, who: str | None) -> None:
        """It counts as blocked again, unless a car has come."""
        day.ask(ANA, Block())
        act(day, acts.Open(("1",)))
        day.see(p1=who)
        self.undo(day)
        assert day.site.ports[ONE].blocked is (who is None)

    def test_several_cards(self, day: Day) -> None:
        """Those of each person are as they were, of others too who have theirs."""
        mine = day.site.people[BOB].ids
        act(day, acts.Link(((ANA, "4711"), (BOB, "4712"))))
        self.undo(day)
        assert day.site.people[BOB].ids == mine
        assert "4711" not in day.site.people[ANA].ids

    def test_a_setting_that_the_operator_has_changed_since(self, day: Day) -> None:
        """Only the one of the act is as it was before."""
        act(day, acts.SetPolicy("answer", 5 * MINUTE))
        day.site = replace(day.site, policy=replace(day.site.policy, cap_commands=True))
        assert self.undo(day) == Did(BOSS, Deed.UNDO, detail=What.SET, before="answer 15m")
        assert day.site.policy.cap_commands

    def test_later_turns_stay(self, day: Day) -> None:
        """Who came and was called after the act is left alone."""
        day.ask(BOSS, Admin(acts.SetPolicy("answer", 20 * MINUTE)))
        day.ask(BOB, Remove())
        day.ask(CLEO, Remove())
        day.free("p2")
        day.ask(ZOE, Add())
        day.told.clear()
        self.undo(day)
        assert day.called == {ANA: ONE, ZOE: TWO}
        assert day.told == []

    def test_a_break_of_the_called(self, day: Day) -> None:
        """Their turn has gone to the next; they wait again, as if they hadn't been called."""
        act(day, acts.OnBehalf(ANA, Suspend()))
        assert day.called == {BOB: ONE}
        self.undo(day)
        assert day.called == {BOB: ONE}
        assert day.entry(ANA).is_waiting

    def test_not_tomorrow(self, day: Day) -> None:
        """Yesterday's line doesn't come back."""
        day.ask(BOSS, Admin(acts.Reset(confirmed=True)))
        day.wait(hours=24)
        assert refusal(self.undo(day)) is Refusal.NOTHING_TO_UNDO
