"""Where things are kept: sites, records, stays, readings; and the clock that they are dated by."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from chalicelib.clock import PracticeClock, SystemClock
from chalicelib.edges import Clock, Records, Series, SiteStore, StayLog
from chalicelib.meters.keys import Meters
from chalicelib.meters.watch import MeterWatch
from chalicelib.settings import BadSettings, Settings
from chalicelib.stores import open_store
from chalicelib.stores.series import Kept, open_series

if TYPE_CHECKING:
    from chalicelib.stores.dynamodb import DynamoDBStore
    from chalicelib.stores.sqlite import SQLiteStore

REMEMBER_KEYS = 10  # seconds that a meter's right key is believed without asking DynamoDB


def clock_of(settings: Settings) -> Clock:
    """The clock on the wall. Raises BadSettings."""
    if not settings.clock:
        return SystemClock()
    try:
        return PracticeClock(settings.clock)
    except ValueError as error:
        raise BadSettings([f"EV_CLOCK: {error}"]) from error


_open: WeakValueDictionary[tuple[str, ...], SQLiteStore | DynamoDBStore] = WeakValueDictionary()
_opening = threading.Lock()


def opened(settings: Settings) -> SQLiteStore | DynamoDBStore:
    """The store and all that is kept in it, opened once for all who use it at a time: its
    connections, and the client of a table, are shared.
    """
    names = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION")
    key = (settings.store, *(os.environ.get(name, "") for name in names))
    with _opening:
        found = _open.get(key)
        if found is None:
            found = _open[key] = open_store(settings.store)
        return found


def store_of(settings: Settings) -> SiteStore:
    return opened(settings)


def records_of(settings: Settings) -> Records:
    """The small things kept beside the sites."""
    return opened(settings).records


def stays_of(settings: Settings) -> StayLog:
    """What is kept of the cars that have left."""
    return opened(settings).stays


def kept_of(settings: Settings) -> Kept:
    """How long readings are kept."""
    return Kept(timedelta(hours=settings.readings_hours), timedelta(days=settings.energy_days))


def series_of(settings: Settings) -> Series:
    """The readings of meters. Raises BadSettings."""
    return open_series(settings.store, clock_of(settings).now, kept_of(settings))


def meters_of(settings: Settings) -> Meters:
    """The meters and their keys."""
    is_local = settings.store.startswith("sqlite:")  # where asking the store costs nothing
    return Meters(records_of(settings), timedelta(seconds=0 if is_local else REMEMBER_KEYS))


def watch_of(settings: Settings) -> MeterWatch:
    return MeterWatch(meters_of(settings), series_of(settings), clock_of(settings))
