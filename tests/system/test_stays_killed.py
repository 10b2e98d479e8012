"""`kill -9` of who writes the log of finished stays, again and again, on both stores.

Eight kills a store by default; `EV_KILLS=50` for more. Two processes look at one car park and
deliver, in each other's way; one of them is killed at any moment, and another takes its place.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import boto3
import pytest

from chalicelib.concierge import Concierge
from chalicelib.core.inputs import Observed, PortSeen
from chalicelib.core.model import Lane, Site, Stations, Status, What
from chalicelib.edges import Busy, SiteStore, StoreUnavailable
from chalicelib.stores import open_store
from chalicelib.stores.dynamodb import create_table
from practice.ministack import AWS
from tests.fakes import FakeClock

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("EV_KILLS", "8"))
PORTS = ("1", "2", "3", "4")
STATION = "1:900001"
BEGIN = datetime(2031, 3, 3, 16, tzinfo=UTC)
ALWAYS = (BEGIN - timedelta(days=1), BEGIN + timedelta(days=4000))
PAUSE = 0.004  # real seconds between two looks
WORKER = "from tests.system.test_stays_killed import work; work()"

Truth = Counter[tuple[datetime, str]]


def work() -> None:
    """Look and deliver for ever; cars come and go with every look."""
    store, dice = open_store(os.environ["EV_STORE"]), Random(os.getpid())
    clock = FakeClock(BEGIN)
    concierge = Concierge(store, {}, clock, stays=store.stays)
    print("ready", flush=True)
    while True:
        try:
            look(concierge, store, clock, dice)
            concierge.deliver("hq")
        except (Busy, StoreUnavailable):
            continue  # too many at once: as the listener does
        time.sleep(PAUSE)


def look(concierge: Concierge, store: SiteStore, clock: FakeClock, dice: Random) -> None:
    """A minute later each car may have gone, and a free port may have a new one."""
    site = store.load("hq")
    assert site is not None
    clock.at = (site.looked_at or BEGIN) + timedelta(minutes=1)
    seen = []
    for number in PORTS:
        port = site.ports.get(f"{STATION}/{number}")
        stay = port.stay if port is not None else None
        if dice.random() < 0.5:
            user = "" if stay is not None else f"{clock.at.timestamp():.0f}"
        else:
            user = stay.user if stay is not None else ""
        status = Status.INUSE if user else Status.AVAILABLE
        seen.append(PortSeen(STATION, number, status, 6.6 if user else 0.0, user))
    concierge.handle("hq", Observed(clock.at, tuple(seen)))


@contextmanager
def worker(spec: str, environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is at work."""
    env = {**os.environ, **environ, "EV_STORE": spec, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=env, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.wait()


def note(store: SiteStore, truth: Truth) -> Site:
    """Take in which cars have left, by the site's own trail; it is saved with what it tells."""
    site = store.load("hq")
    assert site is not None
    for line in site.trail:
        if line.what is What.UNPLUGGED:
            truth[line.at, line.port] = 1
    return site


def finish(store: SiteStore, spec: str, truth: Truth) -> None:
    """Everybody is dead: what still waits is written by who comes after them."""
    log = open_store(spec).stays
    clock = FakeClock(BEGIN)
    for _ in range(100):
        site = note(store, truth)
        if not [one for one in site.outbox if one.lane is Lane.LOG]:
            return
        clock.at = (site.looked_at or BEGIN) + timedelta(minutes=1)
        Concierge(store, {}, clock, stays=log).deliver("hq")
        clock.advance(minutes=1)
    raise AssertionError("it is never written")


def kill_again_and_again(spec: str, environ: dict[str, str]) -> tuple[Truth, int]:
    """The truth, and how many entries were waiting at the kills."""
    store, truth, dice, waiting = open_store(spec), Truth(), Random(1), 0
    site = Site("hq", "HQ", stations=Stations(ids=(STATION,)), timezone="UTC")
    store.save(site, None)
    with worker(spec, environ):
        for _ in range(KILLS):
            with worker(spec, environ) as victim:
                until = time.monotonic() + dice.uniform(0.05, 0.4)
                while time.monotonic() < until:
                    note(store, truth)
                    time.sleep(0.01)
                victim.kill()
                victim.wait()
                waiting += sum(one.lane is Lane.LOG for one in note(store, truth).outbox)
            note(store, truth)
    finish(store, spec, truth)
    return truth, waiting


class TestKilled:
    """Each car that has left is in the log, once."""

    def check(self, spec: str, environ: dict[str, str]) -> str:
        began = time.monotonic()
        truth, waiting = kill_again_and_again(spec, environ)
        kept = open_store(spec).stays.read("hq", *ALWAYS)
        logged = Counter((one.until, one.port) for one in kept)
        assert truth - logged == Counter(), "missing"  # we may see fewer, where we look too late
        assert max(logged.values()) == 1, "twice"
        assert all(one.since < one.until and (one.kwh or 0) > 0 for one in kept)
        return (
            f"{KILLS} kills, {waiting} entries waiting at them: {len(truth)} cars have left, "
            f"{len(kept)} are in the log, none twice; {time.monotonic() - began:.0f} s"
        )

    @pytest.mark.timeout(120 + 5 * KILLS)
    def test_sqlite(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """On a file."""
        said = self.check(f"sqlite:{tmp_path / 'ev.db'}", {})
        with capsys.disabled():
            print(f"\nSQLite: {said}")

    @pytest.mark.timeout(120 + 5 * KILLS)
    def test_dynamodb(
        self,
        aws: None,
        ministack: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """On a table."""
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", ministack)
        create_table(boto3.client("dynamodb"), "stays-killed")
        said = self.check("dynamodb:stays-killed", AWS | {"AWS_ENDPOINT_URL_DYNAMODB": ministack})
        with capsys.disabled():
            print(f"\nDynamoDB: {said}")
