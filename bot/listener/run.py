"""The long-running process: looks at the chargers, wakes what is due, says what is pending."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial

from bot.networks.chargepoint import ChargePoint, ChargePointClient
from chalicelib import wiring
from chalicelib.concierge import Concierge
from chalicelib.edges import Clock, Fault, FaultLog, StoreUnavailable, UnreadableSite
from chalicelib.meters.ports import PortReadings
from chalicelib.meters.watch import MeterWatch
from chalicelib.settings import BadSettings, Settings

from .event_feed import event_feed_of
from .lease import Lease
from .poller import LONGEST_WAIT, PAID_GLANCE, StationPoller, attempt, longest_wait
from .web_server import WebServer
from .wsgi import wsgi

log = logging.getLogger(__name__)

GLANCE = 0.2  # real seconds between two looks whether a signal has come
LONGEST_PAUSE = 5.0  # real seconds that a deliverer sleeps when nobody rings
WATCH_SECONDS = 900.0
MAIL_SECONDS = 60.0
LEAP = timedelta(minutes=1)  # of the clock, while nobody here was awake


class ClockJumpDetector:
    """Notices when the clock went further than we did: this machine slept, or practice leapt."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.now(), time.monotonic()

    def noticed(self) -> bool:
        """Whether it did since the last time."""
        (then, before), self._last = self._last, (self._clock.now(), time.monotonic())
        now, after = self._last
        return now - then - timedelta(seconds=after - before) * self._clock.speed > LEAP


class Deliverer:
    """Says what waits on one platform, on a thread of its own: one that hangs holds up no other."""

    def __init__(self, platform: str) -> None:
        self.platform = platform
        self.wakeup = threading.Event()
        self._sites: set[str] = set()
        self._lock = threading.Lock()
        self._faults = FaultLog(log)

    def ring(self, site_ids: Iterable[str]) -> None:
        """There may be something to deliver. Called from another thread."""
        with self._lock:
            self._sites.update(site_ids)
        self.wakeup.set()

    def turn(self, concierge: Concierge) -> float:
        """Deliver where it was rung for; real seconds until the next glance."""
        with self._lock:
            self.wakeup.clear()
            sites, self._sites = self._sites, set()

        def deliver(site_id: str) -> None:
            concierge.deliver(site_id, lambda platform: platform == self.platform)

        for site_id in sorted(sites):
            attempt(self._faults, "delivering", site_id, deliver)
        return LONGEST_PAUSE


class Pump:
    """Wakes the sites whose time has come, and has delivered what waits.

    All deadlines come first. What is said on the platforms of `deliverers` is said there, and
    who rings, rings there: a message waits for no deadline of another site.
    """

    def __init__(self, *, delivers: bool = True, deliverers: Sequence[Deliverer] = ()) -> None:
        self._delivers = delivers  # else the table's stream wakes who does (`EV_DELIVER`)
        self.deliverers = deliverers
        self._rung: set[str] = set()
        self._lock = threading.Lock()
        self.wakeup = threading.Event()
        self._faults = FaultLog(log)

    def ring(self, site_id: str) -> None:
        """A step has left something to deliver. Called from any thread."""
        for deliverer in self.deliverers:
            deliverer.ring([site_id])
        if self._delivers and not self.deliverers:
            with self._lock:
                self._rung.add(site_id)
            self.wakeup.set()

    def turn(self, concierge: Concierge) -> float:
        """Wake what is due, and deliver there and where it rang; real seconds until the next
        glance.
        """
        with self._lock:
            self.wakeup.clear()
            rung, self._rung = self._rung, set()
        due = concierge.due()
        for site_id in due:
            attempt(self._faults, "waking", site_id, concierge.tick)
        if self._delivers:
            self._deliver(concierge, sorted(rung.union(due)))
        return longest_wait(concierge.clock, LONGEST_WAIT if self._delivers else PAID_GLANCE)

    def _deliver(self, concierge: Concierge, site_ids: list[str]) -> None:
        """What nobody else takes is said here: without deliverers, all of it."""
        others = {deliverer.platform for deliverer in self.deliverers}
        for deliverer in self.deliverers:
            deliverer.ring(site_ids)

        def deliver(site_id: str) -> None:
            concierge.deliver(site_id, lambda platform: platform not in others)

        for site_id in site_ids:
            attempt(self._faults, "delivering", site_id, deliver)


def run(settings: Settings) -> int:
    """`python -m bot run`: until a signal. The exit code: 1 after a bug."""
    delivers = settings.deliver == "pump"
    pump = Pump(delivers=delivers)
    clock = wiring.clock_of(settings)
    network = network_of(settings, clock)
    concierge = wiring.build(settings, network, pump.ring)
    if delivers:
        pump.deliverers = [Deliverer(platform) for platform in (*concierge.messengers, "log")]
    poll = timedelta(seconds=settings.chargepoint_poll_seconds)
    poller = StationPoller(concierge, poll, 0.0 if delivers else PAID_GLANCE)
    poller.keep = PortReadings(wiring.series_of(settings)).keep
    event_feed = None
    if network is None:
        warn_of_blindness(concierge)
    else:
        event_feed = event_feed_of(settings, poller, network, client_of(settings, clock), clock)
    supervisor = Supervisor()
    signal.signal(signal.SIGTERM, supervisor.on_signal)
    signal.signal(signal.SIGINT, supervisor.on_signal)
    web = serve(settings, concierge)
    log.info("the concierge is at work")
    lease, leaps = Lease(wiring.records_of(settings)), ClockJumpDetector(clock)
    poller.leads = lease.leads
    supervisor.once(
        lambda: watch(poller, lease)
    )  # first: what was true before the pause is not news
    supervisor.spawn("poller", lambda: watch(poller, lease), poller.wakeup)

    def wake() -> float:
        """After a leap, too, look first."""
        if leaps.noticed() and lease.holds:
            poller.look_first()
        return pump.turn(concierge)

    supervisor.spawn("pump", wake, pump.wakeup)
    for deliverer in pump.deliverers:
        name, turn = f"delivery: {deliverer.platform}", partial(deliverer.turn, concierge)
        supervisor.spawn(name, turn, deliverer.wakeup)
    if event_feed is not None:
        supervisor.spawn(
            "event feed", lambda: event_feed.turn(leads=lease.holds, lost=lease.is_lost), None
        )
    watcher, silent = wiring.watch_of(settings), FaultLog(log)
    supervisor.spawn(
        "meters", lambda: watch_meters(watcher, silent) if lease.holds else LONGEST_WAIT, None
    )
    mail = wiring.mail_watch_of(settings, concierge)
    if mail is not None:
        supervisor.spawn("mail", lambda: watch_mail(mail, lease), None)
    hold_tibber(settings, supervisor, lease)
    socket = wiring.slack.socket(settings, concierge)
    if socket is not None:
        supervisor.spawn("slack", socket.turn, socket.rung, daemon=True)
    supervisor.wait()
    supervisor.once(lease.release)
    if event_feed is not None:
        event_feed.stop()
    if web is not None:
        web.close()
    return supervisor.exit_code


def watch_meters(watcher: MeterWatch, silent: FaultLog) -> float:
    """Who falls silent is said once, and who is heard again; real seconds until the next look."""
    for name, is_silent in watcher.look().items():
        if is_silent:
            silent.failed(f"meter {name}", TimeoutError("no readings"))
        else:
            silent.worked(f"meter {name}")
    return WATCH_SECONDS


def watch_mail(look: Callable[[], None], lease: Lease) -> float:
    """The leader looks who has agreed to mail; real seconds until the next look."""
    if lease.holds:
        look()
    return MAIL_SECONDS


def hold_tibber(settings: Settings, supervisor: Supervisor, lease: Lease) -> None:
    """The leader holds the one connection to Tibber, where there is a token."""
    if not settings.tibber_token:
        return
    from bot.meters.tibber import tibber_of  # few have one

    tibber = tibber_of(settings)
    if tibber is not None:
        supervisor.spawn(
            "tibber",
            lambda: tibber.turn() if lease.holds else LONGEST_WAIT,
            tibber.over,
            daemon=True,
        )


def watch(poller: StationPoller, lease: Lease) -> float:
    """The leader looks; a standby waits for its turn. Real seconds until the next."""
    if lease.leads():
        return poller.turn()
    poller.wakeup.clear()
    return LONGEST_WAIT


def network_of(settings: Settings, clock: Clock) -> ChargePoint | None:
    """The charging network, where there is an account."""
    return ChargePoint(client_of(settings, clock), clock) if settings.chargepoint_api_key else None


def client_of(settings: Settings, clock: Clock) -> ChargePointClient:
    """A client for one thread."""
    return ChargePointClient(
        settings.chargepoint_url,
        settings.chargepoint_api_key,
        settings.chargepoint_api_password,
        version=settings.chargepoint_api_version,
        wsdl=settings.chargepoint_wsdl or None,
        clock=clock,
    )


def warn_of_blindness(concierge: Concierge) -> None:
    """Without an account the sites with stations would never be looked at. Raises BadSettings."""
    blind = []
    for site_id in concierge.sites():
        try:
            site = concierge.store.load(site_id)
        except UnreadableSite as fault:  # that site's trouble, which its turns will log
            log.warning("%s: %s", site_id, fault)
            continue
        if site is not None and not site.stations.is_manual:
            blind.append(site_id)
    if blind:
        raise BadSettings(
            [
                f"{name} is not set, and {', '.join(blind)} has stations to look at"
                for name in ("CHARGEPOINT_API_KEY", "CHARGEPOINT_API_PASSWORD")
            ]
        )


def serve(settings: Settings, concierge: Concierge) -> WebServer | None:
    """The web app on EV_HTTP, in this process. Raises BadSettings when the address is taken."""
    if settings.http is None:
        return None
    from app import app

    wiring.use(wiring.open_endpoints(settings, concierge))
    host, port = settings.http
    try:
        web = WebServer(wsgi(app), host=host, port=port)
    except OSError as error:
        raise BadSettings([f"EV_HTTP: can't serve on {host}:{port}: {error.strerror}"]) from error
    web.start()
    log.info("serving on http://%s:%d", host, web.port)
    return web


class Supervisor:
    """The threads of the process. A store that is down makes them wait; a bug stops all."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._rung: list[threading.Event] = []
        self._is_asked_to_end = False
        self.exit_code = 0

    def on_signal(self, *_: object) -> None:
        """Only a mark: it may come while this very thread holds the lock of an event, so one
        that sets an event here would wait for itself. Ctrl-C is two signals, close together.
        """
        self._is_asked_to_end = True

    def stop(self) -> None:
        self._stop.set()
        for event in self._rung:
            event.set()

    def wait(self) -> None:
        while not (self._stop.wait(GLANCE) or self._is_asked_to_end):
            pass
        self.stop()
        for thread in self._threads:
            thread.join(timeout=2 if thread.daemon else 15)

    def once(self, turn: Callable[[], float | None]) -> float:
        """One turn; real seconds until the next."""
        try:
            return turn() or 0.0
        except StoreUnavailable:  # logged where it was noticed, once
            return 1.0

    def spawn(
        self,
        name: str,
        turn: Callable[[], float],
        wakeup: threading.Event | None,
        *,
        daemon: bool = False,
    ) -> None:
        """Take turns on a thread of its own until the end; `wakeup` cuts a wait short.

        A daemon has nothing to finish: it isn't waited for longer than a moment.
        """
        alarm = wakeup or self._stop
        if wakeup is not None:
            self._rung.append(wakeup)
        thread = threading.Thread(target=self._work, args=(turn, alarm), name=name, daemon=daemon)
        self._threads.append(thread)
        thread.start()

    def _work(self, turn: Callable[[], float], alarm: threading.Event) -> None:
        try:
            while not self._stop.is_set():
                pause = self.once(turn)
                if not self._stop.is_set():  # a turn may have cleared its bell after `stop` rang
                    alarm.wait(pause)
        except (
            Fault
        ) as fault:  # such as a store of a newer version: no bug, and no use in going on
            log.critical("stopping: %s", fault)
            self.exit_code = 1
            self.stop()
        except Exception:
            log.exception("a bug: stopping")
            self.exit_code = 1
            self.stop()
