"""To the channel: the messages that are edited as things go on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.values import dataclass


class News(StrEnum):
    """What the one channel post of a free port says (rule 15)."""

    FREE = "free"
    CALLED = "called"
    UNPLUGGABLE = "unpluggable"  # rule 35: called to a port whose car is done
    COMING = "coming"
    CHARGING = "charging"
    DARK = "dark"
    BLOCKED = "blocked"
    CLOSED = "closed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class PortPost:
    """To the channel: a port is free, and what became of it. Later ones edit the first."""

    post: int
    port: str
    news: News
    driver: str | None = None


class ChannelReminder(StrEnum):
    """What the one channel post of a ladder says."""

    ASK = "ask"
    OVERTIME = "overtime"  # rule 20: whether or not somebody waits
    MORE_TIME = "more time"
    MOVING = "moving"
    GONE = "gone"
    CHARGING = "charging"  # power again: not full after all


@dataclass(frozen=True, slots=True)
class PleaseMove:
    """To the channel: a car stays too long while people wait. Later ones edit the first."""

    post: int
    port: str
    stay: int
    plea: ChannelReminder
    driver: str | None = None


@dataclass(frozen=True, slots=True)
class BoardPost:
    """To a channel's board: show how the site stands when this is sent; the words are found then.

    `digest`, `figures` and `good_until` tell what was sent. `off`: there is no board any more.
    """

    off: bool = False
    digest: str = ""
    figures: str = ""
    good_until: datetime | None = None


Post = PortPost | PleaseMove  # messages that are edited as things go on
