"""What texting costs, counted beside the sites: parts a site and day, answers a number.

A number that answers by itself (a carrier, an absent owner) would talk to us for ever: it is
answered a few times, and then not for a while. Kept under a hash: no record holds a number.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.chat.http import short
from chalicelib.edges import Clock, Records

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SEEN = timedelta(days=30)  # how long a message's name is known
FRESH = timedelta(minutes=10)  # … and how long the core itself knows it, and more
MOST_ANSWERS = 60  # to one number in an hour
MOST_STRANGE = 3  # … of those to what we can't read
TRIES = 8  # at counting, beside others


class Ledger:
    """Counts in the store's records. Every method may raise StoreUnavailable."""

    def __init__(self, records: Records, clock: Clock, most_a_day: int) -> None:
        self._records = records
        self._clock = clock
        self._most = most_a_day

    def may_spend(self, site_id: str, parts: int) -> bool:
        """Count parts of a text of this site's today; false when they would be too many."""
        key = f"{site_id}:{self._clock.now():%Y-%m-%d}"
        return self._count("sms-parts", key, parts, DAY * 2, self._most)

    def spent(self, site_id: str) -> int:
        """Parts of today's texts."""
        found = self._records.get("sms-parts", f"{site_id}:{self._clock.now():%Y-%m-%d}")
        return int((found or {}).get("n", 0))

    def may_answer(self, number: str, *, strange: bool) -> bool:
        """Count an answer to a number in this hour; false when there were too many."""
        kind, most = ("sms-strange", MOST_STRANGE) if strange else ("sms-answers", MOST_ANSWERS)
        key = f"{short(number)}:{self._clock.now():%Y-%m-%dT%H}"
        return self._count(kind, key, 1, HOUR * 2, most)

    def is_new(self, message: str) -> bool:
        """Whether this message, by Twilio's name for it, comes for the first time."""
        at = {"at": self._clock.now().timestamp()}
        return self._records.compare_and_set("sms-seen", short(message), None, at, SEEN)

    def is_fresh(self, message: str) -> bool:
        """Whether it first came a moment ago, so that the core knows it by name."""
        found = self._records.get("sms-seen", short(message))
        first = datetime.fromtimestamp(float((found or {}).get("at", 0)), self._clock.now().tzinfo)
        return self._clock.now() - first < FRESH

    def _count(self, kind: str, key: str, by: int, ttl: timedelta, most: int) -> bool:
        for _ in range(TRIES):
            old = self._records.get(kind, key)
            n = int((old or {}).get("n", 0)) + by
            if n > most:
                return False
            if self._records.compare_and_set(kind, key, old, {"n": n}, ttl):
                return True
        return True  # many at once: a few too many are no harm
