"""The states of a driver in line and of a stay's reminders: the tables, the page, and real moves."""

from __future__ import annotations

from itertools import pairwise

import pytest

from chalicelib.core.draft import Draft
from chalicelib.core.inputs import Add, MoreMinutes, Remove
from chalicelib.core.model import Entry, Port, Rung, Standing
from chalicelib.core.rules.states import ENTRIES, RUNGS
from tests.core.day import PowerDay
from tests.core.states import PAGE, page, random_day
from tests.fakes import ANA, BOB

DAYS, MOVES = 60, 250


@pytest.fixture(scope="module")
def made() -> tuple[set[tuple[Standing | None, Standing | None]], set[tuple[Rung, Rung]]]:
    """The moves that random days make, each change of the draft for itself."""
    entries: set[tuple[Standing | None, Standing | None]] = set()
    rungs: set[tuple[Rung, Rung]] = set()
    put, put_port = Draft.put, Draft.put_port

    def watch(d: Draft, entry: Entry) -> None:
        old = d.entry(entry.driver)
        if old is not None and old != entry:
            entries.add((old.standing, entry.standing))
        put(d, entry)

    def watch_port(d: Draft, port: Port) -> None:
        old = d.ports[port.id].stay if port.id in d.ports else None
        if old is not None and port.stay is not None and old.id == port.stay.id:
            rungs.add((old.ladder.rung, port.stay.ladder.rung))
        put_port(d, port)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Draft, "put", watch)
        patch.setattr(Draft, "put_port", watch_port)
        for seed in range(DAYS):
            for before, after in random_day(seed, MOVES):
                was = {entry.driver: entry.standing for entry in before.queue}
                is_ = {entry.driver: entry.standing for entry in after.queue}
                entries |= {(was[who], None) for who in was.keys() - is_.keys()}
                entries |= {(None, is_[who]) for who in is_.keys() - was.keys()}
        for minutes in (130, 136, 151, 161, 171):
            for waits in (True, False):
                climb(minutes, waits=waits)
        for minutes in (15, 25, 35):
            pause(minutes)
    return entries, rungs


def pause(minutes: int) -> None:
    """A car that looked full for so long draws power again."""
    day = PowerDay(p1=ANA, p2="dark")
    day.ask(BOB, Add())
    day.wait(minutes=10)
    day.kw = 0.0
    day.wait(minutes=minutes)
    day.kw = 6.6
    day.wait(minutes=20)


def climb(minutes: int, *, waits: bool) -> None:
    """A stay that has lasted so long: then more minutes, or a night."""
    for answered in (True, False):
        day = PowerDay(p1=ANA, p2="dark")
        if waits:
            day.ask(BOB, Add())
        day.wait(minutes=minutes)
        if answered:
            day.ask(ANA, MoreMinutes())
            day.ask(BOB, Remove())
            day.wait(minutes=30)
            day.ask(BOB, Add())
            day.wait(minutes=30)
        else:
            day.wait(hours=22)


def test_the_page() -> None:
    """`docs/states.md` is what the tables say: `python -m tests.core.states --rewrite`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_drivers_in_line(
    made: tuple[set[tuple[Standing | None, Standing | None]], object],
) -> None:
    """No move but those of the table, and each of them happens. Who is called in the very step
    in which they come has waited for no time at all.
    """
    moves = {(a, b) for a, b in made[0] if a is not b or (a, b) in ENTRIES}
    assert moves - {(None, Standing.CALLED)} == set(ENTRIES)


def test_reminders(made: tuple[object, set[tuple[Rung, Rung]]]) -> None:
    """No rung is reached from where the table doesn't say, and each step happens."""
    assert {(a, b) for a, b in made[1] if a is not b} == set(RUNGS)


def test_every_state_is_drawn() -> None:
    """The page names each of them, and each can be left."""
    assert {before for before, _ in ENTRIES} == {None, *Standing}
    assert {after for _, after in ENTRIES} == {None, *Standing}
    assert all((low, high) in RUNGS for low, high in pairwise([r for r in Rung if r >= Rung.OVER]))
