"""A practice run whose ways to the network can stall: the feed's, SOAP's, or both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from practice.chargepoint.event_feed import DOMAIN, SENDER, SENDER_PASSWORD, Publisher
from practice.chargepoint.prosody import HOST, Prosody, prosody
from practice.common.free_port import free_port
from practice.common.proxy import StallingProxy
from practice.world import KEY, PASSWORD, PROGRAM, SITE, World, world

from .fortnight import wait

HURRIED = """
import functools, sys
from bot.listener import run
from bot.networks.chargepoint import feed
pace = feed.Pace(0.2, 0.5, 2.0, 0.05, 0.2, 0.4)
feed.Pace = lambda: pace
run.ChargePointClient = functools.partial(run.ChargePointClient, timeout=0.5)
from bot.__main__ import main
sys.exit(main(["run"]))
"""  # where the day is fast, pings and timeouts must be
LOST = re.compile(r"^(\S+ \S+) WARNING \S+: (.+?): (lost|back)", re.MULTILINE)


@dataclass
class Paths:
    """The run, its XMPP server, and the two ways there."""

    here: World
    server: Prosody
    feed: StallingProxy
    soap: StallingProxy
    log: Path

    def of(self, what: str) -> list[StallingProxy]:
        """Those of "feed", "soap" or "both"."""
        return {"feed": [self.feed], "soap": [self.soap]}.get(what, [self.feed, self.soap])

    def outages(self) -> list[tuple[float, str, bool]]:
        """What the concierge logged: when (as `time.time()`), what, and whether it came back."""
        text = self.log.read_text(encoding="utf-8")
        return [
            (datetime.strptime(at, "%Y-%m-%d %H:%M:%S,%f").timestamp(), what, how == "back")  # noqa: DTZ007 — the log's times are local
            for at, what, how in LOST.findall(text)
        ]

    def differences(self) -> list[str]:
        """The ports of which the site believes what isn't so."""
        ports = self.here.site().ports
        return [
            f"{port.station}/{port.number}"
            for port in self.here.carpark.ports()
            if ports[f"{port.station}/{port.number}"].status is not port.status
        ]


@contextmanager
def paths(
    folder: Path,
    *,
    speed: float = 1,
    poll: float = 60,
    ports: int = 4,
    blind: str = "3m",
    hurried: bool = False,
) -> Iterator[Paths]:
    """One process that has subscribed and looked, both ways open."""
    port, log = free_port(), folder / "log"
    with (
        prosody({KEY: PASSWORD, SENDER: SENDER_PASSWORD}, DOMAIN) as server,
        StallingProxy(server.port) as feed,
        StallingProxy(port) as soap,
        world(
            port=port,
            speed=speed,
            poll_seconds=poll,
            ports=ports,
            log=log,
            program=("-c", HURRIED) if hurried else PROGRAM,
            extra={
                "CHARGEPOINT_URL": f"http://{HOST}:{soap.port}",
                "CHARGEPOINT_XMPP": f"{HOST}:{feed.port}",
                "CHARGEPOINT_XMPP_CA": str(server.ca),
                "CHARGEPOINT_XMPP_DOMAIN": DOMAIN,
            },
        ) as here,
        Publisher(here.carpark, here.network.subscriptions, server, KEY),
    ):
        here.command("site", "set", SITE, "--policy", f"blind={blind}")
        wait(lambda: here.network.subscriptions.count() > 0, "a subscription")
        wait(lambda: len(here.site().ports) == ports, "a look")
        yield Paths(here, server, feed, soap, log)
        for path in (feed, soap):
            path.heal()
