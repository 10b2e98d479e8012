"""A garage on the stand-in, for every test of the client that asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.networks.chargepoint.client_kit import Garage, open_garage


@pytest.fixture
def garage() -> Iterator[Garage]:
    with open_garage() as garage:
        yield garage
