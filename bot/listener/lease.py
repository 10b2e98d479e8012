"""Two listeners, one leader: a lease in the store, on real time.

The leader looks at the chargers and gives the network its orders; a standby waits. That
keeps the network's load single. It is not what keeps decisions single: every save is
conditional and every effect is claimed, so a leader that wakes up late does no harm.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from datetime import timedelta
from pathlib import Path

from chalicelib.edges import Record, Records
from chalicelib.endpoints import LEASE

TERM = timedelta(seconds=20)  # a standby takes over within this after the last renewal
KIND, KEY = LEASE  # whoever misses a listener reads it, too


class Lease:
    """The right to lead, for as long as it is renewed. Every method may raise StoreUnavailable."""

    def __init__(self, records: Records, term: timedelta = TERM, owner: str = "") -> None:
        self._records = records
        self._term = term
        self._mine: Record = {
            "owner": owner or f"{machine()}/{os.getpid()}",
            "nonce": secrets.token_hex(4),  # no two processes may renew each other's
        }
        self._held_until = 0.0  # monotonic; what this process knows for certain

    @property
    def holds(self) -> bool:
        """Whether this process leads now, as far as it knows. Asks and renews nothing: who
        doesn't look at the chargers must not keep the lease for a thread that is stuck there.
        """
        return time.monotonic() < self._held_until

    def is_lost(self) -> bool:
        """Whether another leads. Who doesn't hold it may only be slow, and have it in a moment."""
        return not self.holds and self._records.get(KIND, KEY) not in (None, self._mine)

    def leads(self) -> bool:
        """Whether this process leads now; takes or renews the lease where that is due."""
        now = time.monotonic()
        if now < self._held_until - self._term.total_seconds() / 2:
            return True
        if self._take():
            self._held_until = now + self._term.total_seconds()
            return True
        return False

    def release(self) -> None:
        """Let a standby lead at once."""
        self._held_until = 0.0
        self._records.delete(KIND, KEY, only=self._mine)

    def _take(self) -> bool:
        """Write only where the lease can be had: a standby asks twice a second, and on
        DynamoDB even a write that fails is paid for.
        """
        other = self._records.get(KIND, KEY)
        is_free = other is None or other == self._mine or is_gone(str(other.get("owner", "")))
        return is_free and self._records.compare_and_set(KIND, KEY, other, self._mine, self._term)


def machine() -> str:
    """Where process ids mean the same: this host, and the container we are in.

    Containers that share a host's name don't see each other's processes.
    """
    try:
        space = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        space = 0
    return f"{socket.gethostname()}:{space}"


def is_gone(owner: str) -> bool:
    """A process of this very machine that is no more: its restart needn't wait for the term."""
    host, _, pid = owner.rpartition("/")
    if host != machine() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
