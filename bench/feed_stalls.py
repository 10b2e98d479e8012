"""How long a stalled feed goes unnoticed, and how long it takes to come back.

    python -m bench.feed_stalls [--runs 10] [--stall 60] [--hurry]

Each run has a TCP proxy of its own before one real prosody; it stops forwarding at a random
moment, closes nothing, and goes on after `--stall` seconds. All run at the same time. With
`--hurry` the pings are those of the tests, else those of production.
"""

from __future__ import annotations

import argparse
import logging
import random
import ssl
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.chargepoint.feed import Feed, Pace
from bot.chargepoint.xmpp import Account
from chalicelib.clock import SystemClock
from practice.feed import DOMAIN
from practice.prosody import HOST, Prosody, prosody
from practice.proxy import StallingProxy

KEY, PASSWORD = "bench", "bench-password"
HURRY = Pace(0.2, 0.2, 0.6, 0.05, 0.2, 0.4)


@dataclass
class Run:
    """Seconds, from the stall to its being noticed, and from its end to a new session."""

    notice: float = 0.0
    heal: float = 0.0


def stall(there: Prosody, pace: Pace, seconds: float, run: Run) -> None:
    trust = ssl.create_default_context(cafile=str(there.ca))
    with StallingProxy(there.port) as path:
        account = Account(HOST, path.port, KEY, PASSWORD, domain=DOMAIN, trust=trust)
        feed = Feed(account, SystemClock(), print, lambda: None, pace=pace)
        feed.start()
        wait(lambda: feed.is_up)
        time.sleep(random.uniform(0, pace.ping_every + pace.answer_within))
        began = time.monotonic()
        path.stall()
        run.notice = wait(lambda: not feed.is_up)
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        path.heal()
        run.heal = wait(lambda: feed.is_up)
        feed.stop()


def wait(is_so: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not is_so():
        time.sleep(0.002)
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.feed_stalls")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--stall", type=float, default=60.0, help="seconds")
    parser.add_argument("--hurry", action="store_true")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    pace = HURRY if arguments.hurry else Pace()
    runs = [Run() for _ in range(arguments.runs)]
    with prosody({KEY: PASSWORD}, DOMAIN) as there:
        threads = [
            threading.Thread(target=stall, args=(there, pace, arguments.stall, run))
            for run in runs
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(pace)
    show("noticed after", [run.notice for run in runs])
    show("healed after", [run.heal for run in runs])


def show(what: str, seconds: list[float]) -> None:
    ordered = " ".join(f"{one:.2f}" for one in sorted(seconds))
    print(
        f"{what}: median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s ({ordered})"
    )


if __name__ == "__main__":
    main()
