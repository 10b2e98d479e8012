"""EventFeedService: the event feed and its subscription, and what they tell the poller."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from bot.networks.chargepoint import ChargePoint, ChargePointClient
from bot.networks.chargepoint.events import Event, EventReader
from bot.networks.chargepoint.subscription import Subscription
from chalicelib import wiring
from chalicelib.edges import Clock
from chalicelib.settings import BadSettings, Settings

from .poller import StationPoller

if TYPE_CHECKING:
    from bot.networks.chargepoint.feed import Feed, Pace
    from bot.networks.chargepoint.xmpp import Account


class EventFeedService:
    """Turns events into hints: something happened at a station, and who plugged in there.

    Only the leader is connected: the feed may give an event to one connection alone, and a
    standby would keep it from who looks. While it is cut off, the poller goes on by itself.
    """

    def __init__(
        self,
        poller: StationPoller,
        network: ChargePoint,
        subscription: Subscription,
        account: Account,
        clock: Clock,
        zone: tzinfo = UTC,
        pace: Pace | None = None,
    ) -> None:
        from bot.networks.chargepoint.feed import (
            Feed,  # slixmpp is imported only where there is a feed
        )

        self._poller = poller
        self._network = network
        self._subscription = subscription
        reader = EventReader(zone)
        self._new_feed = functools.partial(
            Feed, account, clock, self._heard, poller.look_everywhere, reader, pace
        )
        self._feed: Feed | None = None
        poller.changed, poller.hears = self._saw, lambda: self.is_up

    @property
    def is_up(self) -> bool:
        """Whether events reach us now, as far as we know."""
        feed = self._feed
        return feed is not None and feed.is_up

    def turn(self, *, leads: bool = True, lost: Callable[[], bool] = lambda: False) -> float:
        """Connect and see after the subscription while we lead; hang up once that is `lost` to
        another. Real seconds until the next turn.

        Raises StoreUnavailable, and whatever bug stopped the feed.
        """
        if self._feed is not None:
            self._feed.check()
            if lost():
                self.stop()
        if not leads:
            return 1.0
        if self._feed is None:
            self._feed = self._new_feed()
            self._feed.start()
        return self._subscription.turn()

    def stop(self) -> None:
        """Hang up."""
        if self._feed is not None:
            self._feed.stop()
            self._feed = None

    def _heard(self, event: Event) -> None:
        self._subscription.heard()
        self._network.note(event)
        self._poller.hint(event.station)

    def _saw(self, changes: int) -> None:
        if self.is_up:
            self._subscription.saw(changes)


def event_feed_of(
    settings: Settings,
    poller: StationPoller,
    network: ChargePoint,
    client: ChargePointClient,
    clock: Clock,
) -> EventFeedService | None:
    """The event feed, unless it is off. Raises BadSettings."""
    if settings.chargepoint_xmpp is None:
        return None
    account, zone = account_of(settings), settings.chargepoint_xmpp_zone
    return EventFeedService(
        poller, network, subscription_of(settings, client), account, clock, zone
    )


def account_of(settings: Settings) -> Account:
    """Where the feed is, and who we are there. Raises BadSettings."""
    from bot.networks.chargepoint.xmpp import Account  # slixmpp only where there is a feed

    host, port = settings.chargepoint_xmpp or ("", 0)
    return Account(
        host,
        port,
        settings.chargepoint_api_key,
        settings.chargepoint_api_password,
        settings.chargepoint_xmpp_tls,
        settings.chargepoint_xmpp_domain,
        trust(settings.chargepoint_xmpp_ca),
    )


def subscription_of(settings: Settings, client: ChargePointClient) -> Subscription:
    """What the account has asked to be told, as it is remembered in the store."""
    account = f"{settings.chargepoint_url} {settings.chargepoint_api_key}"
    return Subscription(client, wiring.records_of(settings), account)


def trust(ca: str) -> ssl.SSLContext:
    """Who may vouch for the feed: the file's authorities, or those that the system knows."""
    try:
        return ssl.create_default_context(cafile=ca or None)
    except OSError as error:
        raise BadSettings([f"CHARGEPOINT_XMPP_CA: can't read {ca}: {error.strerror}"]) from error
