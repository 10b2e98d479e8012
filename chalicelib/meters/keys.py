"""Which meters there are, and the key of each.

A key is 256 random bits, so its plain SHA-256 gives nothing away and takes a microsecond;
slow hashes are for what people think up. It is shown once, when it is made.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from chalicelib.edges import Records
from chalicelib.values import dataclass

KIND = "meter"  # of the records
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
RULE = "a meter's name is small letters, digits and dashes, at most 40"
LONGEST_KEY = 200  # characters of what somebody says is one
NOBODY = hashlib.sha256(b"").hexdigest()  # compared with where there is no such meter


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter that may send readings. `digest` is its key's SHA-256, in hex."""

    name: str
    digest: str
    zone: str = "UTC"  # its site's

    def key_for_links(self) -> bytes:
        """A new key of the meter makes its old links worthless."""
        return b"link:" + self.digest.encode()


class Meters:
    """The meters, as records beside the sites. Every method may raise StoreUnavailable.

    `remember`: so long a key that was right is believed to be, without asking the store.
    """

    def __init__(
        self,
        records: Records,
        remember: timedelta = timedelta(0),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = records
        self._remember = remember.total_seconds()
        self._now = now
        self._known: dict[str, tuple[Meter, float]] = {}

    def add(self, name: str, zone: str) -> str | None:
        """A new meter's key; None: there is one of that name. Raises ValueError."""
        if not NAME.fullmatch(name):
            raise ValueError(RULE)
        key = new_key()
        made = self._records.compare_and_set(KIND, name, None, record(digest_of(key), zone))
        return key if made else None

    def renew(self, name: str) -> str | None:
        """Another key in the place of the old one; None: there is no such meter."""
        while (meter := self.get(name)) is not None:
            key, old = new_key(), record(meter.digest, meter.zone)
            if self._records.compare_and_set(KIND, name, old, record(digest_of(key), meter.zone)):
                return key
        return None

    def place(self, name: str, zone: str) -> bool:
        """Let the meter's days be those of a site; whether there is such a meter."""
        while (meter := self.get(name)) is not None:
            if meter.zone == zone:
                return True
            old, new = record(meter.digest, meter.zone), record(meter.digest, zone)
            if self._records.compare_and_set(KIND, name, old, new):
                return True
        return False

    def get(self, name: str) -> Meter | None:
        if not NAME.fullmatch(name):
            return None
        found = self._records.get(KIND, name)
        return None if found is None else Meter(name, found["digest"], found["zone"])

    def names(self) -> list[str]:
        return self._records.keys(KIND)

    def remove(self, name: str) -> bool:
        """Whether there was one."""
        if self.get(name) is None:
            return False
        self._records.delete(KIND, name)
        return True

    def proven(self, name: str, key: str) -> Meter | None:
        """The meter, if that is its key. Takes as long where there is none."""
        digest = digest_of(key[:LONGEST_KEY])
        known = self._known.get(name)
        if known is not None and known[1] > self._now() and is_same(known[0].digest, digest):
            return known[0]
        meter = self.get(name)
        if not is_same(meter.digest if meter is not None else NOBODY, digest) or meter is None:
            return None
        if self._remember:
            self._known[name] = (meter, self._now() + self._remember)
        return meter


def new_key() -> str:
    return f"evm_{secrets.token_urlsafe(32)}"


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one, other)


def record(digest: str, zone: str) -> dict[str, str]:
    return {"digest": digest, "zone": zone}
