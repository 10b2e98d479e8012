"""200 stations on 20 sites, polled by one listener: what it asks, and what it costs.

    python -m bench.many_sites [--minutes 30] [--speed 10]

Half of the ports are in use, and two cars come or go in a minute of site time, on which
all figures are.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from datetime import timedelta
from os import sysconf
from pathlib import Path

from practice.common.people import ADMIN, DRIVERS, WORKSPACE, make_ports
from practice.world import SITE, TIMEZONE, World, address, world

from .fortnight import memory, wait

SITES, STATIONS = 20, 200
FIRST = 7001  # the number of the first group
WARM_UP = 3  # site minutes


def settle(here: World) -> None:
    """20 sites of 10 stations each, instead of one with all."""
    ids = list(dict.fromkeys(station for station, _ in make_ports(2 * STATIONS)))
    each = STATIONS // SITES
    for n in range(SITES):
        here.carpark.groups[FIRST + n] = f"Lot {n + 1}"
        here.carpark.members[FIRST + n] = frozenset(ids[n * each : (n + 1) * each])
        here.command("site", "add", f"lot-{n + 1}", "--name", f"Lot {n + 1}", "--timezone", TIMEZONE, "--channel", f"slack:{WORKSPACE}:C0LOT{n + 1}", "--station-group", str(FIRST + n), "--admin", address(ADMIN))  # fmt: skip
    here.command("site", "remove", SITE)


def toggle(here: World, dice: random.Random) -> None:
    """A car comes or goes."""
    port = dice.choice(here.carpark.ports())
    if port.session:
        here.carpark.unplug(port.station, port.number)
    else:
        here.carpark.plug(port.station, port.number, dice.choice(DRIVERS))


def live(here: World, minutes: float, dice: random.Random) -> Counter[str]:
    """Let site minutes go by; which operations were called how often."""
    calls: Counter[str] = Counter()
    end = here.clock.now() + timedelta(minutes=minutes)
    while here.clock.now() < end:
        time.sleep(0.5 * 60 / here.clock.speed)
        toggle(here, dice)
        while here.network.calls:
            calls[here.network.calls.popleft()] += 1
    return calls


def cpu(pid: int) -> float:
    """Seconds of a processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / sysconf("SC_CLK_TCK")


def run(minutes: float, speed: float, folder: Path) -> str:
    dice = random.Random(1)
    with world(speed=speed, ports=2 * STATIONS, poll_seconds=60, log=folder / "log") as here:
        assert here.bot is not None
        for port in here.carpark.ports()[::2]:
            here.carpark.plug(port.station, port.number, dice.choice(DRIVERS))
        settle(here)
        wait(lambda: len(set(here.network.calls)) > 1, "looks")
        live(here, WARM_UP, dice)
        used, began = cpu(here.bot.pid), here.clock.now()
        calls = live(here, minutes, dice)
        took = (here.clock.now() - began) / timedelta(minutes=1)
        share = (cpu(here.bot.pid) - used) / (took * 60)
        each = ", ".join(f"{name} {count / took:.1f}" for name, count in calls.most_common())
        return (
            f"{SITES} sites, {STATIONS} stations, {2 * STATIONS} ports, {took:.1f} minutes: "
            f"{calls.total() / took:.1f} calls a minute ({each}); {share:.1%} of one processor at "
            f"real speed; {memory(here.bot.pid):.0f} MB"
        )


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.many_sites", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="of site time")
    parser.add_argument("--speed", type=float, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ev-many-") as folder:
        print(run(arguments.minutes, arguments.speed, Path(folder)))


if __name__ == "__main__":
    main()
