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

import json
import random
import secrets
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from chalicelib.core.model import Site
from chalicelib.edges import Record, Series, StaleSite, StoreUnavailable, Unsure

from . import codec
from .aws.client import client as aws_client
from .records import expiry, to_text, wall_clock
from .series.kept import BESIDE

if TYPE_CHECKING:
    from .dynamodb_stays import DynamoDBStays

SHARDS = 4  # partitions of the index on wake_at
LARGEST_BODY = 399 * 1024  # DynamoDB's limit is 400 KB with the names and the keys
CONFIG = Config(
    connect_timeout=0.8,
    read_timeout=0.8,
    # "legacy" waits at most 50 ms before DynamoDB's second attempt, the newer modes a second:
    # a dead DynamoDB is known within 2 s
    retries={"mode": "legacy", "total_max_attempts": 2},
    tcp_keepalive=True,
    max_pool_connections=50,
)
THROTTLES = (
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
)
PAUSES = (0.05, 0.1, 0.2)  # seconds at most, before another try when throttled
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

Item = dict[str, dict[str, Any]]


class TooLarge(StoreUnavailable):
    """The site has outgrown a DynamoDB item."""


class Throttled(StoreUnavailable):
    """Too much was asked of the table at once."""


class DynamoDBStore:
    """A SiteStore in a table; `records` is a Records store in the same one, `stays` a StayLog."""

    def __init__(self, table: str, client: Any = None) -> None:
        self._table = Table(table, client)
        self.records = DynamoDBRecords(self._table)
        self._name = table

    @cached_property
    def series(self) -> Series:
        """The readings of meters, on the clock on the wall: for notebooks."""
        from .series import open_series  # few need it

        return open_series(f"dynamodb:{self._name}", wall_clock)

    @cached_property
    def stays(self) -> DynamoDBStays:
        from .dynamodb_stays import DynamoDBStays  # which is made of this module's table

        return DynamoDBStays(self._table)

    def load(self, site_id: str) -> Site | None:
        item = self._table.get(_site_key(site_id))
        return codec.decode(item["body"]["B"]) if item else None

    def save(self, site: Site, wake_at: datetime | None) -> Site:
        """As SiteStore. Raises TooLarge when the site no longer fits an item."""
        saved = replace(site, version=site.version + 1)
        item = _site_item(saved, wake_at)
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
        value: Record = json.loads(item["value"]["S"])
        return value

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
            yield kind, item["sk"]["S"], json.loads(item["value"]["S"])

    def _is_live(self, item: Item) -> bool:
        return float(item.get("expires_at", {"N": "inf"})["N"]) > self._now()

    def _item(self, kind: str, key: str, value: Record, ttl: timedelta | None) -> Item:
        item = _record_key(kind, key) | {"value": {"S": to_text(value)}}
        expires_at = expiry(self._now(), ttl)
        return item if expires_at is None else item | {"expires_at": {"N": str(expires_at)}}


class ConditionFailed(Exception):
    """The condition of a write did not hold; `item` is what stands there."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item


class Table:
    """A table, and botocore's errors as StoreUnavailable. The client is made at first use."""

    def __init__(self, name: str, client: Any = None) -> None:
        self._name = name
        self._client = client
        self._connecting = threading.Lock()

    def get(self, key: Item) -> Item | None:
        """The item as of now, not as of a moment ago."""
        item: Item | None = self._call("get_item", Key=key, ConsistentRead=True).get("Item")
        return item

    def put(
        self,
        item: Item,
        condition: str = "",
        values: Item | None = None,
        names: dict[str, str] | None = None,
    ) -> None:
        """Put the item. Raises ConditionFailed."""
        self._call("put_item", Item=item, **_if(condition, values, names))

    def update(self, key: Item, attributes: Item, condition: str = "", **more: Any) -> Item:
        """Set attributes of the item, which is made if it isn't there; the whole item then.

        Names go in by aliases, as some are reserved: `#0`, `#1`, … in the order of
        `attributes`, with the values `:0`, `:1`, …. Raises ConditionFailed.
        """
        sets = ", ".join(f"#{n} = :{n}" for n in range(len(attributes)))
        request: dict[str, Any] = {
            "UpdateExpression": f"SET {sets}",
            "ExpressionAttributeNames": {f"#{n}": name for n, name in enumerate(attributes)},
            "ExpressionAttributeValues": {f":{n}": v for n, v in enumerate(attributes.values())},
            "ReturnValues": "ALL_NEW",
        }
        if condition:
            request["ConditionExpression"] = condition
        item: Item = self._call("update_item", Key=key, **request | more)["Attributes"]
        return item

    def delete(self, key: Item, condition: str = "", values: Item | None = None) -> None:
        """Delete the item, if it is there. Raises ConditionFailed."""
        self._call("delete_item", Key=key, **_if(condition, values))

    def query(self, condition: str, values: Item, **request: Any) -> list[Item]:
        """All items that meet the condition on their keys, in order."""
        return list(self.walk(condition, values, **request))

    def walk(self, condition: str, values: Item, **request: Any) -> Iterator[Item]:
        """The same, page by page as they are asked for."""
        request = {"ConsistentRead": True} | request
        request |= {"KeyConditionExpression": condition, "ExpressionAttributeValues": values}
        return self._pages("query", request)

    def scan(self, condition: str, values: Item) -> Iterator[Item]:
        """All items that meet the condition, in no order: it reads the whole table."""
        request = {"FilterExpression": condition, "ExpressionAttributeValues": values}
        return self._pages("scan", {"ConsistentRead": True} | request)

    def _pages(self, operation: str, request: dict[str, Any]) -> Iterator[Item]:
        while True:
            page = self._call(operation, **request)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Ask DynamoDB. A throttled request is answered at once: there is time for more."""
        for longest in PAUSES:
            try:
                return self._ask(operation, request)
            except Throttled:
                time.sleep(random.uniform(0, longest))  # noqa: S311 — no secret
        return self._ask(operation, request)

    def _ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._connected(), operation)(
                TableName=self._name, **request
            )
        except ParamValidationError:
            raise
        except BotoCoreError as error:
            raise StoreUnavailable(f"can't use DynamoDB: {error}") from error
        except ClientError as error:
            _raise(error, self._name)
        return answer

    def _connected(self) -> Any:
        with self._connecting:
            if self._client is None:
                self._client = aws_client("dynamodb", CONFIG)
            return self._client


def create_table(client: Any, name: str) -> None:
    """Create the table and the one beside it, and wait until they can be used.

    For practice and tests.
    """
    for table, schema in ((name, SCHEMA), (f"{name}{BESIDE}", SERIES_SCHEMA)):
        client.create_table(TableName=table, **schema)
        client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
        client.update_time_to_live(TableName=table, TimeToLiveSpecification=TIME_TO_LIVE)


def _raise(error: ClientError, table: str) -> NoReturn:
    """Raise what DynamoDB's error means here. What it calls invalid is a bug and stays."""
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        raise ConditionFailed(error.response.get("Item", {})) from error
    if code == "ResourceNotFoundException":
        raise StoreUnavailable(f"DynamoDB has no table {table!r} here") from error
    if code == "ValidationException":
        raise error
    fault = Throttled if code in THROTTLES else StoreUnavailable
    raise fault(f"DynamoDB table {table!r}: {error}") from error


def _if(
    condition: str, values: Item | None, names: dict[str, str] | None = None
) -> dict[str, Any]:
    if not condition:
        return {}
    request: dict[str, Any] = {
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if values:
        request["ExpressionAttributeValues"] = values
    if "#value" in condition:
        names = {"#value": "value"}  # a reserved word
    if names:
        request["ExpressionAttributeNames"] = names
    return request


def _site_item(site: Site, wake_at: datetime | None) -> Item:
    body = codec.encode(site)
    if len(body) > LARGEST_BODY:
        raise TooLarge(f"site {site.id!r} is {len(body)} bytes; an item holds {LARGEST_BODY}")
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
