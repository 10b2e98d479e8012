"""The DynamoDB store keeps the contract: on moto without threads, on ministack with them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from secrets import token_hex
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.core.effects import NextUp
from chalicelib.core.model import Lane, Pending, Person, Site
from chalicelib.edges import StaleSite
from chalicelib.stores.aws.asking import DYNAMODB
from chalicelib.stores.aws.sdk import config
from chalicelib.stores.dynamodb import (
    LARGEST_BODY,
    DynamoDBRecords,
    DynamoDBStore,
    TooLarge,
    create_table,
)
from chalicelib.stores.table import Table
from chalicelib.values import replace
from tests.contracts.site_store import (
    HQ,
    NOON,
    RacingContract,
    Raw,
    RecordsContract,
    SiteStoreContract,
)
from tests.stores.listening import Listening

pytestmark = pytest.mark.usefixtures("aws")
NUMBERS = count()


@pytest.fixture
def now() -> list[float]:
    return [1_772_438_400.0]


class Items:
    """The table, by boto3 itself."""

    def __init__(self, client: Any, table: str) -> None:
        self.client = client
        self.table = table

    def item(self, site_id: str) -> dict[str, Any]:
        key = {"pk": {"S": f"site#{site_id}"}, "sk": {"S": "site"}}
        answer = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        item: dict[str, Any] = answer.get("Item", {})
        return item

    def get(self, site_id: str) -> bytes | None:
        item = self.item(site_id)
        return item["body"]["B"] if item else None

    def put(self, site_id: str, version: int, body: bytes) -> None:
        key = {"pk": {"S": f"site#{site_id}"}, "sk": {"S": "site"}}
        item = key | {"version": {"N": str(version)}, "body": {"B": body}}
        self.client.put_item(TableName=self.table, Item=item)


class OnATable:
    """The fixtures of both doubles, given a `client`."""

    @pytest.fixture
    def table(self, client: Any) -> str:
        name = f"ev-{next(NUMBERS)}"
        create_table(client, name)
        return name

    @pytest.fixture
    def store(self, client: Any, table: str) -> DynamoDBStore:
        return DynamoDBStore(table, client)

    @pytest.fixture
    def records(self, client: Any, table: str, now: list[float]) -> DynamoDBRecords:
        return DynamoDBRecords(Table(table, client), lambda: now[0])

    @pytest.fixture
    def raw(self, client: Any, table: str) -> Raw:
        return Items(client, table)


class OnMoto(OnATable):
    """In this process, quick, and wrong among threads."""

    @pytest.fixture
    def client(self, aws: None) -> Iterator[Any]:
        with mock_aws():
            yield boto3.client("dynamodb", config=config(DYNAMODB))


class OnMinistack(OnATable):
    """A server of its own, right among threads."""

    @pytest.fixture
    def client(self, aws: None, ministack: str, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", ministack)
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "x")
        return boto3.client("dynamodb", config=config(DYNAMODB), endpoint_url=ministack)

    @pytest.fixture
    def store(self, client: Any, table: str) -> DynamoDBStore:
        """It asks directly, as on Lambda."""
        return DynamoDBStore(table)

    @pytest.fixture
    def records(self, client: Any, table: str, now: list[float]) -> DynamoDBRecords:
        return DynamoDBRecords(Table(table), lambda: now[0])


class TestOnMoto(OnMoto, SiteStoreContract):
    """The contract without its races."""


class TestOnMinistack(OnMinistack, SiteStoreContract, RacingContract):
    """The contract, races included."""


class TestRecordsOnMoto(OnMoto, RecordsContract):
    """The contract of the small things."""


class TestRecordsOnMinistack(OnMinistack, RecordsContract):
    """The contract of the small things."""


class TestItems(OnMoto):
    """What lies in the table, and what it costs to put it there."""

    @pytest.fixture
    def ear(self, client: Any) -> Listening:
        return Listening(client)

    @pytest.fixture
    def store(self, ear: Any, table: str) -> DynamoDBStore:
        return DynamoDBStore(table, ear)

    def test_a_command_is_one_read_and_one_write(
        self, store: DynamoDBStore, ear: Listening
    ) -> None:
        """Loading and saving a site are one call each."""
        store.save(HQ, NOON)
        ear.calls.clear()
        site = store.load("hq")
        assert site
        store.save(site, NOON)
        assert ear.calls == ["get_item", "put_item"]

    def test_nothing_scans(self, store: DynamoDBStore, ear: Listening) -> None:
        """Whatever is asked but for a backup, it is asked by key or by index."""
        store.save(HQ, NOON)
        store.bind("slack:T0:C1", "hq")
        assert (store.sites(), store.due(NOON)) == (["hq"], ["hq"])
        assert (store.bound("slack:T0:C1"), store.bound_to("slack:")) == ("hq", ["hq"])
        store.delete("hq")
        assert set(ear.calls) == {"get_item", "put_item", "delete_item", "query"}

    def test_every_page_is_read(self, store: DynamoDBStore, ear: Listening) -> None:
        """An answer in many pages is whole."""

        def slice_pages(operation: str, request: dict[str, Any]) -> None:
            if operation in ("query", "scan"):
                request["Limit"] = 2

        ids = [f"site-{n}" for n in range(7)]
        for site_id in ids:
            store.save(Site(site_id, site_id), NOON)
            store.bind(f"slack:T0:{site_id}", "hq" if site_id < "site-6" else "annex")
            store.records.put("kind", site_id, {})
        ear.before = slice_pages
        assert store.sites() == ids
        assert sorted(key for _, key, _ in store.records.permanent()) == ids
        assert store.due(NOON) == ids
        assert store.bound_to("slack:T0:") == ["annex", "hq"]
        store.delete("hq")
        assert store.bound_to("slack:T0:") == ["annex"]

    @pytest.mark.parametrize("version", [0, 1])
    def test_a_repeated_put_knows_itself(
        self, store: DynamoDBStore, ear: Listening, version: int
    ) -> None:
        """The answer got lost and botocore put again: that isn't somebody else's save."""
        site = store.save(HQ, None) if version else HQ

        def put_twice(operation: str, request: dict[str, Any]) -> None:
            if operation == "put_item":
                ear.client.put_item(**request)

        ear.before = put_twice
        saved = store.save(site, None)
        assert store.load("hq") == saved
        with pytest.raises(StaleSite):
            store.save(site, None)

    def test_a_repeated_swap_knows_itself(self, client: Any, table: str, ear: Listening) -> None:
        """The answer got lost and botocore swapped again: it was us, and nobody else is."""

        def put_twice(operation: str, request: dict[str, Any]) -> None:
            if operation == "put_item":
                client.put_item(**request)

        ear.before = put_twice
        ours = DynamoDBRecords(Table(table, ear))
        assert ours.compare_and_set("used", "token", None, {"used": True}, RecordsContract.MINUTE)
        assert not ours.compare_and_set(
            "used", "token", None, {"used": True}, RecordsContract.MINUTE
        )

    def test_a_filter_sees_what_is_pending(self, store: DynamoDBStore, raw: Items) -> None:
        """`pending` is true just while the outbox holds something."""
        message = Pending(1, Lane.CHAT, "slack:T0:U1", NextUp("slack:T0:U1"), NOON)
        saved = store.save(replace(HQ, outbox=(message,)), None)
        assert raw.item("hq")["pending"] == {"BOOL": True}
        store.save(replace(saved, outbox=()), None)
        assert raw.item("hq")["pending"] == {"BOOL": False}

    def test_without_an_alarm_the_index_holds_nothing(
        self, store: DynamoDBStore, raw: Items
    ) -> None:
        """Both keys of the index are there, or neither."""
        saved = store.save(HQ, NOON)
        assert {"wake_at", "wake_shard"} <= raw.item("hq").keys()
        store.save(saved, None)
        assert not {"wake_at", "wake_shard"} & raw.item("hq").keys()

    def test_a_site_that_outgrew_its_item_is_named(self, store: DynamoDBStore) -> None:
        """The fault says how large it is; what was saved before stays."""
        saved = store.save(HQ, None)
        people = {f"slack:T0:{n}": Person(token_hex(500)) for n in range(1000)}
        with pytest.raises(TooLarge, match=rf"'hq' is \d+ bytes; an item holds {LARGEST_BODY}"):
            store.save(replace(saved, people=people), None)
        assert store.load("hq") == saved

    def test_dynamodb_sweeps_what_expired(self, client: Any, table: str) -> None:
        """The table's time to live is on, for the attribute that records carry."""
        ttl = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
        DynamoDBRecords(Table(table, client), lambda: 1000.5).put(
            "seen", "1", {}, RecordsContract.MINUTE
        )
        key = {"pk": {"S": "record#seen"}, "sk": {"S": "1"}}
        item = client.get_item(TableName=table, Key=key)["Item"]
        assert item["expires_at"] == {"N": "1061"}
