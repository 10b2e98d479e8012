"""A working day on which everything on the way fails again and again: is a car ever missed?

    python -m bench.outages [--stalls 20] [--others 3] [--seed 1] [--calm]

One real process, its clock speeded up so that the day takes as long as its outages. Cars come
and go all the time. The way to the feed, to SOAP or to both stalls; the XMPP server and the
process itself are stopped for a while (SIGSTOP), and the server is killed and started again.
The car park's own record is then held against the site's trail: every coming and going must be
there, in order, once. How late is told without the time that outages took.

With `--calm` pings and timeouts are those of production, and outages longer than all of them.
"""

from __future__ import annotations

import argparse
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.core.model import Note, What
from chalicelib.edges import StoreUnavailable
from practice.carpark import PortNow
from practice.common.people import DRIVERS
from practice.world import address

from .fortnight import wait
from .paths import Paths, paths

DAY = 11 * 3600.0  # site seconds, from 8:30
PORTS = 8
PATIENCE = 60.0  # real seconds, at the end
STALLS = ("feed", "soap", "both")
OTHERS = ("server stopped", "server killed", "process stopped")


@dataclass(frozen=True)
class Pace:
    """Real seconds: of an outage, from one to the next, between two cars, between two looks."""

    outage: float
    pause: float
    cars: float
    poll: float


HURRIED, CALM = Pace(1.6, 0.8, 0.4, 1.2), Pace(40.0, 30.0, 5.0, 30.0)


@dataclass(frozen=True)
class Change:
    """A car that came, or one that went; when that was, or was known (monotonic)."""

    at: float
    what: What
    driver: str


@dataclass
class Figures:
    """Of one day. `late` is in real seconds, without the time that outages took."""

    outages: dict[str, int] = field(default_factory=dict)
    changes: int = 0
    missed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    poll: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        late = sorted(self.late)
        kinds = ", ".join(f"{count} × {what}" for what, count in sorted(self.outages.items()))
        return (
            f"{sum(self.outages.values())} outages ({kinds}) in {self.seconds:.0f} s; "
            f"{self.changes} cars came or went, {len(self.missed)} missed {self.missed}, "
            f"{len(self.invented)} invented {self.invented}; known after {statistics.median(late):.2f} s "
            f"(p99 {late[len(late) * 99 // 100]:.2f}, worst {late[-1]:.2f}) "
            f"without the outages' own time, of a poll each {self.poll:g} s"
        )


class Day:
    """Outages one after the other; cars, and a reader of the trail, on threads of their own."""

    def __init__(self, ours: Paths, pace: Pace, seed: int) -> None:
        self.ours, self.pace, self.seed = ours, pace, seed
        self.dice = random.Random(seed)
        self.did: dict[str, list[Change]] = defaultdict(list)  # by port
        self.told: dict[str, list[Change]] = defaultdict(list)
        self.spans: list[tuple[float, float]] = []  # of outages
        self._over, self._closed = threading.Event(), threading.Event()

    def live(self, kinds: list[str]) -> Figures:
        threads = [threading.Thread(target=one) for one in (self._drive, self._read)]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        try:
            for number, kind in enumerate(kinds):
                time.sleep(self.pace.pause * self.dice.uniform(0.5, 1.5))
                self.fail(kind)
                print(f"{number + 1} {kind}: {self.count(self.did)} cars", file=sys.stderr)
            self._over.set()
            threads[0].join()
            with suppress(TimeoutError):
                wait(lambda: self.count(self.told) >= self.count(self.did), "the rest", PATIENCE)
        finally:
            self._over.set()
            self._closed.set()
            for thread in threads:
                thread.join()
        return self.figures(kinds, time.monotonic() - began)

    def fail(self, kind: str) -> None:
        """One outage."""
        server = self.ours.server
        ways: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
            "server stopped": (server.pause, server.resume),
            "server killed": (server.kill, server.start),
            "process stopped": (
                lambda: self.signal(signal.SIGSTOP),
                lambda: self.signal(signal.SIGCONT),
            ),
        }
        begin, end = ways.get(kind, (lambda: self.stall(kind), lambda: self.heal(kind)))
        began = time.monotonic()
        begin()
        time.sleep(self.pace.outage * self.dice.uniform(0.7, 1.3))
        end()
        self.spans.append((began, time.monotonic()))

    def stall(self, what: str) -> None:
        for path in self.ours.of(what):
            path.stall()

    def heal(self, what: str) -> None:
        """What was held back arrives, or, as often, the connections turn out to be dead."""
        for path in self.ours.of(what):
            if self.dice.random() < 0.5:
                path.cut()
            path.heal()

    def signal(self, which: signal.Signals) -> None:
        assert self.ours.here.bot is not None
        self.ours.here.bot.send_signal(which)

    def _drive(self) -> None:
        """A car comes or goes at a port whose last change is known: what was over before
        anybody could look is no change to anybody.
        """
        dice = random.Random(self.seed + 1)
        while not self._over.wait(self.pace.cars * dice.uniform(0.5, 1.5)):
            known = [p for p in self.ours.here.carpark.ports() if self.is_known(key(p))]
            if known:
                self.toggle(dice.choice(known), dice)

    def toggle(self, port: PortNow, dice: random.Random) -> None:
        carpark, now = self.ours.here.carpark, time.monotonic()
        if port.driver is not None:
            self.did[key(port)].append(Change(now, What.UNPLUGGED, address(port.driver)))
            carpark.unplug(port.station, port.number)
            return
        here = {one.driver for one in carpark.ports()}
        driver = dice.choice([driver for driver in DRIVERS if driver not in here])
        self.did[key(port)].append(Change(now, What.PLUGGED, address(driver)))
        carpark.plug(port.station, port.number, driver)

    def is_known(self, port: str) -> bool:
        return len(self.told[port]) >= len(self.did[port])

    def _read(self) -> None:
        """Every line of the trail about a car, once, as soon as it is there."""
        seen: set[Note] = set()
        while not self._closed.wait(0.01):
            with suppress(StoreUnavailable):  # the process was stopped in the midst of a save
                for note in self.ours.here.site().trail:
                    if note.what in (What.PLUGGED, What.UNPLUGGED) and note not in seen:
                        seen.add(note)
                        change = Change(time.monotonic(), note.what, note.driver)
                        self.told[note.port].append(change)

    def count(self, changes: dict[str, list[Change]]) -> int:
        return sum(len(changes[port]) for port in list(changes))

    def figures(self, kinds: list[str], seconds: float) -> Figures:
        """The two records, port by port."""
        found = Figures(dict(Counter(kinds)), self.count(self.did), poll=self.pace.poll, seconds=seconds)  # fmt: skip
        for port in {**self.did, **self.told}:
            did, told = self.did[port], self.told[port]
            if [(one.what, one.driver) for one in did] != [(one.what, one.driver) for one in told]:
                found.missed += names(port, did, told) or [f"{port}: in another order"]
                found.invented += names(port, told, did)
            found.late += [
                self.without_outages(mine.at, theirs.at)
                for mine, theirs in zip(did, told, strict=False)
            ]
        return found

    def without_outages(self, since: float, until: float) -> float:
        """The time between, less that in which something was broken."""
        broken = sum(max(0.0, min(end, until) - max(began, since)) for began, end in self.spans)
        return until - since - broken


def names(port: str, these: list[Change], those: list[Change]) -> list[str]:
    """What is in these and not in those."""
    left = Counter((one.what, one.driver) for one in these)
    left.subtract((one.what, one.driver) for one in those)
    return [f"{port}: {driver} {what}" for what, driver in left.elements()]


def key(port: PortNow) -> str:
    return f"{port.station}/{port.number}"


def run(stalls: int, others: int, pace: Pace, folder: Path, seed: int = 1) -> Figures:
    """A day with so many stalls, and so many of each other outage."""
    kinds = [STALLS[n % len(STALLS)] for n in range(stalls)] + list(OTHERS) * others
    random.Random(seed).shuffle(kinds)
    speed = min(3600 / pace.poll, DAY / (len(kinds) * (pace.outage + pace.pause)))
    with paths(folder, speed=speed, poll=round(pace.poll * speed), ports=PORTS, blind="1h", hurried=pace is HURRIED) as ours:  # fmt: skip
        return Day(ours, pace, seed).live(kinds)


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.outages", description=__doc__)
    parser.add_argument("--stalls", type=int, default=20, help="of the paths (20)")
    parser.add_argument("--others", type=int, default=3, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calm", action="store_true", help="at the paces of production")
    arguments = parser.parse_args()
    pace = CALM if arguments.calm else HURRIED
    with tempfile.TemporaryDirectory(prefix="ev-outages-") as folder:
        print(run(arguments.stalls, arguments.others, pace, Path(folder), arguments.seed))


if __name__ == "__main__":
    main()
