"""Saying what waits: claim, send, clear, in order; and several at once."""

from __future__ import annotations

import logging
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Lock

import pytest

from chalicelib.concierge import Concierge, delivery
from chalicelib.core.answers import Added
from chalicelib.core.effects import (
    AlarmRaised,
    Called,
    Effect,
    KeepStay,
    PortPost,
    Undelivered,
    Unreachable,
)
from chalicelib.core.inputs import Add, Alarm, Alarmed, Claimed, Remove, ShowHelp, Tick
from chalicelib.core.model import Lane, Site
from chalicelib.edges import (
    Busy,
    MessageRefused,
    MessengerUnavailable,
    StoreUnavailable,
)
from chalicelib.stores.sqlite import SQLiteStore
from chalicelib.values import replace
from tests.contracts.stay_log import ALWAYS
from tests.fakes import (
    ANA,
    BOB,
    BOSS,
    CHANNEL,
    CLEO,
    STATION,
    FakeClock,
    FakeMessenger,
    World,
    asked,
    look,
    site_of,
    world,
)


@pytest.fixture
def hall() -> World:
    return world()


def car_leaves(hall: World) -> None:
    """Ana's car is seen on port 1, and then not any more."""
    hall.concierge.handle("hq", look(hall.clock.now(), p1=ANA))
    hall.concierge.handle("hq", look(hall.clock.advance(minutes=1), p1=None))


class TestLog:
    """What is kept of a car that has left goes out like a message."""

    def test_once(self, hall: World) -> None:
        """It is written down when there is something to deliver, and waits no more."""
        car_leaves(hall)
        assert hall.woken[-1] == "hq"
        hall.concierge.deliver("hq")
        hall.concierge.deliver("hq")
        assert [stay.driver for stay in hall.stays.read("hq", *ALWAYS)] == [ANA]
        assert (hall.stays.adds, hall.site().outbox) == (1, ())

    def test_a_log_that_is_down(self, hall: World) -> None:
        """What can't be written waits, and holds up nobody's message; later it is written."""
        hall.stays.down = True
        car_leaves(hall)
        hall.ask(ANA, Add())
        hall.free_ports()
        hall.concierge.deliver("hq")
        assert any(isinstance(effect, Called) for effect in hall.messenger.said(ANA))
        assert [pending.lane for pending in hall.site().outbox] == [Lane.LOG]
        hall.stays.down = False
        hall.concierge.wake("hq")
        assert hall.stays.adds == 0  # not before its time
        hall.clock.advance(minutes=1)
        hall.concierge.wake("hq")
        assert hall.stays.adds == 1

    def test_killed_before_the_receipt(self, hall: World) -> None:
        """Whoever takes over finds it written, and writes the same entry."""
        car_leaves(hall)
        (pending,) = hall.site().outbox
        assert isinstance(pending.effect, KeepStay)
        hall.concierge.handle("hq", Claimed(pending.id, hall.clock.now() + delivery.CLAIM))
        hall.stays.add("hq", pending.effect.stay, pending.effect.keep)
        hall.concierge.deliver("hq")
        assert hall.stays.adds == 1
        hall.clock.advance(seconds=31)
        hall.concierge.deliver("hq")
        assert len(hall.stays.read("hq", *ALWAYS)) == 1
        assert hall.site().outbox == ()

    def test_nobody_wants_it(self, hall: World) -> None:
        """Without a log nothing piles up."""
        car_leaves(hall)
        Concierge(hall.store, {"slack": hall.messenger}, hall.clock).deliver("hq")
        assert hall.site().outbox == ()


class TestDeliver:
    """Claim, send, clear, in order."""

    def test_in_order(self, hall: World) -> None:
        """What was wanted said is said in that order, and then nothing waits."""
        for driver in (ANA, BOB, CLEO):
            hall.ask(driver, Add())
        hall.free_ports()
        wanted = [(p.to, type(p.effect)) for p in hall.site().outbox]
        assert len(wanted) >= 4
        hall.concierge.deliver("hq")
        assert [(to, type(effect)) for to, effect, _ in hall.messenger.sent] == wanted
        assert hall.site().outbox == ()

    def test_three_steps(self, hall: World) -> None:
        """One message is claimed in one write and cleared in another."""
        hall.call_ana()
        waiting = len(hall.site().outbox)
        hall.store.take_calls()
        hall.concierge.deliver("hq")
        assert hall.store.take_calls() == ["load", "save"] * 2 * waiting + ["load"]

    def test_claimed_while_it_is_sent(self, hall: World) -> None:
        """During the send nobody else may take the message."""
        hall.call_ana()
        claims = []

        def meanwhile() -> None:
            claims.append(hall.site().outbox[0].claimed_until)
            hall.messenger.meanwhile = lambda: None
            hall.concierge.deliver("hq")  # somebody else comes by

        hall.messenger.meanwhile = meanwhile
        hall.concierge.deliver("hq")
        assert hall.messenger.attempts == [ANA, CHANNEL], "each once; the other address went on"
        assert claims[0] == hall.clock.now() + delivery.CLAIM

    def test_the_clock_of_a_turn(self, hall: World) -> None:
        """The call names a time of day, and the turn's clock starts when it arrived."""
        hall.call_ana()
        hall.clock.advance(minutes=4)
        hall.concierge.deliver("hq")
        (call,) = [effect for effect in hall.messenger.said(ANA) if isinstance(effect, Called)]
        turn = hall.site().queue[0].turn
        assert turn is not None
        assert call.deadline == turn.deadline == hall.clock.now() + timedelta(minutes=15)

    def test_an_edit(self, hall: World) -> None:
        """What became of a free port is told by editing its post."""
        hall.call_ana()
        hall.concierge.deliver("hq")
        (first,) = [one for one in hall.messenger.sent if isinstance(one[1], PortPost)]
        ref = f"ref{hall.messenger.sent.index(first) + 1}"
        hall.ask(ANA, Remove())
        hall.concierge.deliver("hq")
        (second,) = [one for one in hall.messenger.sent if isinstance(one[1], PortPost)][1:]
        assert (first[2], second[2]) == (None, ref)

    def test_too_fast(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """429: everybody waits for as long as the platform says, on the site's clock."""
        hall.call_ana()
        hall.messenger.faults = [MessengerUnavailable("ratelimited", timedelta(seconds=37))]
        hall.concierge.deliver("hq")
        assert hall.messenger.sent == []
        assert hall.store.wake_at() == hall.clock.now() + timedelta(seconds=37)
        hall.clock.advance(seconds=36.9)
        hall.concierge.deliver("hq")
        assert len(hall.messenger.attempts) == 1
        hall.clock.advance(seconds=0.1)
        hall.concierge.deliver("hq")
        assert len(hall.messenger.sent) == 2
        assert [
            record.getMessage() for record in caplog.records if record.levelno > logging.INFO
        ] == []

    def test_an_outage(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """Tried again, later each time, logged once each way, and nothing is lost."""
        hall.call_ana()
        no_route = MessengerUnavailable("no route", everywhere=True)
        hall.messenger.broken = {ANA: no_route, CHANNEL: no_route}
        waits = []
        for _ in range(7):
            before = hall.clock.now()
            hall.concierge.deliver("hq")
            at = hall.store.wake_at()
            assert at is not None
            waits.append((at - before).total_seconds())
            hall.clock.at = at
        assert waits == [2, 4, 8, 15, 30, 60, 60]
        assert len(hall.messenger.attempts) == 7, "one try a time, whoever is first in line"
        hall.messenger.broken.clear()
        hall.concierge.look("hq")
        hall.concierge.deliver("hq")
        assert [record.getMessage() for record in caplog.records] == [
            "slack: lost: no route",
            "slack: back",
        ]
        assert any(isinstance(effect, Called) for effect in hall.messenger.said(ANA))

    def test_refused_for_good(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """The admins hear of it once; the messages after it are said."""
        hall.messenger.broken[CHANNEL] = MessageRefused("is_archived")
        for driver in (ANA, BOB):
            hall.ask(driver, Add())
        hall.free_ports()
        hall.concierge.deliver("hq")
        assert hall.messenger.said(BOSS) == [Undelivered(CHANNEL, "is_archived")]
        assert hall.messenger.attempts.count(CHANNEL) == 2, "two ports, each tried once"
        assert hall.messenger.said(ANA)
        assert hall.messenger.said(BOB)
        assert hall.site().outbox == ()
        assert "is_archived" in caplog.text

    def test_the_turn_of_the_unreachable(self, hall: World) -> None:
        """Whose call nobody takes keeps the place, suspended; the admins hear it once (rule 40)."""
        hall.messenger.broken[ANA] = MessageRefused("user_disabled")
        hall.call_ana()
        hall.concierge.deliver("hq")
        assert hall.site().queue[0].is_suspended
        assert hall.messenger.said(BOSS) == [Unreachable(ANA, "user_disabled")]

    def test_the_admin_is_unreachable_too(self, hall: World) -> None:
        """The message about a message ends there."""
        for address in (ANA, CHANNEL, BOSS):
            hall.messenger.broken[address] = MessageRefused("account_inactive")
        hall.call_ana()
        hall.concierge.deliver("hq")
        assert hall.site().outbox == ()
        assert len(hall.messenger.attempts) == 4, "one call, one post, a word about each"

    def test_an_unknown_platform(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """Where nobody speaks, nothing is tried, and the admins hear of it."""
        hall = world(site_of(CHANNEL, "hipchat:1:7"))
        hall.call_ana()
        hall.concierge.deliver("hq")
        assert hall.messenger.said(BOSS) == [Undelivered("hipchat:1:7", "no such platform")]
        assert "no such platform" in caplog.text

    def test_taken_over(self, hall: World) -> None:
        """Whoever claimed a message and died loses it when the claim has run out."""
        hall.call_ana()

        def die() -> None:
            raise KeyboardInterrupt

        hall.messenger.meanwhile = die
        with pytest.raises(KeyboardInterrupt):
            hall.concierge.deliver("hq")
        hall.messenger.meanwhile = lambda: None
        hall.concierge.deliver("hq")
        assert [to for to, _, _ in hall.messenger.sent] == [CHANNEL]
        hall.clock.at += delivery.CLAIM
        hall.concierge.deliver("hq")
        assert [to for to, _, _ in hall.messenger.sent] == [CHANNEL, ANA]

    def test_a_claim_is_of_real_time(self, hall: World) -> None:
        """On a fast clock a claim is as long for the deliverer as on a slow one."""
        hall.clock.speed = 60.0
        hall.call_ana()
        until = []
        hall.messenger.meanwhile = lambda: until.append(hall.site().outbox[0].claimed_until)
        hall.concierge.deliver("hq")
        assert until[0] == hall.clock.now() + 60 * delivery.CLAIM

    def test_busy_when_claiming(self, hall: World) -> None:
        """A race for the claim is tried again; the message is said once."""
        hall.call_ana()
        waiting = len(hall.site().outbox)
        hall.store.before_save.append(lambda: hall.ask(CLEO, Add()))
        hall.concierge.deliver("hq")
        assert hall.messenger.attempts.count(ANA) == 1
        assert len(hall.messenger.sent) >= waiting
        assert [entry.driver for entry in hall.site().queue] == [ANA, CLEO]

    def test_store_fails_after_the_send(self, hall: World) -> None:
        """The one in flight is repeated after its claim, and nothing else."""
        hall.call_ana()

        def fail() -> None:
            hall.store.down = True

        hall.messenger.meanwhile = fail
        with pytest.raises(StoreUnavailable):
            hall.concierge.deliver("hq")
        hall.messenger.meanwhile = lambda: None
        hall.store.down = False
        hall.clock.at += delivery.CLAIM
        hall.concierge.deliver("hq")
        assert hall.messenger.attempts == [ANA, CHANNEL, ANA], "who hasn't failed comes first"

    def test_wake(self, hall: World) -> None:
        """Waking applies the due rules and says what they want said."""
        hall.call_ana()
        hall.ask(BOB, Add())
        hall.clock.advance(minutes=4)
        hall.concierge.wake("hq")
        assert hall.site().blind
        assert hall.site().outbox == ()


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


def test_nothing_secret_in_the_log(hall: World, caplog: pytest.LogCaptureFixture) -> None:
    """Delivering logs neither what is said nor whom it is said to."""
    caplog.set_level(logging.DEBUG)
    hall.call_ana()
    hall.concierge.deliver("hq")
    assert [record.getMessage() for record in caplog.records] == ["delivery"]
