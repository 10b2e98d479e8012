"""A DynamoDB table: what is asked of it, and what it refuses, as StoreUnavailable."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from chalicelib.edges import StoreUnavailable

from .aws.asking import DYNAMODB, Asks, Refused, Unreached, asks

THROTTLES = (
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
)
PAUSES = (0.05, 0.1, 0.2)  # seconds at most, before another try when throttled
Item = dict[str, dict[str, Any]]


class Throttled(StoreUnavailable):
    """Too much was asked of the table at once."""


class ConditionFailed(Exception):
    """The condition of a write did not hold; `item` is what stands there."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item


class Table:
    """A table. Who asks it is made at first use, unless given: a client of boto3's."""

    def __init__(self, name: str, client: Any = None) -> None:
        self._name = name
        self._asks = by_library(client) if client is not None else None
        self._connecting = threading.Lock()

    def get(self, key: Item) -> Item | None:
        """The item as of now, not as of a moment ago."""
        item: Item | None = self._call("GetItem", Key=key, ConsistentRead=True).get("Item")
        return item

    def put(
        self,
        item: Item,
        condition: str = "",
        values: Item | None = None,
        names: dict[str, str] | None = None,
    ) -> None:
        """Put the item. Raises ConditionFailed."""
        self._call("PutItem", Item=item, **_if(condition, values, names))

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
        item: Item = self._call("UpdateItem", Key=key, **request | more)["Attributes"]
        return item

    def delete(self, key: Item, condition: str = "", values: Item | None = None) -> None:
        """Delete the item, if it is there. Raises ConditionFailed."""
        self._call("DeleteItem", Key=key, **_if(condition, values))

    def query(self, condition: str, values: Item, **request: Any) -> list[Item]:
        """All items that meet the condition on their keys, in order."""
        return list(self.walk(condition, values, **request))

    def walk(self, condition: str, values: Item, **request: Any) -> Iterator[Item]:
        """The same, page by page as they are asked for."""
        request = {"ConsistentRead": True} | request
        request |= {"KeyConditionExpression": condition, "ExpressionAttributeValues": values}
        return self._pages("Query", request)

    def scan(self, condition: str, values: Item) -> Iterator[Item]:
        """All items that meet the condition, in no order: it reads the whole table."""
        request = {"FilterExpression": condition, "ExpressionAttributeValues": values}
        return self._pages("Scan", {"ConsistentRead": True} | request)

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
            return self._connected()(operation, {"TableName": self._name, **request})
        except Unreached as error:
            raise StoreUnavailable(f"can't use DynamoDB: {error}") from error
        except Refused as error:
            _raise(error, self._name)

    def _connected(self) -> Asks:
        with self._connecting:
            if self._asks is None:
                self._asks = asks(DYNAMODB)
            return self._asks


def by_library(client: Any) -> Asks:
    from .aws.sdk import Sdk  # boto3 is slow to import

    return Sdk(client)


def _raise(error: Refused, table: str) -> NoReturn:
    """Raise what DynamoDB's refusal means here. What it calls invalid is a bug and stays."""
    if error.code == "ConditionalCheckFailedException":
        raise ConditionFailed(error.said.get("Item", {})) from error
    if error.code == "ResourceNotFoundException":
        raise StoreUnavailable(f"DynamoDB has no table {table!r} here") from error
    if error.code == "ValidationException":
        raise error
    fault = Throttled if error.code in THROTTLES else StoreUnavailable
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
