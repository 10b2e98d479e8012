"""The event feed of the make-believe ChargePoint: what happens in the car park, as chat messages.

Each subscription gets each event that it asked for, through a real XMPP server, in the one
form that has been seen in public (API guide: XMPP event feed).
"""

from __future__ import annotations

import asyncio
import random
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from slixmpp import JID

from bot.networks.chargepoint.events import START, STATUS, STOP
from bot.networks.chargepoint.xmpp import Account, Client
from chalicelib.core.model import Status
from chalicelib.edges import NetworkRefused, NetworkUnavailable
from practice.carpark import CarPark, Place, PortNow
from practice.common.people import Driver

from .prosody import HOST, Prosody, prosody
from .subscriptions import Subscriptions

DOMAIN = "feed.practice.example"
SENDER, SENDER_PASSWORD = "cpfeed", "practice-feed"


@dataclass
class FeedFaultConfig:
    """What the feed does wrong today. Set its fields at any time.

    `drop`, `duplicate` and `overtake` are shares of the messages, 0 to 1; one that is
    overtaken comes `late_seconds` later than it should, all come after `delay_seconds`.
    """

    drop: float = 0.0
    duplicate: float = 0.0
    overtake: float = 0.0
    late_seconds: float = 0.3
    delay_seconds: float = 0.0
    omit_users: bool = False


class Publisher:
    """Sends the events of a car park to `to`, the API key of whoever subscribed."""

    def __init__(
        self,
        carpark: CarPark,
        subscriptions: Subscriptions,
        server: Prosody,
        to: str,
        sender: str = SENDER,
    ) -> None:
        self.fault_config = FeedFaultConfig()
        self.sent = 0
        self._carpark = carpark
        self._subscriptions = subscriptions
        self._server = server
        self._stalled = False
        self._to = JID(f"{to}@{server.domain}")
        self._account = Account(
            HOST, server.port, sender, SENDER_PASSWORD, domain=server.domain,
            trust=ssl.create_default_context(cafile=str(server.ca)),
        )  # fmt: skip
        self._random = random.Random(1)
        self._sessions: dict[Place, tuple[int, datetime]] = {}
        self._waiting: deque[str] = deque(maxlen=1000)
        self._client: tuple[asyncio.AbstractEventLoop, Client] | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="practice-feed", daemon=True)

    def __enter__(self) -> Self:
        self._carpark.watchers.append(self._changed)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._carpark.watchers.remove(self._changed)
        self._over.set()
        with self._lock:
            if self._client is not None:
                loop, client = self._client
                loop.call_soon_threadsafe(client.end)
        self._thread.join(5)

    @property
    def stalled(self) -> bool:
        """Whether the server stands still: every connection stays open, and nothing comes."""
        return self._stalled

    @stalled.setter
    def stalled(self, value: bool) -> None:
        self._stalled = value
        (self._server.pause if value else self._server.resume)()

    def post(self, body: str) -> None:
        """Send any text, as the faults that are set make it arrive."""
        fault_config = self.fault_config
        if self._random.random() < fault_config.drop:
            return
        for _ in range(2 if self._random.random() < fault_config.duplicate else 1):
            late = (
                fault_config.late_seconds if self._random.random() < fault_config.overtake else 0.0
            )
            if wait := fault_config.delay_seconds + late:
                timer = threading.Timer(wait, self._enqueue, [body])
                timer.daemon = True
                timer.start()
            else:
                self._enqueue(body)

    def _changed(self, what: str, port: PortNow) -> None:
        if port.status is Status.UNREACHABLE and what != "dark":
            return  # nobody hears of it
        if what == "plug":
            self._started(port)
        elif what == "unplug":
            self._stopped(port)
        status = Status.AVAILABLE if what == "unplug" else port.status
        self._announce(STATUS, port, status=status.value)

    def _started(self, port: PortNow) -> None:
        place, now = (port.station, port.number), self._carpark.now
        number = self._sessions.get(place, (500, now))[0] + 1
        self._sessions[place] = number, now
        driver = port.driver
        who = {"rfID": tag(driver) if driver else ""}
        if not self.fault_config.omit_users:
            who["userID"] = driver.user_id if driver else ""
        self._announce(START, port, sessionID=str(number), startTime=f"{now:%Y-%m-%dT%H:%M:%SZ}", **who)  # fmt: skip

    def _stopped(self, port: PortNow) -> None:
        """Without the driver, and in times that don't say their zone (seen in 2019)."""
        now = self._carpark.now
        number, began = self._sessions.get((port.station, port.number), (500, now))
        self._announce(
            STOP, port, sessionID=str(number),
            startTime=f"{began:%Y-%m-%d %H:%M:%S}", endTime=f"{now:%Y-%m-%d %H:%M:%S}",
        )  # fmt: skip

    def _announce(self, name: str, port: PortNow, **fields: str) -> None:
        document = body(stationID=port.station, feedEventName=name, portNumber=port.number, **fields)  # fmt: skip
        for _ in range(self._subscriptions.count(name, port.station)):
            self.post(document)

    def _enqueue(self, text: str) -> None:
        self._waiting.append(text)
        with self._lock:
            if self._client is not None:
                self._client[0].call_soon_threadsafe(self._flush, self._client[1])

    def _flush(self, client: Client) -> None:
        while self._waiting:
            client.send_message(self._to, self._waiting.popleft(), mtype="chat")
            self.sent += 1

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                asyncio.run(self._connection())
            except (NetworkUnavailable, NetworkRefused):
                self._over.wait(0.1)

    async def _connection(self) -> None:
        client = Client(self._account, lambda _message: None)
        try:
            await client.open(5)
            with self._lock:
                self._client = asyncio.get_running_loop(), client
            self._flush(client)
            while not self._over.is_set() and await client.lives(5, 5):
                pass
        finally:
            with self._lock:
                self._client = None
            await client.disconnect(0.2)
            client.abort()


@contextmanager
def opened(
    carpark: CarPark, subscriptions: Subscriptions, key: str, password: str
) -> Iterator[tuple[Publisher, dict[str, str]]]:
    """A server with the feed on it, and the settings that lead the concierge there.

    Raises NoProsody.
    """
    with (
        prosody({key: password, SENDER: SENDER_PASSWORD}, DOMAIN) as server,
        Publisher(carpark, subscriptions, server, key) as publisher,
    ):
        yield (
            publisher,
            {
                "CHARGEPOINT_XMPP": f"{HOST}:{server.port}",
                "CHARGEPOINT_XMPP_TLS": "starttls",
                "CHARGEPOINT_XMPP_CA": str(server.ca),
                "CHARGEPOINT_XMPP_DOMAIN": DOMAIN,
            },
        )


def body(**fields: str) -> str:
    """An event document as it was seen: every value in CDATA, two blanks between elements."""
    inside = "".join(f"  <{name}><![CDATA[{text}]]></{name}>" for name, text in fields.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><event>{inside}</event>'


def tag(driver: Driver) -> str:
    """The number on a driver's card, as the feed has it: not the credentialID."""
    return f"{int(driver.user_id):016X}"
