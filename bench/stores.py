"""The two stores of a run, and the two raw calls that a command can't do without."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from chalicelib.core.model import Site
from chalicelib.stores import codec
from chalicelib.stores.aws.asking import DYNAMODB
from chalicelib.stores.aws.sdk import config
from chalicelib.stores.dynamodb import DynamoDBStore, create_table
from chalicelib.stores.sqlite import SQLiteStore
from chalicelib.values import replace
from practice.ministack import AWS, ministack

from .items import item
from .measure import Contender, timed

TABLE = "bench"
KEY = {"pk": {"S": "raw"}, "sk": {"S": "site"}}


@dataclass(frozen=True)
class Stores:
    """Both stores, empty at first: a file, and a table in a ministack of their own."""

    folder: Path
    sqlite: SQLiteStore
    dynamodb: DynamoDBStore


@contextmanager
def open_stores() -> Iterator[Stores]:
    """They are gone when this is left."""
    with TemporaryDirectory(prefix="ev-bench-") as name, ministack() as address:
        os.environ.update(AWS, AWS_ENDPOINT_URL_DYNAMODB=address)
        create_table(client(), TABLE)
        folder = Path(name)
        yield Stores(folder, SQLiteStore(str(folder / "ours.sqlite")), DynamoDBStore(TABLE))


def client() -> Any:
    """boto3 as the store has it."""
    return boto3.Session().client("dynamodb", config=config(DYNAMODB))


def raw_sqlite(folder: Path, site: Site) -> Contender:
    """Select and update of such bytes, by sqlite3 itself, on a file of its own. Others each time:
    SQLite doesn't write what is there already.
    """
    path = str(folder / "raw.sqlite")
    bodies = [codec.encode_plain(one) for one in (site, replace(site, queue=site.queue[:-1]))]
    SQLiteStore(path).save(site, None)
    connection = sqlite3.connect(path, isolation_level=None)
    versions = count(1)

    def calls() -> None:
        version = next(versions)
        connection.execute("SELECT body FROM sites WHERE site_id = ?", [site.id]).fetchall()
        row = [version + 1, bodies[version % 2], site.id, version]
        sql = "UPDATE sites SET version = ?, body = ? WHERE site_id = ? AND version = ?"
        if connection.execute(sql, row).rowcount != 1:
            raise AssertionError("not written")

    return lambda: timed(calls)


def raw_dynamodb(site: Site) -> Contender:
    """get_item and a conditional put_item of the same item, by boto3 itself."""
    boto, versions = client(), count(1)
    plain = item(site) | KEY
    boto.put_item(TableName=TABLE, Item=plain | {"version": {"N": "1"}})

    def calls() -> None:
        boto.get_item(TableName=TABLE, Key=KEY, ConsistentRead=True)
        put_over(boto, plain, next(versions))

    return lambda: timed(calls)


def put_over(boto: Any, plain: dict[str, Any], version: int) -> None:
    """One conditional put, as the store makes it."""
    boto.put_item(
        TableName=TABLE,
        Item=plain | {"version": {"N": str(version + 1)}},
        ConditionExpression="version = :loaded",
        ExpressionAttributeValues={":loaded": {"N": str(version)}},
    )
