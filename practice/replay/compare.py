"""Policies side by side: on the same days, with the same people, by the same dice."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from chalicelib.core.model import Policy, Site, Word
from practice.carpark import CarPark
from practice.common.people import make_ports

from .ablation import policy_without, ways_without, without
from .cast import Wants, commuters
from .days import EARLY, POLL, Days
from .ideal import ideal
from .inside import Inside, InsideChat, LeapingClock
from .measures import Measured, figures, per_day
from .policies import POLICIES, Coordination
from .sessions import Sessions
from .workdays import Commuter, Result, Ways, work_days

IDEALS = {"ideal": "the same people, cars changing places by themselves", "all": "and everybody reacts"}  # fmt: skip


ALL = (*POLICIES, *IDEALS)


class NoSuchPolicy(Exception):
    """A name that is none of the policies'; says what they are."""


def check_policies(names: Sequence[str]) -> None:
    """Raises NoSuchPolicy."""
    strange = [name for name in names if name not in ALL]
    if strange:
        raise NoSuchPolicy(f"there is no policy {strange[0]!r}, but: {', '.join(ALL)}")


@dataclass(frozen=True, slots=True)
class Trial:
    """What is played: the same for every policy. `off`: rules that are switched off."""

    found: Sessions
    days: int
    ports: int
    drivers: int
    seed: int
    ways: Ways
    wants: Wants
    off: tuple[str, ...] = ()
    names: tuple[str, ...] = ALL  # of the policies

    def people(self) -> list[Commuter]:
        """Everybody anew: dice remember what was drawn."""
        return commuters(self.found, self.days, self.drivers, self.seed, self.wants)


@dataclass(slots=True)
class Bare:
    """A car park without a concierge: a `Scene`."""

    clock: LeapingClock
    carpark: CarPark
    slack: InsideChat = field(init=False)

    def __post_init__(self) -> None:
        self.slack = InsideChat(self.clock, ())

    def site(self) -> Site:
        raise AssertionError("nobody keeps notes here")

    def line(self) -> list[str]:
        return []


Watching = Callable[[str, datetime], object]


def compare(trial: Trial, watching: Watching) -> list[Measured]:
    """Play every policy; `watching` is told the policy and the time there."""
    return [one(trial, name, watching) for name in trial.names]


def one(trial: Trial, name: str, watching: Watching) -> Measured:
    if name in IDEALS:
        visits = [(person.name, visit) for person in trial.people() for visit in work_days(person)]
        heed = trial.ways.heed if name == "ideal" else 1.0
        return Measured(name, ideal(visits, trial.ports, heed))
    coordination = POLICIES[name]
    if coordination.policy is None:
        return Measured(name, alone(trial, coordination))
    with without(trial.off):
        policy = policy_without(trial.off, coordination.policy)
        without_them = replace(trial, ways=ways_without(trial.off, trial.ways))
        return coordinated(without_them, coordination, policy, watching)


def alone(trial: Trial, coordination: Coordination) -> list[Result]:
    """Nobody has a concierge: whatever people do by themselves."""
    people = trial.people()
    clock = LeapingClock(beginning(people))
    here = Bare(clock, CarPark(clock, make_ports(trial.ports)))
    crowd = coordination.crowd(here, people, trial.ways)
    while (at := crowd.next_at) is not None:
        clock.set(at)
        crowd.act()
    return crowd.results


def coordinated(
    trial: Trial, coordination: Coordination, policy: Policy, watching: Watching
) -> Measured:
    """With a concierge whose site has this policy."""
    people = trial.people()
    here = Inside(beginning(people), trial.ports, POLL, policy)
    crowd = coordination.crowd(here, people, trial.ways)
    days = Days(here, crowd)
    words: dict[date, Word] = {}

    def watch(now: datetime) -> None:
        watching(coordination.name, now)
        site = here.site()
        words.update({word.monday: word for word in site.word})  # it forgets after weeks
        crowd.hear_promises(site, now)

    days.watching = watch
    days.run()
    tally = crowd.tally
    return Measured(
        coordination.name, crowd.results, posts=tally.posts - tally.answers, adds=tally.answers,
        direct=tally.direct, words=tuple(words.values()), checks=days.agreement.checks, broken=days.agreement.broken,
        failed=tally.failed_commands,
    )  # fmt: skip


def beginning(people: Sequence[Commuter]) -> datetime:
    return min(person.visits[0].arrives for person in people if person.visits) - EARLY


# --- what is shown ---------------------------------------------------------------------------


def table(trial: Trial, runs: Sequence[Measured]) -> Iterator[str]:
    """One column a policy."""
    rows = [["", *(run.name for run in runs)], *figures(runs, trial.days, trial.seed)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        first, *rest = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join([first, *rest]).rstrip()


def write(file: Path, trial: Trial, runs: Sequence[Measured]) -> None:
    """One line a policy and day. Raises OSError."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["policy", "day", "arrivals", "plugged", "needs_met", "shut_out", "waited_minutes", "moves", "calls"])  # fmt: skip
        for run in runs:
            for day, counts in enumerate(per_day(run.results, trial.days)):
                writer.writerow([run.name, day + 1, *counts])


class Progress:
    """One line on a terminal; elsewhere one for each policy and fifty days."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown: object = None
        self._began = time.monotonic()

    def show(self, name: str, now: datetime) -> None:
        key = (name, now.date()) if self._terminal else (name, now.toordinal() // 70)
        if key == self._shown:
            return
        self._shown = key
        line = f"{name}: {now:%d %b %Y}, {time.monotonic() - self._began:.0f} s"
        print(f"\r{line:<60}" if self._terminal else line, end="" if self._terminal else "\n", file=sys.stderr, flush=True)  # fmt: skip

    def end(self) -> None:
        if self._terminal:
            print(file=sys.stderr)
