"""The concierge on its edges: what is loaded and saved, and what is said, in which order."""

from __future__ import annotations

import logging
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Lock

import pytest

from chalicelib import concierge as module
from chalicelib.concierge import Concierge, wake_at
from chalicelib.core import next_deadline
from chalicelib.core.effects import (
    Added,
    Called,
    Effect,
    PortPost,
    Refused,
    Repeated,
    Undelivered,
)
from chalicelib.core.inputs import Add, Next, Remove, Resume, ShowHelp, ShowLine, ShowStatus, Tick
from chalicelib.core.model import Person, Site
from chalicelib.edges import (
    Busy,
    MessageRefused,
    MessengerUnavailable,
    NetworkRefused,
    NetworkUnavailable,
    NewerFormat,
    StoreUnavailable,
    UnknownSite,
)
from chalicelib.stores.sqlite import SQLiteStore
from tests.fakes import (
    ANA,
    BOB,
    BOSS,
    CHANNEL,
    CLEO,
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


def call_ana(hall: World) -> None:
    """Ana is called to a free port: her message waits, and the channel's post."""
    hall.ask(ANA, Add())
    hall.free_ports()
    assert [pending.to for pending in hall.site().outbox] == [ANA, *hall.site().channels]


class TestHandle:
    """Load, step, save."""

    def test_one_load_one_save(self, hall: World) -> None:
        """A command is one load and one conditional write."""
        assert isinstance(hall.ask(ANA, Add()), Added)
        assert hall.store.take_calls() == ["load", "save"]

    @pytest.mark.parametrize("wish", [ShowLine(), ShowStatus(), ShowHelp("x"), Remove(), Next()])
    def test_looking_writes_nothing(
        self, hall: World, wish: ShowLine | ShowStatus | ShowHelp | Remove | Next
    ) -> None:
        """Looking, help and refusals are one load."""
        assert hall.ask(BOB, wish) is not None
        assert hall.store.take_calls() == ["load"]
        assert hall.woken == []

    def test_a_refusal_writes_nothing(self, hall: World) -> None:
        """Nothing to resume: nothing written."""
        assert isinstance(hall.ask(BOB, Resume()), Refused)
        assert hall.store.take_calls() == ["load"]

    def test_somebody_else_was_faster(self, hall: World) -> None:
        """A stale save is tried again from a fresh load, and nobody is lost."""
        hall.store.before_save.append(lambda: hall.ask(BOB, Add()))
        hall.ask(ANA, Add())
        assert [entry.driver for entry in hall.site().queue] == [BOB, ANA]
        assert hall.store.take_calls() == ["load", "save", "load", "save", "load", "save"]

    def test_always_too_late(self, hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever loses every race is told so after the time is up; nothing was changed."""
        monkeypatch.setattr(module, "RETRY_FOR", 0.05)
        save = hall.store.save

        def too_late(site: Site, at: datetime | None) -> Site:
            theirs = hall.store.site()
            save(replace(theirs, serial=theirs.serial + 1), None)
            return save(site, at)

        monkeypatch.setattr(hall.store, "save", too_late)
        began = time.monotonic()
        with pytest.raises(Busy):
            hall.ask(ANA, Add())
        assert time.monotonic() - began < 1
        assert hall.site().queue == ()

    def test_the_bound_is_two_seconds(self) -> None:
        """Slack waits three."""
        assert module.RETRY_FOR == 2.0

    def test_unknown(self, hall: World) -> None:
        """A site that isn't there is no bug."""
        with pytest.raises(UnknownSite):
            hall.concierge.handle("nowhere", Tick())

    def test_store_down(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """An outage is logged once when it begins and once when it ends."""
        hall.store.down = True
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                hall.ask(ANA, Add())
        hall.store.down = False
        hall.ask(ANA, Add())
        hall.ask(BOB, Add())
        assert [record.getMessage() for record in caplog.records] == [
            "hq: the store: lost: The store can't be reached.",
            "hq: the store: back",
        ]

    @pytest.mark.parametrize("ask", ["site_of", "sites", "due"])
    def test_other_questions(
        self, hall: World, caplog: pytest.LogCaptureFixture, ask: str
    ) -> None:
        """Whoever notices the outage first logs it, whatever was asked."""
        question = getattr(hall.concierge, ask)
        arguments = ["slack:T0HQ:C0EV"] if ask == "site_of" else []
        hall.store.down = True
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                question(*arguments)
        hall.store.down = False
        question(*arguments)
        assert [record.getMessage() for record in caplog.records] == [
            "the store: lost: The store can't be reached.",
            "the store: back",
        ]

    def test_newer(self, hall: World) -> None:
        """A site of a newer program is neither read nor overwritten."""
        newer = (1, None, b"\xfaof tomorrow")
        hall.store.bodies["hq"] = newer
        with pytest.raises(NewerFormat):
            hall.ask(ANA, Add())
        assert hall.store.bodies["hq"] == newer

    def test_a_replay(self, hall: World) -> None:
        """The same request again writes nothing."""
        hall.ask(ANA, Add(), request="r1")
        hall.store.take_calls()
        assert hall.ask(ANA, Add(), request="r1") == Repeated()
        assert hall.store.take_calls() == ["load"]

    def test_woken(self, hall: World) -> None:
        """Whoever delivers is woken when, and only when, something waits."""
        hall.ask(ANA, Add())
        assert hall.woken == []
        hall.free_ports()
        assert hall.woken

    def test_the_alarm(self, hall: World) -> None:
        """The store knows when to wake: the next deadline, or the next message, now."""
        call_ana(hall)
        assert hall.store.wake_at() == hall.clock.now()
        hall.concierge.deliver("hq")
        site = hall.site()
        assert hall.store.wake_at() == wake_at(site) == next_deadline(site)


class TestLook:
    """Looking at the chargers."""

    def test_seen(self, hall: World) -> None:
        """A look is taken in."""
        assert hall.concierge.look("hq") is not None
        assert hall.site().looked_at == hall.clock.now()

    @pytest.mark.parametrize("fault", [NetworkUnavailable("rubbish"), NetworkRefused("no rights")])
    def test_nothing_seen(
        self, hall: World, caplog: pytest.LogCaptureFixture, fault: Exception
    ) -> None:
        """An outage is logged once each way, and the line still works."""
        hall.network.fault = fault
        for _ in range(3):
            assert hall.concierge.look("hq") is None
        assert isinstance(hall.ask(ANA, Add()), Added)
        hall.network.fault = None
        hall.concierge.look("hq")
        messages = [record.getMessage() for record in caplog.records]
        assert messages == [f"hq: ChargePoint: lost: {fault}", "hq: ChargePoint: back"]

    def test_by_hand(self) -> None:
        """A manual site has nothing to look at: people's word stands."""
        hall = world(site_of(stations=replace(site_of().stations, ids=(), manual=("1",))))
        assert hall.concierge.look("hq") is None
        assert hall.network.looks == 0


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
        call_ana(hall)
        waiting = len(hall.site().outbox)
        hall.store.take_calls()
        hall.concierge.deliver("hq")
        assert hall.store.take_calls() == ["load", "save"] * 2 * waiting + ["load"]

    def test_claimed_while_it_is_sent(self, hall: World) -> None:
        """During the send nobody else may take the message."""
        call_ana(hall)
        claims = []

        def meanwhile() -> None:
            claims.append(hall.site().outbox[0].claimed_until)
            sent = len(hall.messenger.attempts)
            hall.concierge.deliver("hq")  # somebody else comes by
            assert len(hall.messenger.attempts) == sent

        hall.messenger.meanwhile = meanwhile
        hall.concierge.deliver("hq")
        assert claims[0] == hall.clock.now() + module.CLAIM

    def test_the_clock_of_a_turn(self, hall: World) -> None:
        """The call names a time of day, and the turn's clock starts when it arrived."""
        call_ana(hall)
        hall.clock.advance(minutes=4)
        hall.concierge.deliver("hq")
        (call,) = [effect for effect in hall.messenger.said(ANA) if isinstance(effect, Called)]
        turn = hall.site().queue[0].turn
        assert turn is not None
        assert call.deadline == turn.deadline == hall.clock.now() + timedelta(minutes=15)

    def test_an_edit(self, hall: World) -> None:
        """What became of a free port is told by editing its post."""
        call_ana(hall)
        hall.concierge.deliver("hq")
        (first,) = [one for one in hall.messenger.sent if isinstance(one[1], PortPost)]
        ref = f"ref{hall.messenger.sent.index(first) + 1}"
        hall.ask(ANA, Remove())
        hall.concierge.deliver("hq")
        (second,) = [one for one in hall.messenger.sent if isinstance(one[1], PortPost)][1:]
        assert (first[2], second[2]) == (None, ref)

    def test_too_fast(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """429: everybody waits for as long as the platform says, on the site's clock."""
        call_ana(hall)
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
        assert caplog.records == []

    def test_an_outage(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """Tried again, later each time, logged once each way, and nothing is lost."""
        call_ana(hall)
        hall.messenger.broken[ANA] = MessengerUnavailable("no route")
        waits = []
        for _ in range(7):
            before = hall.clock.now()
            hall.concierge.deliver("hq")
            at = hall.store.wake_at()
            assert at is not None
            waits.append((at - before).total_seconds())
            hall.clock.at = at
        assert waits == [2, 4, 8, 15, 30, 60, 60]
        assert set(hall.messenger.attempts) == {ANA}, "the lane is in order"
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
        """Who can't be messaged is called all the same, and the turn's clock runs."""
        hall.messenger.broken[ANA] = MessageRefused("user_disabled")
        call_ana(hall)
        hall.concierge.deliver("hq")
        turn = hall.site().queue[0].turn
        assert turn is not None
        assert turn.deadline == hall.clock.now() + timedelta(minutes=15)
        assert hall.messenger.said(BOSS) == [Undelivered(ANA, "user_disabled")]

    def test_the_admin_is_unreachable_too(self, hall: World) -> None:
        """The message about a message ends there."""
        for address in (ANA, CHANNEL, BOSS):
            hall.messenger.broken[address] = MessageRefused("account_inactive")
        call_ana(hall)
        hall.concierge.deliver("hq")
        assert hall.site().outbox == ()
        assert len(hall.messenger.attempts) == 4, "one call, one post, a word about each"

    def test_an_unknown_platform(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """Where nobody speaks, nothing is tried, and the admins hear of it."""
        hall = world(site_of("hipchat:1:7"))
        call_ana(hall)
        hall.concierge.deliver("hq")
        assert hall.messenger.said(BOSS) == [Undelivered("hipchat:1:7", "no such platform")]
        assert "no such platform" in caplog.text

    def test_taken_over(self, hall: World) -> None:
        """Whoever claimed a message and died loses it when the claim has run out."""
        call_ana(hall)

        def die() -> None:
            raise KeyboardInterrupt

        hall.messenger.meanwhile = die
        with pytest.raises(KeyboardInterrupt):
            hall.concierge.deliver("hq")
        hall.messenger.meanwhile = lambda: None
        hall.concierge.deliver("hq")
        assert hall.messenger.sent == []
        hall.clock.at += module.CLAIM
        hall.concierge.deliver("hq")
        assert len(hall.messenger.sent) == 2

    def test_a_claim_is_of_real_time(self, hall: World) -> None:
        """On a fast clock a claim is as long for the deliverer as on a slow one."""
        hall.clock.speed = 60.0
        call_ana(hall)
        until = []
        hall.messenger.meanwhile = lambda: until.append(hall.site().outbox[0].claimed_until)
        hall.concierge.deliver("hq")
        assert until[0] == hall.clock.now() + 60 * module.CLAIM

    def test_busy_when_claiming(self, hall: World) -> None:
        """A race for the claim is tried again; the message is said once."""
        call_ana(hall)
        waiting = len(hall.site().outbox)
        hall.store.before_save.append(lambda: hall.ask(CLEO, Add()))
        hall.concierge.deliver("hq")
        assert hall.messenger.attempts.count(ANA) == 1
        assert len(hall.messenger.sent) >= waiting
        assert [entry.driver for entry in hall.site().queue] == [ANA, CLEO]

    def test_store_fails_after_the_send(self, hall: World) -> None:
        """The one in flight is repeated after its claim, and nothing else."""
        call_ana(hall)

        def fail() -> None:
            hall.store.down = True

        hall.messenger.meanwhile = fail
        with pytest.raises(StoreUnavailable):
            hall.concierge.deliver("hq")
        hall.messenger.meanwhile = lambda: None
        hall.store.down = False
        hall.clock.at += module.CLAIM
        hall.concierge.deliver("hq")
        assert hall.messenger.attempts == [ANA, ANA, CHANNEL]

    def test_wake(self, hall: World) -> None:
        """Waking applies the due rules and says what they want said."""
        call_ana(hall)
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


class TestTogether:
    """Several at once, over a real file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> SQLiteStore:
        store = SQLiteStore(str(tmp_path / "ev.db"))
        store.save(site_of(), None)
        return store

    def test_deliverers(self, store: SQLiteStore) -> None:
        """Four deliverers at once: each message once, one at a time, in order."""
        clock, messenger = FakeClock(), SlowMessenger()
        crew = [Concierge(store, {"slack": messenger}, clock) for _ in range(4)]
        drivers = [f"slack:T0HQ:U{n}" for n in range(12)]
        for driver in drivers:
            crew[0].handle("hq", replace(asked(driver, ShowHelp()), reply_to=driver))
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
            list(pool.map(work, crew))
        assert [to for to, _, _ in messenger.sent] == drivers
        assert messenger.overlaps == 0

    def test_commands(self, store: SQLiteStore) -> None:
        """Thirty-five people at once: each stands in line once, and nobody is lost."""
        desk = Concierge(store, {}, FakeClock())
        drivers = [f"slack:T0HQ:U{n}" for n in range(35)]

        def add(driver: str) -> object:
            try:
                return desk.handle("hq", asked(driver, Add())).answer
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
        desk = Concierge(store, {}, FakeClock())
        desk.handle("hq", Tick())
        other = sqlite3.connect(tmp_path / "ev.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            desk.handle("hq", asked(ANA, Add()))
        assert time.monotonic() - began < 3
        other.rollback()
        other.close()
        assert desk.handle("hq", asked(ANA, Add())).site.queue


class TestIntroductions:
    """People whom the operator gave by address get the name that the chat knows."""

    def test_a_name_is_learnt_once(self, hall: World) -> None:
        """A linked driver without a name is asked for, and never again."""
        stranger = "slack:T0HQ:U0ZOE"
        hall.store.put(replace(hall.site(), people={stranger: Person(ids=("7009999",))}))
        for _ in range(2):
            hall.concierge.introduce("hq")
        assert hall.site().people[stranger] == Person("Zoe", ("7009999",))
        assert hall.messenger.attempts.count(stranger) == 1

    def test_somebody_nobody_knows(self, hall: World) -> None:
        """Whom the chat doesn't know stays without a name, and isn't asked for again."""
        nobody = "slack:T0HQ:UNOBODY"
        hall.store.put(replace(hall.site(), people={nobody: Person(ids=("1",))}))
        for _ in range(2):
            hall.concierge.introduce("hq")
        assert hall.site().people[nobody].name == ""
        assert hall.messenger.attempts.count(nobody) == 1


def test_nothing_secret_in_the_log(hall: World, caplog: pytest.LogCaptureFixture) -> None:
    """Delivering logs neither what is said nor whom it is said to."""
    caplog.set_level(logging.DEBUG)
    call_ana(hall)
    hall.concierge.deliver("hq")
    assert caplog.records == []
