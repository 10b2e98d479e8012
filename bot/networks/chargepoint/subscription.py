"""Our subscription to the event feed: one for the account, remembered in the store."""

from __future__ import annotations

import hashlib
import logging
import threading
import time

from chalicelib.edges import FaultLog, NetworkRefused, NetworkUnavailable, Records

from .events import USED
from .http import NotReached
from .reply import Declined, Faulted, PlanDenied, SlowDown
from .soap import ChargePointClient

log = logging.getLogger(__name__)

KIND = "feed"
RETRY, RETRY_REFUSED = 60.0, 600.0  # real seconds
PATIENCE = 3  # changes that looks showed and the feed kept quiet about …
GRACE = 60.0  # … for so many seconds: events may come late
UNSURE = ""  # instead of a subscription's id: we asked, and no answer came
NOT_DONE = (
    NotReached,
    SlowDown,
    Faulted,
    Declined,
    NetworkRefused,
)  # then there is none, for certain
FRESH_EVERY = 3600.0  # there is no way to end a subscription, so new ones are rare


class Subscription:
    """Registers once and refreshes at every start; registers anew when the feed seems deaf.

    How long a subscription lives is not public (API guide: registerFeeds), and updateFeed's
    Refresh is not explained. `account` tells one account from another.
    """

    def __init__(
        self,
        client: ChargePointClient,
        records: Records,
        account: str,
        grace: float = GRACE,
        fresh_every: float = FRESH_EVERY,
    ) -> None:
        self._client = client
        self._records = records
        self._key = hashlib.sha256(account.encode()).hexdigest()[:16]  # a key is a secret
        self._grace = grace
        self._fresh_every = fresh_every
        self._lock = threading.Lock()
        self._unheard: list[float] = []  # when looks showed a change, since the last event
        self._unsaved: list[str | None] = []  # at most one, that the store didn't take
        self._confirmed = False
        self._fresh_at = self._not_before = float("-inf")
        self._faults = FaultLog(log)

    def heard(self) -> None:
        """An event came. Called from any thread."""
        with self._lock:
            self._unheard.clear()

    def saw(self, changes: int) -> None:
        """A look showed cars come or go while the feed was connected."""
        with self._lock:
            room = PATIENCE - len(self._unheard)
            self._unheard += [time.monotonic()] * min(changes, room)

    def turn(self) -> float:
        """Subscribe where that is due; real seconds until the next turn. Raises StoreUnavailable."""
        now = time.monotonic()
        self._save()
        deaf = self._is_deaf(now)
        if now < self._not_before or (self._confirmed and not deaf):
            return 1.0
        try:
            self._subscribe(anew=deaf)
        except PlanDenied as fault:
            self._faults.failed("subscribing to the event feed; polling goes on", fault)
            self._not_before = float("inf")
        except (NetworkUnavailable, NetworkRefused) as fault:
            self._faults.failed("subscribing to the event feed", fault)
            refused = isinstance(fault, NetworkRefused)
            self._not_before = now + (RETRY_REFUSED if refused else RETRY)
        else:
            self._faults.worked("subscribing to the event feed")
            self._confirmed = True
        return 1.0

    def _is_deaf(self, now: float) -> bool:
        with self._lock:
            return (
                len(self._unheard) == PATIENCE
                and now - self._unheard[0] > self._grace
                and now - self._fresh_at > self._fresh_every
            )

    def _subscribe(self, *, anew: bool) -> None:
        if not anew and self.holds():
            return
        self._keep(UNSURE)  # whoever dies now mustn't ask again before it is known to be deaf
        try:
            subscription = self._client.register_feeds(USED)
        except NOT_DONE:
            self._keep(None)
            raise
        except NetworkUnavailable as fault:
            log.warning(
                "subscribing to the event feed: whether it was done isn't known: %s", fault
            )
            subscription = UNSURE
        self._fresh_at = time.monotonic() if subscription else float("-inf")
        self.heard()
        self._keep(subscription)
        if subscription:
            log.info("subscribed to the event feed: subscription %s", subscription)

    def _keep(self, subscription: str | None) -> None:
        """Have the store remember it; None: nothing. Raises StoreUnavailable; `_save` tries again."""
        self._unsaved = [subscription]
        self._save()

    def _save(self) -> None:
        """Bring the store up to date. Raises StoreUnavailable."""
        for subscription in self._unsaved:
            if subscription is None:
                self._records.delete(KIND, self._key)
            else:
                value = {"subscription": subscription, "events": list(USED)}
                self._records.put(KIND, self._key, value)
        self._unsaved = []

    def holds(self) -> bool:
        """Whether the remembered subscription still holds, for the same events; refreshes it.

        One that we aren't sure of is taken for one until it proves deaf: a second one would
        be there for ever. Raises NetworkUnavailable, NetworkRefused or StoreUnavailable.
        """
        known = self._records.get(KIND, self._key)
        if known is None or known.get("events") != list(USED):
            return False
        if known.get("subscription") == UNSURE:
            return True
        try:
            self._client.update_feed(str(known.get("subscription")))
        except Declined:
            return False
        return True
