"""The long-running process: what it looks at, wakes and says, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from bot.listener.poller import AGILE, LONGEST_WAIT, PAID_GLANCE, StationPoller, until
from bot.listener.run import ClockJumpDetector, Deliverer, Pump, Supervisor
from chalicelib.core.effects import Called, SightLost
from chalicelib.core.inputs import Add
from chalicelib.core.model import Stations
from chalicelib.edges import NetworkUnavailable, NewerFormat, StoreUnavailable
from chalicelib.stores.sqlite import SQLiteStore
from practice import server
from practice.common.people import CHANNEL as SLACK_CHANNEL, WORKSPACE
from practice.slack.web import SlackWeb
from practice.slack.workspace_peer import Slack
from tests.fakes import ANA, CHANNEL, FakeClock, FakeMessenger, World, site_of, world
from tests.waiting import within

ROOT = Path(__file__).parents[3]
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


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`python -m bot run` in an environment of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(**environ: str) -> subprocess.Popen[str]:
        settings = {
            "EV_STORE": f"sqlite:{tmp_path}/ev.db",
            "EV_HTTP": "127.0.0.1:0",
            "SLACK_SIGNING_SECRET": "made-up",
            "SLACK_BOT_TOKEN": "xoxb-made-up",
            "SLACK_API_URL": "http://127.0.0.1:9/",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **settings, **environ},
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def serving_at(process: subprocess.Popen[str]) -> str:
    """Where it says that it serves."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"serving on (http://\S+)", line):
            return found.group(1)
    raise AssertionError("it never served")


class TestProcess:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_it(self, start: Start, number: signal.Signals) -> None:
        """It serves, and ends when asked to: soon, quietly, with exit code 0."""
        process = start()
        url = serving_at(process)
        with urlopen(f"{url}/health", timeout=5) as answer:
            assert answer.status == 200
        began = time.monotonic()
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0
        assert time.monotonic() - began < 5
        assert "Traceback" not in said

    def test_a_taken_address(self, start: Start) -> None:
        """A taken EV_HTTP is named, with exit code 2."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            process = start(EV_HTTP=address)
            _, said = process.communicate(timeout=20)
        assert process.returncode == 2
        assert f"EV_HTTP: can't serve on {address}: Address already in use" in said
        assert "Traceback" not in said

    def test_missing_settings(self, start: Start) -> None:
        """One message names every setting that is missing or malformed; exit code 2."""
        process = start(
            SLACK_SIGNING_SECRET="", SLACK_BOT_TOKEN="", EV_HTTP="x", CHARGEPOINT_API_KEY="k"
        )
        _, said = process.communicate(timeout=20)
        assert process.returncode == 2
        for name in (
            "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "EV_HTTP", "CHARGEPOINT_API_PASSWORD",
        ):  # fmt: skip
            assert said.count(name) == 1
        assert "Traceback" not in said

    def test_stations_without_an_account(self, start: Start, tmp_path: Path) -> None:
        """Stations that nobody may look at are a setting that is missing."""
        SQLiteStore(f"{tmp_path}/ev.db").save(site_of(), None)
        process = start()
        _, said = process.communicate(timeout=20)
        assert process.returncode == 2
        assert "CHARGEPOINT_API_KEY is not set, and hq has stations to look at" in said


class TestSocketMode:
    """Slack without an address: `bot run` with an app-level token."""

    @pytest.fixture
    def slack(self) -> Iterator[Slack]:
        with ExitStack() as stack:
            listener = server.listen(0)
            url = server.address(listener)
            slack = Slack(FakeClock(), signing_secret="", bot_token="xoxb-made-up", app="", url=url, app_token="xapp-made-up")  # fmt: skip
            assert slack.sockets is not None
            stack.enter_context(slack.sockets)
            web = SlackWeb(slack)
            stack.enter_context(server.serving(lambda environ, start: web.api(environ["PATH_INFO"][5:], environ).send(start), listener, 4))  # fmt: skip
            yield slack

    @pytest.fixture
    def begin(self, start: Start, slack: Slack) -> Start:
        def begin(**environ: str) -> subprocess.Popen[str]:
            url = f"{slack._url}/api/"
            return start(**{"EV_HTTP": "", "SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": "xapp-made-up", "SLACK_API_URL": url} | environ)  # fmt: skip

        return begin

    def test_no_address(self, begin: Start, slack: Slack, tmp_path: Path) -> None:
        """No signing secret and no EV_HTTP: commands are answered, and it ends within two seconds."""
        channel, store = f"slack:{WORKSPACE}:{SLACK_CHANNEL}", SQLiteStore(f"{tmp_path}/ev.db")
        store.save(site_of(channel, stations=Stations(manual=("1",))), None)
        store.bind(channel, "hq")
        process = begin()
        within(20, lambda: slack.sockets.lines)  # type: ignore[union-attr]  # it has some
        assert "Nobody is waiting" in slack.say("ana", "/ev list")["text"]
        assert slack.violations == []
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        assert time.monotonic() - began < 2
        assert process.returncode == 0
        assert "commands come in from Slack by Socket Mode" in said
        assert "WARNING" not in said
        assert "made-up" not in said

    def test_both_ways(self, begin: Start, slack: Slack) -> None:
        """With EV_HTTP and the signing secret beside it, both ways are open."""
        process = begin(EV_HTTP="127.0.0.1:0", SLACK_SIGNING_SECRET="made-up")
        with pytest.raises(HTTPError, match="401"):
            urlopen(f"{serving_at(process)}/slack/events", b"{}", timeout=5)
        within(10, lambda: slack.sockets.lines)  # type: ignore[union-attr]  # it has some

    def test_a_refused_token(self, begin: Start, slack: Slack) -> None:
        """A token that Slack refuses stops nothing else, and is told in one line."""
        process = begin(SLACK_APP_TOKEN="xapp-another", EV_HTTP="127.0.0.1:0")
        url = serving_at(process)
        within(10, lambda: slack.sockets.calls)  # type: ignore[union-attr]  # it has some
        with urlopen(f"{url}/health", timeout=5) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0
        assert said.count("Slack refuses SLACK_APP_TOKEN: invalid_auth") == 1

    def test_the_bot_s_token(self, begin: Start) -> None:
        """It can't speak by the app's token alone."""
        process = begin(SLACK_BOT_TOKEN="")
        _, said = process.communicate(timeout=20)
        assert process.returncode == 2
        assert "SLACK_BOT_TOKEN is not set" in said
        assert "SIGNING" not in said


SIGNALS = """
import os, signal, threading, time
from bot.listener.run import Supervisor
supervisor = Supervisor()
signal.signal(signal.SIGINT, supervisor.on_signal)
signal.signal(signal.SIGTERM, supervisor.on_signal)
for number in range(20):
    supervisor.spawn(str(number), lambda: 60.0, threading.Event())

def pester():
    print("ready", flush=True)
    for _ in range(300):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=pester, daemon=True).start()
supervisor.wait()
"""


def test_many_signals_at_once() -> None:
    """Ctrl-C comes to a whole group, which then ends its children by another: none gets stuck."""
    for _ in range(5):
        command = [sys.executable, "-c", SIGNALS]
        done = subprocess.run(command, cwd=ROOT, timeout=20, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[-500:]
