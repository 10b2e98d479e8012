"""Other stations: the operator grants them, and what was promised at the old ones is void."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core import acts, step
from chalicelib.core.answers import Refusal
from chalicelib.core.effects import BayBlocked, Called, CallOver, Withdrawal, Withdrawn
from chalicelib.core.inputs import Add, Admin, Block, Granted, Observed, Pass, PortSeen, Suspend
from chalicelib.core.model import Lane, Stations, Status
from tests.core.day import ONE, TWO, Day
from tests.core.invariants import check_step
from tests.core.mornings import refusal
from tests.fakes import ANA, BOB, BOSS, CLEO

OTHERS = Stations(ids=("1:900009",))


def granted(day: Day, stations: Stations) -> None:
    """A lawful step."""
    before, given = day.site, Granted(stations)
    check_step(before, given, step(before, given, day.now), day.now)
    day.give(given)


def day_of_three() -> Day:
    """Ana and Bob are called, Cleo waits."""
    day = Day()
    for driver in (ANA, BOB, CLEO):
        day.ask(driver, Add())
    day.free()
    assert day.called == {ANA: ONE, BOB: TWO}
    return day


def test_the_called_are_told_and_the_line_stays() -> None:
    """One word each, in the order of the line; the old ports are forgotten."""
    day = day_of_three()
    granted(day, OTHERS)
    assert (day.line, day.called, day.site.ports) == ([ANA, BOB, CLEO], {}, {})
    assert day.heard(ANA, Withdrawn) == [Withdrawn(ANA, ONE, Withdrawal.STATIONS)]
    assert day.heard(BOB, Withdrawn) == [Withdrawn(BOB, TWO, Withdrawal.STATIONS)]
    assert day.heard(CLEO, Withdrawn) == []


def test_what_waits_to_be_said_of_the_old_ports_is_not() -> None:
    """Calls, posts and requests to move are void; nobody asks for a port that is gone."""
    day = day_of_three()
    day.delivers = False
    day.ask(ANA, Block())
    day.ask(BOB, Pass())
    assert any(isinstance(one.effect, BayBlocked) for one in day.site.outbox)
    granted(day, OTHERS)
    chat = {type(one.effect) for one in day.site.outbox if one.lane is Lane.CHAT}
    assert chat == {Withdrawn, CallOver}
    assert day.entry(BOB).is_waiting


def test_ports_by_hand_are_called_at_once() -> None:
    """A site without a network is free until somebody says otherwise."""
    day = day_of_three()
    granted(day, Stations(manual=("1", "2")))
    assert day.called == {ANA: "manual/1", BOB: "manual/2"}
    assert [call.port for call in day.heard(ANA, Called)] == [ONE, "manual/1"]


def test_the_same_again_changes_nothing() -> None:
    """Naming the stations that it has is no news."""
    day = day_of_three()
    before = day.site
    granted(day, before.stations)
    assert day.site is before


def test_an_act_at_the_old_ports_cant_be_undone() -> None:
    """What was closed there is there no more."""
    day = day_of_three()
    day.ask(BOSS, Admin(acts.Close(("1",))))
    granted(day, OTHERS)
    assert refusal(day.ask(BOSS, Admin(acts.UndoLast()))) is Refusal.NOTHING_TO_UNDO


def test_ports_are_labelled_as_people_count() -> None:
    """Port 10 of a station is the tenth, not the second, whatever order the look has."""
    day = Day()
    numbers = [str(number) for number in range(12, 0, -1)]
    ports = tuple(PortSeen("1:900009", number, Status.AVAILABLE) for number in numbers)
    day.give(Granted(OTHERS))
    day.wait(minutes=1)
    day.give(Observed(day.now, ports))
    labels = {port.id.rpartition("/")[2]: port.label for port in day.site.ports.values()}
    assert labels == {number: number for number in numbers}


def test_a_break_goes_on() -> None:
    """Who is suspended stays so, as long as they said; who had passed may be called."""
    day = day_of_three()
    day.ask(CLEO, Suspend(length=timedelta(hours=1)))
    day.ask(BOB, Pass())
    before = day.entry(CLEO)
    granted(day, OTHERS)
    assert day.entry(CLEO) == before
    assert day.entry(BOB).is_waiting
