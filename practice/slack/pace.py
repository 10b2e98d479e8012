"""How fast an app may call ("Slack docs: rate limits"), counted in site time."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from datetime import datetime, timedelta

from .faults import TooFast

PER_CHANNEL = timedelta(seconds=1)  # between two posts in one channel
WINDOW = timedelta(minutes=1)
PER_WINDOW = {
    "auth.test": 600,  # "hundreds"
    "chat.getPermalink": 600,  # "hundreds"
    "chat.postMessage": 300,  # "several hundred a minute per workspace"
    "chat.postEphemeral": 100,  # Tier 4
    "chat.update": 50,  # Tier 3
    "conversations.info": 50,  # Tier 3
    "conversations.open": 50,  # Tier 3
    "pins.add": 20,  # Tier 2
    "pins.remove": 20,  # Tier 2
    "users.info": 100,  # Tier 4
    "blocks.validate": 50,  # "special": no number is told
    "files.completeUploadExternal": 100,  # Tier 4
    "files.getUploadURLExternal": 100,  # Tier 4
    "views.open": 100,  # Tier 4
    "views.publish": 100,  # Tier 4
}


class Pace:
    """Remembers the calls that were let through; refused ones cost nothing."""

    def __init__(self) -> None:
        self._posted: dict[str, datetime] = {}
        self._called: dict[str, deque[datetime]] = defaultdict(deque)

    def call(self, method: str, now: datetime) -> None:
        """Count a call of this method. Raises TooFast."""
        calls = self._called[method]
        while calls and now - calls[0] >= WINDOW:
            calls.popleft()
        if len(calls) >= PER_WINDOW[method]:
            raise _too_fast(calls[0] + WINDOW - now)
        calls.append(now)

    def post(self, channel: str, now: datetime) -> None:
        """Count a post in this channel. Raises TooFast."""
        last = self._posted.get(channel)
        if last is not None and now - last < PER_CHANNEL:
            raise _too_fast(last + PER_CHANNEL - now)
        self._posted[channel] = now


def _too_fast(wait: timedelta) -> TooFast:
    return TooFast(max(1, math.ceil(wait.total_seconds())))
