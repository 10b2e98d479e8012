"""Boards: a message in each channel that shows the site, and is kept up to date."""

from __future__ import annotations

from datetime import datetime

from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class Board:
    """The board of one channel, as it was sent last. Without a `ref` it was lost."""

    channel: str
    made_at: datetime
    ref: str = ""  # the message
    sent_at: datetime | None = None
    digest: str = ""  # of what it shows …
    figures: str = ""  # … and of its figures
    is_stale: bool = False  # what it shows isn't so any more
    has_drifted: bool = False  # … or its figures are others by now
    good_until: datetime | None = None  # … and the first time that it names is past from then on
