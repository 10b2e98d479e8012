"""The edges: the few outside systems, and the faults that each may raise.

A fault is an outside failure. It is raised `from` its cause, and only the outermost
code catches it: `concierge`, the listener's loops, the webhook. The docstring of a
fault is its default message.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from .core.effects import Effect
from .core.inputs import Alarm, Observed, Profile
from .core.model import Site
from .core.stays import FinishedStay
from .energy.readings import Reading
from .energy.slots import Slot

Record = dict[str, Any]  # a small JSON object


class Fault(Exception):
    """Something outside failed."""

    def __str__(self) -> str:
        return super().__str__() or type(self).__doc__ or ""


class StaleSite(Fault):
    """Somebody else saved the site since it was loaded."""


class StoreUnavailable(Fault):
    """The store can't be reached."""


class Unsure(StoreUnavailable):
    """The store stopped answering while it was written to: it may have been done or not."""


class UnreadableSite(StoreUnavailable):
    """What the store holds is no site. The others are none the worse for it."""


class NewerFormat(Fault):
    """The site was saved by a newer version of this program."""


class NetworkUnavailable(Fault):
    """The charging network can't be reached, or answers nonsense."""


class NetworkRefused(Fault):
    """The charging network refuses us: credentials, region, plan or rights."""


class NoAccess(NetworkRefused):
    """The charging network refuses the API key, the password, the region or the role."""


class MessengerUnavailable(Fault):
    """The chat platform can't take this message now.

    `everywhere`: it would take no other either, as when there is no connection, or when it
    asks to be left alone for a while. Else it may be this address alone. `shared`: it is the
    one host of all workspaces that can't be reached, so none of them can.
    """

    def __init__(
        self,
        message: str = "",
        retry_after: timedelta | None = None,
        *,
        everywhere: bool | None = None,
        shared: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.shared = shared
        limited = retry_after is not None if everywhere is None else everywhere
        self.everywhere = limited or shared


class MessageRefused(Fault):
    """The chat platform will never take this message (`reason` is its word for it); `gone`: nor
    any other to this person, whose account is closed.
    """

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.gone = gone


class UnknownSite(Fault):
    """There is no such site."""


class Busy(Fault):
    """Too many people at once; nothing was changed."""


class Clock(Protocol):
    """The time on the site's clock."""

    @property
    def speed(self) -> float:
        """Site seconds in a real second; 1 but in practice."""

    def now(self) -> datetime:
        """Aware UTC."""


class SiteStore(Protocol):
    """Keeps sites. Every method may raise StoreUnavailable."""

    def load(self, site_id: str) -> Site | None:
        """The site as last saved, or None. Raises NewerFormat."""

    def save(self, site: Site, wake_at: datetime | None) -> Site:
        """Save over version `site.version` (0: must not exist); the saved site, one version on.

        Raises StaleSite, and then nothing has changed. Raises Unsure where a store can't know.
        """

    def delete(self, site_id: str) -> None:
        """Forget the site and its bindings."""

    def sites(self) -> list[str]:
        """The ids of all sites, sorted. For the listener and the command line."""

    def due(self, now: datetime) -> list[str]:
        """The ids of sites whose `wake_at` is not after `now`, by an index."""

    def bind(self, address: str, site_id: str | None) -> None:
        """Let a channel (`platform:tenant:id`) mean this site; None unbinds it."""

    def bound(self, address: str) -> str | None:
        """The site that a channel means."""

    def bound_to(self, prefix: str) -> list[str]:
        """The sites, sorted, that have a channel beginning with `prefix` (`platform:tenant:`)."""


@runtime_checkable
class BoundedStore(Protocol):
    """A SiteStore in which a site has only so much room."""

    def save_leaving(self, site: Site, wake_at: datetime | None, spare: int) -> Site:
        """Save, as `SiteStore.save`, if so many bytes of the site's room stay free."""


class Records(Protocol):
    """Keeps small JSON objects by kind and key, on real time, to the second.

    An expired record is gone, whether or not it has been swept yet. Every method may
    raise StoreUnavailable.
    """

    def get(self, kind: str, key: str) -> Record | None:
        """What was put, or None."""

    def put(self, kind: str, key: str, value: Record, ttl: timedelta | None = None) -> None:
        """Keep the value, over whatever was there; `ttl` None keeps it for ever."""

    def compare_and_set(
        self, kind: str, key: str, old: Record | None, new: Record, ttl: timedelta | None = None
    ) -> bool:
        """Put `new` if `old` is what is there (None: nothing); false if it is not.

        For leases: compare_and_set(None, mine) takes one, compare_and_set(mine, mine) renews it.
        """

    def keys(self, kind: str) -> list[str]:
        """The keys of all records of a kind, sorted. For the command line."""

    def delete(self, kind: str, key: str, only: Record | None = None) -> None:
        """Forget the record; with `only`, unless something else is there by now."""

    def permanent(self) -> Iterable[tuple[str, str, Record]]:
        """Kind, key and value of all that is kept for ever, in any order.

        It reads the whole store: for the command line.
        """


class StayLog(Protocol):
    """Keeps the stays that are over, of each site. Every method may raise StoreUnavailable.

    A stay is one by its id and its beginning: however often it is added, it is there once, as
    of its latest end. It is gone when its time to be kept, which is real time, is over.
    """

    def add(self, site_id: str, stay: FinishedStay, keep: timedelta) -> None:
        """Keep the stay for so long."""

    def read(self, site_id: str, since: datetime, until: datetime) -> list[FinishedStay]:
        """The stays that ended from `since` to before `until`, in the order of their ends."""

    def forget(self, site_id: str, driver: str) -> None:
        """Keep this driver's stays as nobody's."""

    def delete(self, site_id: str) -> None:
        """Forget all stays of a site."""


class Series(Protocol):
    """Keeps the readings of meters. Every method may raise StoreUnavailable.

    Readings themselves are kept for some days, slots of five minutes for years; what is
    older is gone, whether or not it has been swept yet.
    """

    def keep(self, meter: str, readings: Sequence[Reading]) -> None:
        """Keep them, in any order; when this returns they are kept. The same again changes
        nothing, and another reading of the same moment takes the first one's place.
        """

    def keep_all(self, readings: Mapping[str, Sequence[Reading]]) -> None:
        """The same of several meters, in one write where that can be."""

    def readings(self, meter: str, start: datetime, end: datetime) -> Iterable[Reading]:
        """Those of [start, end), in order."""

    def slots(self, meter: str, start: datetime, end: datetime) -> Iterable[Slot]:
        """Those that begin in [start, end), in order; read as they are asked for."""

    def latest(self, meter: str) -> Slot | None:
        """The newest slot."""

    def newest(self, meter: str) -> Reading | None:
        """The newest reading, as long as readings are kept."""

    def register_before(self, meter: str, at: datetime) -> Slot | None:
        """The last slot before that of `at` in which a register was read."""

    def register_after(self, meter: str, at: datetime) -> Slot | None:
        """The first slot from that of `at` on in which one was."""

    def forget(self, meter: str) -> None:
        """Forget all of a meter."""

    def sweep(self, meter: str) -> None:
        """Do what writing left undone: delete what is too old, settle what is over."""


class Messenger(Protocol):
    """Says effects on one chat platform."""

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        """Post the effect to an address (or edit message `edits`); the message's ref.

        Raises MessengerUnavailable (try later) or MessageRefused (never try again).
        """

    def profile(self, driver: str) -> Profile:
        """What the platform knows of an address: a person, a bot, or nobody.

        Raises MessengerUnavailable.
        """


class ChargingNetwork(Protocol):
    """Looks at the chargers."""

    def look(self, site: Site) -> Observed:
        """Every port of the site now. Raises NetworkUnavailable or NetworkRefused."""

    def limit(self, site: Site, allowed_kw: float, minutes: int) -> None:
        """Let each port of the site give at most so much; 0 minutes: until lifted.

        It takes minutes to be seen. Raises NetworkUnavailable (try later) or NetworkRefused.
        """

    def lift(self, site: Site) -> None:
        """End the limits of `limit`. Raises NetworkUnavailable or NetworkRefused."""

    def alarms(self, site: Site) -> tuple[Alarm, ...]:
        """What the network finds broken at the site. Raises NetworkUnavailable or NetworkRefused."""


class FaultLog:
    """Logs an outage once when it begins and once when it ends."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._since: dict[str, str] = {}

    def failed(self, what: str, fault: BaseException) -> bool:
        """Note a failure of `what`; true if this begins the outage."""
        begins = what not in self._since
        if begins:
            self._logger.warning("%s: lost: %s", what, fault)
        self._since[what] = str(fault)
        return begins

    def worked(self, what: str) -> None:
        """Note that `what` works."""
        if self._since.pop(what, None) is not None:
            self._logger.warning("%s: back", what)

    def out(self) -> Iterable[str]:
        """What is failing now."""
        return tuple(self._since)
