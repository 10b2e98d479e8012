"""What the tests of the event feed share: a server, a path that stalls, a feed in a hurry."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.networks.chargepoint.events import Event
from bot.networks.chargepoint.feed import Feed, Pace
from bot.networks.chargepoint.xmpp import Account, Tls
from chalicelib.clock import SystemClock
from practice.carpark import CarPark
from practice.chargepoint import prosody
from practice.chargepoint.event_feed import DOMAIN, SENDER, SENDER_PASSWORD, Publisher
from practice.chargepoint.subscriptions import Subscriptions
from tests.needs import need

KEY, PASSWORD = "0123456789abcdef", "an-invented-password"
STRANGER = "mallory"
HURRY = Pace(
    ping_every=0.2,
    answer_within=0.5,
    session_within=2.0,
    retry_first=0.05,
    retry_most=0.2,
    retry_refused=0.4,
)
NOTICED = HURRY.ping_every + HURRY.answer_within
HEALED = HURRY.retry_most + HURRY.session_within
SLACK = 2.0  # seconds that a busy machine may add


def need_prosody() -> None:
    """Skip without it; but the build must have it."""
    need("prosody openssl", is_there=prosody.is_installed())


@contextmanager
def server() -> Iterator[prosody.Prosody]:
    need_prosody()
    strangers = {STRANGER: SENDER_PASSWORD}
    with prosody.prosody(
        {KEY: PASSWORD, SENDER: SENDER_PASSWORD}, DOMAIN, strangers=strangers
    ) as there:
        yield there


@dataclass
class Heard:
    """A feed, and what it told."""

    feed: Feed
    events: list[Event] = field(default_factory=list)
    sessions: list[float] = field(default_factory=list)

    def stations(self) -> list[str]:
        return [event.station for event in self.events]


@contextmanager
def listening(
    there: prosody.Prosody,
    port: int = 0,
    *,
    password: str = PASSWORD,
    tls: Tls = "starttls",
    trust: ssl.SSLContext | None = None,
    pace: Pace = HURRY,
) -> Iterator[Heard]:
    """A feed, started; by default straight at the server."""
    trust = trust or ssl.create_default_context(cafile=str(there.ca))
    account = Account("127.0.0.1", port or there.port, KEY, password, tls, there.domain, trust)
    events: list[Event] = []
    sessions: list[float] = []
    feed = Feed(
        account, SystemClock(), events.append, lambda: sessions.append(time.monotonic()), pace=pace
    )
    feed.start()
    try:
        yield Heard(feed, events, sessions)
    finally:
        feed.stop()
        feed.check()


@contextmanager
def publishing(
    there: prosody.Prosody, carpark: CarPark, sender: str = SENDER
) -> Iterator[Publisher]:
    """Everybody's events of a car park, to whom it may concern."""
    subscriptions = Subscriptions()
    with Publisher(carpark, subscriptions, there, KEY, sender) as publisher:
        yield publisher
