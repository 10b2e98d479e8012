"""The long-running process: what it looks at, wakes and says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.listener.poller import AGILE, LONGEST_WAIT, PAID_GLANCE, StationPoller, until
from bot.listener.run import ClockJumpDetector, Deliverer, Pump, Supervisor
from chalicelib.core.effects import Called, SightLost
from chalicelib.core.inputs import Add
from chalicelib.edges import NetworkUnavailable, NewerFormat, StoreUnavailable
from tests.fakes import ANA, CHANNEL, FakeMessenger, World, site_of, world

POLL = timedelta(seconds=60)


@pytest.fixture
def hall() -> World:
    return world()


class TestPoller:
    """When the chargers are looked at."""

    def test_every_poll(self, hall: World) -> None:
        """At once, and then when a poll has gone by."""
        hall.network.ports = {"p1": "?", "p2": "?"}
        poller = StationPoller(hall.concierge, POLL)
        for looks, seconds in ((1, 59), (1, 1), (2, 30), (2, 0)):
            poller.turn()
            assert hall.network.looks == looks
            hall.clock.advance(seconds=seconds)

    def test_when_the_core_asks(self, hall: World) -> None:
        """A port that looks free is looked at again in 20 seconds."""
        hall.ask(ANA, Add())
        poller = StationPoller(hall.concierge, POLL)
        poller.turn()
        hall.clock.advance(seconds=20)
        poller.turn()
        assert hall.network.looks == 2
        assert hall.site().queue[0].turn is not None

    def test_an_outage(self, hall: World) -> None:
        """Nothing seen: the next look comes with the next poll."""
        hall.network.fault = NetworkUnavailable("no route")
        poller = StationPoller(hall.concierge, POLL)
        poller.turn()
        hall.clock.advance(seconds=60)
        poller.turn()
        assert hall.network.looks == 2

    def test_a_new_site(self, hall: World) -> None:
        """A site that was added meanwhile is noticed within a minute; one removed is forgotten."""
        poller = StationPoller(hall.concierge, POLL)
        poller.turn()
        hall.store.put(site_of("slack:T0HQ:C2", id="annex"))
        hall.store.delete("hq")
        hall.clock.advance(seconds=60)
        poller.turn()
        assert hall.network.looks == 2
        assert hall.store.site("annex").looked_at == hall.clock.now()

    def test_a_newer_site(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """One site that can't be read doesn't blind the others."""
        hall.store.put(site_of("slack:T0HQ:C2", id="zoo"))
        hall.store.bodies["hq"] = (1, None, b"\xfaof tomorrow")
        StationPoller(hall.concierge, POLL).turn()
        assert hall.store.site("zoo").looked_at == hall.clock.now()
        assert "update it" in caplog.text

    def test_a_damaged_site(self, hall: World) -> None:
        """Nor does a damaged one."""
        hall.store.put(site_of("slack:T0HQ:C2", id="zoo"))
        hall.store.bodies["hq"] = (1, None, b"\x01rubbish")
        StationPoller(hall.concierge, POLL).turn()
        assert hall.store.site("zoo").looked_at == hall.clock.now()

    def test_store_down(self, hall: World) -> None:
        """Without notes nothing can be looked at; whoever runs the turns waits."""
        hall.store.down = True
        with pytest.raises(StoreUnavailable):
            StationPoller(hall.concierge, POLL).turn()

    def test_glances_that_are_paid_for(self, hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where each glance costs, the looks go on and the glances are seconds apart."""
        glances: Iterator[list[str]] = iter([[], []])  # one of the poller, one of the pump
        monkeypatch.setattr(hall.concierge, "due", lambda: next(glances))
        poller = StationPoller(hall.concierge, POLL, PAID_GLANCE)
        for _ in range(3):
            poller.turn()
            hall.clock.advance(seconds=60)
        assert hall.network.looks == 3
        assert Pump(delivers=False).turn(hall.concierge) == PAID_GLANCE

    def test_how_long_to_wait(self, hall: World) -> None:
        """Until the next look, in real seconds, at most half of one; a fast clock may leap."""
        now = hall.clock.now()
        assert until(hall.clock, None) == LONGEST_WAIT
        assert until(hall.clock, now + timedelta(minutes=1)) == LONGEST_WAIT
        assert until(hall.clock, now + timedelta(milliseconds=200)) == pytest.approx(0.2)
        assert 0 < until(hall.clock, now - timedelta(minutes=1)) < 0.01
        hall.clock.speed = 600.0
        assert until(hall.clock, now + timedelta(seconds=6)) == pytest.approx(0.01)
        assert until(hall.clock, now + timedelta(hours=1)) == AGILE
        hall.clock.speed = 0.0
        assert until(hall.clock, now) == LONGEST_WAIT


class TestPump:
    """Who is woken, and what is said."""

    def test_rung(self, hall: World) -> None:
        """What waits is said when the bell rings."""
        pump = Pump()
        hall.concierge.woken = pump.ring
        hall.ask(ANA, Add())
        hall.free_ports()
        assert pump.wakeup.is_set()
        pump.turn(hall.concierge)
        assert any(isinstance(effect, Called) for effect in hall.messenger.said(ANA))

    def test_rung_where_it_is_said(self, hall: World) -> None:
        """Where a platform has a deliverer of its own, the bell is theirs: no deadline of another
        site comes between.
        """
        slack = Deliverer("slack")
        pump = Pump(deliverers=[slack])
        hall.concierge.woken = pump.ring
        hall.ask(ANA, Add())
        hall.free_ports()
        assert not pump.wakeup.is_set()
        assert slack.wakeup.is_set()
        slack.turn(hall.concierge)
        assert any(isinstance(effect, Called) for effect in hall.messenger.said(ANA))

    def test_due(self, hall: World) -> None:
        """Without a bell, by the alarm clock: another process may have written it down."""
        hall.ask(ANA, Add())
        hall.free_ports()
        Pump().turn(hall.concierge)
        assert hall.site().outbox == ()

    def test_not_due(self, hall: World) -> None:
        """Nothing due, nothing loaded."""
        hall.store.take_calls()
        Pump().turn(hall.concierge)
        assert hall.store.take_calls() == ["due"]

    @pytest.mark.parametrize("body", [b"\xfaof tomorrow", b"\x01rubbish"])
    def test_one_site_in_trouble(self, hall: World, body: bytes) -> None:
        """A site that can't be read doesn't keep the others from being woken."""
        hall.ask(ANA, Add())
        hall.free_ports()
        hall.store.bodies["a"] = (1, hall.clock.now(), body)
        Pump().turn(hall.concierge)
        assert hall.site().outbox == ()

    def test_deadlines_come_first(self, hall: World) -> None:
        """A site's message that hangs doesn't delay what is due at another site."""
        hall.store.put(site_of("slack:T0HQ:C0TWO", id="two"))
        hall.concierge.look("two")
        hall.ask(ANA, Add())
        hall.free_ports()
        hall.clock.advance(minutes=4)
        seen: list[bool] = []
        hall.messenger.meanwhile = lambda: seen.append(hall.store.site("two").blind)
        Pump().turn(hall.concierge)
        assert seen
        assert all(seen), "the other site knew by then that its sight is lost"

    def test_a_platform_that_hangs(self, hall: World) -> None:
        """Each platform has a deliverer of its own; the pump itself waits for none of them."""
        room, slack, hipchat = "hipchat:h-1:7", FakeMessenger(), FakeMessenger()
        hall.store.put(site_of(CHANNEL, room, id="two"))
        hall.concierge.messengers = {"slack": slack, "hipchat": hipchat}
        deliverers = [Deliverer("slack"), Deliverer("hipchat")]
        pump = Pump(deliverers=deliverers)
        hall.concierge.look("two")
        hall.clock.advance(minutes=4)
        pump.turn(hall.concierge)
        assert slack.sent == hipchat.sent == []
        assert all(one.wakeup.is_set() for one in deliverers)
        deliverers[1].turn(hall.concierge)
        assert {to for to, _, _ in hipchat.sent} == {room}
        assert slack.sent == []
        deliverers[0].turn(hall.concierge)
        assert CHANNEL in {to for to, _, _ in slack.sent}

    def test_a_platform_of_nobody(self, hall: World) -> None:
        """What no deliverer takes is the pump's: somebody must say that nobody speaks there."""
        hall.store.put(site_of(CHANNEL, "elsewhere:t:7", id="two"))
        pump = Pump(deliverers=[Deliverer("slack")])
        hall.concierge.look("two")
        hall.clock.advance(minutes=4)
        pump.turn(hall.concierge)
        assert "elsewhere:t:7" in hall.store.site("two").refused

    def test_a_site_that_is_gone(self, hall: World) -> None:
        """A bell for a site that was removed is no bug."""
        pump = Pump()
        pump.ring("gone")
        pump.turn(hall.concierge)
        assert CHANNEL not in hall.messenger.attempts


class TestLeaps:
    """A machine that slept wakes up to a clock that went on without it."""

    def test_noticed_once(self, hall: World) -> None:
        """A leap is noticed once; time that we were awake for is none."""
        leaps = ClockJumpDetector(hall.clock)
        assert not leaps.noticed()
        hall.clock.advance(seconds=59)
        assert not leaps.noticed()
        hall.clock.advance(minutes=15)
        assert leaps.noticed()
        assert not leaps.noticed()

    def test_a_fast_clock_is_no_leap(self, hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """On the practice clock many minutes go by in a second."""
        hall.clock.speed = 600.0
        leaps = ClockJumpDetector(hall.clock)
        before = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: before + 2)
        hall.clock.advance(minutes=20)
        assert not leaps.noticed()

    def test_looked_at_first(self, hall: World) -> None:
        """Whoever waits for a look goes on after a turn that began later, and not before."""
        poller = StationPoller(hall.concierge, POLL)
        poller.turn()
        hall.clock.advance(minutes=15)
        waiting = threading.Thread(target=poller.look_first)
        waiting.start()
        assert poller.wakeup.wait(5)
        assert waiting.is_alive()
        poller.turn()
        waiting.join(2)
        assert not waiting.is_alive()
        assert hall.network.looks == 2
        Pump().turn(hall.concierge)
        assert not any(isinstance(said, SightLost) for said in hall.messenger.said(CHANNEL))

    def test_not_for_ever(self, hall: World) -> None:
        """If nobody looks, it is not waited for longer than patience lasts."""
        began = time.monotonic()
        StationPoller(hall.concierge, POLL).look_first(patience=0.1)
        assert 0.1 <= time.monotonic() - began < 2


class TestSupervisor:
    """The threads, and how they end."""

    @pytest.fixture
    def supervisor(self) -> Iterator[Supervisor]:
        supervisor = Supervisor()
        yield supervisor
        supervisor.stop()
        supervisor.wait()

    def test_turns(self, supervisor: Supervisor) -> None:
        """Turn after turn, until it is stopped."""
        turns: list[float] = []
        enough = threading.Event()

        def turn() -> float:
            turns.append(time.monotonic())
            if len(turns) == 3:
                enough.set()
            return 0.01

        supervisor.spawn("worker", turn, None)
        assert enough.wait(5)
        supervisor.stop()
        supervisor.wait()
        assert supervisor.exit_code == 0
        assert not any(thread.name == "worker" for thread in threading.enumerate())

    def test_a_bell_cuts_the_wait_short(self, supervisor: Supervisor) -> None:
        """A ring is answered at once, however long the wait would be."""
        pump, turns = Pump(), threading.Semaphore(0)

        def turn() -> float:
            pump.wakeup.clear()
            turns.release()
            return 60.0

        supervisor.spawn("pump", turn, pump.wakeup)
        assert turns.acquire(timeout=5)
        pump.ring("hq")
        assert turns.acquire(timeout=5)

    def test_a_store_that_is_down(self, supervisor: Supervisor) -> None:
        """It is waited for, a second at a time."""

        def turn() -> float:
            raise StoreUnavailable

        assert supervisor.once(turn) == 1.0
        assert supervisor.exit_code == 0

    def test_a_bug(self, supervisor: Supervisor, caplog: pytest.LogCaptureFixture) -> None:
        """A bug stops everybody, with its traceback and exit code 1: somebody restarts us."""

        def turn() -> float:
            raise ZeroDivisionError("a bug")

        supervisor.spawn("other", lambda: 60.0, None)
        supervisor.spawn("worker", turn, None)
        supervisor.wait()
        assert supervisor.exit_code == 1
        assert "ZeroDivisionError: a bug" in caplog.text

    def test_a_fault_that_stays(
        self, supervisor: Supervisor, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A store of a newer program stops everybody, too; it is told as that, and not as a bug."""

        def turn() -> float:
            raise NewerFormat

        supervisor.spawn("worker", turn, None)
        supervisor.wait()
        assert supervisor.exit_code == 1
        assert "stopping: The site was saved by a newer version" in caplog.text
        assert "a bug" not in caplog.text
