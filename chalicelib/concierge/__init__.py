"""The concierge: load, step, save; and say what the step wanted said.

The only code that touches two edges. It decides nothing: every decision is the core's.
`sites` asks the store, `steps` gives inputs to sites, `delivery` says what they want said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalicelib import telemetry
from chalicelib.core import Outcome
from chalicelib.core.effects import AccessProblem, LiftLimit, LimitPower
from chalicelib.core.inputs import (
    Alarmed,
    Delivered,
    Hindered,
    Input,
    Introduced,
    Postponed,
    Tick,
    Undeliverable,
)
from chalicelib.core.model import Lane, Pending, Site
from chalicelib.edges import (
    ChargingNetwork,
    Clock,
    Messenger,
    NetworkRefused,
    NetworkUnavailable,
    NoAccess,
    SiteStore,
    StayLog,
)
from chalicelib.introductions import is_news

from .delivery import Deliveries
from .sites import wake_at as wake_at


class Concierge(Deliveries):
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
        super().__init__(store, messengers, clock, woken, stays)
        self.network = network

    def tick(self, site_id: str) -> None:
        """Apply the rules that are due by now."""
        self.handle(site_id, Tick())

    def wake(self, site_id: str) -> None:
        """The site's time has come: apply the due rules, then deliver."""
        self.tick(site_id)
        self.deliver(site_id)

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
        """Learn what people are called now, who has left, and who is in a meeting."""
        site = self._load(site_id)
        found = self.introductions.refresh(site)
        if any(is_news(site, one) for one in found):
            self.handle(site_id, Introduced(found))

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
