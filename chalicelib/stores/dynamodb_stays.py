"""The log of finished stays in the DynamoDB table, one item a stay, by site and month.

    pk                   sk              besides
    months#SITE          MONTH           expires_at        (in which there are stays)
    stays#MONTH#SITE     SINCE#ID        until, driver, body, expires_at

A stay lies in the month in which it began, so that one that goes on after all finds itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from chalicelib.core.stays import FinishedStay

from . import codec
from .records import expiry
from .table import ConditionFailed, Item, Table

LONGEST_STAY = timedelta(days=31)  # a car that began before that is not looked for
A_MONTH = timedelta(days=31)


class DynamoDBStays:
    """A StayLog in a table. `now` is real time, in seconds since 1970."""

    def __init__(self, table: Table, now: Callable[[], float] = time.time) -> None:
        self._table = table
        self._now = now

    def add(self, site_id: str, stay: FinishedStay, keep: timedelta) -> None:
        now, month = self._now(), month_of(stay.since)
        self._note_month(site_id, month, expiry(now, keep + A_MONTH) or 0)
        item: Item = {
            "pk": {"S": f"stays#{month}#{site_id}"},
            "sk": {"S": f"{moment(stay.since)}#{stay.id}"},
            "until": {"S": moment(stay.until)},
            "driver": {"S": stay.driver},
            "body": {"B": codec.encode_stay(stay)},
            "expires_at": {"N": str(expiry(now, keep))},
        }
        condition = "attribute_not_exists(pk) OR #until <= :until OR expires_at <= :now"
        values: Item = {":until": item["until"], ":now": {"N": repr(now)}}
        with suppress(ConditionFailed):  # it is there already, as of this end or a later one
            self._table.put(item, condition, values, {"#until": "until"})

    def read(self, site_id: str, since: datetime, until: datetime) -> list[FinishedStay]:
        first, last = month_of(since - LONGEST_STAY), month_of(until)
        months = [one for one in self._months(site_id) if first <= one <= last]
        items = [item for month in months for item in self._items(site_id, month)]
        now = self._now()
        found = [
            codec.decode_stay(item["body"]["B"], item["driver"]["S"])
            for item in items
            if float(item["expires_at"]["N"]) > now
            and moment(since) <= item["until"]["S"] < moment(until)
        ]
        return sorted(found, key=lambda stay: (stay.until, stay.since, stay.id))

    def forget(self, site_id: str, driver: str) -> None:
        theirs = {"#driver": "driver"}
        for item in self._all(site_id):
            if item["driver"]["S"] == driver:
                with suppress(ConditionFailed):  # another end of it was just written: not theirs
                    nobodys = item | {"driver": {"S": ""}}
                    values = {":theirs": {"S": driver}}
                    self._table.put(nobodys, "#driver = :theirs", values, theirs)

    def delete(self, site_id: str) -> None:
        for item in self._all(site_id):
            self._table.delete({"pk": item["pk"], "sk": item["sk"]})
        for month in self._months(site_id):
            self._table.delete(_month_key(site_id, month))

    def _note_month(self, site_id: str, month: str, expires_at: int) -> None:
        """Remember that there is something in the month, for as long as there is."""
        item = _month_key(site_id, month) | {"expires_at": {"N": str(expires_at)}}
        condition = "attribute_not_exists(pk) OR expires_at < :enough"
        enough = str(int(expires_at - A_MONTH.total_seconds() / 2))  # not written for each stay
        with suppress(ConditionFailed):
            self._table.put(item, condition, {":enough": {"N": enough}})

    def _months(self, site_id: str) -> list[str]:
        items = self._table.query("pk = :site", {":site": {"S": f"months#{site_id}"}})
        return [item["sk"]["S"] for item in items]

    def _items(self, site_id: str, month: str) -> list[Item]:
        return self._table.query("pk = :month", {":month": {"S": f"stays#{month}#{site_id}"}})

    def _all(self, site_id: str) -> Iterator[Item]:
        for month in self._months(site_id):
            yield from self._items(site_id, month)


def month_of(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m}"


def moment(when: datetime) -> str:
    """Text that sorts as time does."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")


def _month_key(site_id: str, month: str) -> Item:
    return {"pk": {"S": f"months#{site_id}"}, "sk": {"S": month}}
