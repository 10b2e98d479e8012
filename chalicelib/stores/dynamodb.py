"""The store for AWS: one DynamoDB table, one item per site; only a backup scans.

    pk            sk        besides
    site#ID       site      version, body, pending, save; wake_at and wake_shard with an alarm
    sites         ID        (the list of all sites)
    bind          ADDRESS   site_id
    record#KIND   KEY       value, expires_at; save after a compare_and_set
    stays#…, months#…       (the log of finished stays: dynamodb_stays.py)

A site is put on the condition that the version there is the one that was loaded. `save`
is a random mark of each put: botocore repeats a put whose answer got lost, and the repeat
must not take its own first attempt for somebody else's; nor must a compare_and_set of records.
`pending` says whether the outbox holds anything, where a filter on the table's stream can
see it.
"""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from chalicelib.core.model import Site
from chalicelib.edges import Record, Series, StaleSite, StoreUnavailable, Unsure
from chalicelib.values import replace

from . import codec
from .dynamodb_stays import DynamoDBStays
from .records import expiry, of_text, to_text, wall_clock
from .series.kept import BESIDE
from .table import ConditionFailed, Item, Table

SHARDS = 4  # partitions of the index on wake_at
LARGEST_BODY = 399 * 1024  # DynamoDB's limit is 400 KB with the names and the keys
SCHEMA: dict[str, Any] = {
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
        {"AttributeName": "wake_shard", "AttributeType": "S"},
        {"AttributeName": "wake_at", "AttributeType": "N"},
    ],
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "wake",
            "KeySchema": [
                {"AttributeName": "wake_shard", "KeyType": "HASH"},
                {"AttributeName": "wake_at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
SERIES_SCHEMA: dict[str, Any] = {  # of the table beside it
    "AttributeDefinitions": SCHEMA["AttributeDefinitions"][:2],
    "KeySchema": SCHEMA["KeySchema"],
    "BillingMode": "PAY_PER_REQUEST",
}
TIME_TO_LIVE = {"Enabled": True, "AttributeName": "expires_at"}


class TooLarge(StoreUnavailable):
    """The site has outgrown a DynamoDB item."""


class DynamoDBStore:
    """A SiteStore in a table; `records` is a Records store in the same one, `stays` a StayLog."""

    def __init__(self, table: str, client: Any = None) -> None:
        self._table = Table(table, client)
        self.records = DynamoDBRecords(self._table)
        self.stays = DynamoDBStays(self._table)
        self._name = table

    @cached_property
    def series(self) -> Series:
        """The readings of meters, on the clock on the wall: for notebooks."""
        from .series import open_series  # few need it

        return open_series(f"dynamodb:{self._name}", wall_clock)

    def load(self, site_id: str) -> Site | None:
        item = self._table.get(_site_key(site_id))
        return codec.decode(item.get("body", {}).get("B", b""), site_id) if item else None

    def save(self, site: Site, wake_at: datetime | None) -> Site:
        """As SiteStore. Raises TooLarge when the site no longer fits an item."""
        return self.save_leaving(site, wake_at, 0)

    def save_leaving(self, site: Site, wake_at: datetime | None, spare: int) -> Site:
        """As BoundedStore. Raises TooLarge when that much room isn't left."""
        saved = replace(site, version=site.version + 1)
        item = _site_item(saved, wake_at, spare)
        if not site.version:
            self._table.put(_key("sites", site.id))
        try:
            self._put_over(site.version, item)
        except ConditionFailed as failed:
            if failed.item.get("save") != item["save"]:
                raise StaleSite(f"site {site.id!r} was saved since {site.version}") from failed
        except StoreUnavailable as fault:
            raise Unsure(str(fault)) from fault
        return saved

    def delete(self, site_id: str) -> None:
        bindings = self._table.query(
            "pk = :bind",
            {":bind": {"S": "bind"}, ":site": {"S": site_id}},
            FilterExpression="site_id = :site",
        )
        for binding in bindings:
            self._table.delete(_key("bind", binding["sk"]["S"]))
        self._table.delete(_site_key(site_id))
        self._table.delete(_key("sites", site_id))

    def sites(self) -> list[str]:
        items = self._table.query("pk = :sites", {":sites": {"S": "sites"}})
        return [item["sk"]["S"] for item in items]

    def due(self, now: datetime) -> list[str]:
        items = [item for shard in range(SHARDS) for item in self._due_in(str(shard), now)]
        items.sort(key=lambda item: (float(item["wake_at"]["N"]), item["pk"]["S"]))
        return [item["pk"]["S"].removeprefix("site#") for item in items]

    def bind(self, address: str, site_id: str | None) -> None:
        key = _key("bind", address)
        if site_id is None:
            self._table.delete(key)
        else:
            self._table.put(key | {"site_id": {"S": site_id}})

    def bound(self, address: str) -> str | None:
        item = self._table.get(_key("bind", address))
        return item["site_id"]["S"] if item else None

    def bound_to(self, prefix: str) -> list[str]:
        items = self._table.query(
            "pk = :bind AND begins_with(sk, :prefix)",
            {":bind": {"S": "bind"}, ":prefix": {"S": prefix}},
        )
        return sorted({item["site_id"]["S"] for item in items})

    def _put_over(self, version: int, item: Item) -> None:
        if version:
            self._table.put(item, "version = :loaded", {":loaded": {"N": str(version)}})
        else:
            self._table.put(item, "attribute_not_exists(pk)")

    def _due_in(self, shard: str, now: datetime) -> list[Item]:
        return self._table.query(
            "wake_shard = :shard AND wake_at <= :now",
            {":shard": {"S": shard}, ":now": _seconds(now)},
            IndexName="wake",
            ConsistentRead=False,  # an index has no other
        )


class DynamoDBRecords:
    """A Records store in a table. `now` is real time, in seconds since 1970."""

    def __init__(self, table: Table, now: Callable[[], float] = time.time) -> None:
        self._table = table
        self._now = now

    def get(self, kind: str, key: str) -> Record | None:
        item = self._table.get(_record_key(kind, key))
        if not item or not self._is_live(item):
            return None
        return of_text(item.get("value", {}).get("S"))

    def put(self, kind: str, key: str, value: Record, ttl: timedelta | None = None) -> None:
        self._table.put(self._item(kind, key, value, ttl))

    def compare_and_set(
        self, kind: str, key: str, old: Record | None, new: Record, ttl: timedelta | None = None
    ) -> bool:
        condition = "attribute_not_exists(pk) OR expires_at <= :now"
        values = {":now": {"N": repr(self._now())}}
        if old is not None:
            condition = "#value = :old AND (attribute_not_exists(expires_at) OR expires_at > :now)"
            values[":old"] = {"S": to_text(old)}
        item = self._item(kind, key, new, ttl) | {"save": _mark()}
        try:
            self._table.put(item, condition, values)
        except ConditionFailed as failed:
            return failed.item.get("save") == item["save"]
        return True

    def keys(self, kind: str) -> list[str]:
        items = self._table.query("pk = :kind", {":kind": {"S": f"record#{kind}"}})
        return [item["sk"]["S"] for item in items if self._is_live(item)]

    def delete(self, kind: str, key: str, only: Record | None = None) -> None:
        if only is None:
            self._table.delete(_record_key(kind, key))
        else:
            with suppress(ConditionFailed):
                values = {":only": {"S": to_text(only)}}
                self._table.delete(_record_key(kind, key), "#value = :only", values)

    def permanent(self) -> Iterator[tuple[str, str, Record]]:
        condition = "begins_with(pk, :record) AND attribute_not_exists(expires_at)"
        for item in self._table.scan(condition, {":record": {"S": "record#"}}):
            kind = item["pk"]["S"].removeprefix("record#")
            yield kind, item["sk"]["S"], of_text(item.get("value", {}).get("S"))

    def _is_live(self, item: Item) -> bool:
        return float(item.get("expires_at", {"N": "inf"})["N"]) > self._now()

    def _item(self, kind: str, key: str, value: Record, ttl: timedelta | None) -> Item:
        item = _record_key(kind, key) | {"value": {"S": to_text(value)}}
        expires_at = expiry(self._now(), ttl)
        return item if expires_at is None else item | {"expires_at": {"N": str(expires_at)}}


def create_table(client: Any, name: str) -> None:
    """Create the table and the one beside it, and wait until they can be used.

    For practice and tests.
    """
    for table, schema in ((name, SCHEMA), (f"{name}{BESIDE}", SERIES_SCHEMA)):
        with suppress(client.exceptions.ResourceInUseException):  # asked twice: an answer was lost
            client.create_table(TableName=table, **schema)
        client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
        client.update_time_to_live(TableName=table, TimeToLiveSpecification=TIME_TO_LIVE)


def _site_item(site: Site, wake_at: datetime | None, spare: int) -> Item:
    body, most = codec.encode(site), LARGEST_BODY - spare
    if len(body) > most:
        raise TooLarge(f"site {site.id!r} is {len(body)} bytes; an item holds {most}")
    item = _site_key(site.id) | {
        "version": {"N": str(site.version)},
        "body": {"B": body},
        "pending": {"BOOL": bool(site.outbox)},
        "save": _mark(),
    }
    if wake_at is not None:
        shard = zlib.crc32(site.id.encode()) % SHARDS
        item |= {"wake_at": _seconds(wake_at), "wake_shard": {"S": str(shard)}}
    return item


def _mark() -> dict[str, str]:
    return {"S": secrets.token_urlsafe(6)}


def _seconds(moment: datetime) -> dict[str, str]:
    return {"N": repr(moment.timestamp())}


def _site_key(site_id: str) -> Item:
    return _key(f"site#{site_id}", "site")


def _record_key(kind: str, key: str) -> Item:
    return _key(f"record#{kind}", key)


def _key(pk: str, sk: str) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
