"""SQLite and DynamoDB agree: the same random moves, the same answers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from hypothesis import Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from moto import mock_aws

from chalicelib.core.model import Site
from chalicelib.edges import Records, SiteStore, StaleSite
from chalicelib.stores.database import SQLiteFile
from chalicelib.stores.dynamodb import DynamoDBRecords, DynamoDBStore, create_table
from chalicelib.stores.sqlite import SQLiteRecords, SQLiteStore
from chalicelib.stores.table import Table
from chalicelib.values import replace
from tests.contracts.site_store import NOON

SITE_IDS = st.sampled_from(["hq", "annex", "Höhe 7"])
ADDRESSES = st.sampled_from(["slack:T0:C1", "slack:T0:C2", "slack:T00:C1", "hipchat:1:C1"])
PREFIXES = st.sampled_from(["slack:", "slack:T0:", "slack:T00:", "hipchat:1:", "s", "z"])
MOMENTS = st.integers(-3, 3).map(lambda n: NOON + timedelta(microseconds=n))
KEYS = st.sampled_from(["a", "b"])
VALUES = st.sampled_from([{}, {"by": "me"}, {"by": "them", "n": 1}])
TTLS = st.none() | st.integers(1, 5).map(lambda n: timedelta(seconds=n))


class TwoStores(RuleBasedStateMachine):
    """Each move is made in both stores, and what comes back is compared."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(mock_aws())
        client = boto3.client("dynamodb", region_name="us-west-2")
        create_table(client, "ev")
        path = str(Path(self.stack.enter_context(TemporaryDirectory())) / "ev.db")
        self.now = 1_772_438_400.0
        self.stores: list[SiteStore] = [SQLiteStore(path), DynamoDBStore("ev", client)]
        self.records: list[Records] = [
            SQLiteRecords(SQLiteFile(path), lambda: self.now),
            DynamoDBRecords(Table("ev", client), lambda: self.now),
        ]

    def teardown(self) -> None:
        self.stack.close()

    def agree(self, ask: Callable[[SiteStore], Any]) -> Any:
        """Both stores' answer; being stale is one."""
        ours, theirs = (answer(ask, store) for store in self.stores)
        assert ours == theirs
        return ours

    def agree_on_record(self, ask: Callable[[Records], Any]) -> None:
        ours, theirs = map(ask, self.records)
        assert ours == theirs

    @rule(site_id=SITE_IDS, version=st.integers(0, 3), wake=st.none() | MOMENTS)
    def save(self, site_id: str, version: int, wake: datetime | None) -> None:
        site = Site(site_id, "any", version=version)
        self.agree(lambda store: store.save(site, wake))

    @rule(site_id=SITE_IDS, serial=st.integers(0, 9), wake=st.none() | MOMENTS)
    def change(self, site_id: str, serial: int, wake: datetime | None) -> None:
        site = self.agree(lambda store: store.load(site_id))
        if site:
            self.agree(lambda store: store.save(replace(site, serial=serial), wake))

    @rule(site_id=SITE_IDS)
    def delete(self, site_id: str) -> None:
        self.agree(lambda store: store.delete(site_id))

    @rule(address=ADDRESSES, site_id=st.none() | SITE_IDS)
    def bind(self, address: str, site_id: str | None) -> None:
        self.agree(lambda store: store.bind(address, site_id))

    @rule(address=ADDRESSES, prefix=PREFIXES)
    def ask_bindings(self, address: str, prefix: str) -> None:
        self.agree(lambda store: store.bound(address))
        self.agree(lambda store: store.bound_to(prefix))

    @rule(key=KEYS, value=VALUES, ttl=TTLS)
    def put(self, key: str, value: dict[str, Any], ttl: timedelta | None) -> None:
        self.agree_on_record(lambda records: records.put("kind", key, value, ttl))

    @rule(key=KEYS, old=st.none() | VALUES, new=VALUES, ttl=TTLS)
    def compare_and_set(
        self, key: str, old: dict[str, Any] | None, new: dict[str, Any], ttl: timedelta | None
    ) -> None:
        self.agree_on_record(lambda records: records.compare_and_set("kind", key, old, new, ttl))

    @rule(key=KEYS, only=st.none() | VALUES)
    def delete_record(self, key: str, only: dict[str, Any] | None) -> None:
        self.agree_on_record(lambda records: records.delete("kind", key, only))

    @rule()
    def list_what_lasts(self) -> None:
        self.agree_on_record(lambda records: sorted(records.permanent()))

    @rule(seconds=st.sampled_from([0.4, 1, 3]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def they_agree(self) -> None:
        self.agree(lambda store: store.sites())
        self.agree(lambda store: store.due(NOON))
        self.agree_on_record(lambda records: [records.get("kind", key) for key in ("a", "b")])


def answer(ask: Callable[[SiteStore], Any], store: SiteStore) -> Any:
    try:
        return ask(store)
    except StaleSite:
        return StaleSite


TestTwoStoresAgree = TwoStores.TestCase
TestTwoStoresAgree.settings = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # on moto, shrinking takes minutes
)
