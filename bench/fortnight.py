"""A fortnight without a restart: does the feed go stale, does the process grow?

    python -m bench.fortnight [--days 14]

One real process, its clock speeded up: working days with cars that come and go, silent
nights and weekends. Every night the path to the feed dies without a word, as the 2016 bot's
did after twelve hours. Real seconds from a car's coming to the site's knowing tell whether
it was the feed that told, or only the hourly poll.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from practice.common.people import DRIVERS, Driver
from practice.common.proxy import StallingProxy
from practice.world import TIMEZONE, World, answers, name_of, world

DAY, NIGHT = 2000.0, 10000.0  # site seconds in a real second
POLL = 3600.0  # site seconds: 1.8 real ones by day, much more than an event needs
OPENS, CLOSES = 7.5, 18.5  # hours: cars come and go
ACTS = 40  # a working day
STALL = 1.5  # real seconds of each night
PATIENCE = 20.0  # real seconds
IN_A_HURRY = """
import sys
from bot.networks.chargepoint import feed
pace = feed.Pace(0.2, 0.5, 2.0, 0.05, 0.2, 0.4)
feed.Pace = lambda: pace
from bot.__main__ import main
sys.exit(main(["run"]))
"""  # the day's pings must be as fast as the day


@dataclass
class Figures:
    """Of one run. `lags`: real seconds from an event to the stored site; memory in MB, by day."""

    lags: list[float] = field(default_factory=list)
    mornings: list[float] = field(default_factory=list)  # the first lag of each working day
    memory: list[float] = field(default_factory=list)
    noticed: int = 0  # stalls of the feed
    stalls: int = 0
    posts: int = 0
    seconds: float = 0.0

    @property
    def growth(self) -> float:
        """Memory at the end over that after the first day, less one."""
        return self.memory[-1] / self.memory[0] - 1

    def __str__(self) -> str:
        lags = sorted(self.lags)
        memory = " ".join(f"{one:.1f}" for one in self.memory)
        return (
            f"{len(self.memory)} days in {self.seconds:.0f} s; {len(lags)} cars came or went, known "
            f"after {statistics.median(lags):.2f} s (p99 {lags[len(lags) * 99 // 100]:.2f}, worst "
            f"{lags[-1]:.2f}), first of each morning at worst {max(self.mornings):.2f} s; "
            f"{self.noticed} of {self.stalls} stalls noticed; {self.posts} posts; "
            f"memory {memory} MB, {self.growth:+.1%}"
        )


class Fortnight:
    """The car park, day by day."""

    def __init__(self, here: World, path: StallingProxy, seed: int) -> None:
        self.here, self.path = here, path
        self.dice = random.Random(seed)
        self.figures = Figures()

    def day(self) -> None:
        """From one opening time to the next: the day, then the night."""
        began = self.now()
        if began.weekday() < 5:
            self.here.clock.set_speed(DAY)
            for number in range(ACTS):
                at = OPENS + (CLOSES - OPENS) * (number + self.dice.random()) / ACTS
                self.sleep_until(at_hour(began, at))
                lag = self.act()
                self.figures.lags.append(lag)
                if number == 0:
                    self.figures.mornings.append(lag)
        self.figures.memory.append(memory(self.process.pid))
        self.night(at_hour(began + timedelta(days=1), OPENS - 1))

    def night(self, until: datetime) -> None:
        """Nobody comes. The path dies silently, and works again before the morning."""
        self.here.clock.set_speed(NIGHT)
        connections = self.path.connections
        self.path.stall()
        time.sleep(STALL)
        self.path.heal()
        self.figures.stalls += 1
        self.sleep_until(until)
        self.figures.noticed += self.path.connections > connections

    def act(self) -> float:
        """A car comes or goes, people ask for a place; how long until the site knows."""
        if self.dice.random() < 0.5:
            self.here.slack.say(self.dice.choice(DRIVERS[:20]).name, "/ev add")
        port = self.dice.choice(self.here.carpark.ports())
        if port.session:
            self.here.carpark.unplug(port.station, port.number)
        else:
            self.here.carpark.plug(port.station, port.number, self.somebody())
        return wait(self.agrees, "the site to know")

    def somebody(self) -> Driver:
        """Whoever is called, or anybody who isn't here."""
        here = {port.driver for port in self.here.carpark.ports()}
        called = [name_of(entry.driver) for entry in self.here.site().queue if entry.turn]
        away = [driver for driver in DRIVERS[:20] if driver not in here]
        return next((d for d in away if d.name in called), self.dice.choice(away))

    def agrees(self) -> bool:
        """What is stored is what is there."""
        ports = self.here.site().ports
        return all(
            ports[f"{port.station}/{port.number}"].status is port.status
            for port in self.here.carpark.ports()
        )

    def now(self) -> datetime:
        return self.here.clock.now().astimezone(ZoneInfo(TIMEZONE))

    def sleep_until(self, at: datetime) -> None:
        while self.now() < at:
            time.sleep(0.005)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self.here.bot is not None
        assert self.here.bot.poll() is None, "the process has ended"
        return self.here.bot


def at_hour(day: datetime, hour: float) -> datetime:
    return day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=hour)


def memory(pid: int) -> float:
    """What a process has in memory, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


def wait(is_so: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
    """The seconds that it takes. Raises TimeoutError."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > patience:
            raise TimeoutError(f"waited {patience:g} s for {what}")
        time.sleep(0.005)
    return time.monotonic() - began


@contextmanager
def fortnight(folder: Path, seed: int) -> Iterator[Fortnight]:
    """One process that hears the feed through a path that can stall."""
    with world(speed=1, poll_seconds=POLL, feed=True, log=folder / "log") as here:
        here.stop_bot()
        here.command("site", "set", "hq", "--policy", "blind=3h")
        there = int(here.environ["CHARGEPOINT_XMPP"].rpartition(":")[2])
        with StallingProxy(there) as path:
            here.environ["CHARGEPOINT_XMPP"] = f"127.0.0.1:{path.port}"
            with (folder / "log").open("ab") as log:
                here.bot = subprocess.Popen([sys.executable, "-c", IN_A_HURRY], env=here.environ, stdout=log, stderr=log)  # fmt: skip
            wait(lambda: answers(f"{here.app}/health"), "the process")
            wait(lambda: here.network.subscriptions.count() > 0, "a subscription")
            wait(lambda: len(here.site().ports) > 0, "a look")
            yield Fortnight(here, path, seed)
            here.stop_bot()


def run(days: int, folder: Path, seed: int = 1) -> Figures:
    began = time.monotonic()
    with fortnight(folder, seed) as them:
        for number in range(days):
            them.day()
            lags = them.figures.lags[-ACTS:]
            print(f"day {number + 1}: {them.figures.memory[-1]:.1f} MB, median {statistics.median(lags):.2f} s", file=sys.stderr)  # fmt: skip
        them.figures.posts = them.here.slack.workspace.feed.last
        them.figures.seconds = time.monotonic() - began
        return them.figures


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.fortnight", description=__doc__)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ev-fortnight-") as folder:
        print(run(arguments.days, Path(folder), arguments.seed))


if __name__ == "__main__":
    main()
