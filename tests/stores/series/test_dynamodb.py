"""The readings in a table keep the contract: on moto without threads, on ministack with them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import count
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.edges import Series
from chalicelib.stores.aws.asking import DYNAMODB
from chalicelib.stores.aws.client import client as aws_client
from chalicelib.stores.aws.sdk import config
from chalicelib.stores.dynamodb import create_table
from chalicelib.stores.series.dynamodb import DynamoDBSeries, moment
from chalicelib.stores.series.kept import BESIDE, KEPT
from tests.contracts.series import (
    NOON,
    DownSeriesContract,
    RacingSeriesContract,
    SeriesContract,
    reading,
)
from tests.fakes import FakeClock

pytestmark = pytest.mark.usefixtures("aws")
NUMBERS = count()
REAL = 1_800_000_000.0  # the wall's time is another than the site's


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


class OnATable(SeriesContract):
    """The fixtures of both doubles, given a `client`."""

    @pytest.fixture
    def table(self, client: Any) -> str:
        name = f"series-{next(NUMBERS)}"
        create_table(client, name)
        return f"{name}{BESIDE}"

    @pytest.fixture
    def series(self, client: Any, table: str, clock: FakeClock) -> DynamoDBSeries:
        return DynamoDBSeries(table, clock.now, KEPT, client, lambda: REAL)

    def forget_readings(self, series: Series) -> None:
        assert isinstance(series, DynamoDBSeries)
        for item in series._walk("hq", "readings", "", "~"):
            series._table.delete({"pk": item["pk"], "sk": item["sk"]})


class TestOnMoto(OnATable):
    """In this process, and quick."""

    @pytest.fixture
    def client(self, aws: None) -> Iterator[Any]:
        with mock_aws():
            yield boto3.client("dynamodb", config=config(DYNAMODB))

    def test_what_a_reading_costs(
        self, series: DynamoDBSeries, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Five minutes of a reading each five seconds: 60 writes, and 4 of the slot."""
        writes = []
        client.meta.events.register(
            "before-call.dynamodb.UpdateItem", lambda **_: writes.append(1)
        )
        for n in range(60):
            series.keep("hq", [reading(5 * n)])
        assert len(writes) == 60 + 3  # 8, 16, 32
        series.keep("hq", [reading(300)])
        assert len(writes) == 63 + 2  # the reading, and the slot before for good

    def test_items_are_small_and_end(
        self, series: DynamoDBSeries, client: Any, table: str, clock: FakeClock
    ) -> None:
        """An hour is one write unit; both kinds are deleted in time, by the clock on the wall."""
        for n in range(12):
            series.keep("hq", [reading(300 * n + 60, 123.456, 1234567.891, 16.25, 17.5, 18.75)])
        items = client.scan(TableName=table)["Items"]
        sizes = {item["sk"]["S"][:5]: 0 for item in items}
        for item in items:
            size = sum(len(name) + len(str(*value.values())) for name, value in item.items())
            kind = item["sk"]["S"][:5]
            sizes[kind] = max(size, sizes[kind])
            days = (float(item["expires_at"]["N"]) - REAL) / 86400
            assert 730 <= days < 731 if kind == "slots" else 2 <= days < 2.1
        assert 0 < sizes["slots"] < 1024

    def test_moments_are_exact(self) -> None:
        """A float of milliseconds since 1970 would be a microsecond off here and there."""
        for n in range(1_772_438_400_000, 1_772_438_400_999):
            assert moment(n).microsecond == n % 1000 * 1000


class TestOnMinistack(OnATable, RacingSeriesContract, DownSeriesContract):
    """A server of its own, right among threads."""

    @pytest.fixture
    def client(self, aws: None, ministack: str, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", ministack)
        return aws_client("dynamodb", config(DYNAMODB))

    @pytest.fixture
    def down(self, aws: None, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Series:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            number = probe.getsockname()[1]
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{number}")
        return DynamoDBSeries("nowhere", clock.now, KEPT)
