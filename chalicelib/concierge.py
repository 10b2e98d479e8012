"""The concierge: load, step, save; and say what the step wanted said.

The only code that touches two edges. It decides nothing: every decision is the core's.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from . import telemetry
from .core import Outcome, next_deadline, outbox, sanity, step
from .core.effects import AccessProblem, ForgetStays, KeepStay, LiftLimit, LimitPower
from .core.inputs import (
    Alarmed,
    Asked,
    Claimed,
    Delivered,
    Hindered,
    Input,
    Introduced,
    Observed,
    Postponed,
    Tick,
    Undeliverable,
)
from .core.model import Lane, Pending, Site
from .edges import (
    BoundedStore,
    Busy,
    ChargingNetwork,
    Clock,
    FaultLog,
    MessageRefused,
    Messenger,
    MessengerUnavailable,
    NetworkRefused,
    NetworkUnavailable,
    NoAccess,
    SiteStore,
    StaleSite,
    StayLog,
    StoreUnavailable,
    UnknownSite,
    UnreadableSite,
)
from .introductions import Introductions

log = logging.getLogger(__name__)

RETRY_FOR = 2.0  # real seconds of stale saves before "busy" (Slack waits three)
PAUSE = 0.2  # real seconds at most after the first stale save, then twice as many each time …
LONGEST_PAUSE = 0.8  # … up to this
LET_OTHERS_FIRST = 1.0  # real seconds; with a dead store's two, Slack's three are not over
CLAIM = timedelta(seconds=30)  # real time: outlasts a send's timeout by a wide margin
RECEIPTS = {Delivered: "sent", Postponed: "postponed", Undeliverable: "refused"}
SPARE, SPARE_FOR_LOOKS = 48_000, 24_000  # bytes of an item that stay free (`spare_of`)
BACKOFF = (2, 4, 8, 15, 30, 60)  # seconds between attempts at a message
GIVE_UP = timedelta(hours=2)  # an address that fails for so long, alone, takes no messages
MOST_ANSWERS = 5  # attempts at the answer to a click: a response_url takes no more
SEVERAL = 3  # addresses of one tenant that fail in a row: it is the platform


class Away(NamedTuple):
    """A tenant that could not be reached so many times in a row."""

    until: datetime
    times: int


class Concierge:
    """Runs the rules of the house on stored sites.

    `messengers` maps a platform (the first part of an address) to who speaks there. What is
    known of cars that have left goes into `stays`; None: nobody wants it.
    `woken` is called with a site's id whenever there may be something to deliver.
    """

    def __init__(
        self,
        store: SiteStore,
        messengers: Mapping[str, Messenger],
        clock: Clock,
        network: ChargingNetwork | None = None,
        woken: Callable[[str], None] | None = None,
        stays: StayLog | None = None,
    ) -> None:
        self.store = store
        self.stays = stays
        self.messengers = messengers
        self.clock = clock
        self.network = network
        self.woken = woken or (lambda _site_id: None)
        self._faults = FaultLog(log)
        self._turns: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
        self._away: dict[str, Away] = {}  # tenants that aren't tried for a while
        self.introductions = Introductions(self.messengers, self._is_away)

    def handle(self, site_id: str, given: Input) -> Outcome:
        """Give one input to a site: one load, one conditional save, none if nothing changed.

        Raises UnknownSite, for strangers too, Busy after two seconds of losing races, and
        StoreUnavailable and NewerFormat from the store. Whenever it raises, nothing was
        changed; but after Unsure, which is a StoreUnavailable, it may have been.
        """
        unmet: tuple[str, ...] = ()

        def act(site: Site, now: datetime) -> Outcome:
            nonlocal unmet
            if isinstance(given, Asked):
                if is_stranger(given.driver, site):
                    raise UnknownSite(site_id)
                unmet = self.introductions.unmet(site, given)
            return Outcome(site) if unmet else step(site, given, now)

        before, outcome = self._change(site_id, act, spare_of(given))
        if unmet and isinstance(given, Asked):  # who they are is asked first, and outside
            met = (*given.profiles, *self.introductions.meet(unmet))
            return self.handle(site_id, replace(given, profiles=met))
        if outcome.site is not before and outcome.site.outbox:
            self.woken(site_id)
        return outcome

    def _change(
        self, site_id: str, act: Callable[[Site, datetime], Outcome], spare: int = 0
    ) -> tuple[Site, Outcome]:
        """Load, act, save, again from the start while others are faster; before and after.

        Before "busy" comes one more look: a save whose answer was lost may have been done,
        and overtaken since; then there is nothing left to do, and nobody hears otherwise.
        """
        give_up, longest = time.monotonic() + RETRY_FOR, PAUSE
        too_late: StaleSite | None = None
        with self._turn_at(site_id):
            while True:
                with telemetry.span("load"):
                    site = self._load(site_id)
                with telemetry.span("step"), self._sanely(site):
                    outcome = act(site, self.clock.now())
                if outcome.site is site:
                    return site, outcome
                if too_late is not None:
                    raise Busy from too_late
                try:
                    with telemetry.span("save"):
                        self._save(outcome.site, spare)
                except StaleSite as stale:
                    telemetry.add(stale_retries=1)
                    left = give_up - time.monotonic()
                    if left <= 0:
                        too_late = stale
                        continue
                    time.sleep(random.uniform(0, min(longest, left)))  # noqa: S311 — no secret
                    longest = min(2 * longest, LONGEST_PAUSE)
                    continue
                return site, outcome

    @contextmanager
    def _turn_at(self, site_id: str) -> Iterator[None]:
        """The threads of a process take turns at a site instead of losing races to each
        other. Who has waited long enough goes ahead all the same: the version decides.
        """
        turn = self._turns[site_id]
        is_mine = turn.acquire(timeout=LET_OTHERS_FIRST)
        try:
            yield
        finally:
            if is_mine:
                turn.release()

    def look(self, site_id: str) -> Outcome | None:
        """Look at the site's chargers and take in what is seen; None: nothing was.

        Raises NetworkUnavailable, logged: it may be worth another look soon.
        """
        if self.network is None:
            return None
        site = self._load(site_id)
        if site.stations.is_manual:
            return None
        try:
            observed = self.network.look(site)
        except NetworkUnavailable as fault:
            self._faults.failed(f"{site_id}: ChargePoint", fault)
            telemetry.count(site=site_id, looks_failed=1)
            raise
        except NetworkRefused as refused:
            self._faults.failed(f"{site_id}: ChargePoint", refused)
            telemetry.count(site=site_id, looks_failed=1)
            locked_out = isinstance(refused, NoAccess)
            why = AccessProblem.NO_ACCESS if locked_out else AccessProblem.DENIED
            self.handle(site_id, Hindered(why))
            return None
        self._faults.worked(f"{site_id}: ChargePoint")
        return self.handle(site_id, observed)

    def miss_listener(self, site_id: str) -> bool:
        """Nobody runs who could look; whether the site needs somebody."""
        site = self.handle(site_id, Hindered(AccessProblem.NO_LISTENER)).site
        return not site.stations.is_manual

    def ask_alarms(self, site_id: str) -> None:
        """Ask the network what is broken at the site."""
        site = self._load(site_id)
        if self.network is None or site.stations.is_manual:
            return
        try:
            alarms = self.network.alarms(site)
        except (NetworkUnavailable, NetworkRefused) as fault:
            self._faults.failed(f"{site_id}: alarms", fault)
            return
        self._faults.worked(f"{site_id}: alarms")
        self.handle(site_id, Alarmed(alarms))

    def introduce(self, site_id: str) -> None:
        """Learn what people are called now."""
        site = self._load(site_id)
        found = self.introductions.refresh(site)
        known = {driver: person.name for driver, person in site.people.items()}
        if any(one.name and known.get(one.driver) != one.name for one in found):
            self.handle(site_id, Introduced(found))

    def tick(self, site_id: str) -> None:
        """Apply the rules that are due by now."""
        self.handle(site_id, Tick())

    def wake(self, site_id: str) -> None:
        """The site's time has come: apply the due rules, then deliver."""
        self.tick(site_id)
        self.deliver(site_id)

    def deliver(self, site_id: str, takes: outbox.Takes = outbox.anywhere) -> None:
        """Say what waits in the chat lane and keep what is for the log, until nothing is left
        or must wait; on the platforms that one takes.

        In order at each address; one that takes nothing doesn't hold up the others.
        """
        failed: Counter[str] = Counter()  # addresses in a row, by tenant
        with telemetry.operation("delivery", site=site_id):
            while (claimed := self._claim(site_id, Lane.CHAT, Lane.LOG, takes=takes)) is not None:
                tenant = claimed[1].tenant
                with telemetry.span("send", platform=claimed[1].platform):
                    receipt = self._send(*claimed)
                failed[tenant] = failed[tenant] + 1 if isinstance(receipt, Postponed) else 0
                if isinstance(receipt, Postponed) and failed[tenant] >= SEVERAL:
                    receipt = replace(receipt, everywhere=True)
                self._count(claimed[1], receipt)
                with telemetry.span("receipt"):
                    self.handle(site_id, receipt)

    def _count(self, pending: Pending, receipt: Input) -> None:
        """What became of a message, and how old it was: the alarm clock's own time."""
        waited = (self.clock.now() - pending.queued_at).total_seconds()
        telemetry.annotate(platform=pending.platform)
        telemetry.add(**{RECEIPTS[type(receipt)]: 1})
        telemetry.set_max(waited_s=round(waited, 1))

    def perform(self, site_id: str) -> None:
        """Have done what waits in the network lane. Only where a network is at hand."""
        if self.network is None:
            return
        while (claimed := self._claim(site_id, Lane.NETWORK)) is not None:
            self.handle(site_id, self._order(self.network, *claimed))

    def _order(self, network: ChargingNetwork, site: Site, pending: Pending) -> Input:
        """Carry out one order; the receipt for it."""
        try:
            match pending.effect:
                case LimitPower(_, allowed_kw, minutes):
                    network.limit(site, allowed_kw, minutes)
                case LiftLimit():
                    network.lift(site)
        except NetworkUnavailable:
            return Postponed(pending.id, self._again_at(pending, None))
        except NetworkRefused as refused:
            return Undeliverable(pending.id, str(refused))
        return Delivered(pending.id)

    def _claim(
        self, site_id: str, *lanes: Lane, takes: outbox.Takes = outbox.anywhere
    ) -> tuple[Site, Pending] | None:
        """Take a head of the first of these lanes that has one which is ours to take now."""
        while (claimed := self._try_to_claim(site_id, lanes, takes)) is not None:
            if claimed[1] is not None:
                return claimed[0], claimed[1]
        return None

    def _try_to_claim(
        self, site_id: str, lanes: tuple[Lane, ...], takes: outbox.Takes
    ) -> tuple[Site, Pending | None] | None:
        """The head that is ours now; no effect: it didn't matter any more, and was dropped."""
        chosen: Pending | None = None

        def take(site: Site, now: datetime) -> Outcome:
            nonlocal chosen
            heads = (outbox.ready(site, lane, now, takes) for lane in lanes)
            chosen = next((one for one in heads if one is not None), None)
            if chosen is None:
                return Outcome(site)
            return step(site, Claimed(chosen.id, now + CLAIM * max(self.clock.speed, 1)), now)

        with telemetry.span("claim"):
            _, outcome = self._change(site_id, take)
        if chosen is None:
            return None
        return outcome.site, outbox.find(outcome.site, chosen.id)

    def _send(self, site: Site, pending: Pending) -> Input:
        """Say one effect; the receipt for it."""
        platform = pending.platform
        if pending.lane is Lane.LOG:
            return self._note(site, pending)
        messenger = self.messengers.get(platform)
        if messenger is None:
            return self._refused(site, pending, "no such platform")
        if (until := self._away_until(pending.tenant)) is not None:
            return Postponed(pending.id, until, everywhere=True)
        try:
            ref = messenger.send(pending.to, pending.effect, site, outbox.edits(site, pending))
        except MessengerUnavailable as fault:
            return self._unsent(site, pending, fault)
        except MessageRefused as refused:
            self._worked(platform, pending.tenant)
            return self._refused(site, pending, refused.reason)
        self._worked(platform, pending.tenant)
        return Delivered(pending.id, ref)

    def _unsent(self, site: Site, pending: Pending, fault: MessengerUnavailable) -> Input:
        """It wasn't taken: later, then, by this address or by the whole platform; or never."""
        if fault.everywhere:
            if fault.retry_after is None:
                self._faults.failed(pending.platform, fault)
            return Postponed(pending.id, self._stay_away(pending.tenant, fault), everywhere=True)
        if self._gives_up(pending):
            return self._refused(site, pending, str(fault))
        log.info("%s: %s: not now: %s", site.id, whom(pending), fault)
        return Postponed(pending.id, self._again_at(pending, fault.retry_after))

    def _stay_away(self, tenant: str, fault: MessengerUnavailable) -> datetime:
        """Nobody there is tried before then, of whatever site: each try may last long."""
        times = self._away[tenant].times + 1 if tenant in self._away else 1
        wait = fault.retry_after or timedelta(seconds=BACKOFF[min(times, len(BACKOFF)) - 1])
        self._away[tenant] = Away(self.clock.now() + wait, times)
        return self._away[tenant].until

    def _away_until(self, tenant: str) -> datetime | None:
        away = self._away.get(tenant)
        return away.until if away is not None and away.until > self.clock.now() else None

    def _is_away(self, tenant: str) -> bool:
        return self._away_until(tenant) is not None

    def _worked(self, platform: str, tenant: str) -> None:
        self._faults.worked(platform)
        self._away.pop(tenant, None)

    def _gives_up(self, pending: Pending) -> bool:
        if pending.is_to_a_click:
            return pending.attempts >= MOST_ANSWERS
        since = pending.alone_since
        return since is not None and self.clock.now() - since > GIVE_UP

    def _note(self, site: Site, pending: Pending) -> Input:
        """Make one entry of the log; a second attempt at it finds it made."""
        if self.stays is None:
            return Delivered(pending.id)
        try:
            with self._reaching(f"{site.id}: the log of stays"):
                match pending.effect:
                    case KeepStay(stay, keep):
                        self.stays.add(site.id, stay, keep)
                    case ForgetStays(driver):
                        self.stays.forget(site.id, driver)
        except StoreUnavailable:
            return Postponed(pending.id, self._again_at(pending, None))
        return Delivered(pending.id)

    @staticmethod
    def _refused(site: Site, pending: Pending, reason: str) -> Undeliverable:
        log.warning("%s: %s takes no messages: %s", site.id, whom(pending), reason)
        return Undeliverable(pending.id, reason)

    def _again_at(self, pending: Pending, retry_after: timedelta | None) -> datetime:
        wait = BACKOFF[min(pending.attempts, len(BACKOFF)) - 1]
        return self.clock.now() + (retry_after or timedelta(seconds=wait))

    # --- the store, its outages logged once ------------------------------------------

    def sites_in(self, tenant: str) -> list[str]:
        """The sites with a channel of this tenant (`platform:tenant`)."""
        with self._reaching("the store"):
            return self.store.bound_to(f"{tenant}:")

    def bind(self, address: str, site_id: str) -> None:
        """Let a person's own address, who is on no channel, mean this site."""
        with self._reaching("the store"):
            self.store.bind(address, site_id)

    def site_of(self, channel: str) -> str | None:
        """The site that a channel means."""
        with self._reaching("the store"):
            return self.store.bound(channel)

    def sites(self) -> list[str]:
        """The ids of all sites."""
        with self._reaching("the store"):
            return self.store.sites()

    def due(self) -> list[str]:
        """The ids of the sites whose time has come."""
        with self._reaching("the store"):
            return self.store.due(self.clock.now())

    def _load(self, site_id: str) -> Site:
        with self._reaching(f"{site_id}: the store"):  # one damaged site is not an outage
            site = self.store.load(site_id)
            if site is not None and site.id != site_id:
                raise UnreadableSite("the saved site is another")
        if site is None:
            raise UnknownSite(site_id)
        return site

    def _save(self, site: Site, spare: int) -> Site:
        with self._sanely(site):
            at = wake_at(site)
        with self._reaching(f"{site.id}: writing to the store"):  # a full disk can be read
            if spare and isinstance(self.store, BoundedStore):
                return self.store.save_leaving(site, at, spare)
            return self.store.save(site, at)

    @contextmanager
    def _sanely(self, site: Site) -> Iterator[None]:
        """A step that fails on a site which no rule would have made is that site's trouble;
        any other failure is a bug, and ends the process. Raises UnreadableSite.
        """
        try:
            yield
        except (TypeError, LookupError, ValueError, ArithmeticError, RuntimeError) as error:
            why = sanity.trouble(site)
            if not why:
                raise
            with self._reaching(f"{site.id}: the store"):
                raise UnreadableSite(f"the saved site can't be used: {why}") from error

    @contextmanager
    def _reaching(self, what: str) -> Iterator[None]:
        try:
            yield
        except StoreUnavailable as fault:
            self._faults.failed(what, fault)
            raise
        self._faults.worked(what)


def whom(pending: Pending) -> str:
    """Who should have heard it, for the log: an address for answers to a click is a secret."""
    return f"{pending.platform}: who clicked" if pending.is_to_a_click else pending.to


def spare_of(given: Input) -> int:
    """How many bytes of a site's bounded room this input must leave to others: what people
    and looks bring must not take what claims, receipts and deadlines need.
    """
    if isinstance(given, Claimed | Delivered | Postponed | Undeliverable | Tick):
        return 0
    return SPARE_FOR_LOOKS if isinstance(given, Observed | Alarmed | Hindered) else SPARE


def is_stranger(driver: str, site: Site) -> bool:
    """Somebody from where the site has no channel. A button names its site: who made it up,
    or kept it from when the site was theirs, gets nowhere. "" is ourselves.
    """
    home = driver.rpartition(":")[0]
    return bool(driver) and all(one.rpartition(":")[0] != home for one in site.channels)


def wake_at(site: Site) -> datetime | None:
    """The one alarm clock: the next due rule, or the next attempt at a message."""
    times = (next_deadline(site), *(outbox.next_attempt(site, lane) for lane in Lane))
    return min((at for at in times if at is not None), default=None)
