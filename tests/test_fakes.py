"""The fake store obeys what every store must: tests that use it can be believed."""

from __future__ import annotations

import pytest

from tests.contracts.site_store import DownContract, RacingContract, SiteStoreContract
from tests.fakes import FakeStore


class Memory:
    """What the fake keeps, written around it."""

    def __init__(self, store: FakeStore) -> None:
        self.store = store

    def get(self, site_id: str) -> bytes | None:
        row = self.store.bodies.get(site_id)
        return row[2] if row is not None else None

    def put(self, site_id: str, version: int, body: bytes) -> None:
        self.store.bodies[site_id] = (version, None, body)


class TestFakeStore(SiteStoreContract, RacingContract, DownContract):
    """The contract, in memory."""

    @pytest.fixture
    def store(self) -> FakeStore:
        return FakeStore()

    @pytest.fixture
    def raw(self, store: FakeStore) -> Memory:
        return Memory(store)

    @pytest.fixture
    def down(self) -> FakeStore:
        store = FakeStore()
        store.down = True
        return store
