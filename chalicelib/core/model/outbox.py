"""What is still to be said or done."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.core.effects import Effect
from chalicelib.values import dataclass

from .people import HOME


class Lane(StrEnum):
    """Which deliverer an effect waits for. A lane is in order for each platform."""

    CHAT = "chat"
    NETWORK = "network"
    LOG = "log"  # of finished stays, beside the site


@dataclass(frozen=True, slots=True)
class Pending:
    """An effect on its way out: saved with the state it follows from.

    Claimed before it is sent, cleared after; a claim that ran out may be taken over.
    """

    id: int
    lane: Lane
    to: str  # platform:tenant:id, or "network", or "log"
    effect: Effect
    queued_at: datetime
    not_before: datetime | None = None  # its next attempt
    claimed_until: datetime | None = None
    attempts: int = 0
    asker: str = ""  # whose question it answers; "": nobody's
    alone_since: datetime | None = None  # this address alone has taken nothing since then

    @property
    def platform(self) -> str:
        """Who delivers it."""
        return self.to.partition(":")[0]

    @property
    def tenant(self) -> str:
        """Whose outage it must wait for: one server, or one workspace (`platform:tenant`)."""
        return ":".join(self.to.split(":", 2)[:2])

    @property
    def is_to_a_click(self) -> bool:
        """Its address is one that the platform gave for a few answers to one click."""
        return "://" in self.to

    @property
    def is_to_home(self) -> bool:
        """It changes what stands on somebody's Home tab, and is no message."""
        return self.to.endswith(HOME)
