"""Fakes for the edges: they obey what `chalicelib/edges.py` says, in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.concierge import Concierge
from chalicelib.core import step
from chalicelib.core.effects import Effect
from chalicelib.core.inputs import Add, Asked, Input, Observed, PortSeen, Profile, Sort, Wish
from chalicelib.core.model import Person, Site, Stations, Status
from chalicelib.core.stays import FinishedStay
from chalicelib.edges import StaleSite, StoreUnavailable
from chalicelib.stores import codec
from chalicelib.stores.records import expiry
from chalicelib.values import replace

MONDAY = datetime(2031, 3, 3, 16, 0, tzinfo=UTC)  # 08:00 in Los Angeles
TENANT = "slack:T0HQ"
CHANNEL = f"{TENANT}:C0EV"
ANA, BOB, CLEO, BOSS = (f"{TENANT}:U0{name}" for name in ("ANA", "BOB", "CLEO", "BOSS"))
IDS = {ANA: "7000001", BOB: "7000002", CLEO: "7000003"}  # at the charging network
STATION = "1:900001"


def site_of(*channels: str, **more: object) -> Site:
    """A site with two ports, not looked at yet; Ana, Bob and Cleo are known to the network."""
    people = {
        driver: Person(name, (IDS[driver],))
        for driver, name in ((ANA, "ana"), (BOB, "bob"), (CLEO, "cleo"))
    }
    hq = Site(
        "hq",
        "HQ garage",
        timezone="America/Los_Angeles",
        channels=channels or (CHANNEL,),
        admins=(BOSS,),
        stations=Stations(ids=(STATION,)),
        people=people,
    )
    return replace(hq, **more)  # type: ignore[arg-type]  # the fields of a Site


def look(at: datetime, **ports: str | None) -> Observed:
    """A look: `p1=None` is free, `p1=ANA` her car, `p1="?"` a stranger's, `p1="dark"` dark."""
    return Observed(at, tuple(seen(name[1:], who) for name, who in sorted(ports.items())))


def seen(number: str, who: str | None) -> PortSeen:
    if who is None:
        return PortSeen(STATION, number, Status.AVAILABLE, load_kw=0.0)
    if who == "dark":
        return PortSeen(STATION, number, Status.UNREACHABLE)
    return PortSeen(STATION, number, Status.INUSE, load_kw=6.6, user=IDS.get(who, ""))


def asked(driver: str, wish: Wish, **more: Any) -> Asked:
    """A wish of a driver who is known by the last part of the address."""
    return Asked(driver, wish, driver.rpartition(":U0")[2].lower(), **more)


class FakeClock:
    """A clock that stands still until it is told to go."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.at = now
        self.speed = 1.0

    def now(self) -> datetime:
        return self.at

    def advance(self, **length: float) -> datetime:
        self.at += timedelta(**length)
        return self.at


class FakeStays:
    """A StayLog in memory. Set `down` and it raises; `now` is real time."""

    def __init__(self, now: Callable[[], float] = lambda: 0.0) -> None:
        self.kept: dict[tuple[str, datetime, int], tuple[FinishedStay, float]] = {}
        self.adds = 0
        self.down = False
        self._now = now

    def add(self, site_id: str, stay: FinishedStay, keep: timedelta) -> None:
        self._called()
        self.adds += 1
        there = self.kept.get((site_id, stay.since, stay.id))
        if there is None or there[1] <= self._now() or there[0].until <= stay.until:
            expires_at = expiry(self._now(), keep) or 0
            self.kept[site_id, stay.since, stay.id] = (stay, expires_at)

    def read(self, site_id: str, since: datetime, until: datetime) -> list[FinishedStay]:
        self._called()
        found = [
            stay
            for (site, _, _), (stay, expires_at) in self.kept.items()
            if site == site_id and since <= stay.until < until and expires_at > self._now()
        ]
        return sorted(found, key=lambda stay: (stay.until, stay.since, stay.id))

    def forget(self, site_id: str, driver: str) -> None:
        self._called()
        for key, (stay, expires_at) in self.kept.items():
            if key[0] == site_id and stay.driver == driver:
                self.kept[key] = (replace(stay, driver=""), expires_at)

    def delete(self, site_id: str) -> None:
        self._called()
        self.kept = {key: one for key, one in self.kept.items() if key[0] != site_id}

    def _called(self) -> None:
        if self.down:
            raise StoreUnavailable("the log is down")


class FakeStore:
    """A SiteStore in memory that counts what is asked of it.

    Set `down` and every method raises; what is in `before_save` is done once, just before
    the next save: that is how somebody else gets there first.
    """

    def __init__(self) -> None:
        self.bodies: dict[str, tuple[int, datetime | None, bytes]] = {}
        self.bindings: dict[str, str] = {}
        self.calls: list[str] = []
        self.down = False
        self.before_save: list[Callable[[], object]] = []
        self._lock = threading.RLock()

    def load(self, site_id: str) -> Site | None:
        self._called("load")
        row = self.bodies.get(site_id)
        return codec.decode(row[2], site_id) if row is not None else None

    def save(self, site: Site, wake_at: datetime | None) -> Site:
        self._called("save")
        while self.before_save:
            self.before_save.pop()()
        with self._lock:
            row = self.bodies.get(site.id)
            if site.version != (row[0] if row is not None else 0):
                raise StaleSite(f"version {site.version} is gone")
            saved = replace(site, version=site.version + 1)
            self.bodies[site.id] = (saved.version, wake_at, codec.encode(saved))
        return saved

    def delete(self, site_id: str) -> None:
        self._called("delete")
        self.bodies.pop(site_id, None)
        self.bindings = {at: one for at, one in self.bindings.items() if one != site_id}

    def sites(self) -> list[str]:
        self._called("sites")
        return sorted(self.bodies)

    def due(self, now: datetime) -> list[str]:
        self._called("due")
        alarms = [(at, one) for one, (_, at, _) in self.bodies.items() if at is not None]
        return [one for at, one in sorted(alarms) if at <= now]

    def bind(self, address: str, site_id: str | None) -> None:
        self._called("bind")
        self.bindings.pop(address, None)
        if site_id is not None:
            self.bindings[address] = site_id

    def bound(self, address: str) -> str | None:
        self._called("bound")
        return self.bindings.get(address)

    def bound_to(self, prefix: str) -> list[str]:
        self._called("bound_to")
        return sorted({one for at, one in self.bindings.items() if at.startswith(prefix)})

    # --- for tests --------------------------------------------------------------

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.down:
            raise StoreUnavailable

    def take_calls(self) -> list[str]:
        """What was asked since the last time."""
        calls, self.calls = self.calls, []
        return calls

    def site(self, site_id: str = "hq") -> Site:
        """What is stored, uncounted."""
        return codec.decode(self.bodies[site_id][2], site_id)

    def put(self, site: Site) -> Site:
        """Open a site and bind its channels, uncounted."""
        saved = self.save(site, None)
        for channel in site.channels:
            self.bind(channel, site.id)
        self.take_calls()
        return saved

    def wake_at(self, site_id: str = "hq") -> datetime | None:
        return self.bodies[site_id][1]


@dataclass
class FakeMessenger:
    """Keeps what it was asked to say. `faults` are raised in turn; None lets one through."""

    sent: list[tuple[str, Effect, str | None]] = field(default_factory=list)
    faults: list[Exception | None] = field(default_factory=list)
    broken: dict[str, Exception] = field(default_factory=dict)  # by address, always
    attempts: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        self.attempts.append(to)
        self.meanwhile()
        fault = self.broken.get(to) or (self.faults.pop(0) if self.faults else None)
        if fault is not None:
            raise fault
        self.sent.append((to, effect, edits))
        return f"ref{len(self.sent)}"

    def profile(self, driver: str) -> Profile:
        """U0ZOE is Zoe, U0EVBOT a bot; who isn't called U0… is nobody. Faults as in `send`."""
        self.attempts.append(driver)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        last = driver.rpartition(":")[2]
        if not last.startswith("U0"):
            return Profile(driver, sort=Sort.NOBODY)
        handle = last[2:].lower()
        sort = Sort.BOT if handle.endswith("bot") else Sort.PERSON
        return Profile(driver, handle.capitalize(), handle, sort)

    def said(self, to: str) -> list[Effect]:
        """What arrived at an address."""
        return [effect for one, effect, _ in self.sent if one == to]


@dataclass
class FakeNetwork:
    """Shows the ports as they are, or raises `fault`."""

    clock: FakeClock
    ports: dict[str, str | None] = field(default_factory=lambda: {"p1": None, "p2": None})
    fault: Exception | None = None
    looks: int = 0
    limits: list[tuple[float, int] | None] = field(default_factory=list)  # None: lifted
    lock: threading.Lock = field(default_factory=threading.Lock)  # sites are seen side by side

    def look(self, site: Site) -> Observed:
        with self.lock:
            self.looks += 1
        self._may_fail()
        return look(self.clock.now(), **self.ports)

    def limit(self, site: Site, allowed_kw: float, minutes: int) -> None:
        self._may_fail()
        self.limits.append((allowed_kw, minutes))

    def lift(self, site: Site) -> None:
        self._may_fail()
        self.limits.append(None)

    def alarms(self, site: Site) -> tuple[()]:
        self._may_fail()
        return ()

    def _may_fail(self) -> None:
        if self.fault is not None:
            raise self.fault


@dataclass
class World:
    """A concierge on fakes, with one site."""

    store: FakeStore
    messenger: FakeMessenger
    clock: FakeClock
    network: FakeNetwork
    concierge: Concierge
    woken: list[str] = field(default_factory=list)
    stays: FakeStays = field(default_factory=FakeStays)

    def ask(self, driver: str, wish: Wish, **more: str) -> object:
        return self.concierge.handle("hq", asked(driver, wish, **more)).answer

    def site(self) -> Site:
        return self.store.site()

    def free_ports(self) -> None:
        """Both ports are seen to be free, twice."""
        self.concierge.look("hq")
        self.clock.advance(seconds=20)
        self.concierge.look("hq")

    def call_ana(self) -> None:
        """Ana is called to a free port: her message waits, and the channel's post."""
        self.ask(ANA, Add())
        self.free_ports()
        assert [pending.to for pending in self.site().outbox] == [ANA, *self.site().channels]


def world(site: Site | None = None, kept_in: FakeStore | None = None) -> World:
    """A fresh one."""
    clock, store, messenger = FakeClock(), kept_in or FakeStore(), FakeMessenger()
    network, woken, stays = FakeNetwork(clock), list[str](), FakeStays()
    concierge = Concierge(store, {"slack": messenger}, clock, network, woken.append, stays)
    store.put(site or site_of())
    return World(store, messenger, clock, network, concierge, woken, stays)


def give(site: Site, given: Input, now: datetime) -> Site:
    """The site after one input."""
    return step(site, given, now).site
