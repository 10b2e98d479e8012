"""Two listeners on one store: how soon the standby takes over, and what that costs.

    python -m bench.failover [--how kill|far|stall] [--times 10]

`kill`: SIGKILL on this machine, where a dead process is known by its id. `far`: neither sees
the other's processes, so the lease must run out. `stall`: SIGSTOP; the old leader wakes up
when the new one is at work, in the middle of whatever it was doing. Each time a car leaves
while somebody waits, and around the call that follows the leader falls: at any moment, or,
every second time, while a message is under way that arrives and is never confirmed.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bot.listener.lease import KEY, KIND
from chalicelib.core.model import Site
from chalicelib.stores import open_store
from practice.chargepoint.prosody import HOST
from practice.common.free_port import free_port
from practice.common.people import BY_NAME
from practice.common.posts import Post
from practice.slack.blocks import buttons
from practice.world import World, answers, world

SPEED = 6.0  # a lease's term is 2 minutes of site time: less than what makes sight stale
POLL = 5.0
CARS = ("bob", "cleo", "eli", "fay")
AROUND = 6.0  # real seconds: two looks make a free port, then the call is sent
CLOCK = re.compile(r"\b\d\d:\d\d\b")  # a call names its deadline when it is sent
LONG = 20.0  # with the lease's term more than a claim
PATIENCE = 75.0
T = TypeVar("T")
ELSEWHERE = (
    "import socket, sys; name = sys.argv[1]; socket.gethostname = lambda: name; "
    "from bot.__main__ import main; sys.exit(main(['run']))"
)


@dataclass
class Figures:
    """Of one run. `gaps` in real seconds from the leader's fall to the next look."""

    gaps: list[float] = field(default_factory=list)
    calls: int = 0
    doubled: int = 0  # ports that two people, or one person twice, were called to
    lost: list[str] = field(default_factory=list)  # messages that never came
    repeats: list[int] = field(default_factory=list)  # messages said once more, by round

    def __str__(self) -> str:
        gaps = " ".join(f"{gap:.1f}" for gap in sorted(self.gaps))
        return (
            f"{len(self.gaps)} times: gap median {statistics.median(self.gaps):.1f} s, worst "
            f"{max(self.gaps):.1f} s ({gaps}); {self.calls} calls, {self.doubled} doubled "
            f"decisions, {len(self.lost)} lost messages {self.lost}, repeats {sum(self.repeats)} "
            f"(at most {max(self.repeats)} a time)"
        )


@dataclass
class Listener:
    """A process of ours, and where it serves."""

    process: subprocess.Popen[bytes]
    address: str


class Pair:
    """Two listeners in one world."""

    def __init__(self, here: World, how: str, dice: random.Random) -> None:
        self.here, self.how, self.dice = here, how, dice
        self.records = open_store(here.store).records
        assert here.bot is not None
        self.listeners = [Listener(here.bot, here.app)]
        self.figures = Figures()
        self.waiting = "ana"
        here.bot = None  # it may be the first to fall
        self.say("ana", "/ev add")
        self.join()

    def join(self) -> None:
        """One more listener, who will stand by."""
        port = free_port()
        environ = {**self.here.environ, "EV_HTTP": f"{HOST}:{port}"}
        name = f"host-{port}"
        words = ["-c", ELSEWHERE, name] if self.how == "far" else ["-m", "bot", "run"]
        assert self.here.log is not None
        with self.here.log.open("ab") as log:
            process = subprocess.Popen([sys.executable, *words], env=environ, stdout=log, stderr=log)  # fmt: skip
        listener = Listener(process, f"http://{HOST}:{port}")
        self.listeners.append(listener)
        until(lambda: answers(f"{listener.address}/health"), "a listener that serves")

    def leader(self) -> Listener | None:
        record = self.records.get(KIND, KEY) or {}
        pid = str(record.get("owner", "")).rpartition("/")[2]
        return next((one for one in self.listeners if str(one.process.pid) == pid), None)

    def say(self, driver: str, text: str) -> None:
        """Through a listener that is there to hear it."""
        answer = self.here.slack.say(driver, text)
        assert not answer.get("error"), answer

    def round(self, number: int) -> None:
        """A car leaves, the leader falls, the next in line is called and plugs in."""
        port = self.here.carpark.ports()[number % len(CARS)]
        leaver, comer = port.driver, self.waiting
        assert leaver is not None
        heard = self.here.slack.workspace.feed.last
        self.here.carpark.unplug(port.station, port.number)
        if number % 2:
            self.lose_an_answer()
        else:
            time.sleep(self.dice.uniform(0, AROUND))
        self.fall()
        self.await_said(heard, lambda post: post["to"] == comer and turn_of(post), f"{comer} called")  # fmt: skip
        self.here.carpark.plug(port.station, port.number, BY_NAME[comer])
        until(lambda: comer not in self.here.line(), f"{comer} off the line")
        until(lambda: not self.here.site().outbox, "an empty outbox")
        self.await_said(heard, lambda post: post["to"] == "channel" and "charging" in post["text"], f"{comer} charging")  # fmt: skip
        self.count(heard)
        self.say(leaver.name, "/ev add")
        self.waiting = leaver.name

    def lose_an_answer(self) -> None:
        """Wait until a message is under way; it arrives, and nobody says so."""
        api = self.here.slack.api
        heard = self.here.slack.workspace.feed.last
        api.fail(1, "lost")
        until(lambda: self.here.slack.workspace.feed.last > heard, "a message under way")

    def fall(self) -> None:
        """The leader falls; note how long nobody looks."""
        fallen = until(self.leader, "a leader")
        self.here.slack.app = next(o.address for o in self.listeners if o is not fallen)
        fell_at = time.monotonic()
        fallen.process.send_signal(signal.SIGSTOP if self.how == "stall" else signal.SIGKILL)
        if self.how != "stall":
            fallen.process.wait()
            self.listeners.remove(fallen)
        looked_at = self.here.site().looked_at
        until(lambda: self.site().looked_at != looked_at, "a look")
        self.figures.gaps.append(time.monotonic() - fell_at)
        if self.how == "stall":
            time.sleep(self.dice.choice([self.dice.uniform(0, 2), LONG]))
            fallen.process.send_signal(signal.SIGCONT)
        else:
            self.join()
        assert self.leader() is not fallen

    def site(self) -> Site:
        """As it is stored, where nobody may be called to a port that is another's."""
        site = self.here.site()
        taken = Counter(entry.turn.port for entry in site.queue if entry.turn is not None)
        assert max(taken.values(), default=0) <= 1, site.queue
        return site

    def posts(self, heard: int) -> list[Post]:
        return self.here.slack.workspace.feed.after(heard)

    def await_said(self, heard: int, is_it: Callable[[Post], object], what: str) -> None:
        try:
            until(lambda: any(map(is_it, self.posts(heard))), what)
        except TimeoutError as missing:
            self.figures.lost.append(str(missing))

    def count(self, heard: int) -> None:
        """What was decided and said in this round."""
        said = [post for post in self.posts(heard) if post["by"] == "bot" and not post["edited"]]
        turns = {turn for turn in map(turn_of, said) if turn}
        self.figures.calls += len(turns)
        self.figures.doubled += max(0, len(turns) - 1)
        times = Counter((p["to"], CLOCK.sub("", p["text"]), turn_of(p)) for p in said)
        self.figures.repeats.append(sum(times.values()) - len(times))

    def close(self) -> None:
        """Ask all to end, those asleep too."""
        self.here.slack.api.over.set()
        for one in self.listeners:
            one.process.send_signal(signal.SIGCONT)
            one.process.terminate()
        for one in self.listeners:
            one.process.wait(20)


def turn_of(post: Post) -> int:
    """The turn that a call is about; 0: it is no call."""
    for _, button in buttons(post["blocks"]):
        if button["action_id"] == "on_my_way":
            return int(button["value"].rpartition(":")[2])
    return 0


def until(is_so: Callable[[], T | None], what: str) -> T:
    """Wait for it. Raises TimeoutError."""
    began = time.monotonic()
    while not (found := is_so()):
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError(f"no {what} within {PATIENCE:g} s")
        time.sleep(0.01)
    return found


@contextmanager
def pair(how: str, folder: Path, seed: int = 1) -> Iterator[Pair]:
    """Two listeners at work, the second standing by."""
    with world(speed=SPEED, poll_seconds=POLL, cars=CARS, log=folder / "log") as here:
        both = Pair(here, how, random.Random(seed))
        try:
            yield both
        finally:
            both.close()


def run(how: str, times: int, folder: Path, seed: int = 1) -> Figures:
    """Let the leader fall so many times."""
    with pair(how, folder, seed) as both:
        for number in range(times):
            both.round(number)
            print(f"{how} {number + 1}: {both.figures.gaps[-1]:.1f} s", file=sys.stderr)
        return both.figures


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.failover", description=__doc__)
    parser.add_argument(
        "--how",
        choices=["kill", "far", "stall"],
        default="kill",
        help="killed here, killed on another machine, or stopped and woken",
    )
    parser.add_argument("--times", type=int, default=10, help="how often (10)")
    parser.add_argument("--seed", type=int, default=os.getpid())
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ev-failover-") as folder:
        figures = run(arguments.how, arguments.times, Path(folder), arguments.seed)
    print(f"{arguments.how} (seed {arguments.seed}), {figures}")


if __name__ == "__main__":
    main()
