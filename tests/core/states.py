"""The diagrams of `docs/states.md`, and the moves that random days make.

`python -m tests.core.states --rewrite` writes the page.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from pathlib import Path

from chalicelib.core import acts, inputs as do, step
from chalicelib.core.model import Person, Policy, Rung, Site, Standing
from chalicelib.core.rules.states import ENTRIES, RUNGS
from chalicelib.values import replace
from tests.core import test_state_machine as machine

PAGE = Path(__file__).parents[2] / "docs" / "states.md"


def page() -> str:
    return "\n".join(
        [
            "# States",
            "",
            "Drawn from the tables of the code (`chalicelib/core/rules/states.py`) by",
            "`python -m tests.core.states --rewrite`; the numbers are those of [the rules](rules.md).",
            "",
            "## Somebody in line",
            "",
            *diagram(ENTRIES),
            "",
            "## The reminders of a stay",
            "",
            "More minutes lead back to *noticed*, a new day and power that comes again to *silent*, from",
            "every rung.",
            "",
            *diagram({move: why for move, why in RUNGS.items() if move[0] < move[1]}),
            "",
        ]
    )


def diagram(moves: dict[tuple[Standing | None, Standing | None], str] | dict[tuple[Rung, Rung], str]) -> Iterator[str]:  # fmt: skip
    yield "```mermaid"
    yield "stateDiagram-v2"
    for (before, after), why in moves.items():
        yield f"    {name(before)} --> {name(after)}: {why}"
    yield "```"


def name(state: Enum | None) -> str:
    return "[*]" if state is None else state.name.lower()


# --- days that make every move ---------------------------------------------------------------


def random_day(seed: int, moves: int) -> Iterator[tuple[Site, Site]]:
    """A seeded day of the state machine's car park: the site before and after each step."""
    dice = random.Random(seed)
    park = machine.Days()
    park.open_the_car_park()
    people = {who: Person(who[-2:], (machine.IDS[who],)) for who in machine.LINKED}
    people[machine.DRIVERS[4]] = Person("U4", (machine.IDS[machine.DRIVERS[0]],))
    short = timedelta(minutes=40), timedelta(minutes=5)
    policy = Policy(classic=seed % 9 == 0, limit=short[0], patience=short[1])
    site = replace(park.site, timezone="America/Los_Angeles", people=people, policy=policy)
    for _ in range(moves):
        for given in some(dice, park, quiet=seed % 2 == 0):
            after = step(site, given, park.now).site
            yield site, after
            site = after
        fate = dice.random()
        while site.outbox:
            pending = site.outbox[0]
            if fate < 0.03:
                given = do.Undeliverable(pending.id, "gone")
            else:
                given = do.Delivered(pending.id, "ref")
            after = step(site, given, park.now).site
            yield site, after
            site = after


def some(dice: random.Random, park: machine.Days, *, quiet: bool) -> Iterator[do.Input]:
    """What happens next; on quiet days less often, so that ladders are climbed to their end."""
    who, kind = dice.choice(machine.DRIVERS), dice.random()
    if quiet and dice.random() < 0.7:
        yield from about_cars(dice, park)
        kind = 1.0
    if kind < 0.3:
        yield do.Asked(who, dice.choice(WISHES))
    elif kind < 0.38:
        yield do.Asked(machine.DRIVERS[0], do.Admin(dice.choice(acts_on(who))))
    elif kind < 0.55:
        port = dice.choice(machine.PORTS)
        free = who not in park.cars.values()
        park.cars[port] = None if park.cars[port] else who if free else "stranger"
        yield park.look()
    elif kind < 0.6:
        changed = park.full if dice.random() < 0.6 else park.dark
        changed.symmetric_difference_update({dice.choice(machine.PORTS)})
        yield park.look()
    elif kind < 0.66:
        park.cap = dice.choice([None, 0.0, 3.3])
        yield park.look()
    else:
        for _ in range(dice.choice([1, 3, 10])):
            park.now += timedelta(seconds=40)
            yield do.Tick()
            yield park.look()


def about_cars(dice: random.Random, park: machine.Days) -> Iterator[do.Input]:
    """Cars stay, get full, pause; their drivers answer; a night passes."""
    here = [port for port, car in park.cars.items() if car is not None]
    port, kind = dice.choice(here or list(park.cars)), dice.random()
    if kind < 0.15:
        yield do.Asked(park.cars[port] or "", do.MoreMinutes())
    elif kind < 0.3:
        park.full.symmetric_difference_update({port})
        yield park.look()
    elif kind < 0.33:
        park.now += timedelta(hours=14)
        yield do.Tick()
        yield park.look()
    elif kind < 0.36:
        park.cap = None if park.cap is not None else 0.0
        yield park.look()
    elif kind < 0.5:
        yield do.Asked(dice.choice(machine.DRIVERS), do.Add())


WISHES = (
    *(do.Add(), do.Add(), do.Add(), do.Remove(), do.Suspend(), do.Suspend(timedelta(minutes=20))),
    *(do.Resume(), do.Next(), do.OnMyWay(), do.Pass(), do.Pass(), do.NotMine(), do.MoreMinutes()),
    *(
        do.MoreMinutes(),
        do.DoneMoving(),
        do.Block(),
        do.Broken(),
        do.NotMyCar(),
        do.NudgePort("1"),
    ),
    *(do.Meet(timedelta(minutes=30)), do.Meet(), do.Suspend()),
)


def acts_on(who: str) -> list[acts.Act]:
    return [
        *(acts.Put(who), acts.Take(who), acts.Reset(confirmed=True), acts.UndoLast()),
        *(acts.UndoLast(), acts.Open(("1", "2", "3")), acts.Close(("1",)), acts.Free("2")),
    ]


if __name__ == "__main__" and sys.argv[1:] == ["--rewrite"]:
    PAGE.write_text(page(), encoding="utf-8")
