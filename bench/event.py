"""From an event of the feed to a message: how long, and against a bare echo.

    python -m bench.event [--rounds 100]

One real process, one real prosody, the clock at real speed. A car is plugged in whose driver
is called: one look decides it, and the driver is told. In turn, a like event goes through the
same server, from a publisher of the same kind, to `bench.echo`, which posts it to the same
Slack stand-in. Both are timed from just before the event is sent until the stand-in has the
message.

Then pairs of cars half a second apart: how long the second waits for the gap between looks.
"""

from __future__ import annotations

import argparse
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.networks.chargepoint.events import START
from practice.chargepoint.event_feed import DOMAIN, SENDER, SENDER_PASSWORD, Publisher, body
from practice.chargepoint.prosody import HOST, prosody
from practice.chargepoint.subscriptions import Subscriptions
from practice.common.people import DRIVERS, Driver
from practice.common.posts import Post
from practice.world import KEY, PASSWORD, World, world

from .fortnight import PATIENCE, wait
from .measure import Spread, ratio

POLL = 60.0  # as in production: seldom within the second that a round takes
ECHO, ECHO_PASSWORD = "bench-echo", "bench-echo-password"
LISTENER = DRIVERS[-1]  # gets the echo's messages
APART = 0.5  # seconds between the cars of a pair
BURST_ROUNDS = 10


class Noted(deque[str]):
    """The latest calls of the ChargePoint stand-in; `at` is when the last one came."""

    at = 0.0

    def append(self, operation: str) -> None:
        super().append(operation)
        self.at = self.at or time.perf_counter()


@dataclass
class Figures:
    """Seconds, round by round."""

    ours: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)  # until the first call to the network
    echo: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)  # of two cars, from its own event

    def __str__(self) -> str:
        medians = statistics.median(self.ours) / statistics.median(self.echo)
        times = ratio(self.ours, self.echo)
        return "\n".join(
            [
                line("event → look → message", self.ours),
                line("… of which until the look begins", self.asked),
                line("event → message of a bare echo", self.echo),
                f"ratio of the p50 {medians:.1f}, of the p99 {p99(self.ours) / p99(self.echo):.1f}",
                f"round by round {times.median:.1f} ({times.low:.1f} … {times.high:.1f})",
                line(f"the second of two cars {APART:g} s apart", self.second),
            ]
        )


def line(what: str, seconds: Sequence[float]) -> str:
    spread = Spread.of(1000 * one for one in seconds)
    return (
        f"{what}: p50 {spread.median:.1f} ms, p99 {1000 * p99(seconds):.1f} ms, "
        f"middle half {spread.low:.1f} … {spread.high:.1f} ({len(seconds)} rounds)"
    )


def p99(seconds: Sequence[float]) -> float:
    """The worst of fewer than a hundred."""
    return sorted(seconds)[len(seconds) * 99 // 100]


class Bench:
    """The car park, a line of its drivers, and an ear at Slack."""

    def __init__(self, here: World, echo: Publisher) -> None:
        self.here, self.echo = here, echo
        self.figures = Figures()
        self._heard: queue.Queue[tuple[float, Post]] = queue.Queue()
        here.slack.workspace.feed.watchers.append(
            lambda post: self._heard.put((time.perf_counter(), post))
        )
        here.network.calls = self.calls = Noted(maxlen=1000)
        self.drivers = iter(DRIVERS[:-1] * 1000)

    def round(self) -> None:
        self.figures.ours.append(self.ours())
        self.figures.echo.append(self.bare())

    def ours(self) -> float:
        """A called driver plugs in; until that driver, or the channel, is told."""
        driver = self.called()
        self.settle()
        self.calls.at = 0.0
        began = self.plug(driver)
        told = self.heard(driver)
        self.figures.asked.append(self.calls.at - began)
        return told - began

    def burst(self) -> None:
        """Two called drivers plug in, one soon after the other."""
        first, second = self.called(), self.called()
        self.settle()
        self.plug(first)
        time.sleep(APART)
        began = self.plug(second)
        self.figures.second.append(self.heard(second) - began)

    def bare(self) -> float:
        began = time.perf_counter()
        self.echo.post(body(stationID="1:900001", feedEventName=START, portNumber="1", userID=LISTENER.user_id, startTime="2031-03-04T15:20:30Z"))  # fmt: skip
        return self.heard(LISTENER) - began

    def plug(self, driver: Driver) -> float:
        """Where they are called to; when that began."""
        [turn] = [
            one.turn for one in self.here.site().queue if one.driver.endswith(driver.slack_id)
        ]
        assert turn is not None
        station, port = turn.port.split("/")
        began = time.perf_counter()
        self.here.carpark.plug(station, port, driver)
        return began

    def called(self) -> Driver:
        """Somebody for whom there is a port. Everybody leaves when all ports are taken."""
        ports = self.here.carpark.ports()
        if sum(port.session == 0 for port in ports) < 2:
            for port in ports:
                if port.session:
                    self.here.carpark.unplug(port.station, port.number)
            self.settle()
        driver = next(self.drivers)
        self.here.slack.say(driver.name, "/ev add")
        for _ in range(30):
            queue = self.here.site().queue
            if any(entry.turn and entry.driver.endswith(driver.slack_id) for entry in queue):
                return driver
            self.let_pass()
        raise TimeoutError(f"{driver.name} is not called")

    def settle(self) -> None:
        """Let time pass until nobody has anything to look at or to say."""
        while True:
            before = self.here.site().version, self.here.slack.workspace.feed.last
            self.let_pass()
            if before == (self.here.site().version, self.here.slack.workspace.feed.last):
                break
        while not self._heard.empty():
            self._heard.get()

    def let_pass(self) -> None:
        """A few site seconds, and what follows from them."""
        self.here.clock.advance(0.2)
        time.sleep(0.6)  # more than the process lies still

    def heard(self, driver: Driver) -> float:
        """When the stand-in got what this driver was told, be it in the place of the call."""
        while True:
            at, post = self._heard.get(timeout=PATIENCE)
            if post["to"] == driver.name:
                return at


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """The process and the echo, both listening."""
    accounts = {KEY: PASSWORD, ECHO: ECHO_PASSWORD, SENDER: SENDER_PASSWORD}
    with prosody(accounts, DOMAIN) as server:
        xmpp = {
            "CHARGEPOINT_XMPP": f"{HOST}:{server.port}",
            "CHARGEPOINT_XMPP_CA": str(server.ca),
            "CHARGEPOINT_XMPP_DOMAIN": DOMAIN,
        }
        with (
            world(poll_seconds=POLL, extra=xmpp, log=folder / "log") as here,
            Publisher(here.carpark, here.network.subscriptions, server, KEY),
            Publisher(here.carpark, Subscriptions(), server, ECHO) as echo,
        ):
            environ = {**os.environ, **here.environ, "TO": LISTENER.slack_id}
            words = [sys.executable, "-m", "bench.echo", ECHO, ECHO_PASSWORD]
            with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE) as listener:
                try:
                    assert listener.stdout is not None
                    assert listener.stdout.readline() == b"listening\n"
                    wait(lambda: here.network.subscriptions.count() > 0, "a subscription")
                    wait(lambda: len(here.site().ports) > 0, "a look")
                    yield Bench(here, echo)
                finally:
                    listener.terminate()


def run(rounds: int, folder: Path, bursts: int = BURST_ROUNDS) -> Figures:
    with bench(folder) as ours:
        ours.settle()
        ours.round()  # the first opens connections
        ours.figures = Figures()
        for _ in range(rounds):
            ours.round()
        for _ in range(bursts):
            ours.burst()
        return ours.figures


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.event", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="of each kind (100)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ev-event-") as folder:
        print(run(arguments.rounds, Path(folder)))


if __name__ == "__main__":
    main()
