"""What an item weighs, and what it costs to write, as the line grows."""

from __future__ import annotations

from typing import Any

from chalicelib.concierge import wake_at
from chalicelib.core.model import Site
from chalicelib.stores.dynamodb import DynamoDBStore

from .figures import Figure, exact
from .garage import garage

SECTION = "The item in DynamoDB"
LINES = (0, 10, 35, 100, 200)
IDS = len("U") + 10 + 8  # a Slack id, and an id of the charging network


class Scales:
    """A DynamoDB client that only keeps what is put."""

    def __init__(self) -> None:
        self.item: dict[str, dict[str, Any]] = {}

    def put_item(self, **request: Any) -> dict[str, Any]:
        self.item = request["Item"]
        return {}


def measure() -> list[Figure]:
    """Whole items with their names and keys, as DynamoDB counts them."""
    sizes = {waiting: size(item(garage(waiting))) for waiting in LINES}
    found = [
        exact(SECTION, f"bytes with {waiting} in line", bytes_, "B")
        for waiting, bytes_ in sizes.items()
    ]
    found += [
        exact(SECTION, f"write units of a command with {waiting} in line", -(-bytes_ // 1024), "")
        for waiting, bytes_ in sizes.items()
    ]
    newcomer = (sizes[35] - sizes[0]) / 35 - IDS
    regular = (size(item(garage(35, known=35))) - size(item(garage(0, known=35)))) / 35
    return [
        *found,
        exact(SECTION, "bytes per waiting driver beyond the ids", newcomer, "B", at_most=60),
        exact(SECTION, "the same, of a driver whom the site knows", regular, "B"),
    ]


def item(site: Site) -> dict[str, dict[str, Any]]:
    """What the store puts."""
    scales = Scales()
    DynamoDBStore("bench", scales).save(site, wake_at(site))
    if scales.item["pk"]["S"] != f"site#{site.id}":
        raise AssertionError("the last put is not the site's")
    return scales.item


def size(item: dict[str, dict[str, Any]]) -> int:
    """Bytes (DynamoDB developer guide: item sizes and formats)."""
    return sum(len(name) + sum(map(weigh, value.items())) for name, value in item.items())


def weigh(value: tuple[str, Any]) -> int:
    kind, content = value
    if kind == "N":
        return (len(content.strip("-").replace(".", "")) + 1) // 2 + 1
    return 1 if kind == "BOOL" else len(content)
