"""How long a stall goes unnoticed, and how long it takes to come back.

    python -m bench.stalls feed|soap|both [--runs 10] [--stall 150] [--hurry]

Each run is a process with the paces of production, looking once a minute. A proxy on its way
to the event feed, to SOAP, or on both stops forwarding at a random moment, closes nothing, and
goes on after `--stall` seconds. Meanwhile a car comes or goes. All runs at the same time. With
`--hurry` the pings and timeouts are those of the tests.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from practice.common.people import DRIVERS

from . import fortnight
from .paths import Paths, paths

FEED, SOAP = "the event feed", "hq: ChargePoint"  # what the log calls them
BLIND = 90  # seconds without a good look until people are told; a stall is longer
STARTING = threading.Lock()  # one process after the other
HURRY = 30.0  # so many times faster is the site's clock in a hurry


@dataclass(frozen=True)
class Run:
    """Seconds. Noticed: from the stall; healed (connected, looked) and caught up: from its end.

    `lost` and `back` are how often people were told so; None: never noticed.
    """

    feed_noticed: float | None
    soap_noticed: float | None
    feed_healed: float | None
    soap_healed: float | None
    caught_up: float
    lost: int
    back: int


def run(what: str, seconds: float, folder: Path, *, hurried: bool = False) -> Run:
    """One stall."""
    speed = HURRY if hurried else 1.0
    with ExitStack() as stack:
        with STARTING:
            ours = stack.enter_context(paths(folder, speed=speed, blind=f"{BLIND:g}s", hurried=hurried))  # fmt: skip
        time.sleep(random.uniform(0, 60) / speed)  # anywhere between two polls
        began = time.time()
        for path in ours.of(what):
            path.stall()
        time.sleep(random.uniform(0, seconds / 2))
        port = ours.here.carpark.ports()[0]
        ours.here.carpark.plug(port.station, port.number, DRIVERS[0])
        time.sleep(max(0.0, began + seconds - time.time()))
        healed = time.time()
        for path in ours.of(what):
            path.heal()
        caught_up = fortnight.wait(lambda: not ours.differences(), "the site to know", 120)
        time.sleep(60 / speed)  # what else is to be said is said now
        return taken(ours, began, healed, caught_up)


def taken(ours: Paths, began: float, healed: float, caught_up: float) -> Run:
    def after(what: str, since: float, *, back: bool) -> float | None:
        found = [
            at - since
            for at, which, is_back in ours.outages()
            if (which, is_back) == (what, back) and at >= since - 0.002  # a log's milliseconds
        ]
        return found[0] if found else None

    said = [post["text"] for post in ours.here.slack.workspace.feed.after(0)]
    return Run(
        after(FEED, began, back=False),
        after(SOAP, began, back=False),
        after(FEED, healed, back=True),
        after(SOAP, healed, back=True),
        caught_up,
        sum("I haven't seen the chargers since" in text for text in said),
        sum("I can see the chargers again" in text for text in said),
    )


def runs(what: str, seconds: float, count: int, folder: Path, *, hurried: bool) -> list[Run]:
    """Several at the same time."""
    found: list[Run] = []

    def one(number: int) -> None:
        own = folder / str(number)
        own.mkdir()
        found.append(run(what, seconds, own, hurried=hurried))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == count, "a run failed: see above"
    return found


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.stalls", description=__doc__)
    parser.add_argument("what", choices=["feed", "soap", "both"])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--stall", type=float, default=150.0, help="seconds")
    parser.add_argument("--hurry", action="store_true", help="a faster pace than in production")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ev-stalls-") as folder:
        found = runs(arguments.what, arguments.stall, arguments.runs, Path(folder), hurried=arguments.hurry)  # fmt: skip
    show("the feed: noticed after", [one.feed_noticed for one in found])
    show("the feed: healed after", [one.feed_healed for one in found])
    show("SOAP: noticed after", [one.soap_noticed for one in found])
    show("SOAP: healed after", [one.soap_healed for one in found])
    show("caught up after", [one.caught_up for one in found])
    print(f"told that sight is lost, and back: {[(one.lost, one.back) for one in found]}")


def show(what: str, seconds: list[float | None]) -> None:
    known = sorted(one for one in seconds if one is not None)
    if known:
        print(
            f"{what}: median {statistics.median(known):.2f} s, worst {known[-1]:.2f} s, "
            f"{len(known)} of {len(seconds)} runs ({' '.join(f'{one:.2f}' for one in known)})"
        )


if __name__ == "__main__":
    main()
