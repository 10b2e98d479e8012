"""Saying what waits, with several at it and addresses that take nothing: nobody waits for another."""

from __future__ import annotations

import logging
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock

import pytest

from chalicelib.concierge import Concierge, delivery
from chalicelib.core.answers import Added
from chalicelib.core.effects import (
    AlarmRaised,
    Called,
    Effect,
    PortPost,
    Undelivered,
)
from chalicelib.core.inputs import Add, Alarm, Alarmed, ShowHelp, Tick
from chalicelib.core.model import Site
from chalicelib.edges import (
    Busy,
    MessengerUnavailable,
    StoreUnavailable,
)
from chalicelib.stores.sqlite import SQLiteStore
from chalicelib.values import replace
from tests.fakes import (
    ANA,
    BOB,
    BOSS,
    CHANNEL,
    STATION,
    FakeClock,
    FakeMessenger,
    World,
    asked,
    site_of,
    world,
)


@pytest.fixture
def hall() -> World:
    return world()


class SlowMessenger(FakeMessenger):
    """Takes a moment, and notices when two messages are said at once."""

    def __init__(self) -> None:
        super().__init__()
        self.talking = Lock()
        self.overlaps = 0

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        if not self.talking.acquire(blocking=False):
            self.overlaps += 1
            return super().send(to, effect, site, edits)
        try:
            time.sleep(0.005)
            return super().send(to, effect, site, edits)
        finally:
            self.talking.release()


class TestOneBadAddress:
    """It waits, and gives up; all others are served."""

    def test_a_direct_message(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """Slack's internal error for one person holds up nobody's message, and ends one day."""
        caplog.set_level(logging.WARNING)
        hall.messenger.broken[ANA] = MessengerUnavailable("internal_error")
        for driver in (ANA, BOB):
            hall.ask(driver, Add())
        hall.free_ports()
        hall.concierge.deliver("hq")
        assert any(isinstance(effect, Called) for effect in hall.messenger.said(BOB))
        assert hall.messenger.said(CHANNEL)
        assert {pending.to for pending in hall.site().outbox} == {ANA}
        assert not caplog.records, "it isn't the platform's outage"
        again = hall.messenger.attempts.count(ANA)
        hall.clock.advance(seconds=3)
        hall.concierge.deliver("hq")
        assert hall.messenger.attempts.count(ANA) == again + 1

    def test_it_gives_up(self, hall: World) -> None:
        """After hours the address counts as one that takes no messages; the admins hear of it."""
        hall.messenger.broken[CHANNEL] = MessengerUnavailable("internal_error")
        hall.call_ana()
        for _ in range(200):
            hall.clock.advance(minutes=1)
            hall.concierge.look("hq")
            hall.concierge.wake("hq")
        assert Undelivered(CHANNEL, "internal_error") in hall.messenger.said(BOSS)
        assert hall.messenger.attempts.count(CHANNEL) < 300

    def test_after_an_outage(self, hall: World) -> None:
        """The time for which nobody could be reached counts against no address."""
        hall.call_ana()
        away = MessengerUnavailable("no route", everywhere=True)
        hall.messenger.broken = {ANA: away, CHANNEL: away}
        for _ in range(200):
            hall.clock.advance(minutes=1)
            hall.concierge.look("hq")
            hall.concierge.wake("hq")
        hall.messenger.broken = {CHANNEL: MessengerUnavailable("internal_error")}
        hall.clock.advance(minutes=2)
        hall.concierge.look("hq")
        hall.concierge.wake("hq")
        assert hall.messenger.said(BOSS) == []
        hall.messenger.broken = {}
        hall.clock.advance(minutes=2)
        hall.concierge.wake("hq")
        assert any(isinstance(said, PortPost) for said in hall.messenger.said(CHANNEL))

    def test_an_answer_to_a_click(self, hall: World) -> None:
        """A response_url takes five attempts at most, and nobody hears of it."""
        url = "slack:T0HQ:https://hooks.example/1#whisper"
        hall.messenger.broken[url] = MessengerUnavailable("response_url: HTTP 500")
        hall.call_ana()
        hall.ask(BOB, ShowHelp(), reply_to=url)
        hall.concierge.deliver("hq")
        assert hall.messenger.said(ANA)
        for _ in range(20):
            hall.clock.advance(seconds=60)
            hall.concierge.deliver("hq")
        assert hall.messenger.attempts.count(url) == 5
        assert hall.site().refused == {}
        assert hall.messenger.said(BOSS) == []

    def test_several(self, hall: World) -> None:
        """When one address after another fails it is the platform, and the rest aren't tried."""
        fault = MessengerUnavailable("fatal_error")
        people = [f"slack:T0HQ:U0P{n}" for n in range(20)]
        for driver in people:
            hall.messenger.broken[driver] = fault
            hall.ask(driver, ShowHelp(), reply_to=driver)
        hall.concierge.deliver("hq")
        assert len(hall.messenger.attempts) == delivery.SEVERAL

    def test_other_sites(self, hall: World) -> None:
        """What one site found out about a platform, the others needn't."""
        other = "slack:T0HQ:C0TWO"
        hall.store.put(replace(site_of(other), id="two"))
        hall.messenger.broken = dict.fromkeys(
            (ANA, BOB), MessengerUnavailable("no route", everywhere=True)
        )
        hall.ask(ANA, ShowHelp(), reply_to=ANA)
        hall.concierge.handle("two", asked(BOB, ShowHelp(), reply_to=BOB))
        hall.concierge.deliver("hq")
        hall.concierge.deliver("two")
        assert hall.messenger.attempts == [ANA]
        hall.clock.advance(seconds=3)
        hall.concierge.deliver("two")
        assert hall.messenger.attempts == [ANA, BOB]

    @pytest.mark.parametrize("shared", [True, False])
    def test_other_workspaces(
        self, hall: World, caplog: pytest.LogCaptureFixture, *, shared: bool
    ) -> None:
        """Of one host's workspaces the first finds out that it is away, the others needn't; a
        workspace that is asked to wait is alone in that. One message back, and all are.
        """
        fault = MessengerUnavailable("no route", everywhere=True, shared=shared)
        people = [f"slack:T{number:04}:U0ANA" for number in range(10)]
        for number, driver in enumerate(people):
            tenant = driver.rpartition(":")[0]
            hall.store.put(replace(site_of(f"{tenant}:C1"), id=f"s{number}"))
            hall.messenger.broken[driver] = fault
            wish = asked(driver, ShowHelp(), reply_to=driver)
            hall.concierge.handle(f"s{number}", wish)
        for number in range(10):
            hall.concierge.deliver(f"s{number}")
        assert len(hall.messenger.attempts) == (1 if shared else 10)
        assert [one.getMessage() for one in caplog.records] == ["slack: lost: no route"]
        hall.messenger.broken.clear()
        hall.clock.advance(seconds=3)
        for number in range(10):
            hall.concierge.deliver(f"s{number}")
        assert all(hall.messenger.said(driver) for driver in people)


class TestTogether:
    """Several at once, over a real file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> SQLiteStore:
        store = SQLiteStore(str(tmp_path / "ev.db"))
        store.save(site_of(), None)
        return store

    def test_deliverers(self, store: SQLiteStore) -> None:
        """Four deliverers at once: each message once, and at one address one at a time, in order."""
        clock, messenger = FakeClock(), SlowMessenger()
        supervisor = [Concierge(store, {"slack": messenger}, clock) for _ in range(4)]
        kinds = [f"Fault {n}" for n in range(12)]
        alarms = tuple(Alarm(STATION, "", kind, clock.now()) for kind in kinds)
        supervisor[0].handle("hq", Alarmed(alarms))
        start = Barrier(4)

        def work(one: Concierge) -> None:
            start.wait()
            for _ in range(200):
                one.deliver("hq")
                site = store.load("hq")
                if site is not None and not site.outbox:
                    return
                time.sleep(0.002)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, supervisor))
        assert [e.kind for e in messenger.said(BOSS) if isinstance(e, AlarmRaised)] == kinds
        assert messenger.overlaps == 0

    def test_commands(self, store: SQLiteStore) -> None:
        """Thirty-five people at once: each stands in line once, and nobody is lost."""
        handler = Concierge(store, {}, FakeClock())
        drivers = [f"slack:T0HQ:U{n}" for n in range(35)]

        def add(driver: str) -> object:
            try:
                return handler.handle("hq", asked(driver, Add())).answer
            except Busy:
                return None

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(add, drivers))
        site = store.load("hq")
        assert site is not None
        added = {driver for driver, said in zip(drivers, answers, strict=True) if said}
        assert {entry.driver for entry in site.queue} == added
        assert len(site.queue) == len(added)
        assert sorted(said.place for said in answers if isinstance(said, Added)) == list(
            range(1, len(added) + 1)
        )

    def test_locked(self, store: SQLiteStore, tmp_path: Path) -> None:
        """A file that another process holds is known to be out of reach within 3 seconds."""
        handler = Concierge(store, {}, FakeClock())
        handler.handle("hq", Tick())
        other = sqlite3.connect(tmp_path / "ev.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            handler.handle("hq", asked(ANA, Add()))
        assert time.monotonic() - began < 3
        other.rollback()
        other.close()
        assert handler.handle("hq", asked(ANA, Add())).site.queue
