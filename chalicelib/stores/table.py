"""A DynamoDB table: what is asked of it, and botocore's errors as StoreUnavailable."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from chalicelib.edges import StoreUnavailable

from .aws.client import client as aws_client

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
Item = dict[str, dict[str, Any]]


class Throttled(StoreUnavailable):
    """Too much was asked of the table at once."""


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
